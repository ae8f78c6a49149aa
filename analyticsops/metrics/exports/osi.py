"""Apache Ossie (formerly OSI), version 0.2.0.dev0:
https://github.com/apache/ossie/blob/main/core-spec/spec.md"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from analyticsops.metrics.exports.expressions import Words, number_sql
from analyticsops.metrics.exports.portable import (
    Exported,
    Field,
    FieldRef,
    Join,
    Loss,
    Number,
    Portable,
    Table,
)
from analyticsops.metrics.exports.yaml_text import yaml_text

VERSION = "0.2.0.dev0"

_DIALECTS = {
    "snowflake": "SNOWFLAKE",
    "databricks": "DATABRICKS",
    "spark": "DATABRICKS",
    "bigquery": "BIGQUERY",
}

_TYPES = {"number": "Decimal", "boolean": "Boolean"}

_HELD = ("label", "description", "synonyms")
"""What has a place of its own; the rest goes into `custom_extensions`."""


def export_osi(portable: Portable) -> Exported:
    """One document with all tables and metrics."""
    dialect = _DIALECTS.get(portable.dialect, "ANSI_SQL")
    model = {
        "name": portable.name,
        "datasets": [_dataset(table, dialect) for table in portable.tables.values()],
        "relationships": [_relationship(join, portable) for join in portable.joins],
        "metrics": [
            _metric(number, portable.dialect, dialect)
            for number in portable.numbers.values()
            if len(number.tables) == 1
        ],
    }
    text = yaml_text({"version": VERSION, "semantic_model": [model]})
    return Exported(files={f"{portable.name}.osi.yml": text}, losses=tuple(_losses(portable)))


def _losses(portable: Portable) -> list[Loss]:
    found = list(portable.losses)
    for number in portable.numbers.values():
        if len(number.tables) > 1:
            tables = ", ".join(sorted(number.tables))
            what = f"it is of several datasets ({tables}), and joined rows would count twice"
            found.append(Loss(f"metric {number.name}", what))
    for table in portable.tables.values():
        found += [
            Loss(f"{table.name}.{field.name}", f"its grain, {field.grain}", whole=False)
            for field in table.fields.values()
            if field.grain not in ("", "day")
        ]
    return found


def _expression(sql: str, dialect: str) -> dict[str, Any]:
    return {"dialects": [{"dialect": dialect, "expression": sql}]}


def _dataset(table: Table, dialect: str) -> dict[str, Any]:
    return {
        "name": table.name,
        "source": str(table.relation),
        "primary_key": [table.fields[table.key].sql] if table.key else [],
        "description": table.description,
        "fields": [_field(field, dialect) for field in table.fields.values()],
    }


def _field(field: Field, dialect: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": field.name,
        "expression": _expression(field.sql, dialect),
        "label": field.label,
        "description": field.description,
        "datatype": _TYPES.get(field.type, ""),
    }
    if field.role in ("category", "time"):
        found["dimension"] = {"is_time": field.role == "time"}
    return found


def _relationship(join: Join, portable: Portable) -> dict[str, Any]:
    left = portable.tables[join.left].fields[join.left_field]
    right = portable.tables[join.right].fields[join.right_field]
    return {
        "name": f"{join.left}_to_{join.right}_by_{join.entity}",
        "from": join.left,
        "to": join.right,
        "from_columns": [left.sql],
        "to_columns": [right.sql],
    }


def _metric(number: Number, own: str, dialect: str) -> dict[str, Any]:
    words = Words(field=_of_dataset, number=None, dialect=own)
    extra = {key: value for key, value in number.about.items() if key not in _HELD}
    return {
        "name": number.name,
        "expression": _expression(number_sql(number, words), dialect),
        "description": number.about.get("description", ""),
        "ai_context": _context(number.about),
        "custom_extensions": [
            {"vendor_name": "ANALYTICSOPS", "data": msgspec.json.encode(extra).decode()}
        ]
        if extra
        else [],
    }


def _of_dataset(_: str, ref: FieldRef) -> str:
    return f"{ref.table}.{ref.field}"


def _context(about: Mapping[str, Any]) -> dict[str, Any]:
    names = [*([about["label"]] if "label" in about else []), *about.get("synonyms", ())]
    return {"synonyms": list(dict.fromkeys(names))}
