"""The views in the warehouse say what the local answers say, of real runs and of runs by chance."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import pytest

from analyticsops import looking_back
from analyticsops.artifacts.times import instant
from analyticsops.history import nodes
from analyticsops.looking_back import Scope
from tests.engines.doors import Doors

Rows = list[dict[str, Any]]
Views = Mapping[str, Rows]


@pytest.fixture(scope="session")
def views(doors: Doors) -> Views:
    """The rows of each view, by its name without the prefix."""
    built, printed = doors.others[2], doors.others[3]
    assert (built.code, printed.code) == (0, 0), built.output + printed.output
    lines = [line for line in printed.output.splitlines() if line.startswith("view ")]
    found = {name: json.loads(rows) for _, name, rows in (line.split(" ", 2) for line in lines)}
    assert len(found) == 9
    return {name.removeprefix("analyticsops_"): rows for name, rows in found.items()}


def _local(doors: Doors, sql: str) -> list[tuple[Any, ...]]:
    """An answer of the history that was pulled from the same warehouse."""
    with looking_back.open_runs(doors.hook) as connection:
        return connection.execute(sql).fetchall()


def _value(cell: Any) -> Any:
    """A cell as it is compared: engines print numbers, moments and truth in their own ways."""
    if cell is None or isinstance(cell, bool):
        return cell
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None)
    text = str(cell)
    if text in ("True", "False"):
        return text == "True"
    try:
        return round(float(text), 6)
    except ValueError:
        moment = instant(text) if text[:2] == "20" else None
        return moment.replace(tzinfo=None) if moment else text


def _rows(rows: Iterable[Mapping[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return sorted((tuple(_value(row[name]) for name in names) for row in rows), key=repr)


def _told(rows: Iterable[Iterable[Any]]) -> list[tuple[Any, ...]]:
    return sorted((tuple(map(_value, row)) for row in rows), key=repr)


MEANT = ["invocation_id", "unique_id", "environment", "kind", "outcome", "is_load"]
SAID = [
    *("invocation_id", "place", "state", "built", "failed", "skipped", "tests", "tests_failed"),
    *("tests_warned", "loads", "bad", "verdict"),
]


@pytest.mark.parametrize(("view", "columns"), [("results", MEANT), ("runs", SAID)])
def test_the_same_meaning(view: str, columns: list[str], doors: Doors, views: Views) -> None:
    expected = _told(_local(doors, f"select {', '.join(columns)} from {view}"))
    assert _rows(views[view], *columns) == expected
    assert len(expected) > 100


def _of_each_place(doors: Doors, views: Views, ask: Callable[[Scope], Iterable[Any]]) -> list[Any]:
    places = {row["place"] for row in views["invocations"]}
    return [(place, one) for place in places for one in ask(Scope(environment=place))]


def test_durations(doors: Doors, views: Views) -> None:
    found = _of_each_place(doors, views, lambda scope: looking_back.find_slow(doors.hook, scope))
    expected = [
        (one.unique_id, place, one.kind, one.runs, one.total, one.p50, one.p95, one.longest)
        for place, one in found
    ]
    names = ("unique_id", "environment", "kind", "runs", "total", "p50", "p95", "longest")
    assert _rows(views["durations"], *names) == _told(expected)


def test_costs(doors: Doors, views: Views) -> None:
    prices = nodes.Prices(hour=3, terabyte=5, slot_hour=0.04)
    for by, column in (("node", "unique_id"), ("job", "job"), ("environment", "environment")):
        ours = looking_back.sum_cost(doors.hook, by=by, prices=prices)
        summed: dict[Any, list[float]] = {}
        for row in views["costs"]:
            sums = summed.setdefault(row[column] or "(no job)", [0.0] * 5)
            cells = ("seconds", "bytes_processed", "slot_ms", "rows_affected", "price")
            for place, name in enumerate(cells):
                sums[place] += float(row[name] or 0)
        for one in ours:
            told = [one.seconds, one.bytes, one.slot_ms, one.rows, one.price]
            assert summed.pop(one.name) == pytest.approx([float(cell or 0) for cell in told])
        assert summed == {}


def test_success_with_and_without_retries(doors: Doors, views: Views) -> None:
    rates = views["success_rates"]
    saved = {node.unique_id: node for node in looking_back.find_retries(doors.hook).nodes}
    failed: dict[str, int] = {}
    for row in rates:
        missed = int(float(row["runs"])) - int(float(row["first_ok"]))
        failed[row["unique_id"]] = failed.get(row["unique_id"], 0) + missed
        assert float(row["first_rate"]) == pytest.approx(
            float(row["first_ok"]) / float(row["runs"])
        )
        assert float(row["final_rate"]) == pytest.approx(
            float(row["final_ok"]) / float(row["runs"])
        )
    assert len(saved) > 5
    assert {name: failed[name] for name in saved} == {n: o.failed_first for n, o in saved.items()}
    chains = looking_back.find_retries(doors.hook)
    first = {row["invocation_id"]: row["first_invocation_id"] for row in views["attempts"]}
    assert sum(name == root for name, root in first.items()) == chains.chains
    linked = {a: chain.attempts[0] for chain in chains.retried for a in chain.attempts}
    assert {name: first[name] for name in linked} == linked


def test_last_success(doors: Doors, views: Views) -> None:
    expected = _local(
        doors,
        """
        select unique_id, environment, max(run_at),
          max(run_at) filter (outcome in ('good', 'warned', 'none')),
          max(completed_at) filter (is_load)
        from results where kind in ('build', 'test', 'unit test', 'freshness')
          and not is_empty and not is_sample group by all
        """,
    )
    names = ("unique_id", "environment", "last_run_at", "last_success_at", "last_load_at")
    assert _rows(views["last_success"], *names) == _told(expected)


def test_test_failures(doors: Doors, views: Views) -> None:
    expected = _local(
        doors,
        """
        select unique_id, environment, max(tested), count(*), count(*) filter (outcome = 'bad'),
          count(*) filter (outcome = 'warned'), avg((outcome = 'bad')::int),
          max(run_at) filter (outcome = 'bad')
        from results where kind = 'test' and outcome in ('good', 'warned', 'bad')
          and not is_empty and not is_sample group by all
        """,
    )
    names = ("unique_id", "environment", "tested", "runs", "failed", "warned", "failure_rate")
    assert _rows(views["test_failures"], *names, "last_failed_at") == _told(expected)
    assert {row["failed"] != "0" for row in views["test_failures"]} == {True, False}
