"""One function decides how bad a finding is."""

from __future__ import annotations

import pytest

from analyticsops.changes.rules.contract_claims import CONSTRAINT_ADDED, CONSTRAINT_REMOVED
from analyticsops.changes.rules.row_claims import ROWS_UNPROVEN
from analyticsops.changes.rules.schema import COLUMN_ADDED, COLUMN_REMOVED
from analyticsops.changes.severity import decide, is_used, stability_of
from analyticsops.findings import Affected, Direction, Perspective, Rule, Severity, Stability
from analyticsops.project.model import Node

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


@pytest.mark.parametrize(
    ("stability", "used", "expected"),
    [
        (Stability.CONTRACT, True, ERROR),
        (Stability.CONTRACT, False, ERROR),
        (Stability.PUBLIC, False, ERROR),
        (Stability.PROTECTED, True, ERROR),
        (Stability.PROTECTED, False, WARNING),
        (Stability.PRIVATE, False, WARNING),
        (Stability.EXPERIMENTAL, True, WARNING),
        (Stability.EXPERIMENTAL, False, INFO),
        (None, True, ERROR),
    ],
)
def test_stability_and_use(stability: Stability | None, used: bool, expected: Severity) -> None:
    assert decide(COLUMN_REMOVED, stability=stability, used=used) is expected


@pytest.mark.parametrize(
    ("rule", "consumer", "producer"),
    [
        (COLUMN_REMOVED, ERROR, INFO),
        (CONSTRAINT_REMOVED, ERROR, INFO),
        (CONSTRAINT_ADDED, INFO, ERROR),
        (COLUMN_ADDED, INFO, INFO),
        (ROWS_UNPROVEN, WARNING, WARNING),
    ],
)
def test_perspective(rule: Rule, consumer: Severity, producer: Severity) -> None:
    assert decide(rule) is consumer
    assert decide(rule, perspective=Perspective.PRODUCER) is producer


def test_the_direction_of_the_case_outweighs_the_rule() -> None:
    seen = decide(COLUMN_REMOVED, direction=Direction.BOTH, perspective=Perspective.PRODUCER)
    assert seen is ERROR


def test_a_doubt_stays_a_warning_where_nobody_is_known_to_read() -> None:
    assert decide(ROWS_UNPROVEN, used=False) is WARNING


def test_what_brings_its_migration_is_only_told() -> None:
    assert decide(COLUMN_REMOVED, stability=Stability.CONTRACT, migrated=True) is INFO


def test_the_case_may_start_elsewhere() -> None:
    assert decide(COLUMN_ADDED, default=ERROR, used=False) is WARNING


@pytest.mark.parametrize(
    ("kind", "via", "expected"),
    [
        ("model", "values", False),
        ("model", "breaks", True),
        ("exposure", "depends", True),
        ("metric", "rows", True),
        ("test", "values", False),
    ],
)
def test_use(kind: str, via: str, expected: bool) -> None:
    assert is_used([Affected(node="x", kind=kind, name="x", via=via)]) is expected


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (Node(unique_id="a", kind="model", name="a", contract=True), Stability.CONTRACT),
        (Node(unique_id="a", kind="model", name="a", access="public"), Stability.PUBLIC),
        (Node(unique_id="a", kind="model", name="a", access="private"), Stability.PRIVATE),
        (Node(unique_id="a", kind="model", name="a"), Stability.PROTECTED),
        (Node(unique_id="a", kind="metric", name="a"), Stability.PUBLIC),
        (
            Node(unique_id="a", kind="metric", name="a", meta={"analyticsops": {"tier": "draft"}}),
            Stability.EXPERIMENTAL,
        ),
        (
            Node(
                unique_id="a", kind="model", name="a", contract=True, meta={"stability": "private"}
            ),
            Stability.PRIVATE,
        ),
        (
            Node(unique_id="a", kind="model", name="a", meta={"stability": "who knows"}),
            Stability.PROTECTED,
        ),
    ],
)
def test_stability(node: Node, expected: Stability) -> None:
    assert stability_of(node) is expected
