"""Selections of a workspace's nodes, and of findings about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analyticsops.errors import NotFoundError, SelectionError
from analyticsops.findings import Finding
from analyticsops.lineage.graph import ColumnGraph
from analyticsops.lineage.names import find_column
from analyticsops.project.selection import Context, parse_selection, select_nodes
from analyticsops.workspace import Workspace


def selected_nodes(
    workspace: Workspace,
    select: str | Sequence[str],
    exclude: str | Sequence[str],
    *,
    previous: Workspace | None = None,
    kinds: Sequence[str] = (),
) -> frozenset[str]:
    """Unique ids that a selection means, ``column:`` included.

    Args:
        previous: what ``state:`` compares with.
        kinds: resource types; by default those that ``dbt ls`` lists.

    Raises:
        SelectionError: what dbt would refuse.
    """
    context = Context(
        previous=previous.project if previous else None,
        # dbt's `result:` asks about the run of the state that is compared with.
        run_results=(previous or workspace).run_results,
        freshness=workspace.freshness,
        previous_freshness=previous.freshness if previous else None,
        columns=lambda *asked: _column_nodes(workspace, *asked),
    )
    # An empty text selects nothing in particular, as if it were not given.
    selection = parse_selection(select or (), exclude or (), resource_types=kinds)
    return select_nodes(workspace.project, selection, context)


def _column_nodes(
    workspace: Workspace, node: str, column: str, parents: int | None, children: int | None
) -> frozenset[str]:
    """The nodes of ``parents+column:node.column+children``."""
    graph: ColumnGraph = workspace.graph
    ref = find_column(workspace.project, graph, f"{node}.{column}")
    found = {ref.node}
    if parents != 0:
        found |= {step.ref.node for step in graph.upstream(ref, depth=parents, direct=False)}
    if children != 0:
        found |= {step.ref.node for step in graph.downstream(ref, depth=children)}
    return frozenset(found & set(workspace.project.nodes))


def selected_findings(
    workspace: Workspace,
    found: Iterable[Finding],
    select: str | Sequence[str],
    exclude: str | Sequence[str],
    previous: Workspace | None = None,
) -> list[Finding]:
    """The findings about selected nodes; all of them if nothing is selected.

    Args:
        previous: the base, if the findings are about a change from it.

    Raises:
        SelectionError: what dbt would refuse.
        NotFoundError: of ``column:``.
    """
    if not select and not exclude:
        return list(found)
    chosen = selected_nodes(workspace, select, exclude, previous=previous, kinds=("all",))
    gone = _selected_before(workspace, previous, select, exclude) if previous else None
    return [
        finding
        for finding in found
        if finding.node in chosen
        or (finding.node not in workspace.project.nodes and (gone is None or finding.node in gone))
    ]


def _selected_before(
    workspace: Workspace,
    previous: Workspace,
    select: str | Sequence[str],
    exclude: str | Sequence[str],
) -> frozenset[str] | None:
    """What the selection meant in the base, for nodes that are gone; None if it says
    nothing there, and then no finding about them is left out."""
    try:
        return selected_nodes(previous, select, exclude, previous=workspace, kinds=("all",))
    except (NotFoundError, SelectionError):
        return None
