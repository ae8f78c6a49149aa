"""Three good hours of a small shop, and what each fault changes in them, in words.

Both stand in tests/cases/slo/faults.txt. After a wanted change write them again, and read the
difference in git:

    GOLDEN=write python -m pytest tests/slo/test_gameday_cases.py
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import pytest

from analyticsops.project.model import Project
from analyticsops.slo.gameday.choosing import named
from analyticsops.slo.gameday.faults import inject
from analyticsops.slo.gameday.rehearsal import Rehearsal, known_at, rehearse
from analyticsops.slo.observed import Observed
from analyticsops.slo.spans import HOUR, MINUTE, instant_of, time_of
from tests.project_maker import project, workspace
from tests.slo.cases import CASES, Case, check, read_cases

FILE = CASES / "faults.txt"
NOON = instant_of(datetime(2026, 11, 20, 12, tzinfo=UTC))
BEGIN = NOON + 7 * MINUTE
Element = tuple[str, ...]


def shop() -> Project:
    """Orders and rates meet in a mart; a view, an ephemeral model, a seed and a snapshot are on
    the way."""
    made = project(
        sources={"raw.orders": {"columns": "id"}, "raw.rates": {"columns": "id"}},
        seeds={"colours": "id"},
        snapshots={"kept": "select id from @raw.rates"},
        models={
            "stg": {"sql": "select id from @raw.orders", "materialized": "table"},
            "seen": {"sql": "select id from @stg", "materialized": "view"},
            "brief": {"sql": "select id from @kept", "materialized": "ephemeral"},
            "mart": {
                "sql": "select s.id from @seen s join @brief b on b.id = s.id",
                "materialized": "table",
            },
        },
        tests=[
            "unique stg.id",
            "not_null mart.id",
            {"name": "unique_pairs", "sql": "select 1 from @stg join @kept on true"},
        ],
    )
    return workspace(made).project


@pytest.fixture(scope="module")
def made() -> Project:
    return shop()


@pytest.fixture(scope="module")
def good(made: Project) -> Observed:
    return rehearse(made, (NOON, NOON + 3 * HOUR), Rehearsal())


def elements(observed: Observed) -> dict[Element, dict[str, Any]]:
    """All that was observed, each by what it is called."""
    found: dict[Element, dict[str, Any]] = {}
    listed: list[tuple[str, Any, NamedTuple]] = [
        *(("run", run.id, run) for run in observed.runs),
        *(("build", one.run, one) for some in observed.builds.values() for one in some),
        *(("check", one.run, one) for some in observed.checks.values() for one in some),
        *(("look", one.run, one) for some in observed.seen.values() for one in some),
    ]
    for kind, run, one in listed:
        told = one._asdict()
        about = told.get("test", "") or told.pop("node", "")
        name = (kind, about.split(".", 2)[-1], run)
        assert name not in found, f"{name} twice"
        found[name] = {key: value for key, value in told.items() if key not in ("run", "id")}
    for chain in observed.chains:
        name = ("chain", "", " ".join(chain.attempts))
        ok = {"first_ok": chain.first_ok, "final_ok": chain.final_ok}
        found[name] = {"started": instant_of(chain.started_at), **ok}
    return found


def plain(key: str, value: Any) -> str:
    """Times by the clock, to the thousandth of a second."""
    at = ("at", "started", "ended", "run_at", "completed", "newest")
    if key in at and value is not None:
        time = time_of(value)
        day = "" if time.day == 20 else f"{time:%d %b }"
        return f"{day}{time:%H:%M:%S.%f}"[:-3]
    return repr(value)


def whole(observed: Observed) -> Iterator[str]:
    """All of it."""
    yield f"span {[plain('at', one) for one in observed.span]} in {observed.environment}"
    for name, told in elements(observed).items():
        parts = [f"{key}={plain(key, value)}" for key, value in told.items() if value is not None]
        yield " ".join((*filter(None, name), *parts))


def changes(before: Observed, after: Observed) -> Iterator[str]:
    """What differs."""
    was, is_ = elements(before), elements(after)
    for name in sorted({*was, *is_}, key=lambda one: (one[0], one[2], one[1])):
        called = " ".join(filter(None, name))
        if name not in is_:
            yield f"no {called}"
            continue
        told = is_[name]
        old = was.get(name, {})
        parts = [
            f"{key}={plain(key, value)}"
            for key, value in told.items()
            if value != old.get(key, None if name not in was else ...)
        ]
        if parts:
            yield f"{'' if name in was else 'new '}{called} {' '.join(parts)}"


@pytest.mark.parametrize("case", read_cases(FILE), ids=lambda case: case.name)
def test_case(case: Case, made: Project, good: Observed) -> None:
    if case.given == "nothing":
        said = whole(good)
    elif case.given.startswith("known at "):
        minutes = int(case.given.removeprefix("known at "))
        said = changes(good, known_at(good, NOON + minutes * MINUTE))
    else:
        fault = named(made, good, case.given, BEGIN)
        said = changes(good, inject(made, good, msgspec.structs.replace(fault, by=HOUR)))
    check(FILE, case, said)
