"""How every column of a project comes about: the expressions of each query, by workers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from analyticsops.lineage.asking import Answers
from analyticsops.lineage.code import Finder
from analyticsops.lineage.coverage import QUERIES
from analyticsops.lineage.graph import ColumnGraph
from analyticsops.lineage.query import packed_near
from analyticsops.lineage.questions import ShownSteps, StepsQuery
from analyticsops.lineage.tables import table_of
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
    packed = {
        name: packed_near(
            table, TableColumns(name, graph.nodes[name].names, graph.nodes[name].complete)
        )
        for name, table in tables.items()
        if table is not None
    }

    def question(node: Node, sql: str) -> StepsQuery:
        near = (*graph.near(node.unique_id, node.depends_on), node.unique_id)
        tables = tuple(packed[name] for name in near if name in packed)
        names = graph.nodes[node.unique_id].names
        return StepsQuery(sql, dialect, tables, names, node.unique_id)

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
