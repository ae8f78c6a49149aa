"""DataHub's SQL parser, one call a model, its schemas put into its resolver first."""

from __future__ import annotations

from datahub.sql_parsing._models import _TableName
from datahub.sql_parsing.schema_resolver import SchemaResolver
from datahub.sql_parsing.sqlglot_lineage import sqlglot_lineage

from bench.lineage.runners import run
from bench.lineage.runners.project import Model, Project, Table

RESOLVER = SchemaResolver(platform="dbt")
URNS: dict[str, str] = {}
"""DataHub's name of a table -> dbt's."""


def known(table: Table) -> None:
    """Tell DataHub about a table, once its columns are known."""
    if table.unique_id in URNS.values():
        return
    name = _TableName(database=table.database, db_schema=table.schema, table=table.name)
    urn = RESOLVER.get_urn_for_table(name)
    if table.columns:
        URNS[urn] = table.unique_id
        RESOLVER.add_raw_schema_info(urn, table.columns)


def traced(project: Project, model: Model) -> run.Found:
    """The sources of every column.

    Raises:
        ValueError: DataHub reports an error instead of columns.
    """
    for table in model.parents:
        known(table)
    result = sqlglot_lineage(model.sql, RESOLVER, override_dialect=project.dialect)
    if error := result.debug_info.error:
        raise ValueError(str(error))
    return {
        info.downstream.column: {(_id(project, at.table), at.column) for at in info.upstreams}
        for info in result.column_lineage or ()
    }


def _id(project: Project, urn: str) -> str:
    name = urn.split(",")[1]
    return URNS.get(urn) or project.id_of(*name.rsplit(".", 2))


if __name__ == "__main__":
    run.main(run.each(traced))
