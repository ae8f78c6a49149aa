"""What is asked of metrics: which, by what, of which rows."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from analyticsops.errors import UsageError
from analyticsops.metrics.filters import Filter, Reference, parse_filter, parse_reference
from analyticsops.metrics.query.grains import GRAINS
from analyticsops.metrics.semantic_layer import METRIC_TIME


class Group(NamedTuple):
    """What rows are put together by.

    Attributes:
        reference: a dimension, entity or time; with the grain, if it is a time.
    """

    reference: Reference

    @property
    def column(self) -> str:
        """The name that it has in the result: ``metric_time__month``."""
        grain = f"__{self.reference.grain}" if self.reference.grain else ""
        return f"{self.reference.name}{grain}"


class MetricQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A question to metrics.

    Attributes:
        metrics: names.
        by: what the result has a row for.
        where: conditions that all must hold, as filters of metrics are written.
        order: (column of the result, True for the largest first).
        limit: at most so many rows; 0 for all.
    """

    metrics: tuple[str, ...]
    by: tuple[Group, ...] = ()
    where: tuple[Filter, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    limit: int = 0


def make_query(
    metrics: tuple[str, ...],
    by: tuple[str, ...] = (),
    where: tuple[str, ...] = (),
    order: tuple[str, ...] = (),
    limit: int = 0,
) -> MetricQuery:
    """A question from what people write.

    Args:
        by: ``metric_time__month``, ``customer__country``, or a call as in saved queries.
        where: conditions with ``{{ Dimension('customer__country') }}`` in them.
        order: columns of the result; with ``-`` in front the largest first.

    Raises:
        UsageError: one of them cannot be read.
    """
    groups = tuple(group_of(text) for text in by)
    columns = {*metrics, *(group.column for group in groups)}
    ordered = [(text.lstrip("-"), text.startswith("-")) for text in order]
    for column, _ in ordered:
        if column not in columns:
            hint = f"one of {', '.join(sorted(columns))}"
            raise UsageError(f"{column!r} is no column of the result", hint=hint)
    return MetricQuery(
        metrics=metrics,
        by=groups,
        where=tuple(filter_of(text) for text in where),
        order=tuple(ordered),
        limit=limit,
    )


def group_of(text: str) -> Group:
    """``metric_time__month`` or ``Dimension('customer__country')``.

    Raises:
        UsageError: it is neither.
    """
    reference = parse_reference(text)
    if isinstance(reference, str):
        raise UsageError(f"{text!r} {reference}", hint="metric_time__month, customer__country")
    return Group(with_grain(reference))


def with_grain(reference: Reference) -> Reference:
    """With the grain apart that stands at the end of its name; ``metric_time`` has one."""
    *path, last = reference.path
    if path and not reference.grain and last in GRAINS and reference.kind != "Metric":
        reference = reference._replace(path=tuple(path), grain=last)
    if reference.path == (METRIC_TIME,):
        return reference._replace(kind="TimeDimension", grain=reference.grain or "day")
    return reference


def filter_of(text: str) -> Filter:
    """A condition.

    Raises:
        UsageError: it cannot be read.
    """
    found = parse_filter(text)
    if found.fault:
        raise UsageError(f"the condition {text!r} {found.fault}")
    pieces = [with_grain(p) if isinstance(p, Reference) else p for p in found.pieces]
    return Filter(tuple(pieces))
