"""Canonical texts of window functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sqlglot import exp

from analyticsops.sql.algebra import Surroundings, windows_of
from analyticsops.sql.forms import Forms
from analyticsops.sql.syntax import kinds

if TYPE_CHECKING:
    from analyticsops.sql.canonical_rows import CanonicalRows, Text

_NEED_ORDER = (
    exp.FirstValue,
    exp.Lag,
    exp.LastValue,
    exp.Lead,
    exp.NthValue,
    exp.RowNumber,
    *kinds("Ntile"),
)
"""Window functions whose answer is arbitrary without ORDER BY."""

_STANDARD_FRAMES = frozenset(
    {"athena", "bigquery", "databricks", "duckdb", "postgres", "presto", "spark", "trino"}
)
"""Where a window without a frame has the standard's default one."""


class UnknownFormError(Exception):
    """A part of the expression is not understood."""


class Prints(Protocol):
    """Who prints what is in a window."""

    forms: Forms

    def print(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        """The canonical text of an expression."""

    def generic(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        """The text of a node by its type and arguments."""

    def plain_aggregate(
        self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]
    ) -> str:
        """The text of an aggregate without the rows that it is over."""

    def context(self, rows: CanonicalRows) -> str:
        """The text of rows."""


def window_text(node: exp.Window, scope: Surroundings[Text, CanonicalRows], printer: Prints) -> str:
    """The text of a window function, with the named windows that it is built on.

    Raises:
        UnknownFormError: its answer is arbitrary, or something in it is not understood.
    """
    form = printer.forms.form
    parts = [form("function", printer.plain_aggregate(bare(node.this), scope))]
    definitions = windows_of(node, scope)
    if isinstance(definitions[-1].args.get("alias"), exp.Expression):
        raise UnknownFormError  # a window that is not defined
    function = bare(node.this)
    if isinstance(function, (exp.IgnoreNulls, exp.RespectNulls)):
        function = function.this
    if isinstance(function, _NEED_ORDER) and not any(d.args.get("order") for d in definitions):
        raise UnknownFormError
    if "KEEP" in str(node.args.get("over")).upper():  # KEEP (DENSE_RANK FIRST ...)
        parts.append(form("keep", str(bool(node.args.get("first")))))
    by = {
        printer.print(key, scope)
        for definition in definitions
        for key in definition.args.get("partition_by") or ()
    }
    parts.append(form("by", *sorted(by)))
    orders = [d.args["order"] for d in definitions if d.args.get("order") is not None]
    frames = [d.args["spec"] for d in definitions if d.args.get("spec") is not None]
    if scope.dialect in _STANDARD_FRAMES:
        frames = [frame for frame in frames if not _is_default(frame)]
    parts += [printer.generic(part, scope) for part in (*orders, *frames)]
    return form("window", *parts, printer.context(scope.windowed))


def _is_default(frame: exp.Expression) -> bool:
    """True for ``RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW``: without ORDER BY all
    rows are peers of the current one."""
    given = {name: str(value).upper() for name, value in frame.args.items() if value}
    return given == {
        "kind": "RANGE",
        "start": "UNBOUNDED",
        "start_side": "PRECEDING",
        "end": "CURRENT ROW",
    }


def bare(node: exp.Expression) -> exp.Expression:
    """What is in brackets."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node
