"""Cube's data model: https://cube.dev/docs/product/data-modeling/reference/cube"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analyticsops.metrics.exports.expressions import (
    Words,
    aggregate_sql,
    calculation_sql,
    conditions_sql,
    row_sql,
)
from analyticsops.metrics.exports.portable import (
    Aggregate,
    Exported,
    Field,
    FieldRef,
    Join,
    Loss,
    Number,
    Portable,
    Table,
    every_number,
)
from analyticsops.metrics.exports.translating import joined_sql, qualified
from analyticsops.metrics.exports.yaml_text import yaml_text

_TYPES = {"text": "string", "number": "number", "boolean": "boolean", "time": "time"}

_AGGREGATES = {
    "sum": "sum",
    "count": "sum",
    "sum_boolean": "sum",
    "average": "avg",
    "min": "min",
    "max": "max",
    "count_distinct": "count_distinct",
}

_HELD = ("label", "description")
"""What has a place of its own; the rest goes into `meta`."""

_SELF = "CUBE"


def export_cube(portable: Portable) -> Exported:
    """A cube for each table."""
    losses = list(portable.losses)
    cubes = [_cube(table, portable, losses) for table in portable.tables.values()]
    return Exported(
        files={f"{portable.name}.cube.yml": yaml_text({"cubes": cubes})}, losses=tuple(losses)
    )


def _cube(table: Table, portable: Portable, losses: list[Loss]) -> dict[str, Any]:
    joins = {join.right: join for join in portable.joins if join.left == table.name}
    return {
        "name": table.name,
        "sql_table": str(table.relation),
        "description": table.description,
        "joins": [_join(join) for join in joins.values()],
        "dimensions": [
            _dimension(field, table, portable)
            for field in table.fields.values()
            if field.role != "value"
        ],
        "measures": list(_measures(table, portable, losses)),
    }


def _join(join: Join) -> dict[str, Any]:
    return {
        "name": join.right,
        "relationship": "one_to_one" if join.one else "many_to_one",
        "sql": f"{{{_SELF}.{join.left_field}}} = {{{join.right}.{join.right_field}}}",
    }


def _dimension(field: Field, table: Table, portable: Portable) -> dict[str, Any]:
    return {
        "name": field.name,
        "sql": _sql(joined_sql(field, table, portable), portable.dialect),
        "type": _TYPES[field.type],
        "title": field.label,
        "description": field.description,
        "primary_key": True if field.name == table.key else None,
    }


def _sql(sql: str, dialect: str) -> str:
    """Columns belong to the cube itself, whatever it is joined with."""
    marked = qualified(sql, "the_cube", dialect)
    return marked.replace("{", "\\{").replace("}", "\\}").replace("the_cube.", f"{{{_SELF}}}.")


def _measures(table: Table, portable: Portable, losses: list[Loss]) -> Iterator[dict[str, Any]]:
    for number in every_number(portable):
        if number.tables == {table.name}:
            yield _measure(number, table, portable.dialect)
        elif min(number.tables, default="") == table.name and not number.hidden:
            tables = ", ".join(sorted(number.tables))
            what = f"it is of several cubes ({tables}), which are not joined as facts"
            losses.append(Loss(f"metric {number.name}", what))


def _measure(number: Number, table: Table, dialect: str) -> dict[str, Any]:
    def field(_: str, ref: FieldRef) -> str:
        if ref.table == table.name and ref.field in table.fields:
            own = table.fields[ref.field]
            if own.role == "value":
                return f"({_sql(own.sql, dialect)})"
            return f"{{{_SELF}.{ref.field}}}"
        return f"{{{ref.table}.{ref.field}}}"

    words = Words(field, lambda other: f"{{{_SELF}.{other.name}}}", dialect)
    computed = number.computed
    found: dict[str, Any] = {
        "name": number.name,
        "title": number.about.get("label", ""),
        "description": number.about.get("description", ""),
        "public": False if number.hidden else None,
    }
    if isinstance(computed, Aggregate):
        found |= _aggregate(computed, words)
    else:
        found |= {"type": "number", "sql": calculation_sql(computed, words)}
    extra = {key: value for key, value in number.about.items() if key not in _HELD}
    return {**found, "meta": extra}


def _aggregate(computed: Aggregate, words: Words) -> dict[str, Any]:
    kind = _AGGREGATES.get(computed.agg)
    if kind is None or computed.fill is not None:
        return {"type": "number", "sql": aggregate_sql(computed, words)}
    condition = conditions_sql(computed, words)
    return {
        "type": kind,
        "sql": row_sql(computed, words, filtered=False),
        "filters": [{"sql": condition}] if condition else [],
    }
