"""Snowflake's semantic views as YAML, for SYSTEM$CREATE_SEMANTIC_VIEW_FROM_YAML:
https://docs.snowflake.com/en/user-guide/views-semantic/semantic-view-yaml-spec"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from analyticsops.metrics.exports.expressions import Words, number_sql
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
    untold,
)
from analyticsops.metrics.exports.translating import translated
from analyticsops.metrics.exports.yaml_text import yaml_text

_COLUMN = re.compile(r"[A-Za-z_]\w*")

_TYPES = {"boolean": "BOOLEAN", "number": "NUMBER", "time": "TIMESTAMP_NTZ", "text": "VARCHAR"}


def export_snowflake(portable: Portable) -> Exported:
    """One semantic view with all tables and metrics."""
    tables = [_table(table, portable) for table in portable.tables.values()]
    derived = [n for n in every_number(portable) if not isinstance(n.computed, Aggregate)]
    joins = [join for join in portable.joins if _is_plain(join, portable)]
    view = {
        "name": portable.name,
        "description": f"Metrics of the dbt project {portable.name}",
        "tables": tables,
        "relationships": [_relationship(join, portable) for join in joins],
        "metrics": [_metric(number, portable) for number in derived],
    }
    losses = [*portable.losses, *_losses(portable)]
    return Exported(files={f"{portable.name}.snowflake.yml": yaml_text(view)}, losses=tuple(losses))


def _losses(portable: Portable) -> Iterator[Loss]:
    for join in portable.joins:
        if not _is_plain(join, portable):
            what = f"joined with {join.right} by an expression, not by a column"
            yield Loss(f"semantic model {join.left}", what, whole=False)
    yield from untold(portable.numbers.values(), ("label", "description", "synonyms"))


def _is_plain(join: Join, portable: Portable) -> bool:
    fields = (
        portable.tables[join.left].fields[join.left_field],
        portable.tables[join.right].fields[join.right_field],
    )
    return all(_COLUMN.fullmatch(field.sql) for field in fields)


def _table(table: Table, portable: Portable) -> dict[str, Any]:
    fields = list(table.fields.values())
    key = table.fields[table.key].sql if table.key else ""
    numbers = [
        number
        for number in every_number(portable)
        if isinstance(number.computed, Aggregate) and number.computed.table == table.name
    ]
    return {
        "name": table.name,
        "description": table.description,
        "base_table": {
            "database": table.relation.database,
            "schema": table.relation.schema,
            "table": table.relation.identifier,
        },
        "primary_key": {"columns": [key]} if _COLUMN.fullmatch(key) else {},
        "dimensions": [
            _field(field, portable.dialect) for field in fields if field.role in ("category", "key")
        ],
        "time_dimensions": [_field(f, portable.dialect) for f in fields if f.role == "time"],
        "facts": [_field(field, portable.dialect) for field in fields if field.role == "value"],
        "metrics": [_metric(number, portable) for number in numbers],
    }


def _field(field: Field, dialect: str) -> dict[str, Any]:
    return {
        "name": field.name,
        "description": field.description,
        "expr": translated(field.sql, dialect, "snowflake"),
        "data_type": _TYPES[field.type],
    }


def _relationship(join: Join, portable: Portable) -> dict[str, Any]:
    left = portable.tables[join.left].fields[join.left_field]
    right = portable.tables[join.right].fields[join.right_field]
    return {
        "name": f"{join.left}_to_{join.right}_by_{join.entity}",
        "left_table": join.left,
        "right_table": join.right,
        "relationship_columns": [{"left_column": left.sql, "right_column": right.sql}],
    }


def _metric(number: Number, portable: Portable) -> dict[str, Any]:
    words = Words(field=_field_of, number=_number_of, dialect=portable.dialect)
    sql = number_sql(number, words, named=False)
    label = [number.about["label"]] if "label" in number.about else []
    return {
        "name": number.name,
        "synonyms": list(dict.fromkeys([*label, *number.about.get("synonyms", ())])),
        "description": number.about.get("description", ""),
        "expr": translated(sql, portable.dialect, "snowflake"),
        "access_modifier": "private_access" if number.hidden else "public_access",
    }


def _field_of(_: str, ref: FieldRef) -> str:
    return f"{ref.table}.{ref.field}"


def _number_of(number: Number) -> str:
    if isinstance(number.computed, Aggregate):
        return f"{number.computed.table}.{number.name}"
    return number.name
