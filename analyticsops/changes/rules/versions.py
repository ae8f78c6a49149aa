"""CON: versions of models, and the days on which they end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyticsops.changes.compare import NodeChange
from analyticsops.changes.deprecation import day_of, passed
from analyticsops.changes.rules.context import Context, about, changed_line
from analyticsops.changes.rules.contract_claims import (
    DEPRECATION_POSTPONED,
    DEPRECATION_SHORTENED,
    EDITED_IN_PLACE,
    LATEST_MOVED,
    VERSION_ADDED,
    VERSION_REMOVED,
)
from analyticsops.findings import Finding, Severity
from analyticsops.project.model import Node

RULES = (
    VERSION_REMOVED,
    EDITED_IN_PLACE,
    LATEST_MOVED,
    DEPRECATION_SHORTENED,
    VERSION_ADDED,
    DEPRECATION_POSTPONED,
)

_HARMLESS = frozenset({"refactored", "identical", "additive"})


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    comparison = context.comparison
    disabled = comparison.head.project.disabled
    for node in comparison.removed:
        is_version = bool(node.version) and node.kind == "model"
        if is_version and node.unique_id not in disabled and not passed(node, context.today):
            yield _removed(context, node)
    for node in comparison.added:
        if node.version and node.kind == "model":
            yield about(context, VERSION_ADDED, node, f"{node.label} is a new version")
    for change in context.defined():
        if _is_released(change.head) and change.verdict not in _HARMLESS:
            yield _edited(context, change)
    for base, head in context.pairs("model"):
        yield from _dates(context, base, head)
    yield from _latest(context)


def _removed(context: Context, node: Node) -> Finding:
    day = day_of(node)
    when = f"before its deprecation date {day}" if day else "without a deprecation date"
    return about(
        context,
        VERSION_REMOVED,
        node,
        f"{node.label} was removed {when}",
        weighs=False,
        affected=context.hit_by_all(node),
    )


def _is_released(node: Node) -> bool:
    """True for a version that is the latest or older; a newer one is still a draft."""
    if not node.version or not node.latest_version:
        return False
    return _order(node.version) <= _order(node.latest_version)


def _order(version: str) -> tuple[float, str]:
    try:
        return float(version), ""
    except ValueError:
        return 0.0, version


def _edited(context: Context, change: NodeChange) -> Finding:
    return about(
        context,
        EDITED_IN_PLACE,
        change.head,
        f"{change.head.label} is released and was edited in place ({change.verdict})",
        weighs=False,
        location=changed_line(change, context.locate_head),
        affected=context.hit_by_all(change.head),
        identity=[mark.rows for mark in change.marks or ()],
    )


def _dates(context: Context, base: Node, head: Node) -> Iterator[Finding]:
    old, new = day_of(base), day_of(head)
    if old == new:
        return
    before, after = (str(day) if day else "no date" for day in (old, new))
    earlier = new is not None and (old is None or new < old)
    yield about(
        context,
        DEPRECATION_SHORTENED if earlier else DEPRECATION_POSTPONED,
        head,
        f"the end of {head.label} moved from {before} to {after}",
        # A first date announces the end; it takes no time from anybody who was promised it.
        default=Severity.WARNING if earlier and old is None else None,
        weighs=False,
        affected=context.hit_by_all(head) if earlier else (),
        identity=(before, after),
    )


def _latest(context: Context) -> Iterator[Finding]:
    """One finding for each model whose latest version is another."""
    told = set()
    for base, head in context.pairs("model"):
        name = (head.package, head.name)
        if base.latest_version == head.latest_version or name in told:
            continue
        told.add(name)
        yield _moved(context, base, head)


def _moved(context: Context, base: Node, head: Node) -> Finding:
    nodes = context.comparison.head.project.nodes
    latest = next(
        (
            node
            for node in nodes.values()
            if (node.package, node.name, node.version)
            == (head.package, head.name, head.latest_version)
            and node.kind == "model"
        ),
        head,
    )
    old, new = base.latest_version, head.latest_version
    what = f"the latest version of {head.name} is {new}{f', not {old}' if old else ''}"
    readers = [node.label for node in nodes.values() if refers_unpinned(node.raw_code, head.name)]
    return about(
        context,
        LATEST_MOVED,
        latest,
        what if new else f"{head.name} has no latest version any more, it was {old}",
        subject=head.name,
        affected=context.hit_by_all(latest),
        evidence=[f"refers to it without a version: {name}" for name in sorted(readers)],
        identity=(old, new),
    )


def refers_unpinned(code: str, name: str) -> bool:
    """True if Jinja code calls ``ref`` of a model without naming a version."""
    reference = rf"ref\(\s*(?:['\"][\w-]+['\"]\s*,\s*)?['\"]{re.escape(name)}['\"]\s*\)"
    return re.search(reference, code) is not None
