"""Table functions that hand on the rows of a table or query which is their argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sqlglot import exp

from analyticsops.sql.table_functions import function_name


class HandedOn(NamedTuple):
    """What a call makes of a table.

    Attributes:
        source: the table or query that is handed on.
        model: a trained model that takes part.
        gone: names of columns that are left out.
        more: True if it adds columns that are computed from each row.
        added: names of columns that it adds and that no column decides.
        mark: what it says of the rows, empty for all of them.
    """

    source: exp.Expression
    model: exp.Table | None = None
    gone: tuple[str, ...] = ()
    more: bool = False
    added: tuple[str, ...] = ()
    mark: str = ""


def handed_on(item: exp.Expression) -> HandedOn | None:
    """What an item of FROM hands on; None if it is no such call."""
    if not isinstance(item, (exp.Table, exp.TableFromRows)):
        return None
    call = item.this
    if isinstance(call, exp.Anonymous) and function_name(call) == "table":
        call = call.expressions[0] if len(call.expressions) == 1 else call
    if not isinstance(call, exp.Func):
        return None
    predicted = call.args.get("expression")
    if item.args.get("db") is not None and isinstance(predicted, (exp.Query, exp.Table)):
        model = call.this if isinstance(call.this, exp.Table) else None
        return HandedOn(predicted, model=model, more=True)
    make = _CALLS.get(function_name(call))
    return make(call) if make is not None else None


def _view(call: exp.Expression) -> HandedOn | None:
    """ClickHouse: ``view(SELECT ...)``."""
    query = call.expressions[0] if call.expressions else None
    return HandedOn(query) if isinstance(query, exp.Query) else None


def _exclude_columns(call: exp.Expression) -> HandedOn | None:
    """Trino: ``exclude_columns(input => TABLE(t), columns => DESCRIPTOR(a, b))``."""
    named = {
        part.this.name.lower(): part.expression
        for part in call.expressions
        if isinstance(part, exp.Kwarg)
    }
    table, columns = named.get("input"), named.get("columns")
    if table is None or columns is None or len(table.expressions) != 1:
        return None
    source = table.expressions[0]
    if isinstance(source, exp.Column):
        source = exp.Table(
            this=source.this, db=source.args.get("table"), catalog=source.args.get("db")
        )
    gone = tuple(column.name for column in columns.expressions)
    return HandedOn(source, gone=gone) if isinstance(source, (exp.Table, exp.Query)) else None


def _table_changes(call: exp.Expression) -> HandedOn | None:
    """Databricks: ``table_changes('s.t', 1, 5)``."""
    name = call.expressions[0] if call.expressions else None
    if not (isinstance(name, exp.Literal) and name.is_string):
        return None
    added = ("_change_type", "_commit_version", "_commit_timestamp")
    return HandedOn(exp.to_table(name.name), added=added, mark=call.sql())


def _query_table(call: exp.Expression) -> HandedOn | None:
    """DuckDB: ``query_table('t')``."""
    name = call.expressions[0] if len(call.expressions) == 1 else None
    if not (isinstance(name, exp.Literal) and name.is_string):
        return None
    return HandedOn(exp.to_table(name.name))


_CALLS: dict[str, Callable[[exp.Expression], HandedOn | None]] = {
    "exclude_columns": _exclude_columns,
    "query_table": _query_table,
    "table_changes": _table_changes,
    "view": _view,
}
