"""What faults do to what was observed, by dbt's rules; and what was known before they showed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from analyticsops.evaluating import observe_history
from analyticsops.history.record import Invocation, NodeResult, Record, make_record
from analyticsops.history.store import Store
from analyticsops.project.model import Project
from analyticsops.slo.gameday.fault import Fault, FaultKind
from analyticsops.slo.gameday.faults import inject
from analyticsops.slo.gameday.rehearsal import Rehearsal, known_at, rehearse
from analyticsops.slo.observed import Observed
from analyticsops.slo.spans import DAY, HOUR, MINUTE, instant_of
from tests.project_maker import project, workspace

NOW = instant_of(datetime(2026, 11, 20, 12, 0, tzinfo=UTC))
BEGIN = NOW + 7 * MINUTE
ORDERS, RATES = "source.shop.raw.orders", "source.shop.raw.rates"
STG, RATED, MART, OTHER = (f"model.shop.{name}" for name in ("stg", "rated", "mart", "other"))
JOB = "hourly"


@pytest.fixture(scope="module")
def made() -> Project:
    """Orders -> stg -> mart <- rated <- rates, and one that reads rates alone; stg and mart are
    tested for uniqueness."""
    table = {"materialized": "table"}
    return workspace(
        project(
            sources={"raw.orders": {"columns": "id"}, "raw.rates": {"columns": "id"}},
            models={
                "stg": {"sql": "select id from @raw.orders", **table},
                "rated": {"sql": "select id from @raw.rates", **table},
                "mart": {"sql": "select s.id from @stg s join @rated r on r.id = s.id", **table},
                "other": {"sql": "select id from @rated", **table},
            },
            tests=["unique stg.id", "unique mart.id", "not_null mart.id", "not_null other.id"],
        )
    ).project


@pytest.fixture(scope="module")
def good(made: Project) -> Observed:
    return rehearse(made, (NOW - DAY, NOW + 6 * HOUR), Rehearsal())


def broken(made: Project, good: Observed, kind: FaultKind, target: str, by: int = 0) -> Observed:
    return inject(made, good, Fault(kind=kind, target=target, at=BEGIN, by=by))


def after(observed: Observed) -> dict[str, set[str]]:
    """Node -> what became of it, and of its tests, once the fault had begun."""
    found: dict[str, set[str]] = {}
    for node, builds in observed.builds.items():
        found[node] = {one.outcome for one in builds if one.run_at >= BEGIN}
    for node, checks in observed.checks.items():
        found[f"tests of {node}"] = {one.outcome for one in checks if one.at >= BEGIN}
    return found


def test_before_a_fault_all_is_as_it_was(made: Project, good: Observed) -> None:
    jobs = [kind for kind in FaultKind if kind.value.startswith("job")]
    nodes = [kind for kind in FaultKind if kind.value.startswith("node")]
    for kind in FaultKind:
        target = JOB if kind in jobs else STG if kind in nodes else ORDERS
        found = broken(made, good, kind, target, HOUR)
        assert known_at(found, BEGIN) == known_at(good, BEGIN), kind
        assert found != good, kind
        for node, checks in found.checks.items():
            times = [one.at for one in checks]
            assert times == sorted(times), f"{kind}: whoever reads them relies on it, {node}"
        for node, builds in found.builds.items():
            known = [one.at for one in builds]
            assert known == sorted(known), (kind, node)


def test_what_is_below_a_failed_node_is_skipped(made: Project, good: Observed) -> None:
    found = broken(made, good, FaultKind.NODE_FAILS, STG)
    assert after(found) == {
        STG: {"bad"},
        MART: {"skipped"},
        RATED: {"good"},
        OTHER: {"good"},
        f"tests of {STG}": {"skipped"},
        f"tests of {MART}": {"skipped"},
        f"tests of {OTHER}": {"good"},
    }
    assert {one.verdict for one in found.runs if one.started >= BEGIN} == {"failed"}
    assert {one.verdict for one in found.runs if one.started < BEGIN} == {"ok"}
    skipped = [one for one in found.builds[MART] if one.outcome == "skipped"]
    assert all((one.started, one.completed, one.loads) == (None, None, False) for one in skipped)
    changed = {one.checksum for one in found.builds[STG] if one.outcome == "bad"}
    assert changed == {"changed"}, "its code was changed"


def test_what_reads_a_column_that_is_gone_fails_with_the_same_code(
    made: Project, good: Observed
) -> None:
    found = broken(made, good, FaultKind.COLUMN_DROPPED, RATES)
    said = after(found)
    assert (said[RATED], said[MART], said[OTHER], said[STG]) == (
        {"bad"},
        {"skipped"},
        {"skipped"},
        {"good"},
    )
    (checksum,) = {one.checksum for one in found.builds[RATED]}
    assert checksum == made.nodes[RATED].checksum[1][:16]


def test_what_is_below_a_failed_test_is_skipped(made: Project, good: Observed) -> None:
    said = after(broken(made, good, FaultKind.ROWS_DUPLICATED, ORDERS))
    assert said[STG] == {"good"}, "it is built, and then tested"
    assert said[f"tests of {STG}"] == {"bad"}
    assert said[MART] == {"skipped"}
    assert said[f"tests of {MART}"] == {"skipped"}
    assert said[OTHER] == {"good"}
    # Rates are tested only where they meet orders.
    said = after(broken(made, good, FaultKind.ROWS_DUPLICATED, RATES))
    assert said[f"tests of {MART}"] == {"bad", "good"}, "of uniqueness, and of nulls"
    assert said[f"tests of {STG}"] == said[f"tests of {OTHER}"] == {"good"}


def test_a_test_of_a_source_fails_there() -> None:
    """dbt attaches no test to a source; it says only that the test reads it."""
    shop = project(
        sources={"raw.orders": {"columns": "id"}},
        models={"stg": "select id from @raw.orders", "mart": "select id from @stg"},
        tests=["unique raw.orders", "unique stg.id"],
    )
    for test in shop.manifest["nodes"].values():
        if test.get("attached_node") == ORDERS:
            test["attached_node"] = None
    made = workspace(shop).project
    runs = rehearse(made, (NOW - DAY, NOW + 3 * HOUR), Rehearsal())
    said = after(broken(made, runs, FaultKind.ROWS_DUPLICATED, ORDERS))
    assert said[f"tests of {ORDERS}"] == {"bad"}
    assert said[STG] == said[MART] == said[f"tests of {STG}"] == {"skipped"}


def test_every_second_build_fails(made: Project, good: Observed) -> None:
    found = broken(made, good, FaultKind.NODE_FLAPS, STG)
    outcomes = [one.outcome for one in found.builds[STG] if one.run_at >= BEGIN]
    assert outcomes == ["bad", "good", "bad", "good", "bad"]
    below = [one.outcome for one in found.builds[MART] if one.run_at >= BEGIN]
    assert below == ["skipped", "good", "skipped", "good", "skipped"]


def test_data_comes_later_or_never(made: Project, good: Observed) -> None:
    late = broken(made, good, FaultKind.SOURCE_LATE, ORDERS, 2 * HOUR)
    never = broken(made, good, FaultKind.SOURCE_MISSING, ORDERS)
    assert late.seen[RATES] == good.seen[RATES]
    for now, then, gone in zip(
        good.seen[ORDERS], late.seen[ORDERS], never.seen[ORDERS], strict=True
    ):
        assert now.newest is not None
        assert then.newest is not None
        if now.at < BEGIN:
            assert now == then == gone
        else:
            assert then.newest <= now.at - 2 * HOUR or then.newest <= BEGIN
            assert gone.newest is not None
            assert gone.newest <= BEGIN
    last = late.seen[ORDERS][-1]
    assert last.newest is not None
    assert last.newest > BEGIN, "it does come"


def test_a_clock_runs_ahead(made: Project, good: Observed) -> None:
    found = broken(made, good, FaultKind.CLOCK_AHEAD, ORDERS).seen[ORDERS]
    assert {one.newest for one in found if one.at >= BEGIN} == {BEGIN + 30 * DAY}


def test_a_crashed_run_leaves_no_results(made: Project, good: Observed) -> None:
    found = broken(made, good, FaultKind.JOB_CRASHES, JOB)
    crashed = {one.id for one in found.runs if one.verdict == "crashed"}
    assert crashed == {one.id for one in good.runs if one.started >= BEGIN}
    assert after(found) == {node: set() for node in after(good)}


def test_a_silent_job_leaves_nothing(made: Project, good: Observed) -> None:
    found = broken(made, good, FaultKind.JOB_SILENT, JOB)
    assert max(one.started for one in found.runs) < BEGIN
    assert max(one.at for one in found.seen[ORDERS]) < BEGIN


def test_a_retry_makes_good_what_failed(made: Project, good: Observed) -> None:
    found = broken(made, good, FaultKind.JOB_RETRIES, JOB)
    tried = [one for one in found.chains if len(one.attempts) > 1]
    assert len(tried) == 5
    assert {(one.first_ok, one.final_ok) for one in tried} == {(False, True)}
    assert len(found.builds[MART]) == len(good.builds[MART]) + 5
    # What was measured before it failed is known then, and not only after the retry.
    first = found.run_of[tried[0].attempts[0]]
    assert first.ended is not None
    assert known_at(found, first.ended).seen[ORDERS][-1].at == first.started


def test_what_is_slow_or_dear_is_good_all_the_same(made: Project, good: Observed) -> None:
    slower = broken(made, good, FaultKind.NODE_SLOWER, STG)
    costly = broken(made, good, FaultKind.JOB_COSTLY, JOB)
    assert after(slower) == after(costly) == after(good)
    assert [one.seconds for one in slower.builds[STG] if one.run_at >= BEGIN] == [100.0] * 5
    assert {one.bytes for one in costly.builds[STG] if one.run_at >= BEGIN} == {10_000_000}


# -- what was known ---------------------------------------------------------------


@pytest.fixture(scope="module")
def recorded() -> list[tuple[int, Record]]:
    """(when it is written, a record) of three hours of a job that `analyticsops run` starts: the
    second build dies, and the third fails and is tried again."""
    found: list[tuple[int, Record]] = []
    for hour, verdicts in enumerate((("ok",), ("crashed",), ("failed", "ok"))):
        start = NOW + hour * HOUR
        found += _freshness(f"fresh-{hour}", start)
        for number, verdict in enumerate(verdicts):
            found += _build(f"build-{hour}-{number}", start + (number + 1) * 10 * MINUTE, verdict)
    return found


def _invocation(name: str, start: int, state: str, **more: Any) -> Invocation:
    told = {"project": "shop", "environment": "prod", "job": JOB, "command": "build", **more}
    return Invocation(
        invocation_id=name, started_at=start, state=state, manifest="own", results=0, **told
    )


def _freshness(name: str, start: int) -> list[tuple[int, Record]]:
    told = {"command": "source freshness", "retries": False}
    row = NodeResult(
        unique_id=ORDERS, status="pass", measured_at=start + MINUTE, max_loaded_at=start - MINUTE
    )
    end = start + 2 * MINUTE
    done = _invocation(name, start, "finished", ended_at=end, success=True, **told)
    begun = make_record(_invocation(name, start, "started", project=None, **told), ())
    return [(start, begun), (end, make_record(done, (row,)))]


def _build(name: str, start: int, verdict: str) -> list[tuple[int, Record]]:
    told: dict[str, Any] = {"retries": name.endswith("-1")}
    status = {"ok": "success", "failed": "error", "crashed": "success"}[verdict]
    end = start + 5 * MINUTE
    row = NodeResult(
        unique_id=STG,
        status=status,
        started_at=start + MINUTE,
        completed_at=end - MINUTE if verdict == "crashed" else end,
        execution_time=60.0,
        materialized="table",
        checksum="c",
    )
    # Until it wrote its results nobody knows which command it retries, nor of which project.
    word = "retry" if told["retries"] else "build"
    first = _invocation(name, start, "started", command=word, project=None, **told)
    begun = make_record(first, ())
    if verdict == "crashed":
        dead = make_record(_invocation(name, start, "crashed", success=False, **told), (row,))
        return [(start, begun), (end - MINUTE, dead)]
    success = verdict == "ok"
    done = _invocation(
        name, start, "finished", ended_at=end, elapsed=300.0, success=success, **told
    )
    return [(start, begun), (end, make_record(done, (row,)))]


def test_what_was_known_is_what_the_history_said_then(
    recorded: list[tuple[int, Record]], tmp_path: Path
) -> None:
    whole = Store(tmp_path / "whole")
    for _, record in recorded:
        whole.put(record)
    end = NOW + 4 * HOUR
    everything = observe_history(whole, (NOW - DAY, end), project="shop")
    verdicts = [run.verdict for run in everything.runs if run.command == "build"]
    assert verdicts == ["ok", "crashed", "failed", "ok"]
    moments = sorted({at + off for at, _ in recorded for off in (0, 90_000_000)})
    for number, now in enumerate(moments):
        store = Store(tmp_path / str(number))
        for at, record in recorded:
            if at <= now:
                store.put(record)
        said = observe_history(store, (NOW - DAY, now), project="shop")
        runs = tuple(
            run._replace(command="build") if run.command == "retry" else run for run in said.runs
        )
        said = msgspec.structs.replace(said, runs=runs)
        assert known_at(everything, now) == said, (now - NOW) / MINUTE


def test_a_retry_that_goes_on_is_seen_to(
    recorded: list[tuple[int, Record]], tmp_path: Path
) -> None:
    """It has written nothing yet, not even of which project it is."""
    begun = NOW + 2 * HOUR + 20 * MINUTE
    for at, record in recorded:
        if at <= begun:
            Store(tmp_path).put(record)
    said = observe_history(Store(tmp_path), (NOW - DAY, begun), "prod", "shop")
    assert said.runs[-1].id == "build-2-1"
    assert said.goes_on("build-2-0", begun + MINUTE)


def test_a_run_that_died_early_belongs_to_the_project_of_its_job(tmp_path: Path) -> None:
    """It left no manifest, and so no word about its project."""
    store = Store(tmp_path)
    for name, job in (("shop", JOB), ("other", "nightly")):
        done = _invocation(f"done-{job}", NOW, "finished", ended_at=NOW + 1, success=True)
        done = msgspec.structs.replace(done, project=name, job=job)
        died = _invocation(f"died-{job}", NOW + HOUR, "crashed", project=None)
        for one in (done, msgspec.structs.replace(died, job=job)):
            store.put(make_record(one, ()))
    said = observe_history(store, (NOW - DAY, NOW + DAY), "prod", "shop")
    assert [(run.id, run.verdict) for run in said.runs] == [
        ("done-hourly", "ok"),
        ("died-hourly", "crashed"),
    ]
