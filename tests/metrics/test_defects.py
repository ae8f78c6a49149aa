"""Planted defects are found; a clean project has no error and its siblings are no duplicates."""

from __future__ import annotations

from typing import Any

import pytest

from analyticsops.metrics.rules import Context, findings
from tests.metrics.planted import cases, changed, opened, shop

DEFECTS = cases("defects.yml")
IDS = [f"{case.get('id', '')} {case['why']} ({spec})" for case, spec in DEFECTS]


def _found(data: dict[str, Any], spec: str) -> set[str]:
    made = findings(Context(registry=opened(data, spec).registry))
    return {f"{finding.rule} {finding.subject}" for finding in made}


@pytest.mark.parametrize(("case", "spec"), DEFECTS, ids=IDS)
def test_a_defect_is_found(case: dict[str, Any], spec: str) -> None:
    assert case["finds"] in _found(changed(shop(), case), spec)


def test_all_of_the_survey_are_there() -> None:
    numbers = [case["id"] for case, _ in DEFECTS if "id" in case]
    assert len([number for number in numbers if number.startswith("B")]) == 17
    assert len([number for number in numbers if number.startswith("N")]) == 6


@pytest.mark.parametrize("spec", ["measures", "metrics"])
def test_a_clean_project_has_no_error_and_no_duplicate(spec: str) -> None:
    """Filtered, filled and semi-additive siblings of one measure are no duplicates."""
    found = findings(Context(registry=opened(shop(), spec).registry))
    told = [f for f in found if f.rule not in ("MET401", "MET402")]
    assert [(f.rule, f.subject) for f in told] == (
        [("MET211", "recent_revenue")] if spec == "measures" else []
    )
