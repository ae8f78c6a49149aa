"""GOV: owners, exposures, tags and descriptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analyticsops.changes.rules.context import Context, about, owner_of, told
from analyticsops.changes.rules.evidence import cut
from analyticsops.changes.rules.governance_claims import (
    DESCRIPTION_ADDED,
    DESCRIPTION_REMOVED,
    EXPOSURE_ADDED,
    EXPOSURE_REMOVED,
    OWNER_ADDED,
    OWNER_REMOVED,
    TAGS_CHANGED,
)
from analyticsops.findings import Finding
from analyticsops.project.model import Node
from analyticsops.wording import listed

RULES = (
    OWNER_REMOVED,
    EXPOSURE_REMOVED,
    TAGS_CHANGED,
    DESCRIPTION_REMOVED,
    OWNER_ADDED,
    EXPOSURE_ADDED,
    DESCRIPTION_ADDED,
)

_OWNED = ("model", "seed", "snapshot", "source", "metric", "exposure", "semantic_model")


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    comparison = context.comparison
    for node in comparison.removed:
        if node.kind == "exposure":
            yield about(context, EXPOSURE_REMOVED, node, f"exposure {node.label} was removed")
    for node in comparison.added:
        if node.kind == "exposure":
            yield about(context, EXPOSURE_ADDED, node, f"exposure {node.label} is new")
    for base, head in context.pairs("exposure"):
        yield from _dependencies(context, base, head)
    for base, head in context.pairs(*_OWNED):
        yield from _owner(context, base, head)
        if context.tells(TAGS_CHANGED):  # columns of all nodes, which take a while to make
            yield from _described(context, base, head)
            yield from _tagged(context, base, head)


def _dependencies(context: Context, base: Node, head: Node) -> Iterator[Finding]:
    nodes = {**context.comparison.base.project.nodes, **context.comparison.head.project.nodes}
    gone, new = (
        sorted(nodes[i].label if i in nodes else i for i in ids)
        for ids in (
            set(base.depends_on) - set(head.depends_on),
            set(head.depends_on) - set(base.depends_on),
        )
    )
    lines = [*(f"was: {name}" for name in gone), *(f"now: {name}" for name in new)]
    if lines:
        rule = EXPOSURE_REMOVED if gone else EXPOSURE_ADDED
        what = f"no longer depends on {listed(gone)}" if gone else f"also depends on {listed(new)}"
        message = f"exposure {head.label} {what}"
        yield about(context, rule, head, message, evidence=lines, identity=lines)


def _owner(context: Context, base: Node, head: Node) -> Iterator[Finding]:
    old, new = owner_of(base), owner_of(head)
    if old and not new:
        message = f"nobody owns {head.label} any more; it was {old}"
        yield about(context, OWNER_REMOVED, head, message, identity=[old])
    elif new and not old:
        yield about(context, OWNER_ADDED, head, f"{new} owns {head.label}", identity=[new])


def _described(context: Context, base: Node, head: Node) -> Iterator[Finding]:
    """Of the node, and of its columns as far as both versions have them."""
    pairs = [("", base.description, head.description)]
    if base.columns is not head.columns:
        before = {name.lower(): column for name, column in base.columns.items()}
        pairs += [
            (name, before[name.lower()].description, column.description)
            for name, column in head.columns.items()
            if name.lower() in before
        ]
    for name, old, new in pairs:
        if bool(old.strip()) == bool(new.strip()):
            continue
        rule = DESCRIPTION_REMOVED if old.strip() else DESCRIPTION_ADDED
        label = f"{head.label}.{name}" if name else head.label
        what = "has no description any more" if old.strip() else "is now described"
        yield about(context, rule, head, f"{label} {what}", column=name)


def _tagged(context: Context, base: Node, head: Node) -> Iterator[Finding]:
    before, after = _labels(base), _labels(head)
    for name in before.keys() | after.keys():
        if name in before and name in after and before[name] != after[name]:
            (tags, meta), (new_tags, new_meta) = before[name], after[name]
            label = f"{head.label}.{name}" if name else head.label
            changed = [
                *(["tags"] if tags != new_tags else []),
                *(["meta"] if meta != new_meta else []),
            ]
            yield about(
                context,
                TAGS_CHANGED,
                head,
                f"{listed(changed)} of {label} changed",
                column=name,
                evidence=[
                    *(f"was: tag {tag}" for tag in tags if tag not in new_tags),
                    *(f"now: tag {tag}" for tag in new_tags if tag not in tags),
                    *_meta_lines(meta, new_meta),
                ],
                identity=[str(before[name]), str(after[name])],
            )


Labels = tuple[list[str], Mapping[str, Any]]


def _labels(node: Node) -> dict[str, Labels]:
    """Tags and meta of the node and of its columns."""
    found: dict[str, Labels] = {"": (sorted(node.tags), node.meta)}
    for name, column in node.columns.items():
        if column.declared:
            found[name] = (sorted(column.tags), column.meta)
    return found


def _meta_lines(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            yield f"meta {key}: {cut(told(old.get(key)))} -> {cut(told(new.get(key)))}"
