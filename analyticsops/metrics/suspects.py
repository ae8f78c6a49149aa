"""Which tables could compute a metric again. Only of these a meaning is needed: in a project of
thousands of models most are not made from what metrics are made from, or aggregate nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from analyticsops.lineage.code import Finder
from analyticsops.lineage.graph import ColumnGraph
from analyticsops.project.model import Project

_AGGREGATES = re.compile(
    r"\b(?:sum|count|avg|mean|min|max|median|\w*percentile\w*|\w*quantile\w*|count_if|sum_if)\s*\(",
    re.IGNORECASE,
)
"""What a metric can be an aggregate of, in SQL."""


def suspects(
    project: Project,
    graph: ColumnGraph,
    code: Finder,
    tables: Iterable[str],
    names: Iterable[str],
) -> list[str]:
    """Models and snapshots that may compute a metric, parents first.

    Args:
        tables: sources, seeds and models that metrics are computed from.
        names: what metrics are called, in lower case, as a column would be.
    """
    known = frozenset(names)
    below = _below(project, _ends_above(project, tables))
    aggregating: set[str] = set()
    found = []
    for unique_id in project.topological:
        node = project.nodes[unique_id]
        lineage = graph.nodes.get(unique_id)
        if node.kind not in ("model", "snapshot") or lineage is None:
            continue
        if unique_id in below:
            sql = code(node)
            texts = (sql.sql or "", *sql.others)
            if any(parent in aggregating for parent in node.depends_on) or any(
                map(_AGGREGATES.search, texts)
            ):
                aggregating.add(unique_id)
        if unique_id in aggregating or not known.isdisjoint(n.lower() for n in lineage.names):
            found.append(unique_id)
    return found


def _ends_above(project: Project, tables: Iterable[str]) -> set[str]:
    """Everything that these are made from, down to what is made from nothing."""
    seen: set[str] = set()
    stack = [name for name in tables if name in project.nodes]
    while stack:
        name = stack.pop()
        if name not in seen:
            seen.add(name)
            stack += [p for p in project.nodes[name].depends_on if p in project.nodes]
    return {name for name in seen if not project.nodes[name].depends_on}


def _below(project: Project, starts: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    stack = [*starts]
    children: Mapping[str, tuple[str, ...]] = project.children
    while stack:
        name = stack.pop()
        if name not in seen:
            seen.add(name)
            stack += children.get(name, ())
    return seen
