"""`diff` that executes both versions: what is confirmed, refuted, and left unknown."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

import analyticsops as ao
from analyticsops.changes import compare
from analyticsops.evidence import worker
from analyticsops.executed import Execution
from analyticsops.findings import Finding, Proof, Severity
from analyticsops.report.model import Report
from tests.project_maker import project, workspace

from .measured import QUICK, InProcess

ORDERS = {
    "raw.orders": {"columns": {"id": "integer", "status": "varchar", "amount": "integer"}},
    "raw.customers": {"columns": {"id": "integer", "name": "varchar"}},
}

SUMS = {
    "sql": "select status, sum(amount) as total from @stg group by status",
    "access": "public",
}


@pytest.fixture(autouse=True)
def in_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a process of their own, but for those that are about it."""
    if "process" not in request.node.name and "without_end" not in request.node.name:
        monkeypatch.setattr(worker, "Worker", InProcess)


def diff(
    base: Mapping[str, Any],
    head: Mapping[str, Any],
    *,
    options: ao.Execute = QUICK,
    strictness: str = "strict",
    **more: Any,
) -> Report:
    """Two versions of some models over the same sources."""
    shared = {"sources": ORDERS, **more}
    versions = [workspace(project(models=models, **shared)) for models in (base, head)]
    return ao.diff(*versions, execute=options, strictness=strictness)


def found(report: Report, rule: str) -> Finding:
    """The one finding of a rule."""
    (one,) = [finding for finding in report.findings if finding.rule == rule]
    return one


def of(report: Report, name: str) -> Execution:
    """The one execution of a model."""
    (one,) = [execution for execution in report.executions if execution.name == name]
    return one


def test_a_changed_filter_is_shown_by_one_row() -> None:
    report = diff(
        {"fct": "select id, amount from @raw.orders where status <> 'cancelled'"},
        {"fct": "select id, amount from @raw.orders where status <> 'canceled'"},
    )
    finding = found(report, "ROW301")
    example = finding.counterexample
    assert example is not None
    (given,) = example.inputs
    assert (given.name, example.largest) == ("raw.orders", 1)
    (status,) = [row[given.columns.index("status")] for row in given.rows]
    assert status in ("cancelled", "canceled")
    rows = (example.base.rows, example.head.rows)
    assert [len(one) for one in rows] == ([0, 1] if status == "cancelled" else [1, 0])
    assert (finding.proof, finding.proven) == (Proof.COUNTEREXAMPLE, True)
    assert of(report, "fct").outcome == "differs"
    assert any("rows removed" in line for line in finding.evidence)


def test_the_share_of_values_that_differ_by_key() -> None:
    report = diff(
        {"fct": "select id, amount * 2 as twice, status from @raw.orders"},
        {"fct": "select id, amount * 3 as twice, status from @raw.orders"},
        tests=[
            "unique fct.id",
            "not_null fct.id",
            "unique raw.orders.id",
            "not_null raw.orders.id",
        ],
    )
    execution = of(report, "fct")
    assert execution.key == ("id",)
    assert (execution.rows_removed, execution.rows_added) == (0, 0)
    (share,) = execution.columns
    assert share.column == "twice"
    assert 0.3 < share.differing < 1
    example = found(report, "VAL401").counterexample
    assert example is not None
    assert example.base.rows != example.head.rows


def test_no_difference_is_evidence_and_said_so() -> None:
    report = diff(
        {"fct": "select id from @raw.orders where amount in (1, 2)"},
        {"fct": "select o.id from @raw.orders o where amount = 2 or 1 = o.amount"},
    )
    execution = of(report, "fct")
    assert (execution.outcome, execution.databases) == ("no difference", QUICK.databases)
    assert [verdict.verdict for verdict in report.verdicts] == ["refactored"]


def test_a_wrong_proof_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the canonical form took COALESCE for nothing."""
    monkeypatch.setattr(compare, "_values", lambda *_: ())
    report = diff(
        {"fct": "select id, amount from @raw.orders"},
        {"fct": "select id, coalesce(amount, 0) as amount from @raw.orders"},
        strictness="relation",
    )
    finding = found(report, "SYS904")
    assert report.failed
    assert finding.severity is Severity.ERROR
    assert "was said to yield the same id, amount, and does not" in finding.message
    assert finding.counterexample is not None
    assert finding.counterexample.base.rows[0][-1] is None
    assert finding.counterexample.head.rows[0][-1] == "0"
    assert of(report, "fct").refuted


def test_what_a_test_promises_is_kept() -> None:
    """A left join on a unique key keeps the rows; dbt's `unique` lets NULLs be many."""
    report = diff(
        {"fct": "select o.id, o.amount from @raw.orders o"},
        {
            "fct": "select o.id, o.amount from @raw.orders o "
            "left join @raw.customers c on c.id = o.id"
        },
        tests=["unique raw.customers.id"],
        options=msgspec.structs.replace(QUICK, databases=80),
    )
    assert of(report, "fct").outcome == "no difference"
    assert not [finding for finding in report.findings if finding.rule == "SYS904"]


def test_a_renamed_column_of_a_parent_is_the_same_column() -> None:
    report = diff(
        {"stg": "select id, status as state from @raw.orders", "fct": "select id, state from @stg"},
        {
            "stg": "select id, status from @raw.orders",
            "fct": "select id, status as state from @stg",
        },
    )
    assert of(report, "fct").outcome == "no difference"


def test_what_is_built_on_a_change_is_built_in_both_versions() -> None:
    report = diff(
        {
            "stg": "select id, status, amount from @raw.orders where amount > 0",
            "sums": SUMS,
            "names": "select id, name from @raw.customers",
            "both": "select n.name, s.total from @names n join @sums s on s.status = n.name",
        },
        {
            "stg": "select id, status, amount from @raw.orders where amount > 1",
            "sums": SUMS,
            "names": "select id, name from @raw.customers",
            "both": "select n.name, s.total from @names n join @sums s on s.status = n.name",
        },
    )
    outcomes = {e.name: (e.built, e.outcome) for e in report.executions}
    assert outcomes["stg"] == ("model", "differs")
    assert outcomes["sums"] == ("downstream", "differs")
    assert outcomes["both"] == ("downstream", "differs")
    assert "names" not in outcomes
    rules = ("ROW311", "VAL409")  # told of what is promised to others
    upstream = [finding for finding in report.findings if finding.rule in rules]
    assert {finding.node for finding in upstream} == {"model.shop.sums"}
    assert all(finding.counterexample is not None for finding in upstream), upstream


def test_logic_that_moved_up_is_built_together() -> None:
    """Over the same rows of its parent the model alone yields something else."""
    stg = "select id, amount from @raw.orders"
    base = {"stg": stg, "fct": "select amount / 100 as a from @stg"}
    above = "select id, amount, amount / 100 as usd from @raw.orders"
    head = {"stg": above, "fct": "select usd as a from @stg"}
    report = diff(base, head)
    assert not [finding for finding in report.findings if finding.rule == "SYS904"]
    told = of(report, "fct")
    assert (told.built, told.outcome) == ("downstream", "no difference")


def test_another_parent_that_means_the_same_is_not_executed_over_other_rows() -> None:
    base = {"a": "select id from @raw.orders", "b": "select id from @raw.orders as o"}
    report = diff({**base, "fct": "select id from @a"}, {**base, "fct": "select id from @b"})
    assert not [finding for finding in report.findings if finding.rule == "SYS904"]
    assert "is read in one version only" in of(report, "fct").reason


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("select id from read_csv('/etc/passwd') as t(id)", "outside of the project|Permission"),
        ("select id from @raw.orders; attach '/tmp/x.duckdb'", "not parsed|does not|Permission"),
        ("select content as id from read_text('/etc/passwd')", "Permission|outside"),
        ("select id from @raw.orders where nothing_like_it(id)", "does not exist"),
    ],
)
def test_hostile_and_broken_sql_is_unknown(sql: str, reason: str) -> None:
    report = diff({"fct": "select id from @raw.orders"}, {"fct": sql})
    execution = of(report, "fct")
    assert execution.outcome == "unknown"
    assert "root:" not in str(report)
    assert execution.reason


def test_a_query_without_end_does_not_take_the_report_with_it() -> None:
    endless = (
        "select id + (select sum(a.range * b.range % 7) from range(10000000) a, range(10000000) b)"
    )
    report = diff(
        {"fct": "select id from @raw.orders", "ok": "select id from @raw.orders"},
        {
            "fct": f"{endless} as id from @raw.orders",
            "ok": "select id from @raw.orders where amount > 1",
        },
        options=ao.Execute(databases=4, seconds=0.3),
    )
    assert of(report, "fct").outcome == "unknown"
    assert "budget" in of(report, "fct").reason
    assert of(report, "ok").outcome == "differs"


def test_a_process_that_is_killed_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    start = worker.Worker._start
    started = []

    def killed(self: worker.Worker) -> Any:
        process = start(self)
        started.append(process)
        if len(started) == 1:
            os.kill(process.pid, signal.SIGKILL)
        return process

    monkeypatch.setattr(worker.Worker, "_start", killed)
    base = {"a": "select id from @raw.orders", "b": "select id from @raw.orders"}
    head = {name: f"{sql} where amount > 1" for name, sql in base.items()}
    report = diff(base, head, options=ao.Execute(databases=8))
    first = next(e for e in report.executions if (e.name, e.built) == ("a", "model"))
    assert first.reason == "budget: its process was ended by SIGKILL"
    assert of(report, "b").outcome == "differs"
    assert len(started) == 2


def test_another_dialect_is_translated() -> None:
    report = diff(
        {"fct": "select id, iff(status = 'a', 1, 0) as n from @raw.orders"},
        {"fct": "select id, iff(status = 'b', 1, 0) as n from @raw.orders"},
        adapter="snowflake",
    )
    assert of(report, "fct").outcome == "differs"
    assert found(report, "VAL401").counterexample is not None


def test_a_refutation_after_translation_only_warns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "_values", lambda *_: ())
    report = diff(
        {"fct": "select id, iff(status = 'a', 1, 0) as n from @raw.orders"},
        {"fct": "select id, iff(status = 'b', 1, 0) as n from @raw.orders"},
        adapter="snowflake",
    )
    assert found(report, "SYS904").severity is Severity.WARNING


def test_what_cannot_be_translated_or_run_is_unknown() -> None:
    report = diff(
        {"fct": {"sql": "def model(dbt, session): ...", "language": "python"}},
        {"fct": {"sql": "def model(dbt, session): return 1", "language": "python"}},
    )
    assert of(report, "fct").outcome == "unknown"
    assert "python" in of(report, "fct").reason


def test_time_stands_still_and_chance_is_no_evidence() -> None:
    report = diff(
        {"fct": "select id, current_date as d, random() as r from @raw.orders"},
        {"fct": "select id, current_date as d, random() as r from @raw.orders where true"},
    )
    assert of(report, "fct").outcome == "no difference"
    assert not [finding for finding in report.findings if finding.rule == "SYS904"]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the sources are: in the database that models are built in."""
    path = tmp_path / "lake.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create schema raw; create table raw.orders as select n::integer as id, "
            "case when n % 4 = 0 then 'cancelled' else 'paid' end as status, "
            "(n * 7 % 100)::integer as amount from range(1000) t(n); "
            "create table raw.customers as select 1 as id, 'secret@example.com' as name"
        )
    return path


def test_the_rows_of_a_database_are_counted_and_not_shown(database: Path) -> None:
    before = database.read_bytes()
    report = diff(
        {"fct": "select id, amount * 2 as twice from @raw.orders where status <> 'cancelled'"},
        {"fct": "select id, amount * 3 as twice from @raw.orders"},
        options=msgspec.structs.replace(QUICK, database=database),
        database="lake",
    )
    (sample,) = [e for e in report.executions if e.data == "sample"]
    assert sample.key == ("id",)
    assert (sample.rows, sample.rows_removed, sample.rows_added) == (750, 0, 250)
    (share,) = sample.columns
    assert share.column == "twice"
    zeros = 750 - sum(1 for n in range(1000) if n % 4 and n * 7 % 100)
    assert share.differing == pytest.approx((750 - zeros) / 750, abs=1e-3)
    assert "executed on rows of the database: 0 of 750 rows removed, 250 added, by id" in (
        found(report, "ROW301").evidence
    )
    assert "secret" not in str(report)
    assert database.read_bytes() == before


def test_a_sample_of_a_database(database: Path) -> None:
    report = diff(
        {"fct": "select id from @raw.orders where amount > 10"},
        {"fct": "select id from @raw.orders"},
        options=msgspec.structs.replace(QUICK, database=database, sample=100),
        database="lake",
    )
    (sample,) = [e for e in report.executions if e.data == "sample"]
    assert sample.rows + sample.rows_added == 100


def test_ties_in_a_database_refute_nothing(database: Path) -> None:
    """Another plan may number ties otherwise."""
    number = "row_number() over (partition by status order by amount % 3)"
    report = diff(
        {"fct": f"select id, {number} as n from @raw.orders"},
        {"fct": f"select id, n from (select o.*, {number} as n from @raw.orders o)"},
        options=msgspec.structs.replace(QUICK, database=database),
        database="lake",
    )
    assert not [finding for finding in report.findings if finding.rule == "SYS904"]


def test_a_database_without_the_tables(tmp_path: Path) -> None:
    path = tmp_path / "lake.duckdb"
    duckdb.connect(str(path)).close()
    report = diff(
        {"fct": "select id from @raw.orders"},
        {"fct": "select id from @raw.orders where id > 1"},
        options=msgspec.structs.replace(QUICK, database=path),
        database="lake",
    )
    (sample,) = [e for e in report.executions if e.data == "sample"]
    assert sample.reason == "a table is not in the database: raw.orders"
