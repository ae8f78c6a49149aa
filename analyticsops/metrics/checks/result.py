"""A check of the numbers of a metric, done: plain data."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

CheckKind: TypeAlias = Literal[
    "golden", "bounds", "invariant", "parts", "days", "equal", "spine", "version"
]

Outcome: TypeAlias = Literal["holds", "violated", "changed", "unknown"]
"""``changed``: two versions of a metric differ, as its new major version says."""

Row: TypeAlias = tuple[str | None, float | None, float | None]
"""(place, value, expected), as :mod:`analyticsops.metrics.checks.queries` says."""


class Difference(msgspec.Struct, frozen=True, gc=False):
    """A number that is not what it should be.

    Attributes:
        place: a period, a country; ``all`` for the whole.
        value: of the metric; None if it has none there.
        expected: what it should be; None if that is a condition, or nothing.
    """

    place: str
    value: float | None
    expected: float | None


class MetricCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One check of the numbers of a metric, done.

    Attributes:
        check: of what kind it is.
        claim: what was checked, in words.
        reason: why it is not known whether the claim holds.
        compared: numbers that were looked at.
        wrong: of them, those that are not what they should be.
        examples: a few of these, the worst first.
        sql: what was run; empty if nothing was.
    """

    metric: str
    check: CheckKind
    claim: str
    outcome: Outcome
    reason: str = ""
    compared: int = 0
    wrong: int = 0
    examples: tuple[Difference, ...] = ()
    sql: str = ""
