"""The tool `slo` on a history of runs: how objectives stand, and what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client

from analyticsops import load
from analyticsops.history.record import Invocation, NodeResult, make_record, microseconds
from analyticsops.history.store import Store
from analyticsops.mcp import answers
from analyticsops.mcp.desk import Desk
from tests.mcp.test_server import ask, call
from tests.project_maker import project, write

NOW = datetime.now(UTC)
HERE = ".analyticsops/history"
SLOS = """
version: 1
slos:
  - name: success
    target: {job: hourly}
    indicator: {type: success}
    objective: 90%
    owner: Data Platform
    runbook: https://runbooks.example/hourly
  - name: fresh
    target: {select: fct}
    indicator: {type: freshness, threshold: 26h}
  - {target: {select: fct}, indicator: {type: volume, at_least: 1}}
"""
SOURCE = {
    "columns": "id",
    "freshness": {"error_after": {"count": 2, "period": "day"}},
}


def shop(folder: Path, history: str = HERE, *, environments: tuple[str, ...] = ("prod",)) -> Path:
    """A job that went well twenty times, and crashed in its last four runs."""
    made = project(
        sources={"raw.orders": SOURCE}, models={"fct": {"sql": "select id from @raw.orders"}}
    )
    write(made, folder)
    (folder / "slos").mkdir()
    (folder / "slos" / "jobs.yml").write_text(SLOS)
    store = Store(folder / history)
    for number in range(24):
        start = NOW - timedelta(hours=24 - number, minutes=5)
        for environment in environments:
            for invocation, rows in _hour(number, start, environment):
                store.put(make_record(invocation, rows))
    return folder / "target"


def _hour(
    number: int, start: datetime, environment: str
) -> list[tuple[Invocation, list[NodeResult]]]:
    """Sources are measured, and then all is built, or nothing."""
    at, dead = microseconds(start), number >= 20
    told: dict[str, Any] = {
        "project": "shop", "environment": environment, "job": "hourly", "manifest": "own",
        "results": 0,
    }  # fmt: skip
    seen = NodeResult(
        unique_id="source.shop.raw.orders",
        status="pass",
        measured_at=at,
        max_loaded_at=at - 60_000_000,
    )
    built = NodeResult(
        unique_id="model.shop.fct",
        status="success",
        started_at=at + 20_000_000,
        completed_at=at + 30_000_000,
        execution_time=10.0,
        materialized="table",
        rows_affected=7,
    )
    fresh = Invocation(
        invocation_id=f"{environment}-fresh-{number:02}", started_at=at, ended_at=at + 10_000_000,
        state="finished", command="source freshness", success=True, **told,
    )  # fmt: skip
    build = Invocation(
        invocation_id=f"{environment}-build-{number:02}",
        started_at=at + 10_000_000,
        ended_at=None if dead else at + 40_000_000,
        state="crashed" if dead else "finished", command="build", success=not dead,
        **{**told, **({"project": None, "manifest": "none"} if dead else {})},
    )  # fmt: skip
    return [(fresh, [seen]), (build, [] if dead else [built])]


def desk_of(target: Path) -> Desk:
    return Desk(lambda: load(target, project_dir=target.parent))


def judge(found: dict[str, Any]) -> None:
    """Four of 24 runs were bad, and two and four tenths are allowed."""
    assert "history" not in found, "there is one, and it is clear whose runs count"
    assert (found["environment"], found.get("invalid", [])) == ("prod", [])
    stands = {one["name"]: one for one in found["objectives"]}
    success = stands["hourly/success"]
    assert (success["state"], success["now"]) == ("exhausted", "bad")
    assert success["good"] == pytest.approx(20 / 24)
    assert success["budget_left"] == pytest.approx(1 - 4 / 2.4)
    assert (success["target"], success["owner"]) == (0.9, "Data Platform")
    assert success["runbook"] == "https://runbooks.example/hourly"
    assert stands["fct/fresh"]["state"] == "met"
    assert stands["fct/volume"]["good"] == 1.0
    assert {"raw.orders/freshness"} == set(stands) - {"hourly/success", "fct/fresh", "fct/volume"}
    (incident,) = found["incidents"]
    assert incident["cause"] == "job hourly"
    assert any("budget" in sentence for sentence in incident["says"]), incident["says"]


def test_it_says_how_objectives_stand_and_what_is_wrong(tmp_path: Path) -> None:
    judge(answers.slo(desk_of(shop(tmp_path)), NOW))


def test_the_history_may_lie_elsewhere(tmp_path: Path) -> None:
    target = shop(tmp_path / "shop", "../runs")

    async def asked(client: Client) -> None:
        judge(await call(client, "slo"))

    where = ("--project-dir", str(tmp_path / "shop"), "--history", str(tmp_path / "runs"))
    ask(target, asked, *where)
    found = answers.slo(desk_of(target), NOW)
    assert "there is no history" in found["history"]


def test_where_it_is_not_clear_it_says_why_and_what_dbt_measured(tmp_path: Path) -> None:
    found = answers.slo(desk_of(shop(tmp_path, environments=("prod", "dev"))), NOW)
    assert "runs of 2 environments: dev, prod" in found["history"]
    assert found["note"] == "`dbt source freshness` was not run: nothing is measured"
    assert [one["name"] for one in found["sources"]] == ["raw.orders"]


def test_incidents_that_are_left_out_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MAX_ITEMS", 0)
    found = answers.slo(desk_of(shop(tmp_path)), NOW)
    assert found["more"].startswith("4 more")
    assert found["incidents_more"].startswith("1 more")
