"""What can be broken in a project, what cannot and why; and code that is broken for a while."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from analyticsops.chaos import scenarios
from analyticsops.chaos.copied import Copied
from analyticsops.chaos.stage import Stage
from analyticsops.history.reading import Circumstances
from analyticsops.slo.gameday.fault import FaultKind
from analyticsops.slo.gameday.rehearsal import Rehearsal, rehearse
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import DAY
from analyticsops.slo.spec.declared import declare
from analyticsops.slo.spec.reading import SharedSettings
from tests.project_maker import Made, project, workspace

ORDERS, PLAIN, SEEN = (f"source.shop.raw.{name}" for name in ("orders", "plain", "seen"))
STG, VIEW, MART = (f"model.shop.{name}" for name in ("stg", "view", "mart"))
JOB = "hourly"


def shop() -> Made:
    """raw.orders (id is tested, amount is not) -> stg -> mart; a view of a source without load
    times, and a source that is a view itself."""
    loads = {"loaded_at_field": "loaded_at"}
    made = project(
        sources={
            "raw.orders": "id, amount, unread, loaded_at",
            "raw.plain": "id",
            "raw.seen": "id",
        },
        models={
            "stg": "select id, amount from @raw.orders",
            "view": {"sql": "select id from @raw.plain", "materialized": "view"},
            "mart": {"sql": "select sum(amount) as amount from @stg", "path": "models/mart.py"},
        },
        tests=["unique stg.id", "not_null raw.orders.id"],
        database="lake",
    )
    made.manifest["sources"][ORDERS] |= loads
    for source in made.manifest["sources"].values():
        source["schema"] = "raw"
    return made


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    copied = Copied(folder=tmp_path, words=(), database="lake.duckdb", told=Circumstances())
    copied.data.parent.mkdir(parents=True)
    with duckdb.connect(str(copied.data)) as connection:
        connection.execute("create schema raw; create table raw.plain as select 1 as id")
        connection.execute(
            "create table raw.orders as select 1 as id, 2 as amount, 3 as unread, "
            "timestamp '2026-11-20 00:00:00' as loaded_at"
        )
        connection.execute("create view raw.seen as select 1 as id")
    made = workspace(shop())
    for name in ("stg", "view"):
        file = copied.project / made.project.nodes[f"model.shop.{name}"].path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("select 1 as id")
    how = Rehearsal()
    return Stage(
        project=made.project,
        lineage=made.graph,
        declared=declare(made.project, SharedSettings(), lambda node: node.label),
        copied=copied,
        schedule=Schedule(cron="5 * * * *"),
        observed=rehearse(made.project, (20_000 * DAY, 20_001 * DAY), how),
    )


@pytest.mark.parametrize(
    ("kind", "target", "why"),
    [
        (FaultKind.SOURCE_LATE, ORDERS, ""),
        (FaultKind.SOURCE_LATE, PLAIN, "it has no plain loaded_at_field"),
        (FaultKind.SOURCE_MISSING, SEEN, "it is a view, and only tables can be written"),
        (FaultKind.CLOCK_AHEAD, PLAIN, "it has no plain loaded_at_field"),
        (FaultKind.COLUMN_DROPPED, ORDERS, ""),
        (FaultKind.COLUMN_DROPPED, PLAIN, ""),
        (FaultKind.COLUMN_DROPPED, SEEN, "it is a view, and only tables can be written"),
        (FaultKind.ROWS_DUPLICATED, ORDERS, ""),
        (FaultKind.ROWS_DUPLICATED, PLAIN, "no test of uniqueness on it or below"),
        (FaultKind.NODE_FAILS, STG, ""),
        (FaultKind.NODE_FLAPS, MART, "it has no SQL file of its own"),
        (FaultKind.NODE_SLOWER, STG, ""),
        (FaultKind.NODE_SLOWER, VIEW, "it is no table: nothing is computed when it is built"),
        (FaultKind.JOB_CRASHES, JOB, ""),
        (FaultKind.JOB_RETRIES, JOB, ""),
        (FaultKind.JOB_COSTLY, JOB, ""),
        (
            FaultKind.JOB_SILENT,
            JOB,
            "no objective says when the job is due, and one run does not either",
        ),
    ],
)
def test_what_can_be_broken(kind: FaultKind, target: str, why: str, stage: Stage) -> None:
    assert scenarios.why_not(stage, kind, target) == why


def test_a_column_that_is_dropped_is_read_and_not_tested(stage: Stage) -> None:
    assert stage.droppable(ORDERS) == "amount"
    assert stage.droppable(PLAIN) == "id"


def test_without_files_no_code_can_be_broken(stage: Stage) -> None:
    for name in (STG, VIEW):
        file = stage.file_of(name)
        assert file is not None
        file.unlink()
    for kind in (FaultKind.JOB_RETRIES, FaultKind.JOB_COSTLY):
        assert "SQL file of its own" in scenarios.why_not(stage, kind, JOB)


def test_a_file_outside_of_the_copy_is_never_changed(stage: Stage, tmp_path: Path) -> None:
    file = stage.file_of(STG)
    assert file is not None
    file.unlink()
    (tmp_path / "theirs.sql").write_text("select 1 as id")
    file.symlink_to(tmp_path / "theirs.sql")
    assert stage.file_of(STG) is None


def test_code_is_broken_and_mended(stage: Stage) -> None:
    file = stage.file_of(STG)
    assert file is not None
    file.write_bytes(b"select 1 as id\r\n-- \xc3\xa9\r\n")
    sound = file.read_bytes()
    with stage.changed(STG, lambda sql: f"{sql} broken"):
        assert file.read_text("utf-8").endswith("broken")
    assert file.read_bytes() == sound
