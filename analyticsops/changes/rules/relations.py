"""SCH1: tables and views that are gone, moved, or of another kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from analyticsops.changes.compare import Comparison
from analyticsops.changes.deprecation import passed
from analyticsops.changes.rules.context import Context, about, changed_settings, told
from analyticsops.changes.rules.relation_claims import (
    BECAME_EPHEMERAL,
    EPHEMERAL_NO_MORE,
    MATERIALIZATION_CHANGED,
    MODEL_ADDED,
    MODEL_DISABLED,
    MODEL_ENABLED,
    MODEL_REMOVED,
    MODEL_RENAMED,
    RELATION_MOVED,
)
from analyticsops.findings import Finding, Severity
from analyticsops.project.model import TABLES, Node
from analyticsops.sql.facts import Problem
from analyticsops.sql.fingerprint import Fingerprint

RULES = (
    MODEL_REMOVED,
    MODEL_DISABLED,
    RELATION_MOVED,
    MODEL_RENAMED,
    BECAME_EPHEMERAL,
    MATERIALIZATION_CHANGED,
    MODEL_ADDED,
    MODEL_ENABLED,
    EPHEMERAL_NO_MORE,
)

_BUILT = frozenset({"model", "snapshot"})

Texts = Mapping[str, str | None]
"""``unique_id`` of a new node -> its own SQL."""


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    comparison = context.comparison
    texts = {n.unique_id: comparison.head.own_text(n) for n in comparison.added if n.kind in _BUILT}
    renamed: dict[str, Node] = {}
    for node in comparison.removed:
        if node.kind in TABLES and not _is_early(context, node):
            successor = _successor(comparison, node, texts)
            if successor is not None:
                renamed[successor.unique_id] = node
            yield _gone(context, node, successor)
    for node in comparison.added:
        if node.kind in TABLES and node.unique_id not in renamed and not node.version:
            yield _new(context, node)
    for base, head in context.pairs("model", "seed", "snapshot"):
        yield from _moved(context, base, head)
        yield from _materialized(context, base, head)


def _is_early(context: Context, node: Node) -> bool:
    """True of a version that goes before its day: that is `version-removed-early`."""
    disabled = node.unique_id in context.comparison.head.project.disabled
    return bool(node.version) and not disabled and not passed(node, context.today)


def _successor(comparison: Comparison, node: Node, texts: Texts) -> Node | None:
    """The new node that has the columns and rows of one that is gone."""
    if node.unique_id in comparison.head.project.disabled or node.kind == "source":
        return None
    candidates = [other for other in comparison.added if other.kind == node.kind]
    if node.kind == "seed":
        return next((o for o in candidates if o.checksum == node.checksum), None)
    if not candidates or node.language != "sql":
        return None
    text = comparison.base.own_text(node)
    same = next((o for o in candidates if text is not None and texts[o.unique_id] == text), None)
    return same or _same_meaning(comparison, node, candidates)


def _same_meaning(comparison: Comparison, node: Node, candidates: list[Node]) -> Node | None:
    """By fingerprint, among those that have the same columns at all."""
    graphs = comparison.base.graph, comparison.head.graph
    names = {name.lower() for name in graphs[0].nodes[node.unique_id].names}
    alike = [
        other
        for other in candidates
        if {name.lower() for name in graphs[1].nodes[other.unique_id].names} == names
    ]
    if not alike:
        return None
    mark = comparison.base.fingerprints([node], beside=comparison.head)[node.unique_id]
    if isinstance(mark, Problem) or not mark.rows or not mark.columns:
        return None
    marks = comparison.head.fingerprints(alike, beside=comparison.base)
    return next((other for other in alike if _same(mark, marks[other.unique_id])), None)


def _same(mark: Fingerprint, other: Fingerprint | Problem) -> bool:
    if isinstance(other, Problem):
        return False
    return (other.rows, other.columns) == (mark.rows, mark.columns)


def _gone(context: Context, node: Node, successor: Node | None) -> Finding:
    comparison = context.comparison
    disabled = node.unique_id in comparison.head.project.disabled
    versions = [
        other
        for other in comparison.added
        if other.kind == node.kind and other.name == node.name and other.version
    ]
    affected = context.hit_by_all(node)
    identity = []
    evidence = []
    if disabled:
        rule, what = MODEL_DISABLED, "was disabled"
    elif successor is not None:
        rule, what = MODEL_RENAMED, f"was renamed to {successor.label}, which means the same"
        identity = [successor.unique_id]
    else:
        rule, what = MODEL_REMOVED, "was removed"
    if versions:
        evidence = [f"versions take its place: {', '.join(v.label for v in versions)}"]
    elif passed(node, context.today):
        evidence = [f"it was deprecated until {node.deprecation_date[:10]}"]
    shim = _shim(comparison, node)
    if shim is not None and not disabled:
        evidence.append(f"{shim.label} stands where it was")
    return about(
        context,
        rule,
        node,
        f"{node.kind} {node.label} {what}",
        affected=affected,
        evidence=evidence,
        migrated=not disabled and bool(evidence),
        identity=identity,
    )


def _shim(comparison: Comparison, node: Node) -> Node | None:
    """The new model that stands where a relation was."""
    if node.relation is None:
        return None
    old = node.relation.identifier.lower()
    return next(
        (
            other
            for other in comparison.added
            if other.kind == "model"
            and other.unique_id != node.unique_id
            and other.relation is not None
            and other.relation.identifier.lower() == old
            and other.config.get("schema") == node.config.get("schema")
        ),
        None,
    )


def _new(context: Context, node: Node) -> Finding:
    enabled = node.unique_id in context.comparison.base.project.disabled
    rule = MODEL_ENABLED if enabled else MODEL_ADDED
    what = "was enabled" if enabled else "is new"
    return about(context, rule, node, f"{node.kind} {node.label} {what}")


def _moved(context: Context, base: Node, head: Node) -> Iterator[Finding]:
    changed = changed_settings(base, head, "database", "schema", "alias")
    if not changed or "ephemeral" in (base.materialized, head.materialized):
        return
    details = [f"{k}: {told(base.config.get(k))} -> {told(head.config.get(k))}" for k in changed]
    shim = _shim(context.comparison, base)
    yield about(
        context,
        RELATION_MOVED,
        head,
        f"{head.label} is built under another name ({'; '.join(details)})",
        affected=context.hit_by_all(head),
        evidence=[*details, *([f"{shim.label} stands where it was"] if shim is not None else [])],
        migrated=shim is not None,
        identity=details,
    )


def _materialized(context: Context, base: Node, head: Node) -> Iterator[Finding]:
    if head.kind != "model" or not changed_settings(base, head, "materialized"):
        return
    old, new = base.materialized, head.materialized
    # What merely computes its rows in another way is still a table.
    stored = {"incremental": "table", "materialized_view": "view"}
    if stored.get(old, old) == stored.get(new, new):
        return
    message = f"{head.label} was {_as_kind(old)} and is now {_as_kind(new)}"
    affected = context.hit_by_all(head)
    if new == "ephemeral":
        yield about(context, BECAME_EPHEMERAL, head, message, affected=affected)
    elif old == "ephemeral":
        yield about(context, EPHEMERAL_NO_MORE, head, message)
    else:
        yield about(
            context,
            MATERIALIZATION_CHANGED,
            head,
            message,
            default=Severity.WARNING,
            affected=affected,
            identity=(old, new),
        )


def _as_kind(materialized: str) -> str:
    """``a table``, ``ephemeral``."""
    if materialized in ("ephemeral", "incremental"):
        return materialized
    article = "an" if materialized[:1].lower() in tuple("aeiou") else "a"
    return f"{article} {materialized.replace('_', ' ')}"
