"""DataHub's SQL parser, one call a model, its schemas put into its resolver first."""

from __future__ import annotations

from datahub.sql_parsing._models import _TableName
from datahub.sql_parsing.schema_resolver import SchemaResolver
from datahub.sql_parsing.sqlglot_lineage import sqlglot_lineage

from bench.lineage.runners import run
from bench.lineage.runners.project import Model, Project, Table

RESOLVER = SchemaResolver(platform="dbt")
TOLD: set[str] = set()
"""Tables whose columns DataHub has been told."""


def known(table: Table) -> None:
    """Tell DataHub about a table, once its columns are known."""
    if table.unique_id in TOLD or not table.columns:
        return
    TOLD.add(table.unique_id)
    name = _TableName(
        database=table.database or None, db_schema=table.schema or None, table=table.name
    )
    RESOLVER.add_raw_schema_info(RESOLVER.get_urn_for_table(name), table.columns)


def traced(project: Project, model: Model) -> run.Found:
    """The sources of every column; of a field in a struct, the column that holds it.

    Raises:
        ValueError: DataHub reports an error instead of columns.
    """
    for table in model.parents:
        known(table)
    result = sqlglot_lineage(model.sql, RESOLVER, override_dialect=project.dialect)
    if error := result.debug_info.error:
        raise ValueError(str(error))
    return {
        info.downstream.column: {
            (_id(project, at.table), at.column.partition(".")[0]) for at in info.upstreams
        }
        for info in result.column_lineage or ()
    }


def _id(project: Project, urn: str) -> str:
    return project.id_of(*urn.split(",")[1].rsplit(".", 2))


if __name__ == "__main__":
    run.main(run.each(traced))
