"""One measurement of sources, and all that is said of them and of objectives about them.

It stands in tests/cases/slo/measured.txt: a line for each source with its age when it was
measured, half an hour ago (``orders: 7h``; what dbt called it and other keys behind that), then
``slos:``. After a wanted change:

    GOLDEN=write python -m pytest tests/slo/test_measured_cases.py
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from analyticsops.findings import Finding, Location
from analyticsops.project.model import Node, Project
from analyticsops.slo.durations import duration, spoken
from analyticsops.slo.freshness import Objective, SourceFreshness, objectives, source_freshness
from analyticsops.slo.rules import findings
from tests.project_maker import project, workspace
from tests.slo.cases import CASES, Case, check, read_cases
from tests.slo.declaring import declared

FILE = CASES / "measured.txt"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LOOKED = NOON - timedelta(minutes=30)
LIMITS = {
    "warn_after": {"count": 6, "period": "hour"},
    "error_after": {"count": 1, "period": "day"},
}


def shop() -> dict[str, Any]:
    """Orders and people are to be measured, rates are not; mart reads all, board reads mart."""
    owned = {"meta": {"owner": "Ana"}}
    return {
        "sources": {
            "raw.orders": {"columns": "id", "freshness": LIMITS, "config": owned},
            "raw.people": {
                "columns": "id",
                "freshness": {"warn_after": {"count": 90, "period": "minute"}},
            },
            "raw.rates": {"columns": "id"},
        },
        "seeds": {"colours": "id"},
        "models": {
            "some": "select id from @raw.orders",
            "mart": "select o.id from @some o join @raw.rates r on r.id = o.id",
            "shades": "select id from @colours",
        },
        "groups": {"money": "Finance"},
        "exposures": {"board": {"depends_on": ["mart"], "owner": "CFO"}},
    }


def results(case: Case) -> Iterator[dict[str, Any]]:
    """What dbt wrote."""
    for line in case.given.partition("slos:")[0].splitlines():
        name, _, text = line.partition(": ")
        length, _, more = text.partition(" ")
        sign = -1 if length.startswith("-") else 1
        age = duration(length.removeprefix("-"))
        found: dict[str, Any] = {"unique_id": f"raw.{name}", "status": "pass"}
        if age is not None:
            found |= {
                "max_loaded_at": (LOOKED - sign * age).isoformat(),
                "snapshotted_at": LOOKED.isoformat(),
                "max_loaded_at_time_ago_in_s": sign * age.total_seconds(),
            }
        yield {**found, **(yaml.safe_load(more) if more else {})}


def said(case: Case, folder: Path) -> Iterator[str]:
    """Sources, objectives, findings."""
    given = list(results(case))
    made = workspace(project(**shop()), freshness=given)
    written = case.given.partition("slos:")
    promised = declared(made.project, folder, "".join(written[1:]))
    sources = source_freshness(made.project, made.freshness if given else None)
    held = objectives(made.project, sources, promised, NOON)
    yield from map(of_source, sources)
    yield from map(of_objective, held)
    yield from of_findings(made.project, sources, held)


def of_source(one: SourceFreshness) -> str:
    limits = f"warns after {spoken(one.warn_after)}, fails after {spoken(one.error_after)}"
    times = f"loaded {one.loaded_at:%d %b %H:%M}" if one.loaded_at else "not loaded"
    looked = f"looked {one.measured_at:%H:%M}" if one.measured_at else "not looked"
    how = f"source {one.name} {one.status} {spoken(one.age)}"
    return f"{how}; {times}, {looked}; {limits}; {one.owner}"


def of_objective(one: Objective) -> str:
    words = [f"objective {one.full_name} of {one.node} {one.state} {spoken(one.age)}", one.because]
    words += [f"allowed {spoken(one.threshold)} for {one.target}", one.tier, one.owner, one.runbook]
    return "; ".join(filter(None, words))


def of_findings(
    made: Project, sources: tuple[SourceFreshness, ...], held: tuple[Objective, ...]
) -> Iterator[str]:
    def locate(node: Node, column: str) -> Location:
        assert not column
        return Location(f"{node.name}.yml", 7)

    for one in findings(made, sources, held, locate):
        yield f"{one.rule} {one.severity} {one.location} {one.message}"
        yield f"  {of_finding(one)}"


def of_finding(one: Finding) -> str:
    sure = "" if one.proven else "not proven"
    parts = (one.subject, one.node, one.owner, *one.evidence, one.fix, sure, one.fingerprint)
    return "; ".join(filter(None, parts))


@pytest.mark.parametrize("case", read_cases(FILE), ids=lambda case: case.name)
def test_case(case: Case, tmp_path: Path) -> None:
    check(FILE, case, said(case, tmp_path))
