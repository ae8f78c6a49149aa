"""sqlglot.lineage for every column of every model.

``SQLGLOT_LINEAGE`` in the environment says how: ``all`` (one call a model, the default),
``shared`` (qualified once, a call a column) or ``column`` (a call a column from SQL, as its
documentation shows).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import sqlglot
from sqlglot import exp
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope

from bench.lineage.runners import run
from bench.lineage.runners.project import Model, Project


def all_columns(project: Project, model: Model) -> Iterator[tuple[str, Node]]:
    """One call for all columns, which newer versions of sqlglot have."""
    schema = model.schema()
    found = lineage(None, model.sql, schema, dialect=project.dialect, trim_selects=False)
    yield from found.items()


def shared_scope(project: Project, model: Model) -> Iterator[tuple[str, Node]]:
    """Parsed and qualified once, then a call a column."""
    tree = sqlglot.parse_one(model.sql, dialect=project.dialect)
    schema = model.schema()
    tree = qualify(
        tree, schema=schema, dialect=project.dialect, validate_qualify_columns=False,
        identify=False,
    )  # fmt: skip
    scope = build_scope(tree)
    for name in tree.named_selects:
        yield name, lineage(
            exp.column(name, quoted=True), tree, schema=schema, dialect=project.dialect,
            scope=scope, trim_selects=False, copy=False,
        )  # fmt: skip


def one_by_one(project: Project, model: Model) -> Iterator[tuple[str, Node]]:
    """A call a column, from SQL every time."""
    schema = model.schema()
    names = list(model.table.columns)
    for name in names:
        column = exp.column(name, quoted=True)
        yield name, lineage(column, model.sql, schema=schema, dialect=project.dialect)


Way = Callable[[Project, Model], Iterator[tuple[str, Node]]]
WAYS: dict[str, Way] = {"all": all_columns, "shared": shared_scope, "column": one_by_one}
WAY = WAYS[os.environ.get("SQLGLOT_LINEAGE", "all")]


def sources(project: Project, node: Node) -> run.Sources:
    """The leaves of a lineage tree that are columns of tables."""
    found = set()
    for leaf in node.walk():
        table = leaf.expression
        if not leaf.downstream and isinstance(table, exp.Table):
            column = "*" if leaf.name.endswith("*") else exp.to_column(leaf.name).name
            found.add((project.id_of(table.catalog, table.db, table.name), column))
    return found


def traced(project: Project, model: Model) -> run.Found:
    """The sources of every column."""
    return {name: sources(project, node) for name, node in WAY(project, model)}


if __name__ == "__main__":
    run.main(run.each(traced))
