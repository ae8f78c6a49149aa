"""What is recorded of runs that left no results."""

from __future__ import annotations

import msgspec
import pytest

from analyticsops.history.dbt_log import Logged, LoggedNode
from analyticsops.history.reading import Circumstances, record_of_log, record_without_results
from analyticsops.history.record import Invocation, NodeResult

from .artifacts import AT, BEGIN, NODES, SECOND, invocation, manifest


@pytest.mark.parametrize(
    ("logged", "exit_code", "state"),
    [
        (None, None, "unknown"),
        (None, 0, "failed"),
        (None, 2, "failed"),
        (None, -9, "crashed"),  # a signal
        (Logged(interrupted=True, ended=True, success=False), None, "interrupted"),
        (Logged(ended=True, success=True), None, "finished"),
        (Logged(ended=True, success=False), 1, "failed"),
        (Logged(), None, "crashed"),
        (Logged(), 0, "crashed"),
        (Logged(), -9, "crashed"),
        (Logged(), 1, "failed"),
    ],
)
def test_how_a_run_without_results_ended(
    logged: Logged | None, exit_code: int | None, state: str
) -> None:
    found = record_without_results(manifest(), logged, Circumstances(exit_code=exit_code))
    assert invocation(found).state == state


def test_a_run_of_which_only_the_log_is_left() -> None:
    done = LoggedNode(
        unique_id="test.shop.t",
        status="FAIL",
        started_at=BEGIN,
        completed_at=None,
        execution_time=2.0,
        failures=4,
        message="Got 4 results",
        adapter_response={"rows_affected": 1},
        materialized="test",
    )
    built = msgspec.structs.replace(
        done, unique_id="model.shop.a", status="success", completed_at=BEGIN, materialized="view"
    )
    nodes = (done, built)
    logged = Logged(command="retry", selected=False, target="ci", started_at=BEGIN, nodes=nodes)
    found = record_without_results(manifest(nodes=NODES), logged, Circumstances(exit_code=-9))
    assert invocation(found) == Invocation(
        invocation_id="mine",
        started_at=AT,
        state="crashed",
        manifest="own",
        results=2,
        command="retry",
        retries=True,
        selected=False,
        success=False,
        exit_code=-9,
        project="shop",
        adapter="duckdb",
        target="ci",
        location="db.main",
    )
    common = {"started_at": AT, "execution_time": 2.0, "rows_affected": 1}
    facts = {"materialized": "table", "checksum": "0123456789abcdef"}
    test = {"failures": 4, "message": "Got # results", "materialized": "test"}
    of_log = msgspec.convert(
        [
            {"unique_id": "model.shop.a", "status": "success", "completed_at": AT}
            | common | facts,
            {"unique_id": "test.shop.t", "status": "fail", "tested": "model.shop.a"}
            | common | test,
        ],
        tuple[NodeResult, ...],
    )  # fmt: skip
    assert found is not None
    assert found.results == of_log
    alone = record_of_log("other", BEGIN, logged, Circumstances())
    assert alone.invocation == Invocation(
        invocation_id="other",
        started_at=AT,
        state="crashed",
        manifest="none",
        results=2,
        command="retry",
        retries=True,
        selected=False,
        target="ci",
    )
    assert [row.materialized for row in alone.results] == ["view", "test"]


def test_a_run_without_a_log_began_when_its_manifest_was_written() -> None:
    found = invocation(record_without_results(manifest(), None, Circumstances()))
    assert (found.started_at, found.command, found.retries) == (AT + 4 * SECOND, None, None)
    assert record_without_results(manifest(""), None, Circumstances()) is None
    build = record_without_results(manifest(), Logged(command="build"), Circumstances())
    assert invocation(build).retries is False
