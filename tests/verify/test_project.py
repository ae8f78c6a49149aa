"""A project's models are verified over its own database and over made-up rows."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from analyticsops import api
from analyticsops.errors import ArtifactError, UsageError
from analyticsops.lineage.analyst import Analysed
from analyticsops.lineage.outline import outline_of
from analyticsops.sql.facts import QueryFacts
from analyticsops.verify.report import ModelResult, Status, VerifyReport
from analyticsops.workspace import Workspace
from tests.project_maker import Made, project, workspace

SHOP: dict[str, Any] = {
    "sources": {
        "raw.orders": {
            "columns": {
                "id": "integer",
                "customer": "integer",
                "amount": "integer",
                "status": "varchar",
                "placed_at": "timestamp",
            },
        },
        "raw.customers": {"columns": {"id": "integer", "name": "varchar"}},
    },
    "models": {
        "stg": "select id, customer, amount / 100 as amount, placed_at from @raw.orders "
        "where status = 'paid'",
        "big": {"sql": "select * from @stg where amount > 2", "materialized": "ephemeral"},
        "fct": "select c.name, sum(b.amount) as total, max(b.placed_at) as last_at "
        "from @big b join @raw.customers c on b.customer = c.id group by c.name",
        "py": {"sql": "def model(dbt, session): ...", "language": "python"},
    },
    "tests": [
        "unique raw.orders.id",
        "accepted_values raw.orders.status [paid, open]",
        "not_null raw.customers.name",
    ],
}


def shop(**more: Any) -> Workspace:
    """With sources in the database that models are built in."""
    made = project(**{**SHOP, **more})
    manifest = json.loads(re.sub(r"\blake\b", "db", json.dumps(made.manifest)))
    return workspace(Made(manifest=manifest, catalog=made.catalog))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "db.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create schema raw; create schema dev;"
            "create table raw.orders as select range::int as id, (range % 7)::int as customer, "
            "(range * 37 % 900)::int as amount, ['paid', 'open'][1 + range % 2] as status, "
            "timestamp '2024-01-01' + interval (range) hour as placed_at from range(5000);"
            "create table raw.customers as select range::int as id, 'c' || range % 5 as name "
            "from range(9);"
            "create view dev.stg as select id, customer, amount / 100 as amount, placed_at "
            "from db.raw.orders where status = 'paid'"
        )
    return path


def named(report: VerifyReport) -> dict[str, ModelResult]:
    return {model.name: model for model in report.models}


def test_over_made_up_rows() -> None:
    report = api.verify_lineage(shop())
    models = named(report)
    assert not report.failed
    assert report.data == "synthetic"
    assert models["stg"].status is models["fct"].status is Status.VERIFIED
    assert models["stg"].slack == ()
    assert models["py"].reason.startswith("python model")
    assert report.counts["verified"] == 3
    assert report.counts["queries"] > 100
    assert api.verify_lineage(shop()) == report  # equal input, equal answer


def test_over_the_database_which_stays_as_it_was(database: Path) -> None:
    before = hashlib.sha256(database.read_bytes()).hexdigest()
    report = api.verify_lineage(shop(), database=database, select="stg fct")
    models = named(report)
    assert set(models) == {"stg", "fct"}
    assert [model.reason for model in report.models] == ["", ""]
    assert [model.status for model in report.models] == [Status.VERIFIED] * 2
    assert models["fct"].slack == ()
    assert models["fct"].predicted >= 8
    assert hashlib.sha256(database.read_bytes()).hexdigest() == before
    assert sorted(path.name for path in database.parent.iterdir()) == [database.name]


def test_a_lost_edge_is_a_violation(database: Path) -> None:
    """The graph is made to forget that `total` comes from `amount`."""
    found = shop()
    graph = found.graph
    queries = {
        name: [_without(one.facts, "total") for one in asked] if name.endswith(".fct") else asked
        for name, asked in graph.queries.items()
    }
    wrong = type(graph)(graph.nodes, graph.made, queries, graph.read_by)
    found.__dict__["graph"] = wrong
    for data in (None, database):
        report = api.verify_lineage(found, select="fct", database=data)
        (model,) = report.models
        assert report.failed
        assert model.status is Status.VIOLATED
        assert {"total", ""} <= {violation.output for violation in model.violations}


def _without(facts: QueryFacts, name: str) -> Analysed:
    columns = tuple(
        msgspec.structs.replace(column, codes=()) if column.name == name else column
        for column in facts.columns
    )
    less = msgspec.structs.replace(facts, columns=columns, row_codes=())
    return Analysed(outline_of(less), msgspec.msgpack.encode(less))


def test_what_is_not_in_the_project_or_does_not_run() -> None:
    report = api.verify_lineage(
        shop(
            models={
                "foreign": "select id from elsewhere.table_1",
                "files": "select id from @raw.orders where id in (select 1 from read_csv('x.csv'))",
                "broken": "select nothing_such(id) as a from @raw.orders",
                "chance": "select id from @raw.orders where random() < 0.5",
            },
            tests=(),
        )
    )
    reasons = {model.name: model.reason for model in report.models}
    assert {model.status for model in report.models} == {Status.NOT_VERIFIED}
    assert "outside of the project: elsewhere.table_1" in reasons["foreign"]
    assert "DuckDB refuses it" in reasons["files"]
    assert "nothing_such" in reasons["broken"]
    assert sum(report.reasons.values()) == 4


def test_a_table_that_the_database_does_not_have(database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("drop table raw.customers")
    report = api.verify_lineage(shop(), database=database, select="fct")
    assert report.models[0].reason == "a table is not in the database: db.raw.customers"


def test_a_time_budget(database: Path) -> None:
    report = api.verify_lineage(shop(), select="stg", queries=3)
    (model,) = report.models
    assert (model.status, model.reason) == (Status.NOT_VERIFIED, "budget: 3 queries")


@pytest.mark.parametrize("hundredths", range(1, 13))
def test_time_that_is_over_while_rows_are_made(hundredths: int) -> None:
    """Wherever it ends, a model is verified or its time was not enough."""
    report = api.verify_lineage(shop(), select="fct", seconds=hundredths / 100)
    (model,) = report.models
    over = f"budget: {hundredths / 100:g} seconds"
    assert model.reason in ("", over)
    assert (model.status is Status.VERIFIED) == (model.reason == "")


def test_types_alone_are_taken_from_the_database(database: Path) -> None:
    report = api.verify_lineage(shop(), database=database, synthetic=True, select="stg")
    assert report.data == "synthetic"
    assert not report.failed


def test_what_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "db.duckdb"
    path.write_text("no database")
    with pytest.raises(ArtifactError, match="DuckDB cannot open it"):
        api.verify_lineage(shop(), database=path)


def test_another_adapter() -> None:
    with pytest.raises(UsageError, match="written for snowflake"):
        api.verify_lineage(shop(adapter="snowflake"))


def test_of_a_snapshot_its_sql_is_judged() -> None:
    """What dbt's strategy compares decides about its rows, and nothing of that is run."""
    config = {"strategy": "timestamp", "unique_key": "id", "updated_at": "placed_at"}
    snapshot = {"sql": "select id, placed_at from @raw.orders", "config": config}
    report = api.verify_lineage(shop(snapshots={"snap": snapshot}), select="snap")
    (found,) = report.models
    assert (found.status, found.slack) == (Status.VERIFIED, ())
