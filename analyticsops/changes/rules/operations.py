"""OPS: how models, snapshots and seeds are built."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analyticsops.changes.compare import NodeChange, RowChange
from analyticsops.changes.rules.context import (
    Context,
    about,
    changed_line,
    changed_settings,
    told,
)
from analyticsops.changes.rules.operation_claims import (
    HISTORY,
    HOOK_CHANGED,
    KEY_CHANGED,
    ON_SCHEMA_CHANGE,
    PARTITION_CHANGED,
    SEED_VALUES,
    SNAPSHOT_CHANGED,
    STRATEGY_CHANGED,
)
from analyticsops.changes.version import Version
from analyticsops.findings import Affected, Finding, Rule
from analyticsops.lineage.graph import ColumnGraph, ColumnRef
from analyticsops.project.hooks import owner_id
from analyticsops.project.model import Node
from analyticsops.wording import listed

RULES = (
    STRATEGY_CHANGED,
    KEY_CHANGED,
    ON_SCHEMA_CHANGE,
    PARTITION_CHANGED,
    HISTORY,
    SNAPSHOT_CHANGED,
    SEED_VALUES,
    HOOK_CHANGED,
)

_INCREMENTAL = (
    (STRATEGY_CHANGED, ("incremental_strategy", "incremental_predicates", "merge_update_columns")),
    (KEY_CHANGED, ("unique_key",)),
    (ON_SCHEMA_CHANGE, ("on_schema_change",)),
)
_SNAPSHOT = (
    (
        SNAPSHOT_CHANGED,
        ("strategy", "check_cols", "updated_at", "hard_deletes", "invalidate_hard_deletes"),
    ),
    (KEY_CHANGED, ("unique_key",)),
)
_STORED = (
    (
        PARTITION_CHANGED,
        ("partition_by", "cluster_by", "partitions", "sort", "dist", "sort_type", "indexes"),
    ),
)
_HOOKS = ((HOOK_CHANGED, ("pre-hook", "post-hook")),)

Judged = tuple[tuple[Rule, tuple[str, ...]], ...]


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    for base, head in context.pairs("model", "snapshot", "seed"):
        for rule, keys in _judged(base, head):
            yield from _setting(context, rule, base, head, keys)
    for change in context.defined():
        if change.head.kind == "seed" and change.base.checksum != change.head.checksum:
            yield _seed(context, change)
        elif _keeps_history(change.head) and _means_other(change):
            yield _history(context, change)


def _judged(base: Node, head: Node) -> Judged:
    if head.kind == "snapshot":
        return _SNAPSHOT + _HOOKS
    if base.materialized == head.materialized == "incremental":
        return _INCREMENTAL + _STORED + _HOOKS
    return _STORED + _HOOKS


def _setting(
    context: Context, rule: Rule, base: Node, head: Node, keys: tuple[str, ...]
) -> Iterator[Finding]:
    changed = [
        key
        for key in changed_settings(base, head, *keys)
        if _value(base.config.get(key)) != _value(head.config.get(key))
    ]
    if not changed:
        return
    details = [
        f"{key}: {_value(base.config.get(key))} -> {_value(head.config.get(key))}"
        for key in changed
    ]
    yield about(
        context,
        rule,
        head,
        f"{listed(changed)} of {head.label} changed",
        weighs=False,
        affected=_reached(context, rule, head),
        evidence=[*details, *_writes(context, rule, head)],
        proven=rule is not HOOK_CHANGED,
        identity=details,
    )


def _reached(context: Context, rule: Rule, head: Node) -> tuple[Affected, ...]:
    """Whom a setting reaches: of hooks also through the columns that they write, or wrote."""
    if rule is not HOOK_CHANGED:
        return context.hit(head)
    names = (name for side in _sides(context) for name in _written(side.graph, head))
    return context.hit(head, dict.fromkeys(("", *names)))


def _writes(context: Context, rule: Rule, head: Node) -> Iterator[str]:
    """What hooks write of their own table, before and after."""
    if rule is HOOK_CHANGED:
        for when, side in zip(("before", "now"), _sides(context), strict=True):
            names = ["rows" if name == "" else name for name in _written(side.graph, head)]
            yield f"{when} it writes: {', '.join(names) or 'nothing of its table'}"


def _sides(context: Context) -> tuple[Version, Version]:
    return context.comparison.base, context.comparison.head


def _written(graph: ColumnGraph, node: Node) -> list[str]:
    """The columns that a node's hooks write of it; empty for its rows."""
    lineage = graph.nodes[node.unique_id]
    return [
        name
        for name in ("", *lineage.names)
        if any(
            owner_id(edge.source.node) == node.unique_id != edge.source.node
            for edge in graph.parents(ColumnRef(node.unique_id, name))
        )
    ]


def _value(value: Any) -> str:
    """A setting as text; hooks without what dbt adds to them, and without layout."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "; ".join(" ".join(str(item.get("sql", item)).split()) for item in value)
    return told(value)


def _seed(context: Context, change: NodeChange) -> Finding:
    return about(
        context,
        SEED_VALUES,
        change.head,
        f"the content of seed {change.head.label} changed",
        affected=context.hit_by_all(change.head),
        identity=change.head.checksum,
    )


def _keeps_history(node: Node) -> bool:
    """True if rows of earlier runs stay, unless the settings say that none ever do."""
    if node.materialized == "incremental":
        return node.config.get("full_refresh") is not True
    return node.kind == "snapshot"


def _restated(node: Node) -> str:
    """How old rows come to mean what the new ones mean. A full refresh is not for all."""
    command = f"dbt build --full-refresh --select {node.name}"
    if node.kind == "snapshot":
        return (
            "dbt never builds a snapshot anew: correct its rows in place, or begin a new snapshot "
            "beside it."
        )
    if node.config.get("full_refresh") is False:
        return (
            f"`full_refresh: false` stands against `{command}`: take it out for one run, or "
            "correct the rows in place."
        )
    return command


def _means_other(change: NodeChange) -> bool:
    return bool(change.values) or change.rows is not RowChange.SAME


def _history(context: Context, change: NodeChange) -> Finding:
    rows = change.rows is not RowChange.SAME
    old = [f"keep the old meaning of {listed(change.values)}"] if change.values else []
    old += ["were chosen by the old definition"] if rows else []
    return about(
        context,
        HISTORY,
        change.head,
        f"rows that are already in {change.head.label} {', and '.join(old)}",
        weighs=False,
        location=changed_line(change, context.locate_head),
        affected=context.hit(change.head, [*change.values] + ([""] if rows else [])),
        proven=False,
        fix=_restated(change.head),
        identity=[mark.rows for mark in change.marks or ()] + list(change.values),
    )
