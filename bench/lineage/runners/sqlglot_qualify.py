"""sqlglot's ``qualify`` alone: every star expanded, every column given its table."""

from __future__ import annotations

import sqlglot
from sqlglot.optimizer.qualify import qualify

from bench.lineage.runners import run
from bench.lineage.runners.project import Model, Project


def qualified(project: Project, model: Model) -> run.Found:
    """The columns, without sources."""
    tree = sqlglot.parse_one(model.sql, dialect=project.dialect)
    tree = qualify(
        tree, schema=model.schema(), dialect=project.dialect, validate_qualify_columns=False
    )
    return {name: set() for name in tree.named_selects}


if __name__ == "__main__":
    run.main(run.each(qualified))
