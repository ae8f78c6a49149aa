"""What is proposed can be read, means something, and was kept by the history that it came from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from analyticsops.evaluating import evaluate
from analyticsops.history.store import Store
from analyticsops.linting import lint_objectives
from analyticsops.slo.gameday.fault import Fault, FaultKind
from analyticsops.slo.gameday.faults import inject
from analyticsops.slo.gameday.rehearsal import Rehearsal, rehearse
from analyticsops.slo.spans import DAY, HOUR, MINUTE, instant_of
from analyticsops.slo.suggest import inferred, rounded, target_of
from analyticsops.suggesting import suggest_objectives
from analyticsops.workspace import Workspace
from scripts.simulated_history import records_of
from tests.project_maker import project, workspace

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def shop() -> Workspace:
    return workspace(
        project(
            sources={"raw.orders": {"columns": "id"}},
            models={
                "stg": {"sql": "select id from @raw.orders", "materialized": "table"},
                "mart": {"sql": "select id from @stg", "materialized": "table"},
            },
            tests=["unique mart.id"],
        )
    )


def recorded(made: Workspace, folder: Path, *faults: Fault, days: int = 14) -> Store:
    end = instant_of(NOW)
    observed = rehearse(made.project, (end - days * DAY, end), Rehearsal())
    for fault in faults:
        observed = inject(made.project, observed, fault)
    store = Store(folder)
    for record in records_of(made.project, observed):
        store.put(record)
    return store


LATE = Fault(
    kind=FaultKind.SOURCE_LATE,
    target="source.shop.raw.orders",
    at=instant_of(NOW) - 2 * DAY,
    by=3 * HOUR,
)
FAILING = Fault(kind=FaultKind.NODE_FAILS, target="model.shop.stg", at=instant_of(NOW) - 12 * HOUR)


@pytest.mark.parametrize("faults", [(), (LATE,), (FAILING,)], ids=["well", "late", "failing"])
def test_what_is_proposed_was_kept(faults: tuple[Fault, ...], tmp_path: Path) -> None:
    made = shop()
    store = recorded(made, tmp_path / "history", *faults)
    found = suggest_objectives(made, store, now=NOW)
    (tmp_path / "slos").mkdir()
    (tmp_path / "slos" / "suggested.yml").write_text(found.text)
    promised = msgspec.structs.replace(made, project_dir=tmp_path)
    evaluation = evaluate(promised, store, now=NOW)
    assert len(evaluation.standings) == len(found.proposals) > 2
    for standing in evaluation.standings:
        assert standing.sli is not None
        assert standing.sli >= standing.slo.target, standing.slo.full_name
    report = lint_objectives(promised, store, now=NOW)
    assert [one for one in report.findings if one.severity == "error"] == []
    # Nothing that is promised already is proposed again.
    assert suggest_objectives(promised, store, now=NOW).text == ""


def test_of_an_hourly_job(tmp_path: Path) -> None:
    made = shop()
    found = suggest_objectives(made, recorded(made, tmp_path), now=NOW)
    by_name = {(one.subject, one.entry["name"]): one.entry for one in found.proposals}
    assert by_name["job hourly", "success"]["schedule"]["cron"] == "5 * * * *"
    assert by_name["raw.orders", "fresh"]["indicator"]["threshold"] == "2h"
    assert ("mart", "quality") in by_name
    only = suggest_objectives(made, Store(tmp_path), select=["mart"], now=NOW)
    assert {one.subject for one in only.proposals} == {"mart"}


def test_too_little_is_said(tmp_path: Path) -> None:
    made = shop()
    store = recorded(made, tmp_path, days=0)
    found = suggest_objectives(made, store, now=NOW)
    assert found.text == ""
    assert [one.because for one in found.nothing if one.subject == "raw.orders"] == [
        "measured 0 times, 10 are needed"
    ]


@pytest.mark.parametrize(
    ("cron", "starts"),
    [
        ("5 * * * *", [timedelta(hours=n, minutes=5) for n in range(40)]),
        ("30 4 * * *", [timedelta(days=n, hours=4, minutes=30) for n in range(20)]),
        ("0 6,18 * * *", [timedelta(hours=6 + 12 * n) for n in range(40)]),
        (
            "0 5 * * 1-5",
            [timedelta(days=n, hours=5) for n in range(28) if n % 7 in (0, 1, 2, 3, 4)],
        ),
        (None, [timedelta(minutes=37 * n) for n in range(40)]),
    ],
    ids=str,
)
def test_schedules(cron: str | None, starts: list[timedelta]) -> None:
    monday = datetime(2026, 11, 2, tzinfo=UTC)
    assert inferred([instant_of(monday + start) for start in starts]) == cron


def test_thresholds_are_a_fifth_more_and_what_people_write() -> None:
    assert rounded(HOUR) == 2 * HOUR
    assert rounded(50 * MINUTE) == HOUR
    assert rounded(24 * HOUR) == 30 * HOUR
    assert rounded(40 * DAY) == 48 * DAY
    assert target_of(Fraction(9931, 10000)) == Fraction(99, 100)
    assert target_of(Fraction(1, 2)) is None
    assert target_of(None) is None
