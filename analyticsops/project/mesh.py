"""Several projects as one: what one builds, another declares as its source.

Projects that ref each other (dbt mesh) share unique ids; projects that only share a
warehouse meet in relation names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from analyticsops.project.model import Node, Project


def join_projects(root: Project, others: Sequence[Project]) -> Project:
    """The root project with the nodes of others. Of a node that several manifests hold
    (a shared package, a ref across projects) the root's counts, then the first other's.

    A source whose relation is a model, seed or snapshot of another project depends on
    that node: it is the same table under another name.
    """
    if not others:
        return root
    nodes: dict[str, Node] = {}
    for project in (root, *others):
        for unique_id, node in project.nodes.items():
            nodes.setdefault(unique_id, node)
    built = _built(nodes.values())
    joined = {unique_id: _tied(node, built) for unique_id, node in nodes.items()}
    macros = {name: macro for p in (*others[::-1], root) for name, macro in p.macros.items()}
    groups = {name: group for p in (*others[::-1], root) for name, group in p.groups.items()}
    return msgspec.structs.replace(root, nodes=joined, macros=macros, groups=groups)


Names = tuple[str, str, str]


def _built(nodes: Iterable[Node]) -> Mapping[Names, Node]:
    """What dbt builds, by relation."""
    return {
        names: node
        for node in nodes
        if node.kind in ("model", "seed", "snapshot")
        and node.materialized != "ephemeral"
        and (names := _names(node)) is not None
    }


def _names(node: Node) -> Names | None:
    relation = node.relation
    if relation is None or not relation.schema:
        return None
    parts = (relation.database or "", relation.schema, relation.identifier)
    database, schema, identifier = (part.lower() for part in parts)
    return database, schema, identifier


def _tied(node: Node, built: Mapping[Names, Node]) -> Node:
    names = _names(node) if node.kind == "source" else None
    producer = built.get(names) if names else None
    if producer is None or producer.package == node.package:
        return node
    return msgspec.structs.replace(node, depends_on=(*node.depends_on, producer.unique_id))
