"""How much is known of what lineage is asked for: a column, the rows of a node, an end."""

from __future__ import annotations

from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Status
from analyticsops.lineage.hops import reads_whole
from analyticsops.lineage.names import column_label
from analyticsops.project.model import Project
from analyticsops.sql.facts import Sure


def status_of(
    project: Project, graph: ColumnGraph, ref: ColumnRef
) -> tuple[Status, tuple[str, ...]]:
    """The status, and why it is not *proven*."""
    node = graph.nodes.get(ref.node)
    if node is None:
        return _status_of_end(project, graph, ref)
    if ref.column:
        column = node.columns[ref.column]
        return column.status, tuple(str(problem) for problem in column.problems)
    return node.status, tuple(str(problem) for problem in node.problems)


def _status_of_end(
    project: Project, graph: ColumnGraph, ref: ColumnRef
) -> tuple[Status, tuple[str, ...]]:
    edges = graph.parents(ref)
    if not edges:
        return Status.UNKNOWN, ("nothing is known of what it reads",)
    whole = [
        column_label(project, edge.source)
        for edge in edges
        if reads_whole(edge) and edge.source.node in graph.nodes
    ]
    problems = [f"it is not known which columns of {', '.join(whole)} it reads"] if whole else []
    doubtful = any(edge.sure in (Sure.AMBIGUOUS, Sure.PARTIAL) for edge in edges)
    return Status.PARTIAL if whole or doubtful else Status.PROVEN, tuple(problems)
