"""SQLMesh's column lineage, a call a column, on models that are made as its loader does."""

from __future__ import annotations

from typing import Any

import sqlglot
from sqlglot import exp
from sqlmesh.core.lineage import CACHE, lineage
from sqlmesh.core.model import create_sql_model

from bench.lineage.runners import run
from bench.lineage.runners.project import Model, Project, Table


def traced(project: Project, model: Model) -> run.Found:
    """The sources of every column."""
    table = model.table
    query = sqlglot.parse_one(model.sql, dialect=project.dialect)
    name = ".".join(f'"{part}"' for part in _named(table))
    made = create_sql_model(name, query, dialect=project.dialect)
    levels = max((len(_named(parent)) for parent in model.parents), default=0)
    made.set_mapping_schema(_quoted(model.schema(), levels))
    found = {}
    for name in made.render_query_or_raise().named_selects:
        node = lineage(exp.column(name, quoted=True), made, trim_selects=False)
        found[name] = _sources(project, node)
    CACHE.clear()
    return found


def _named(table: Table) -> list[str]:
    return [part for part in (table.database, table.schema, table.name) if part]


def _quoted(schema: dict[str, Any], levels: int) -> dict[str, Any]:
    """The names of databases, schemas and tables in quotes, those of columns without."""
    if not levels:
        return schema
    return {f'"{name}"': _quoted(below, levels - 1) for name, below in schema.items()}


def _sources(project: Project, node: object) -> run.Sources:
    found = set()
    for leaf in node.walk():  # type: ignore[attr-defined]
        table = leaf.expression.find(exp.Table)
        if not leaf.downstream and table:
            column = exp.to_column(leaf.name).name
            found.add((project.id_of(table.catalog, table.db, table.name), column))
    return found


if __name__ == "__main__":
    run.main(run.each(traced))
