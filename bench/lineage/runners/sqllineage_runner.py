"""sqllineage, one statement a model, with the parents' columns as its metadata."""

from __future__ import annotations

from sqllineage.core.metadata.dummy import DummyMetaDataProvider
from sqllineage.runner import LineageRunner

from bench.lineage.runners import run
from bench.lineage.runners.project import Model, Project

TARGET = "analysed_model"


def traced(project: Project, model: Model) -> run.Found:
    """The sources of every column."""
    metadata = {
        ".".join(filter(None, (table.database, table.schema, table.name))): list(table.columns)
        for table in model.parents
        if table.columns
    }
    runner = LineageRunner(
        f"create table {TARGET} as {model.sql}",
        dialect=project.dialect,
        metadata_provider=DummyMetaDataProvider(metadata),
    )
    found: dict[str, run.Sources] = {}
    for path in runner.get_column_lineage():
        source, target = path[0], path[-1]
        sources = found.setdefault(target.raw_name, set())
        if len(path) > 1:
            sources.add((project.id_of(*str(source.parent).rsplit(".", 2)), source.raw_name))
    return found


if __name__ == "__main__":
    run.main(run.each(traced))
