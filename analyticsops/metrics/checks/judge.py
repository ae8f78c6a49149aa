"""What the answers of checks say."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from analyticsops.metrics.checks.golden import Golden
from analyticsops.metrics.checks.plan import Planned
from analyticsops.metrics.checks.queries import EXAMPLES
from analyticsops.metrics.checks.result import Difference, MetricCheck, Outcome, Row


def judge(planned: Planned, answer: Sequence[Row] | str) -> MetricCheck:
    """What an answer says of a check.

    Args:
        answer: its rows, or why there are none.
    """
    if isinstance(answer, str):
        return _done(planned, "unknown", reason=answer)
    if planned.golden is not None:
        return _of_golden(planned, planned.golden, answer)
    compared, wrong = next(((v, e) for place, v, e in answer if place is None), (0, 0))
    examples = tuple(Difference(p, v, e) for p, v, e in answer if p is not None)
    return _counted(planned, int(compared or 0), int(wrong or 0), examples)


def compare_versions(
    name: str,
    claim: str,
    sql: str,
    base: Sequence[Row] | str,
    head: Sequence[Row] | str,
    meant: bool,
) -> MetricCheck:
    """The numbers of two versions of a metric side by side.

    Args:
        meant: True if the new version says that it is another number.
    """
    planned = Planned(name, "version", claim, sql)
    if isinstance(base, str):
        return _done(planned, "unknown", reason=f"base: {base}")
    if isinstance(head, str):
        return _done(planned, "unknown", reason=f"head: {head}")
    before = {place: value for place, value, _ in base if isinstance(place, str)}
    after = {place: value for place, value, _ in head if isinstance(place, str)}
    differing = [
        Difference(place, after.get(place), before.get(place))
        for place in sorted(before.keys() | after.keys())
        if not _near(after.get(place), before.get(place), 0.0)
    ]
    found = _counted(planned, len(before.keys() | after.keys()), len(differing), tuple(differing))
    if found.outcome == "violated" and meant:
        return msgspec.structs.replace(found, outcome="changed")
    return found


def _of_golden(planned: Planned, golden: Golden, answer: Sequence[Row]) -> MetricCheck:
    values: Mapping[str, float | None] = {p: v for p, v, _ in answer if p is not None}
    wrong = [
        Difference(place, values.get(place), expected)
        for place, (expected, tolerance) in golden.values.items()
        if not _near(values.get(place), expected, tolerance)
    ]
    return _counted(planned, len(golden.values), len(wrong), tuple(wrong[:EXAMPLES]))


def _near(value: float | None, expected: float | None, tolerance: float) -> bool:
    if value is None or expected is None:
        return value is expected
    return math.isclose(value, expected, rel_tol=1e-9, abs_tol=tolerance or 1e-9)


def _counted(
    planned: Planned, compared: int, wrong: int, examples: tuple[Difference, ...]
) -> MetricCheck:
    if not compared:
        return _done(planned, "unknown", reason="there are no numbers to compare")
    return _done(planned, "violated" if wrong else "holds", compared, wrong, examples)


def _done(
    planned: Planned,
    outcome: Outcome,
    compared: int = 0,
    wrong: int = 0,
    examples: tuple[Difference, ...] = (),
    *,
    reason: str = "",
) -> MetricCheck:
    return MetricCheck(
        metric=planned.metric,
        check=planned.kind,
        claim=planned.claim,
        outcome=outcome,
        reason=reason,
        compared=compared,
        wrong=wrong,
        examples=examples,
        sql=planned.sql,
    )
