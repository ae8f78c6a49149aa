"""What is observed of a history is what was recorded in it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from analyticsops.errors import UsageError
from analyticsops.evaluating import evaluate, observe_history
from analyticsops.history.record import NodeResult, make_record
from analyticsops.history.store import Store
from analyticsops.project.model import Project
from analyticsops.slo.gameday.fault import Fault, FaultKind
from analyticsops.slo.gameday.faults import inject
from analyticsops.slo.gameday.rehearsal import Rehearsal, rehearse
from analyticsops.slo.observed import Measurement, Observed, Seen
from analyticsops.slo.spans import DAY, HOUR, instant_of, time_of
from scripts.simulated_history import _invocation, records_of
from tests.project_maker import project, workspace

NOW = instant_of(datetime(2026, 11, 20, 12, 0, tzinfo=UTC))
SPAN = (NOW - DAY, NOW)


def shop() -> Project:
    made = project(
        sources={"raw.orders": {"columns": "id", "freshness": {"error_after": HOURS_4}}},
        models={"stg": {"sql": "select id from @raw.orders", "materialized": "table"}},
        tests=["unique stg.id"],
    )
    return workspace(made).project


HOURS_4 = {"count": 4, "period": "hour"}


def recorded(folder: Path, made: Project, observed: Observed) -> Store:
    store = Store(folder)
    for record in records_of(made, observed):
        store.put(record)
    return store


@pytest.mark.parametrize("kind", [None, *FaultKind])
def test_what_was_recorded_is_observed(kind: FaultKind | None, tmp_path: Path) -> None:
    made = shop()
    observed = msgspec.structs.replace(rehearse(made, SPAN, Rehearsal()), environment="prod")
    if kind is not None:
        on = {"job": "hourly", "nod": "model.shop.stg"}
        target = on.get(kind.value[:3], "source.shop.raw.orders")
        observed = inject(
            made, observed, Fault(kind=kind, target=target, at=NOW - 5 * HOUR, by=HOUR)
        )
    found = observe_history(recorded(tmp_path, made, observed), SPAN)
    assert found.environment == "prod"
    # dbt measures freshness in a command of its own.
    built = [run for run in found.runs if run.command == "build"]
    # Of a run that died nobody knows when.
    runs = [run._replace(ended=None) if run.verdict == "crashed" else run for run in observed.runs]
    assert [run[:5] for run in built] == [run[:5] for run in runs]
    assert [run.retry for run in built] == [run.retry for run in observed.runs]
    assert found.builds == {node: listed for node, listed in observed.builds.items() if listed}
    assert found.checks == observed.checks
    assert {node: [one[:3] for one in seen] for node, seen in found.seen.items()} == {
        node: [one[:3] for one in seen] for node, seen in observed.seen.items()
    }
    assert [chain.final_ok for chain in found.chains if "fresh" not in chain.attempts[0]] == [
        chain.final_ok for chain in observed.chains
    ]


def test_five_minutes(tmp_path: Path) -> None:
    """dbt's own freshness and one measurement are enough."""
    made = project(
        sources={"raw.orders": {"columns": "id", "freshness": {"error_after": HOURS_4}}},
        models={"stg": "select id from @raw.orders"},
    )
    shown = workspace(made)
    source = "source.shop.raw.orders"
    seen = (Seen(source, NOW - HOUR, NOW - 3 * HOUR, "f"),)
    runs = rehearse(shown.project, (NOW - HOUR, NOW), Rehearsal()).runs[:1]
    observed = Observed(
        span=SPAN, runs=(runs[0]._replace(id="f"),), seen={source: seen}, environment="prod"
    )
    store = recorded(tmp_path, shown.project, observed)
    (standing,) = evaluate(shown, store, now=time_of(NOW)).standings
    assert (standing.slo.full_name, standing.state, standing.now) == (
        "raw.orders/freshness",
        "met",
        "good",
    )
    assert standing.runs_out == NOW + HOUR
    (later,) = evaluate(shown, store, now=time_of(NOW + 2 * HOUR)).standings
    assert (later.state, later.now) == ("unknown", "unknown")


def test_whose_runs_count_must_be_clear(tmp_path: Path) -> None:
    made = shop()
    observed = rehearse(made, SPAN, Rehearsal())
    for environment in ("prod", "dev"):
        there = msgspec.structs.replace(
            observed,
            environment=environment,
            runs=tuple(run._replace(id=f"{environment}-{run.id}") for run in observed.runs),
        )
        recorded(tmp_path, made, there)
    with pytest.raises(UsageError, match="2 environments: dev, prod"):
        observe_history(Store(tmp_path), SPAN)
    assert len(observe_history(Store(tmp_path), SPAN, "dev").runs) == len(observed.runs)


def test_measurements_count_once_for_each_time(tmp_path: Path) -> None:
    made = shop()
    observed = rehearse(made, SPAN, Rehearsal())
    store = Store(tmp_path)
    for number, (bad, asked) in enumerate([(3, NOW - 2 * HOUR), (5, NOW - HOUR)]):
        run = observed.runs[0]._replace(id=f"m{number}", started=asked, command="slo measure")
        result = NodeResult(
            unique_id=f"measurement.shop.stg/errors@{NOW - 3 * HOUR}",
            status="pass",
            measured_at=NOW - 3 * HOUR,
            failures=bad,
            rows_affected=100,
        )
        store.put(make_record(_invocation(made, observed, run), [result]))
    found = observe_history(store, SPAN)
    assert found.measurements == {
        "stg/errors": (Measurement("stg/errors", NOW - 3 * HOUR, 95, 100, ""),)
    }
    assert found.runs == ()
