"""OpenLineage's SQL parser (Rust), one statement a model. It takes no schema."""

from __future__ import annotations

import openlineage_sql

from bench.lineage.runners import run
from bench.lineage.runners.project import Model, Project


def traced(project: Project, model: Model) -> run.Found:
    """The sources of every column.

    Raises:
        ValueError: it could not read the statement.
    """
    parsed = openlineage_sql.parse([f"create table analysed as {model.sql}"], project.dialect)
    if parsed is None or parsed.errors:
        raise ValueError(str(parsed.errors if parsed else "nothing parsed"))
    return {
        column.descendant.name: {
            (project.id_of(*_parts(at.origin)), at.name) for at in column.lineage
        }
        for column in parsed.column_lineage
    }


def _parts(origin: object) -> list[str]:
    if origin is None:
        return []
    name = getattr(origin, "qualified_name", None) or str(origin)
    return str(name).rsplit(".", 2)


if __name__ == "__main__":
    run.main(run.each(traced))
