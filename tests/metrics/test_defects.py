"""Planted defects are found; a clean project has no error and its siblings are no duplicates."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import msgspec
import pytest

from analyticsops.findings import Finding, order_key
from analyticsops.metrics.rules import Context, findings
from analyticsops.metrics_settings import MetricsSettings
from tests.metrics.planted import CASES, cases, changed, opened, shop
from tests.said import Said

DEFECTS = cases("defects.yml")
IDS = [f"{case.get('id', '')} {case['why']} ({spec})".strip() for case, spec in DEFECTS]


SAID = Said(CASES / "defects.said.txt", IDS)


def _told(data: dict[str, Any], spec: str) -> list[Finding]:
    return sorted(findings(Context(registry=opened(data, spec).registry)), key=order_key)


@functools.cache
def _of_the_sound_shop(spec: str) -> list[Finding]:
    return _told(shop(), spec)


def _found(data: dict[str, Any], spec: str) -> set[str]:
    return {f"{finding.rule} {finding.subject}" for finding in _told(data, spec)}


@pytest.mark.parametrize(
    ("name", "case", "spec"),
    [(name, *defect) for name, defect in zip(IDS, DEFECTS, strict=True)],
    ids=IDS,
)
def test_a_defect_is_found(name: str, case: dict[str, Any], spec: str) -> None:
    told = _told(changed(shop(), case), spec)
    assert case["finds"] in {f"{finding.rule} {finding.subject}" for finding in told}
    SAID.holds(name, [finding for finding in told if finding not in _of_the_sound_shop(spec)])


def test_no_case_is_left_over() -> None:
    assert list(SAID.kept()) == IDS


SOUND = cases("sound.yml")


@pytest.mark.parametrize(
    ("case", "spec"), SOUND, ids=[f"{case['why']} ({spec})" for case, spec in SOUND]
)
def test_what_is_sound_is_not_reported(case: dict[str, Any], spec: str) -> None:
    """Each rule speaks in some other case: see defects.yml."""
    assert case["silent"] not in _found(changed(shop(), case), spec)
    rule = case["silent"].partition(" ")[0]
    assert any(rule in defect["finds"] for defect, _ in DEFECTS)


def test_names_by_the_teams_own_pattern() -> None:
    registry = opened(shop(), "measures").registry
    made = findings(Context(registry=registry, names="[a-z]+_(amount|revenue)"))
    found = {f.subject for f in made if f.rule == "MET411"}
    assert {"tax", "visits", "revenue"} <= found
    assert not {"paid_revenue", "open_amount"} & found


def test_all_of_the_survey_are_there() -> None:
    numbers = [case["id"] for case, _ in DEFECTS if "id" in case]
    assert len([number for number in numbers if number.startswith("B")]) == 17
    assert len([number for number in numbers if number.startswith("N")]) == 6


@pytest.mark.parametrize("spec", ["measures", "metrics"])
def test_a_clean_project_has_no_error_and_no_duplicate(spec: str) -> None:
    """Filtered, filled and semi-additive siblings of one measure are no duplicates."""
    found = findings(Context(registry=opened(shop(), spec).registry))
    told = [f for f in found if f.rule not in ("MET114", "MET401", "MET402")]
    assert [(f.rule, f.subject) for f in told] == (
        [("MET211", "recent_revenue")] if spec == "measures" else []
    )


def test_a_query_outside_of_dbt_that_recomputes_a_metric(tmp_path: Path) -> None:
    (tmp_path / "bi").mkdir()
    sql = "select store_id,\n  sum(amount) as taken\nfrom dev.fct_orders group by 1"
    (tmp_path / "bi" / "board.sql").write_text(sql, encoding="utf-8")
    (tmp_path / "bi" / "broken.sql").write_text("select from where", encoding="utf-8")
    made = opened(shop(), "measures")
    settings = MetricsSettings(queries=("bi/*.sql", "../outside/*.sql"))
    config = msgspec.structs.replace(made.config, metrics=settings)
    made = msgspec.structs.replace(made, config=config, project_dir=tmp_path)
    found = [f for f in findings(Context(registry=made.registry)) if f.rule == "MET304"]
    assert [(f.subject, str(f.location)) for f in found] == [("revenue", "bi/board.sql:2")]
