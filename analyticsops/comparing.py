"""Two workspaces side by side: what a comparison needs of each, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analyticsops.lineage.graph import ColumnRef
from analyticsops.project.model import TABLES
from analyticsops.project.stale import stale_nodes
from analyticsops.report.model import Verdict
from analyticsops.selecting import selected_nodes
from analyticsops.workspace import Workspace

if TYPE_CHECKING:
    from analyticsops.changes.compare import Comparison, NodeChange
    from analyticsops.changes.rebuild import Rebuild
    from analyticsops.changes.version import Version


def versions_of(base: Workspace, head: Workspace) -> tuple[Version, Version]:
    """What a comparison needs of both sides."""
    base.code.stand_beside(head.code)
    return version_of(base), version_of(head)


def version_of(workspace: Workspace) -> Version:
    """What a comparison needs of one side."""
    from analyticsops.changes.version import Version

    return Version(
        project=workspace.project,
        graph=workspace.graph,
        code=workspace.code,
        dialect=workspace.dialect,
        cache=workspace.cache,
    )


def verdicts_of(comparison: Comparison) -> list[Verdict]:
    """A word on every model that changed, was added or removed."""
    return [
        Verdict(
            node=change.head.unique_id,
            name=change.head.label,
            verdict=change.verdict,
            reason=_reason(comparison, change),
            columns=_columns(comparison, change),
            rows=not comparison.is_same(ColumnRef(change.head.unique_id)),
        )
        for change in comparison.nodes.values()
        if change.defined
    ] + [
        Verdict(node=node.unique_id, name=node.label, verdict=verdict)
        for verdict, nodes in (("removed", comparison.removed), ("added", comparison.added))
        for node in nodes
        if node.kind in TABLES
    ]


def _columns(comparison: Comparison, change: NodeChange) -> tuple[str, ...]:
    """Columns of both versions whose values may differ, and those that are gone."""
    node, added = change.head.unique_id, set(change.added)
    names = [name for name in comparison.head.graph.nodes[node].names if name not in added]
    refs = [ColumnRef(node, name) for name in (*names, *change.removed)]
    return tuple(ref.column for ref in refs if not comparison.is_same(ref))


def _reason(comparison: Comparison, change: NodeChange) -> str:
    """Why it is not known, or which promises it rests on."""
    from analyticsops.changes.assumptions import promises_of

    if change.unknown:
        return str(change.unknown[0])
    promises = promises_of(comparison, change) if change.verdict == "refactored" else ()
    return f"as long as {' and '.join(promises)}" if promises else ""


def differences(base: Workspace, head: Workspace) -> list[str]:
    """What makes two versions hard to compare, and is no change of the project."""
    pairs = (
        ("project", base.project.name, head.project.name),
        ("adapter", base.project.adapter, head.project.adapter),
        ("dbt version", base.project.dbt_version, head.project.dbt_version),
    )
    return [
        *(f"{what} differs: base {a}, head {b}" for what, a, b in pairs if a != b),
        *_stale(head),
    ]


def _stale(head: Workspace) -> list[str]:
    """Files that are not what was compiled: what they would change is not seen."""
    if head.project_dir is None:
        return []
    paths = sorted({stale.path for stale in stale_nodes(head.project, head.project_dir)})
    if not paths:
        return []
    named = f"{paths[0]} and {len(paths) - 1:,} more" if len(paths) > 1 else paths[0]
    return [f"{named}: not what dbt compiled; compile this version again to see the change"]


def select_changed(
    base: Workspace,
    head: Workspace,
    *,
    select: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
) -> tuple[Rebuild, ...]:
    """What must be built or tested again, parents first: what changed in meaning, and what
    lies below it through columns that changed. A change of text alone is none.

    Args:
        select: of these nodes only, in dbt's selection syntax.
        exclude: not these.

    Raises:
        AnalyticsOpsError: of whatever is wrong with the input.
    """
    from analyticsops.changes.compare import compare
    from analyticsops.changes.rebuild import must_build

    found = must_build(compare(*versions_of(base, head)))
    if not select and not exclude:
        return found
    chosen = selected_nodes(head, select, exclude, previous=base, kinds=("all",))
    return tuple(entry for entry in found if entry.node in chosen)
