"""SQLMesh's column lineage, a call a column, on models that are made as its loader does."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlmesh.core.lineage import CACHE, lineage
from sqlmesh.core.model import create_sql_model

from bench.lineage.runners import run
from bench.lineage.runners.project import Model, Project


def traced(project: Project, model: Model) -> run.Found:
    """The sources of every column."""
    table = model.table
    query = sqlglot.parse_one(model.sql, dialect=project.dialect)
    made = create_sql_model(
        f'"{table.database}"."{table.schema}"."{table.name}"', query, dialect=project.dialect
    )
    made.set_mapping_schema(_quoted(model))
    found = {}
    for name in made.render_query_or_raise().named_selects:
        node = lineage(exp.column(name, quoted=True), made, trim_selects=False)
        found[name] = _sources(project, node)
    CACHE.clear()
    return found


def _quoted(model: Model) -> dict[str, object]:
    return {
        f'"{database}"': {
            f'"{schema}"': {f'"{table}"': columns for table, columns in tables.items()}
            for schema, tables in schemas.items()
        }
        for database, schemas in model.schema().items()
    }


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
