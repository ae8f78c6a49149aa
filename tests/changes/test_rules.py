"""What holds of all rules about changes together."""

from __future__ import annotations

import pytest

from analyticsops.changes.rules import RULES
from analyticsops.findings import Direction, Rule, Severity, Strictness

BY_CODE = {rule.code: rule for rule in RULES}
OPPOSITE = {
    Direction.LOOSENS: Direction.TIGHTENS,
    Direction.TIGHTENS: Direction.LOOSENS,
    Direction.BOTH: Direction.BOTH,
    Direction.UNDETERMINED: Direction.UNDETERMINED,
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_has_its_mirror(rule: Rule) -> None:
    """What reports that something is gone comes with what reports that it is new; a rule
    without another one must itself report both directions, or none."""
    mirror = BY_CODE[rule.mirror]
    assert mirror.mirror == rule.code
    assert mirror.direction is OPPOSITE[rule.direction]
    if mirror is rule:
        assert rule.direction in (Direction.BOTH, Direction.UNDETERMINED)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_has_its_place_in_the_levels(rule: Rule) -> None:
    assert rule.strictness is not None
    assert rule.code[:3] in ("SCH", "ROW", "VAL", "KPI", "CON", "OPS", "GOV", "SYS")
    if rule.severity is Severity.ERROR and not rule.name.endswith(("upstream", "orphaned")):
        assert rule.strictness is not Strictness.STRICT, "an error that nobody is told of"
    if rule.producer is not None:
        assert rule.direction in (Direction.LOOSENS, Direction.TIGHTENS)


def test_levels_are_nested() -> None:
    ranks = [level.rank for level in Strictness]
    assert ranks == sorted(ranks) == list(range(5))
