"""Answers about runs, against a reckoning by hand over the same records."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from analyticsops import looking_back
from analyticsops.errors import NotFoundError, UsageError
from analyticsops.history.nodes import Prices
from analyticsops.history.record import Invocation, NodeResult, Record, make_record, microseconds
from analyticsops.history.store import Store
from analyticsops.looking_back import Scope, moment, open_runs

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
STATUSES = ("success", "error", "skipped", "partial success", "no-op")
TESTS = ("pass", "warn", "fail", "skipped", "runtime error")


def run(number: int, *results: NodeResult, **fields: object) -> Record:
    """The ``number``-th hourly build."""
    started = BEGIN + timedelta(hours=number)
    told: dict[str, object] = {
        "invocation_id": f"{number:08d}-0000-4000-8000-000000000000",
        "started_at": microseconds(started),
        "ended_at": microseconds(started + timedelta(minutes=5)),
        "state": "finished",
        "manifest": "own",
        "results": 0,
        "command": "build",
        "retries": False,
        "project": "shop",
        "environment": "prod",
    }
    return make_record(msgspec.convert({**told, **fields}, Invocation), results)


def node(name: str, status: str, **fields: object) -> NodeResult:
    """A result; a model is a table unless it is said otherwise."""
    kind = name.partition(".")[0]
    told = {"materialized": "table" if kind == "model" else None, "execution_time": 1.0}
    whole = {"unique_id": name, "status": status, **told, **fields}
    return msgspec.convert(whole, NodeResult)


def store_of(folder: Path, *records: Record) -> Store:
    store = Store(folder)
    for record in records:
        store.put(record)
    return store


# -- what a result means -----------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "command", "expected"),
    [
        (node("model.s.a", "success"), "build", ("build", "good", True)),
        (node("model.s.a", "success", materialized="view"), "build", ("build", "good", False)),
        (node("model.s.a", "success", materialized="ephemeral"), "run", ("build", "good", False)),
        (node("model.s.a", "success", materialized=None), "run", ("build", "good", None)),
        (node("model.s.a", "success", materialized="own_thing"), "run", ("build", "good", True)),
        (node("model.s.a", "partial success"), "run", ("build", "partial", True)),
        (node("model.s.a", "error"), "run", ("build", "bad", False)),
        (node("model.s.a", "skipped"), "run", ("build", "skipped", False)),
        (node("model.s.a", "reused"), "build", ("build", "none", False)),
        (node("model.s.a", "no-op"), "build", ("build", "none", False)),
        (node("model.s.a", "never seen"), "build", ("build", "unknown", False)),
        (node("model.s.a", "success"), "clone", ("clone", "good", False)),
        (node("seed.s.a", "success"), "seed", ("build", "good", True)),
        (node("snapshot.s.a", "success"), "snapshot", ("build", "good", True)),
        (node("test.s.a", "pass"), "build", ("test", "good", False)),
        (node("test.s.a", "warn"), "test", ("test", "warned", False)),
        (node("test.s.a", "fail"), "test", ("test", "bad", False)),
        (node("test.s.a", "runtime error"), "test", ("test", "bad", False)),
        (node("unit_test.s.a", "fail"), "build", ("unit test", "bad", False)),
        (node("operation.s.a", "success"), "run", ("hook", "good", False)),
        (node("exposure.s.a", "no-op"), "build", ("other", "none", False)),
        (node("function.s.a", "success"), "build", ("other", "good", False)),
        (node("source.s.a.b", "pass"), "source freshness", ("freshness", "good", False)),
        (node("source.s.a.b", "unmeasured"), "source freshness", ("freshness", "bad", False)),
    ],
)
def test_meaning(
    result: NodeResult, command: str, expected: tuple[object, ...], tmp_path: Path
) -> None:
    store = store_of(tmp_path, run(0, result, command=command))
    with open_runs(store) as connection:
        found = connection.execute("select kind, outcome, is_load from results").fetchall()
    assert found == [expected]


@pytest.mark.parametrize("flag", ["empty", "sample"])
def test_an_empty_run_loads_nothing(flag: str, tmp_path: Path) -> None:
    (found,) = looking_back.list_runs(
        store_of(tmp_path, run(0, node("model.s.a", "success"), **{flag: True}))
    )
    assert (found.built, found.loads, found.verdict) == (1, 0, "ok")


@pytest.mark.parametrize(
    ("fields", "status", "verdict"),
    [
        ({}, "success", "ok"),
        ({}, "error", "failed"),
        ({"success": False}, "success", "failed"),
        ({"success": True}, "success", "ok"),
        ({"state": "crashed"}, "success", "crashed"),
        ({"state": "interrupted"}, "success", "interrupted"),
        ({"state": "started"}, "success", "unknown"),
        ({"state": "unknown"}, "success", "unknown"),
        ({"state": "failed"}, "success", "failed"),
    ],
)
def test_verdicts(fields: dict[str, object], status: str, verdict: str, tmp_path: Path) -> None:
    store = store_of(tmp_path, run(0, node("model.s.a", status), **fields))
    (found,) = looking_back.list_runs(store)
    assert found.verdict == verdict


# -- many runs, reckoned by hand -----------------------------------------------------


def _history(seed: int) -> list[Record]:
    chance = random.Random(seed)
    names = [f"model.shop.m{n}" for n in range(4)] + [f"test.shop.t{n}" for n in range(4)]
    records = []
    for number in range(30):
        rows = [
            node(
                name,
                chance.choice(STATUSES if name.startswith("model") else TESTS),
                execution_time=round(chance.random() * 10, 3),
                bytes_processed=chance.choice([None, 10**9]),
            )
            for name in names
            if chance.random() < 0.9
        ]
        where = chance.choice(["prod", "dev"])
        records.append(run(number, *rows, environment=where, empty=chance.random() < 0.1))
    return records


def _told(records: list[Record]) -> Iterator[tuple[Invocation, NodeResult, str]]:
    outcomes = {"success": "good", "pass": "good", "warn": "good", "error": "bad", "fail": "bad"}
    outcomes |= {"runtime error": "bad", "partial success": "bad"}
    for record in records:
        for row in record.results:
            if row.status in outcomes and not record.invocation.empty:
                yield record.invocation, row, outcomes[row.status]


@pytest.mark.parametrize("seed", range(3))
def test_flapping_nodes(seed: int, tmp_path: Path) -> None:
    records = _history(seed)
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for invocation, row, outcome in _told(records):
        seen[row.unique_id, str(invocation.environment)].append(outcome)
    expected = {
        key: (len(o), o.count("bad"), sum(a != b for a, b in itertools.pairwise(o)), o[-1])
        for key, o in seen.items()
    }
    random.Random(seed).shuffle(records)
    found = looking_back.find_flapping(store_of(tmp_path, *records), at_least=3)
    assert {
        (one.unique_id, one.environment): (one.runs, one.failures, one.changes, one.last)
        for one in found
    } == {key: told for key, told in expected.items() if told[2] >= 3}
    assert [one.changes for one in found] == sorted((o.changes for o in found), reverse=True)


@pytest.mark.parametrize("seed", range(3))
def test_slow_nodes_and_costs(seed: int, tmp_path: Path) -> None:
    records = _history(seed)
    times: dict[str, list[float]] = defaultdict(list)
    for _, row, _outcome in _told(records):
        times[row.unique_id].append(row.execution_time or 0.0)
    store = store_of(tmp_path, *records)
    found = {one.unique_id: one for one in looking_back.find_slow(store)}
    assert set(found) == set(times)
    whole = sum(map(sum, times.values()))
    for name, seconds in times.items():
        one = found[name]
        assert one.runs == len(seconds)
        assert one.total == pytest.approx(sum(seconds))
        assert one.share == pytest.approx(sum(seconds) / whole)
        assert one.p50 == pytest.approx(_quantile(seconds, 0.5))
        assert one.p95 == pytest.approx(_quantile(seconds, 0.95))
        half = (len(seconds) + 1) // 2
        medians = [_quantile(part, 0.5) for part in (seconds[:half], seconds[half:])]
        assert one.change == pytest.approx(medians[1] / medians[0] - 1)
    costs = looking_back.sum_cost(store, by="day", prices=Prices(hour=3600, terabyte=1000))
    rows = [(r.invocation, row) for r in records for row in r.results]
    assert sum(cost.seconds for cost in costs) == pytest.approx(
        sum(row.execution_time or 0 for _, row in rows)
    )
    assert sum(cost.bytes or 0 for cost in costs) == sum(r.bytes_processed or 0 for _, r in rows)
    assert sum(cost.price or 0 for cost in costs) == pytest.approx(
        sum((row.execution_time or 0) + (row.bytes_processed or 0) / 1e9 for _, row in rows)
    )
    assert looking_back.sum_cost(store)[0].price is None


def _quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


# -- deployments ---------------------------------------------------------------------


def test_deployments(tmp_path: Path) -> None:
    good, bad = node("model.shop.a", "success"), node("model.shop.a", "error")
    store = store_of(
        tmp_path,
        run(0, bad, git_sha="aaa"),
        run(1, good, git_sha="aaa"),
        run(2, good, git_sha="aaa"),
        run(3, good, git_sha="aaa", environment="dev"),
        run(200, good, git_sha="bbb"),
        run(201, bad, git_sha="ccc"),
        run(202, good),
    )
    found = looking_back.find_deployments(store, Scope(environment="prod"), project_dir=tmp_path)
    assert [(d.git_sha, d.failed_runs, d.lead_time) for d in found.deployments] == [
        ("bbb", 0, None),
        ("aaa", 1, None),
    ]
    assert found.without_commit == 1
    assert found.per_week == pytest.approx(2 / (202 / 24 / 7))


# -- which runs --------------------------------------------------------------------


def test_scopes(tmp_path: Path) -> None:
    store = store_of(
        tmp_path,
        *(run(n, environment="prod" if n % 2 else "dev", job=f"j{n % 3}") for n in range(12)),
    )
    count = len(looking_back.list_runs(store, last=5))
    assert count == 5
    found = looking_back.list_runs(store, Scope(environment="prod", job="j0"), last=None)
    assert [int(one.invocation_id[:8]) for one in found] == [9, 3]
    latest = looking_back.list_runs(store, Scope(environment="dev"), last=1)
    assert [int(one.invocation_id[:8]) for one in latest] == [10]
    window = Scope(since=BEGIN + timedelta(hours=2), until=BEGIN + timedelta(hours=4))
    assert len(looking_back.list_runs(store, window, last=None)) == 2


def _died(number: int, **fields: object) -> Record:
    """A run that died before it wrote a manifest: nothing says of which project it was."""
    told = {"state": "crashed", "manifest": "none", "project": None, "success": False, **fields}
    return run(number, **told)


def _of_project(store: Store, project: str) -> list[int]:
    listed = looking_back.list_runs(store, Scope(project=project))
    return [int(one.invocation_id[:8]) for one in reversed(listed)]


def test_a_run_of_no_project_is_one_of_the_only_project(tmp_path: Path) -> None:
    went_well = {"state": "finished", "success": True}
    store = store_of(tmp_path, run(1), _died(2), _died(3, job="hourly"), _died(4, **went_well))
    assert _of_project(store, "shop") == [1, 2, 3, 4]
    assert _of_project(store, "other") == [3], "of a job that no project is known to have"


def test_a_run_of_no_project_is_of_the_project_of_its_job(tmp_path: Path) -> None:
    nightly = {"project": "other", "job": "nightly"}
    records = [run(1, job="hourly"), run(2, **nightly), _died(3, job="hourly")]
    elsewhere = _died(5, job="hourly", environment="dev")
    store = store_of(tmp_path, *records, _died(4, job="nightly"), elsewhere)
    assert _of_project(store, "shop") == [1, 3, 5]
    assert _of_project(store, "other") == [2, 4, 5], "nobody knows whose job that is in dev"


def test_a_run_of_which_nobody_knows_the_project_hides_from_none(tmp_path: Path) -> None:
    """A crash is told to all that it may belong to; a success speaks for nobody."""
    both = (run(1, job="hourly"), run(2, job="hourly", project="other"))
    begun = _died(4, job="hourly", state="started", success=None)
    well = _died(5, job="hourly", state="finished", success=True)
    store = store_of(tmp_path, *both, _died(3, job="hourly"), begun, well)
    assert _of_project(store, "shop") == [1, 3, 4]
    assert _of_project(store, "other") == [2, 3, 4]
    verdicts = {one.verdict for one in looking_back.list_runs(store, Scope(project="other"))}
    assert verdicts == {"ok", "crashed", "unknown"}


def test_the_target_tells_the_environment_of_runs_in_the_same_place(tmp_path: Path) -> None:
    here = {"environment": None, "location": "db.main"}
    store = store_of(
        tmp_path / "one", run(0, target="dev", **here), run(1, **here), run(2, location="db.other")
    )
    found = looking_back.list_runs(store)
    assert [one.environment for one in found] == ["prod", "dev", "dev"]
    both = store_of(
        tmp_path / "two",
        run(0, target="dev", **here),
        run(1, target="ci", **here),
        run(2, **here),
    )
    assert looking_back.list_runs(both)[0].environment == "db.main"


def test_one_run(tmp_path: Path) -> None:
    store = store_of(
        tmp_path,
        run(0, node("model.shop.a", "success"), node("model.shop.b", "error", message="no")),
        run(1),
    )
    assert looking_back.show_run(store, "latest").run.invocation_id.startswith("00000001")
    shown = looking_back.show_run(store, "00000000")
    assert [one.unique_id for one in shown.results] == ["model.shop.b", "model.shop.a"]
    with pytest.raises(UsageError, match="2 runs begin with"):
        looking_back.show_run(store, "0000000")
    with pytest.raises(NotFoundError):
        looking_back.show_run(store, "f")


def test_moments() -> None:
    now = datetime(2026, 11, 27, tzinfo=UTC)
    assert moment("", now, where="") is None
    assert moment("2d", now, where="") == now - timedelta(days=2)
    assert moment("2026-11-01", now, where="") == datetime(2026, 11, 1, tzinfo=UTC)
    with pytest.raises(UsageError, match="is no time"):
        moment("soon", now, where="--since")
