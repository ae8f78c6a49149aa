"""LookML views, a file each, and a model with an explore for each table that is aggregated:
https://cloud.google.com/looker/docs/reference/lookml-quick-reference"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import lkml

from analyticsops.errors import UsageError
from analyticsops.invisible import all_seen, code_point
from analyticsops.metrics.exports.expressions import (
    Words,
    calculation_sql,
    number_sql,
    row_sql,
)
from analyticsops.metrics.exports.portable import (
    Aggregate,
    Calculation,
    Exported,
    Field,
    FieldRef,
    Join,
    Loss,
    Number,
    Portable,
    Table,
    every_number,
    untold,
)
from analyticsops.metrics.exports.translating import joined_sql, qualified
from analyticsops.metrics.exports.yaml_text import without_empty

_TYPES = {"text": "string", "number": "number", "boolean": "yesno", "time": "date"}

_AGGREGATES = {
    "sum": "sum",
    "count": "sum",
    "sum_boolean": "sum",
    "average": "average",
    "min": "min",
    "max": "max",
    "count_distinct": "count_distinct",
    "median": "median",
}

_TAGS = ("owner", "tier", "version", "unit", "direction")
"""What a measure has no place for but its tags."""

_FRAMES = ("raw", "date", "week", "month", "quarter", "year")


def export_lookml(portable: Portable) -> Exported:
    """The views and the model; the name of the connection is to be filled in."""
    losses = [*portable.losses, *_losses(portable)]
    files = {
        f"{table.name}.view.lkml": _dump({"views": [_view(table, portable)]})
        for table in portable.tables.values()
    }
    used = {name for number in portable.numbers.values() for name in number.tables}
    model = {
        "connection": portable.name,
        "includes": ["*.view.lkml"],
        "explores": [
            _explore(table, portable) for table in portable.tables.values() if table.name in used
        ],
    }
    files[f"{portable.name}.model.lkml"] = _dump(model)
    return Exported(files=files, losses=tuple(losses))


def _dump(data: dict[str, Any]) -> str:
    return f"{lkml.dump(_writable(without_empty(data)))}\n"


def _writable(data: Any, key: str = "") -> Any:
    """The same data with texts that LookML can hold: it has no escapes, and SQL ends at ``;;``.

    Raises:
        UsageError: SQL holds just that.
    """
    if isinstance(data, dict):
        return {name: _writable(value, name) for name, value in data.items()}
    if isinstance(data, list):
        return [_writable(item, key) for item in data]
    if key.startswith("sql"):
        if ";;" in data:
            raise UsageError("LookML cannot hold SQL with ;; in it", where=all_seen(data)[:80])
        return data
    return _ESCAPING.sub(code_point, all_seen(data)) if isinstance(data, str) else data


_ESCAPING = re.compile(r'\\(?="|$)')
"""A backslash that the quotation mark behind it would be escaped by."""


def _losses(portable: Portable) -> Iterator[Loss]:
    for number in portable.numbers.values():
        if len(number.tables) > 1:
            tables = ", ".join(sorted(number.tables))
            what = f"it is of several views ({tables}), which no explore joins as facts"
            yield Loss(f"metric {number.name}", what)
    own = [number for number in portable.numbers.values() if len(number.tables) == 1]
    yield from untold(own, (*_TAGS, "label", "description", "format", "synonyms"))


def _view(table: Table, portable: Portable) -> dict[str, Any]:
    fields = list(table.fields.values())
    numbers = [n for n in every_number(portable) if n.tables == {table.name}]
    return {
        "name": table.name,
        "sql_table_name": str(table.relation),
        "dimensions": [
            _dimension(f, table, portable) for f in fields if f.role in ("category", "key")
        ],
        "dimension_groups": [_times(f, table, portable) for f in fields if f.role == "time"],
        "measures": [_measure(number, table, portable.dialect) for number in numbers],
    }


def _dimension(field: Field, table: Table, portable: Portable) -> dict[str, Any]:
    return {
        "name": field.name,
        "primary_key": "yes" if field.name == table.key else "",
        "type": _TYPES[field.type],
        "label": field.label,
        "description": field.description,
        "sql": _sql(joined_sql(field, table, portable), portable.dialect),
    }


def _times(field: Field, table: Table, portable: Portable) -> dict[str, Any]:
    return {
        "name": field.name,
        "type": "time",
        "timeframes": list(_FRAMES),
        "label": field.label,
        "description": field.description,
        "sql": _sql(joined_sql(field, table, portable), portable.dialect),
    }


def _sql(sql: str, dialect: str) -> str:
    return qualified(sql, "the_view", dialect).replace("the_view.", "${TABLE}.")


def _explore(table: Table, portable: Portable) -> dict[str, Any]:
    joins = {join.right: join for join in portable.joins if join.left == table.name}
    return {
        "name": table.name,
        "description": table.description,
        "joins": [_join(join) for join in joins.values()],
    }


def _join(join: Join) -> dict[str, Any]:
    return {
        "name": join.right,
        "type": "left_outer",
        "relationship": "one_to_one" if join.one else "many_to_one",
        "sql_on": f"${{{join.left}.{join.left_field}}} = ${{{join.right}.{join.right_field}}}",
    }


def _measure(number: Number, table: Table, dialect: str) -> dict[str, Any]:
    def field(_: str, ref: FieldRef) -> str:
        if ref.table == table.name and table.fields[ref.field].role == "value":
            return f"({_sql(table.fields[ref.field].sql, dialect)})"
        name = f"{ref.field}_raw" if ref.grain else ref.field
        return f"${{{name}}}" if ref.table == table.name else f"${{{ref.table}.{name}}}"

    words = Words(field, lambda other: f"${{{other.name}}}", dialect)
    computed = number.computed
    about = number.about
    tags = [f"{key}: {about[key]}" for key in _TAGS if key in about]
    found: dict[str, Any] = {
        "name": number.name,
        "hidden": "yes" if number.hidden else "",
        "label": about.get("label", ""),
        "description": about.get("description", ""),
        "tags": [*tags, *(f"synonym: {word}" for word in about.get("synonyms", ()))],
        "value_format": about.get("format", ""),
    }
    if isinstance(computed, Calculation):
        return {**found, "type": "number", "sql": calculation_sql(computed, words)}
    return {**found, **_aggregate(number, computed, words)}


def _aggregate(number: Number, computed: Aggregate, words: Words) -> dict[str, Any]:
    kind = _AGGREGATES.get(computed.agg)
    if kind is None or computed.fill is not None:
        return {"type": "number", "sql": number_sql(number, words, named=False)}
    return {"type": kind, "sql": row_sql(computed, words)}
