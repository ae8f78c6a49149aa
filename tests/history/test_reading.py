"""What artifacts say is what the record of them says: every field, by example."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from analyticsops.artifacts.freshness import Freshness
from analyticsops.history.dbt_log import Logged
from analyticsops.history.reading import Circumstances, record_of_freshness, record_of_results
from analyticsops.history.record import Invocation, NodeResult

from .artifacts import (
    AT,
    LOGGED,
    METADATA,
    NODES,
    SECOND,
    TOLD,
    invocation,
    manifest,
    model,
    results,
)


def test_the_invocation_of_a_run() -> None:
    given = results(
        full_refresh=True,
        empty=False,
        sample="1 day",
        defer=True,
        select=["a"],
        event_time_start="2026-11-01",
        event_time_end="2026-11-02",
        target="dev",
        invocation_command="dbt build --select a",
    )
    found = record_of_results(given, manifest(nodes=NODES), LOGGED, TOLD)
    assert invocation(found) == Invocation(
        invocation_id="mine",
        started_at=AT,
        ended_at=AT + 10 * SECOND,
        state="finished",
        manifest="own",
        results=0,
        command="build",
        retries=False,
        success=False,
        exit_code=1,
        elapsed=9.5,
        project="shop",
        environment="prod",
        target="ci",
        location="db.main",
        job="nightly",
        git_sha="abc",
        adapter="duckdb",
        dbt_version="1.11.2",
        selected=True,
        full_refresh=True,
        empty=False,
        sample=True,
        defer=True,
        event_time_start="2026-11-01",
        event_time_end="2026-11-02",
    )


def test_what_nobody_said_is_not_known() -> None:
    found = invocation(record_of_results(results(), None, None, Circumstances()))
    assert found == Invocation(
        invocation_id="mine",
        started_at=AT,
        ended_at=AT + 10 * SECOND,
        state="finished",
        manifest="none",
        results=0,
        command="build",
        retries=False,
        elapsed=9.5,
        dbt_version="1.11.2",
    )
    assert record_of_results(results(metadata={**METADATA, "invocation_id": None}), None, None,
                             Circumstances()) is None  # fmt: skip
    assert record_of_results(results(metadata={**METADATA, "generated_at": "then"}), None, None,
                             Circumstances()) is None  # fmt: skip


@pytest.mark.parametrize(
    ("args", "field", "expected"),
    [
        ({"which": "retry"}, "retries", True),
        ({"which": "run", "invocation_command": "dbt retry"}, "retries", True),
        ({"which": "generate"}, "command", "docs generate"),
        ({"which": "freshness"}, "command", "source freshness"),
        ({"which": ""}, "command", "build"),  # as the log says
        ({"select": [], "exclude": []}, "selected", False),
        ({"exclude": ["a"]}, "selected", True),
        ({"selector": "x"}, "selected", True),
        ({"models": ["a"]}, "selected", True),
        ({"resource_types": ["model"]}, "selected", True),
        ({"exclude_resource_types": ["test"]}, "selected", True),
        ({"full_refresh": "yes"}, "full_refresh", None),
        ({"sample": None}, "sample", False),
        ({"event_time_start": "x" * 70}, "event_time_start", "x" * 64),
    ],
)
def test_arguments(args: dict[str, Any], field: str, expected: object) -> None:
    found = invocation(record_of_results(results(**args), None, LOGGED, TOLD))
    assert getattr(found, field) == expected


def test_the_target_of_arguments_counts_if_the_log_names_none() -> None:
    found = record_of_results(results(target="dev"), None, Logged(), TOLD)
    assert invocation(found).target == "dev"


def test_an_interrupted_run() -> None:
    found = record_of_results(results(), None, Logged(interrupted=True), TOLD)
    assert invocation(found).state == "interrupted"


def test_a_manifest_of_another_invocation_says_nothing_of_the_place() -> None:
    found = invocation(record_of_results(results(), manifest("other", nodes=NODES), None, TOLD))
    assert (found.manifest, found.location, found.project) == ("other", None, "shop")


def test_the_place_is_where_most_models_are() -> None:
    nodes = {
        "model.a": model("model.a", "x"),
        "model.b": model("model.b", "y"),
        "model.c": model("model.c", "y", database=None),
        "model.d": model("model.d", "x"),
        "model.e": model("model.e", None),
        "model.f": model("model.f", None),
        "model.g": model("model.g", None),
        "seed.a": {**model("seed.a", "z"), "resource_type": "seed"},
        "seed.b": {**model("seed.b", "z"), "resource_type": "seed"},
        "seed.c": {**model("seed.c", "z"), "resource_type": "seed"},
    }
    assert invocation(record_of_results(results(), manifest(nodes=nodes), None, TOLD)).location == (
        "db.x"
    )
    only = {"model.c": nodes["model.c"]}
    assert invocation(record_of_results(results(), manifest(nodes=only), None, TOLD)).location == (
        ".y"
    )
    assert invocation(record_of_results(results(), manifest(nodes={}), None, TOLD)).location is None


def test_the_results_of_a_run() -> None:
    timing = [
        {"name": "compile", "started_at": "2026-11-27T05:00:01Z",
         "completed_at": "2026-11-27T05:00:02Z"},
        {"name": "execute", "started_at": "2026-11-27T05:00:02Z",
         "completed_at": "2026-11-27T05:00:05Z"},
    ]  # fmt: skip
    response = {"rows_affected": 7, "bytes_billed": "8", "slot_ms": 9, "query_id": "q" * 130}
    given = results(
        {
            "unique_id": "model.shop.a",
            "status": "Error",
            "execution_time": 4.0,
            "timing": timing,
            "failures": 3,
            "message": "Bad value 'x'",
            "adapter_response": response,
            "batch_results": {"successful": [1, 2], "failed": [3]},
        },
        {"unique_id": "model.shop.b", "status": "success", "message": "SELECT 5"},
        {"unique_id": "test.shop.t", "status": "fail", "failures": 3, "message": "Got 3 results"},
        {"unique_id": "test.shop.two", "status": "pass", "failures": 0},
        {"unique_id": "test.shop.of", "status": "warn"},
        {"unique_id": "unit_test.shop.u", "status": "fail", "failures": 1},
    )
    found = record_of_results(given, manifest(nodes=NODES), None, TOLD)
    assert found is not None
    assert {row.unique_id: row for row in found.results} == {
        "model.shop.a": NodeResult(
            unique_id="model.shop.a",
            status="error",
            started_at=AT + SECOND,
            completed_at=AT + 5 * SECOND,
            execution_time=4.0,
            materialized="table",
            checksum="0123456789abcdef",
            rows_affected=7,
            bytes_processed=8,
            slot_ms=9,
            query_id="q" * 128,
            batches_ok=2,
            batches_failed=1,
            message="Bad value '…'",
        ),
        "model.shop.b": NodeResult(
            unique_id="model.shop.b", status="success", execution_time=0.0
        ),
        "test.shop.t": NodeResult(
            unique_id="test.shop.t",
            status="fail",
            execution_time=0.0,
            failures=3,
            tested="model.shop.a",
            message="Got # results",
        ),
        "test.shop.two": NodeResult(
            unique_id="test.shop.two", status="pass", execution_time=0.0, failures=0
        ),
        "test.shop.of": NodeResult(
            unique_id="test.shop.of", status="warn", execution_time=0.0, tested="model.shop.b"
        ),
        "unit_test.shop.u": NodeResult(
            unique_id="unit_test.shop.u", status="fail", execution_time=0.0, failures=1
        ),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("response", "field", "expected"),
    [
        ({"rows_inserted": 3}, "rows_affected", 3),
        ({"rows_affected": -1, "rows_inserted": 4}, "rows_affected", 4),  # -1 is "not known"
        ({"rows_affected": 0}, "rows_affected", 0),
        ({"rows_affected": True}, "rows_affected", None),
        ({"rows_affected": "many"}, "rows_affected", None),
        ({"rows_affected": 2**63}, "rows_affected", None),
        ({"rows_affected": 2**63 - 1}, "rows_affected", 2**63 - 1),
        ({"bytes_processed": 5}, "bytes_processed", 5),
        ({"bytes_billed": 6, "bytes_processed": 5}, "bytes_processed", 6),
        ({"data_scanned_in_bytes": 7}, "bytes_processed", 7),
        ({"slot_ms": "12"}, "slot_ms", 12),
        ({"job_id": "j"}, "query_id", "j"),
        ({"query_id": 4, "job_id": "j"}, "query_id", "j"),
    ],
)
def test_what_adapters_say(response: dict[str, Any], field: str, expected: object) -> None:
    row = {"unique_id": "model.shop.a", "status": "success", "adapter_response": response}
    found = record_of_results(results(row), None, None, TOLD)
    assert found is not None
    assert getattr(found.results[0], field) == expected


def test_the_record_of_a_measurement() -> None:
    asked = {
        "unique_id": "source.shop.raw.a",
        "status": "Warn",
        "max_loaded_at": "2026-11-27T04:00:00Z",
        "snapshotted_at": "2026-11-27T05:00:01Z",
    }
    failed = {"unique_id": "source.shop.raw.b", "status": "runtime error"}
    given = msgspec.convert({"metadata": METADATA, "results": [asked, failed]}, Freshness)
    limit = {"warn_after": {"count": 1, "period": "hour"}}
    criteria: dict[str, dict[str, Any]] = {
        "a": {"freshness": limit},
        "c": {"freshness": {"error_after": {"count": 1, "period": "hour"}}},
        "d": {"config": {"freshness": limit}},
        "e": {"freshness": {"warn_after": {"count": None}}},
        "f": {},
    }
    sources = {
        f"source.shop.raw.{name}": {"unique_id": f"source.shop.raw.{name}", **more}
        for name, more in criteria.items()
    }
    told = manifest(sources=sources)
    found = record_of_freshness(given, told, Logged(target="ci"), TOLD)
    assert invocation(found) == Invocation(
        invocation_id="mine",
        started_at=AT,
        ended_at=AT + 10 * SECOND,
        state="finished",
        manifest="own",
        results=4,
        command="source freshness",
        retries=False,
        success=False,
        exit_code=1,
        project="shop",
        environment="prod",
        target="ci",
        job="nightly",
        git_sha="abc",
        adapter="duckdb",
        dbt_version="1.11.2",
    )
    assert found is not None
    assert found.results == (
        NodeResult(
            unique_id="source.shop.raw.a",
            status="warn",
            max_loaded_at=AT - 3600 * SECOND,
            measured_at=AT + SECOND,
        ),
        NodeResult(unique_id="source.shop.raw.b", status="runtime error"),
        NodeResult(unique_id="source.shop.raw.c", status="unmeasured"),
        NodeResult(unique_id="source.shop.raw.d", status="unmeasured"),
    )
    for other, logged in (
        (told, Logged(selected=True)),  # who asked of some did not ask of the others
        (manifest("other", sources=sources), None),
        (None, None),
    ):
        part = record_of_freshness(given, other, logged, TOLD)
        assert part is not None
        assert [row.unique_id[-1] for row in part.results] == ["a", "b"]
    broken = record_of_freshness(given, None, Logged(interrupted=True, selected=True), TOLD)
    assert (invocation(broken).state, invocation(broken).selected) == ("interrupted", True)


def test_of_a_measurement_that_says_not_whose_it_is_there_is_no_record() -> None:
    for metadata in ({**METADATA, "invocation_id": None}, {**METADATA, "generated_at": ""}):
        given = msgspec.convert({"metadata": metadata, "results": []}, Freshness)
        assert record_of_freshness(given, None, None, TOLD) is None
    old = {**METADATA, "invocation_started_at": None}
    given = msgspec.convert({"metadata": old, "results": []}, Freshness)
    assert invocation(record_of_freshness(given, None, None, TOLD)).started_at == AT + 10 * SECOND
