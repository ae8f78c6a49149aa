"""SQL of numbers, in the words that a target has for fields and other numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from analyticsops.metrics.exports.portable import Aggregate, Calculation, FieldRef, Number
from analyticsops.sql.time_functions import truncated

_FUNCTIONS = {
    "sum": "SUM",
    "count": "SUM",
    "sum_boolean": "SUM",
    "min": "MIN",
    "max": "MAX",
    "average": "AVG",
}
"""A count is a sum of ones, so that it is NULL where nothing is counted, as in MetricFlow."""


class Words(NamedTuple):
    """How a target writes things.

    Attributes:
        field: a field of a table, seen from another.
        number: another number; None if it has to be written out.
    """

    field: Callable[[str, FieldRef], str]
    number: Callable[[Number], str] | None
    dialect: str


def number_sql(number: Number, words: Words, *, named: bool = True) -> str:
    """The expression of a number.

    Args:
        named: True to name the number if the target can; False to write it out.
    """
    if named and words.number is not None:
        return words.number(number)
    computed = number.computed
    if isinstance(computed, Aggregate):
        return aggregate_sql(computed, words)
    return calculation_sql(computed, words)


def calculation_sql(computed: Calculation, words: Words) -> str:
    """An expression over other numbers."""
    parts = {called: number_sql(part, words) for called, part in computed.parts.items()}
    if computed.ratio:
        return f"{parts['numerator']} * 1.0 / NULLIF({parts['denominator']}, 0)"
    pattern = "|".join(rf"\b{re.escape(called)}\b" for called in sorted(parts, key=len)[::-1])
    return re.sub(pattern, lambda m: parts[m[0]], computed.expression)


def aggregate_sql(computed: Aggregate, words: Words) -> str:
    """An aggregate of the rows that its conditions hold for."""
    found = _applied(computed, row_sql(computed, words))
    return found if computed.fill is None else f"COALESCE({found}, {computed.fill})"


def row_sql(computed: Aggregate, words: Words, *, filtered: bool = True) -> str:
    """What is aggregated of each row: for counts one and zero.

    Args:
        filtered: False if the target has a place of its own for conditions.
    """
    value = words.field(computed.table, FieldRef(computed.table, computed.value))
    condition = conditions_sql(computed, words) if filtered else ""
    if computed.agg in ("count", "sum_boolean"):
        holds = f"{value} IS NOT NULL" if computed.agg == "count" else value
        both = f"{condition} AND {holds}" if condition else holds
        return f"CASE WHEN {both} THEN 1 ELSE 0 END"
    return f"CASE WHEN {condition} THEN {value} END" if condition else value


def conditions_sql(computed: Aggregate, words: Words) -> str:
    """All conditions of an aggregate; empty if there are none."""
    texts = []
    for condition in computed.conditions:
        pieces = [
            piece if isinstance(piece, str) else _field(computed.table, piece, words)
            for piece in condition
        ]
        texts.append("".join(pieces).strip())
    return " AND ".join(f"({text})" for text in texts)


def _field(table: str, ref: FieldRef, words: Words) -> str:
    sql = words.field(table, ref)
    if not ref.grain:
        return sql
    marked = truncated("the_time", ref.grain, words.dialect)
    return marked.replace("the_time", sql)


def _applied(computed: Aggregate, value: str) -> str:
    if computed.agg in _FUNCTIONS:
        return f"{_FUNCTIONS[computed.agg]}({value})"
    if computed.agg == "count_distinct":
        return f"COUNT(DISTINCT {value})"
    how = "DISC" if computed.discrete else "CONT"
    return f"PERCENTILE_{how}({computed.share}) WITHIN GROUP (ORDER BY {value})"
