"""Recce's ``cll``, one call a model, as its adapter calls it."""

from __future__ import annotations

from recce.util.cll import cll

from bench.lineage.runners import run
from bench.lineage.runners.project import Model, Project


def traced(project: Project, model: Model) -> run.Found:
    """The sources of every column. Recce knows tables by their bare name, and drops what it
    found of others, as we do here."""
    _, columns = cll(model.sql, schema=model.schema(), dialect=project.dialect)
    names = {table.name.lower(): table.unique_id for table in model.parents}
    return {
        name: {
            (names[at.node.lower()], at.column)
            for at in column.depends_on
            if at.node.lower() in names
        }
        for name, column in columns.items()
    }


if __name__ == "__main__":
    run.main(run.each(traced))
