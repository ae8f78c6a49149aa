"""``model`` and ``graph``: nodes as the dictionaries that dbt shows to templates."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from analyticsops.project.model import Column, Node, Project
from analyticsops.project.render.values import Exposed, Notes, Partial

NOT_KEPT = "is not kept by analyticsops"
_PLACES = {
    "exposure": "exposures",
    "metric": "metrics",
    "saved_query": "saved_queries",
    "semantic_model": "semantic_models",
    "source": "sources",
}
_ELSEWHERE = frozenset({"function", "unit_test"})


def node_value(notes: Notes, node: Node) -> Partial:
    """``model``: as in dbt, without the keys that have no value."""
    fields = _Fields(notes, node, omit_none=True)
    return Partial(notes, node.label, NOT_KEPT, fields, fields.absent)


def graph_value(notes: Notes, project: Project) -> Partial:
    """``graph``: all nodes by kind and unique id."""
    groups = {key: _Nodes(notes, project, key) for key in ("nodes", *_PLACES.values())}
    return Partial(notes, "graph", NOT_KEPT, groups)


class _Nodes(Exposed, Mapping[str, Partial]):
    """One kind of nodes by unique id; made when asked for, because most templates want one
    of thousands."""

    exposed = frozenset({"get", "items", "keys", "values"})
    __slots__ = ("_group", "_made", "_notes", "_project")

    def __init__(self, notes: Notes, project: Project, group: str) -> None:
        self._notes = notes
        self._project = project
        self._group = group
        self._made: dict[str, Partial] = {}

    def attribute(self, name: str) -> Any:
        """Methods first, as for a dictionary in a template, then keys."""
        if name in self.exposed or name not in self:
            return super().attribute(name)
        return self[name]

    def __getitem__(self, unique_id: str) -> Partial:
        if unique_id not in self:
            raise KeyError(unique_id)
        if unique_id not in self._made:
            node = self._project.nodes[unique_id]
            fields = _Fields(self._notes, node, omit_none=False)
            self._made[unique_id] = Partial(self._notes, node.label, NOT_KEPT, fields)
        return self._made[unique_id]

    def __contains__(self, unique_id: object) -> bool:
        node = self._project.nodes.get(str(unique_id))
        return node is not None and _group_of(node) == self._group

    def __iter__(self) -> Iterator[str]:
        nodes = self._project.nodes.values()
        return (node.unique_id for node in nodes if _group_of(node) == self._group)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _group_of(node: Node) -> str:
    """The key of ``graph`` under which dbt has a node; empty if it has not."""
    return "" if node.kind in _ELSEWHERE else _PLACES.get(node.kind, "nodes")


class _Fields(Mapping[str, Any]):
    """What we know of dbt's dictionary of a node; made when asked for, because a
    template may walk over all nodes for one name. Copies, because it may change them."""

    __slots__ = ("_made", "_node", "_notes", "_omit", "_readers")

    def __init__(self, notes: Notes, node: Node, *, omit_none: bool) -> None:
        self._notes = notes
        self._node = node
        self._omit = omit_none
        self._made: dict[str, Any] = {}
        self._readers = _SOURCE if node.source is not None else _OTHER

    @property
    def absent(self) -> frozenset[str]:
        """Keys that dbt leaves out of this dictionary because they have no value."""
        return frozenset(key for key in self._readers if self._omit and self._get(key) is None)

    def _get(self, key: str) -> Any:
        if key not in self._made:
            self._made[key] = self._readers[key](self._notes, self._node)
        return self._made[key]

    def __contains__(self, key: object) -> bool:
        return key in self._readers and not (self._omit and self._get(str(key)) is None)

    def __getitem__(self, key: str) -> Any:
        value = self._get(key)
        if self._omit and value is None:
            raise KeyError(key)
        return value

    def __iter__(self) -> Iterator[str]:
        return (key for key in self._readers if key in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


_Reader = Callable[[Notes, Node], Any]


def _relation(part: str) -> _Reader:
    return lambda _, node: getattr(node.relation, part, None)


def _copied(field: str) -> _Reader:
    return lambda _, node: copy.deepcopy(dict(getattr(node, field)))


def _listed(field: str) -> _Reader:
    return lambda _, node: list(getattr(node, field))


def _plain(field: str) -> _Reader:
    return lambda _, node: getattr(node, field)


def _optional(field: str) -> _Reader:
    return lambda _, node: getattr(node, field) or None


def _columns(notes: Notes, node: Node) -> dict[str, Any]:
    declared = [column for column in node.columns.values() if column.declared]
    return {c.name: Partial(notes, c.name, NOT_KEPT, _column(c)) for c in declared}


def _column(column: Column) -> dict[str, Any]:
    meta, tags = copy.deepcopy(dict(column.meta)), list(column.tags)
    known: dict[str, Any] = {
        "name": column.name,
        "description": column.description,
        "tags": tags,
        "meta": meta,
        "config": {"meta": meta, "tags": tags},
    }
    if column.type_from in ("contract", "declared"):
        known["data_type"] = column.type
    return known


_COMMON: Mapping[str, _Reader] = {
    "unique_id": _plain("unique_id"),
    "resource_type": _plain("kind"),
    "name": _plain("name"),
    "package_name": _plain("package"),
    "original_file_path": _plain("path"),
    "fqn": _listed("fqn"),
    "description": _plain("description"),
    "config": _copied("config"),
    "unrendered_config": _copied("unrendered_config"),
    "tags": _listed("tags"),
    "meta": _copied("meta"),
    "group": _optional("group"),
    "columns": _columns,
    "database": _relation("database"),
    "schema": _relation("schema"),
    "relation_name": _optional("relation_name"),
    "depends_on": lambda _, node: {"nodes": list(node.depends_on), "macros": list(node.macros)},
}
_SOURCE: Mapping[str, _Reader] = {
    **_COMMON,
    "identifier": _relation("identifier"),
    "source_name": lambda _, node: node.source.source_name if node.source else None,
    "loader": lambda _, node: node.source.loader if node.source else None,
    "loaded_at_field": lambda _, node: (node.source and node.source.loaded_at_field) or None,
}
_OTHER: Mapping[str, _Reader] = {
    **_COMMON,
    "alias": _relation("identifier"),
    "raw_code": _plain("raw_code"),
    "language": _plain("language"),
    "checksum": lambda _, node: dict(zip(("name", "checksum"), node.checksum, strict=True)),
    "access": _optional("access"),
    "version": _optional("version"),
    "latest_version": _optional("latest_version"),
    "deprecation_date": _optional("deprecation_date"),
}
