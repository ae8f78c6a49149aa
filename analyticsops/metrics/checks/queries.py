"""Checks of numbers as queries. Each yields rows of three columns, so that many can be one:
``place`` (a period, a country; NULL in the row that counts), ``value`` and ``expected``. In the
row that counts these are how many places were looked at, and how many are wrong.

Only what every dialect has is used: no FULL JOIN, no IS DISTINCT FROM, no FILTER.
"""

from __future__ import annotations

from collections.abc import Sequence

from analyticsops.metrics.query.grains import GRAINS, rank
from analyticsops.metrics.query.request import Group
from analyticsops.metrics.query.spine import Spine
from analyticsops.metrics.query.text import Names, inside
from analyticsops.sql.time_functions import as_type, fraction

SEPARATOR = ", "
NOTHING = "(none)"
"""What stands for a NULL among what numbers are grouped by."""

EXAMPLES = 5
"""Wrong places that are shown."""


class Writer:
    """Writes checks in one dialect."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.names = Names(dialect)

    def values(self, metric: str, groups: Sequence[Group], sql: str) -> str:
        """Every number of a metric, by place.

        Args:
            sql: its query, with columns as the groups and the metric are called.
        """
        value = fraction(self.names(metric), self.dialect)
        return f"select {self.place(groups)} as place, {value} as value from {inside(sql)} as m"

    def listed(self, values: str) -> str:
        """All of them, to be compared elsewhere."""
        return f"select place, value, {self._no_number} as expected from {inside(values)} as v"

    def conditions(self, values: str, condition: str) -> str:
        """Numbers for which a condition over ``value`` does not hold. NULL is no number."""
        return self._judged(
            f"select place, value, {self._no_number} as expected from {inside(values)} as v\n"
            "where value is not null",
            f"not ({condition})",
            "value",
        )

    def equal(self, found: str, expected: str, tolerance: float = 0.0) -> str:
        """Places at which two queries of (place, value) differ, summed by place; nothing there
        counts as zero. Without a tolerance they may be off by what adding up in another order
        makes of them."""
        both = (
            f"select place, value, 0 as other from {inside(found)} as f\nunion all\n"
            f"select place, 0 as value, value as other from {inside(expected)} as e"
        )
        value = fraction("coalesce(sum(value), 0)", self.dialect)
        other = fraction("coalesce(sum(other), 0)", self.dialect)
        summed = (
            f"select place, {value} as value, {other} as expected "
            f"from {inside(both)} as b\ngroup by place"
        )
        slack = repr(tolerance) if tolerance else "(0.000001 + 0.000000001 * abs(expected))"
        return self._judged(summed, f"abs(value - expected) > {slack}", "abs(value - expected)")

    def covered(self, relation: str, time: str, spine: Spine) -> str:
        """Days of a table that lie before or after all days of the time spine."""
        day = as_type(as_type(time, "date", self.dialect), "text", self.dialect)
        of_spine = as_type(self.names(spine.column), "date", self.dialect)
        ends = ", ".join(
            f"{as_type(f'{edge}({of_spine})', 'text', self.dialect)} as {name}"
            for edge, name in (("min", "earliest"), ("max", "latest"))
        )
        rows = (
            f"select place, {fraction('count(*)', self.dialect)} as value, "
            f"{fraction('0', self.dialect)} as expected, earliest, latest\n"
            f"from (select {day} as place from {relation} where {time} is not null) as d\n"
            f"cross join (select {ends} from {spine.relation}) as s\n"
            "group by place, earliest, latest"
        )
        return self._judged(rows, "place < earliest or place > latest", "value")

    def place(self, groups: Sequence[Group]) -> str:
        """The text that names a row of these groups."""
        parts = [self.part(self.names(group.column), group) for group in groups]
        if not parts:
            return "'all'"
        place = parts[0]
        for part in parts[1:]:  # two arguments at a time, for Redshift's sake
            place = f"concat(concat({place}, '{SEPARATOR}'), {part})"
        return place

    def part(self, expression: str, group: Group) -> str:
        """One of its parts: a day for times, so that a date and a timestamp are the same."""
        grain = group.reference.grain
        if grain in GRAINS and rank(grain) >= rank("day"):
            expression = as_type(expression, "date", self.dialect)
        return f"coalesce({as_type(expression, 'text', self.dialect)}, '{NOTHING}')"

    @property
    def _no_number(self) -> str:
        return fraction("null", self.dialect)

    def _judged(self, rows: str, wrong: str, order: str) -> str:
        """The worst of the rows that are wrong, and how many there are."""
        judged = (
            f"select place, value, expected, case when {wrong} then 1 else 0 end as wrong\n"
            f"from {inside(rows)} as r"
        )
        worst = (
            f"select place, value, expected from judged where wrong = 1\n"
            f"order by {order} desc, place\nlimit {EXAMPLES}"
        )
        nowhere = as_type("null", "text", self.dialect)
        many = fraction("count(*)", self.dialect)
        few = fraction("coalesce(sum(wrong), 0)", self.dialect)
        return (
            f"with judged as {inside(judged)}\n"
            f"select place, value, expected from {inside(worst)} as w\nunion all\n"
            f"select {nowhere} as place, {many} as value, {few} as expected from judged"
        )
