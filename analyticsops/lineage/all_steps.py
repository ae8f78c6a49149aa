"""How every column of a project comes about: the expressions of each query, by workers."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import msgspec

from analyticsops.lineage.asking import Answers
from analyticsops.lineage.code import Finder
from analyticsops.lineage.coverage import QUERIES
from analyticsops.lineage.graph import ColumnGraph
from analyticsops.lineage.query import packed_near
from analyticsops.lineage.questions import ShownSteps, StepsQuery
from analyticsops.lineage.tables import Table, seen_by, table_of
from analyticsops.project.model import Node, Project
from analyticsops.sql.facts import Problem, TableColumns

Explained = Mapping[str, ShownSteps] | Problem
"""The columns of a node by name, or why its query is not understood."""


def explain_all(
    project: Project,
    graph: ColumnGraph,
    code: Finder,
    dialect: str,
    *,
    cache: Path | None = None,
) -> Mapping[str, Explained]:
    """How the columns of all models and snapshots come about, by ``unique_id``.

    Args:
        code: where a node's SQL comes from.
        dialect: sqlglot's name.
        cache: file in which answers are kept; None to keep none.
    """
    tables = {name: table_of(project.nodes[name]) for name in graph.nodes if name in project.nodes}

    @functools.cache
    def packed(table: Table) -> msgspec.Raw:
        lineage = graph.nodes[table.id]
        return packed_near(table, TableColumns(table.id, lineage.names, lineage.complete))

    def question(node: Node, sql: str) -> StepsQuery:
        near = (*graph.near(node.unique_id, node.depends_on), node.unique_id)
        seen = (seen_by(node, tables.get(name)) for name in near)
        known = tuple(packed(table) for table in seen if table is not None)
        names = graph.nodes[node.unique_id].names
        return StepsQuery(sql, dialect, known, names, node.unique_id)

    asked = {}
    for name in graph.nodes:
        node = project.nodes.get(name)
        if node is not None and node.kind in QUERIES:
            sql = code(node).sql
            if sql is not None:
                asked[name] = question(node, sql)
    answers = Answers(tuple[ShownSteps, ...], cache).to(asked)
    return {
        name: found if isinstance(found, Problem) else {column.name: column for column in found}
        for name, found in answers.items()
    }
