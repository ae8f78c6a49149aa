"""What a project holds that runs SQL and builds no table: hooks, operations, analyses.

dbt keeps the hooks of a model in its config, as texts; here each is a :class:`Node` of its
own, under the id of the node that it belongs to: ``model.shop.orders#post-hook.0``. A single
statement of several is told by its number: ``model.shop.orders#post-hook.0#2``.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from analyticsops.project.model import EMPTY, Node, Project

HOOK = "hook"
"""The kind of a hook of a model, seed or snapshot; on-run-start and on-run-end are dbt's
operations."""

HOLDERS = frozenset({HOOK, "operation", "analysis"})
"""Kinds of nodes that hold statements."""

_MARK = "#"
_WITH_HOOKS = frozenset({"model", "seed", "snapshot"})
_PLACES = ("pre-hook", "post-hook")


def held_statements(project: Project) -> Iterator[Node]:
    """Every hook, operation and analysis, in the manifest's order."""
    for node in project.nodes.values():
        if node.kind in HOLDERS:
            yield node
        else:
            yield from hooks_of(node)


def hooks_of(node: Node) -> list[Node]:
    """The hooks of a node as nodes; an ephemeral model is never built, and runs none."""
    if node.kind not in _WITH_HOOKS or node.materialized == "ephemeral":
        return []
    return [hook for place in _PLACES if node.config.get(place) for hook in _at(node, place)]


def _at(node: Node, place: str) -> Iterator[Node]:
    texts = _texts(node.config[place])
    for index, text in enumerate(texts):
        number = f" {index + 1}" if len(texts) > 1 else ""
        yield msgspec.structs.replace(
            node,
            unique_id=f"{node.unique_id}{_MARK}{place}.{index}",
            kind=HOOK,
            name=f"{node.label} {place}{number}",
            version="",
            raw_code=text,
            compiled_code=None,
            language="sql",
            columns=EMPTY,
            contract=False,
            constraints=(),
        )


def _texts(hooks: object) -> list[str]:
    """The texts of hooks in any of the forms that manifests have."""
    items = hooks if isinstance(hooks, (list, tuple)) else [hooks]
    texts = [item.get("sql") if isinstance(item, dict) else item for item in items]
    return [text for text in texts if isinstance(text, str) and text.strip()]


def statement_id(holder: str, number: int, count: int) -> str:
    """The id of the statement of that number, from 1, of ``count`` in one hook."""
    return f"{holder}{_MARK}{number}" if count > 1 else holder


def statement_place(unique_id: str) -> tuple[str, int]:
    """The id of the hook that holds a statement, and the statement's number in it."""
    holder, _, part = unique_id.rpartition(_MARK)
    return (holder, int(part)) if part.isdigit() else (unique_id, 1)


def owner_id(unique_id: str) -> str:
    """The node that a hook or one of its statements belongs to; any other id as it is."""
    return unique_id.partition(_MARK)[0]


def find_node(project: Project, unique_id: str) -> Node | None:
    """The node of that id: of the project, a hook, or one statement of a hook."""
    found = project.nodes.get(unique_id)
    if found is not None or _MARK not in unique_id:
        return found
    holder, _, part = unique_id.rpartition(_MARK)
    if part.isdigit():
        found = find_node(project, holder)
        name = f"{found.name} statement {part}" if found else ""
        return found and msgspec.structs.replace(found, unique_id=unique_id, name=name)
    owner = project.nodes.get(holder)
    hooks = hooks_of(owner) if owner is not None else ()
    return next((hook for hook in hooks if hook.unique_id == unique_id), None)
