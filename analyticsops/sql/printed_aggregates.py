"""Canonical texts of aggregates over the rows of their query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from analyticsops.sql.aggregates import follows_order
from analyticsops.sql.algebra import Surroundings
from analyticsops.sql.forms import NULL
from analyticsops.sql.printed_windows import UnknownFormError

if TYPE_CHECKING:
    from analyticsops.sql.canonical_rows import CanonicalRows, Text
    from analyticsops.sql.expressions import Printer

_KEEP_ORDER = (exp.AnyValue, exp.ArrayAgg, exp.First, exp.GroupConcat, exp.Last, exp.List)
"""Aggregates whose answer follows the order of the rows, if they have one."""

_LEAVE_OUT_NULL = (exp.Avg, exp.Count, exp.Max, exp.Min, exp.Sum)
"""Aggregates of one value that do not count NULL, in every dialect."""


def aggregate_text(
    node: exp.Expression, scope: Surroundings[Text, CanonicalRows], printer: Printer
) -> str:
    """An aggregate is over the rows of its query: count(*) alone has no column.

    Raises:
        UnknownFormError: its answer is arbitrary, or something in it is not understood.
    """
    keeps = isinstance(node, _KEEP_ORDER) or follows_order(node)
    if printer.order_counts and keeps and not node.find(exp.Order):
        raise UnknownFormError
    rows = printer.context(scope.ungrouped)
    value = printer.plain_aggregate(node, scope)
    if printer.with_rows and scope.ungrouped.empty and isinstance(node, _LEAVE_OUT_NULL):
        return "0" if isinstance(node, exp.Count) else NULL
    return printer.forms.form("over", value, rows)


def filtered_text(
    node: exp.Filter, scope: Surroundings[Text, CanonicalRows], printer: Printer
) -> str:
    """``sum(x) FILTER (WHERE c)`` is ``sum(CASE WHEN c THEN x END)``, because these leave out
    NULL."""
    function, condition = node.this, node.expression.this
    if type(function) not in _LEAVE_OUT_NULL or isinstance(function.this, exp.Distinct):
        return printer.generic(node, scope)
    inner = function.this
    if inner is None or isinstance(inner, exp.Star):
        inner = exp.Literal.number(1)
    chosen = exp.Case(ifs=[exp.If(this=condition.copy(), true=inner.copy())])
    return aggregate_text(type(function)(this=chosen), scope, printer)
