"""Tags that travel: what derives from a tagged column by value carries the tag too.

A tag stops where the value is masked (hashed, redacted, counted) and where a person
declared so in the column's meta::

    columns:
      - name: email_domain
        config:
          meta:
            analyticsops: {declassified: [pii], reason: "no person can be told from it"}

It travels along doubtful edges as well, and says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from heapq import heappop, heappush
from typing import Any

import msgspec

from analyticsops.errors import ConfigError
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Edge, Link
from analyticsops.lineage.hops import is_value, readers_of
from analyticsops.lineage_settings import TagSettings
from analyticsops.project.hooks import owner_id
from analyticsops.project.model import Column, Node, Project
from analyticsops.sql.facts import Kind, Sure

WHOLE = "whole node"
"""How sure it is that a tag arrives where a whole node is used, as far as anyone knows."""

_DOUBT: Mapping[str, int] = {
    **{sure.value: rank for rank, sure in enumerate(Sure)},
    WHOLE: len(Sure),
}


class Carrier(msgspec.Struct, frozen=True, kw_only=True):
    """A column (or an end) that carries a tag.

    Attributes:
        ref: the column; with an empty ``column`` an end, or a whole node.
        tag: that it carries.
        declared: true if its own YAML says so.
        sure: of the least sure step of the surest way: ``exact``, ``inferred``,
            ``ambiguous``, ``partial`` or ``whole node``.
        way: from a column whose YAML has the tag to this one; one column if that is it.
    """

    ref: ColumnRef
    tag: str
    declared: bool
    sure: str
    way: tuple[ColumnRef, ...]


class Declassified(msgspec.Struct, frozen=True, kw_only=True):
    """A column at which a tag ends, because a person declared so."""

    ref: ColumnRef
    tag: str
    reason: str


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """Where some tags arrive, in the order of the nodes, and where they were stopped."""

    carriers: tuple[Carrier, ...]
    declassified: tuple[Declassified, ...]


def follow(
    project: Project, graph: ColumnGraph, settings: TagSettings, tags: Collection[str] = ()
) -> Followed:
    """Follow tags from the columns whose YAML has them.

    Args:
        tags: only these; by default those of the settings, else all that columns have.

    Raises:
        ConfigError: ``declassified`` in a column's meta is not a list of tags, or has no
            reason.
    """
    wanted = frozenset(tags or settings.follow)
    declared: dict[str, set[ColumnRef]] = {}
    stops: dict[str, dict[ColumnRef, str]] = {}
    for node in project.nodes.values():
        for column in node.columns.values():
            ref = _ref(graph, node, column)
            for tag in tags_of(column, wanted, settings.meta):
                declared.setdefault(tag, set()).add(ref)
            for tag, reason in _declassified(node, column).items():
                stops.setdefault(tag, {})[ref] = reason
    places = {unique_id: place for place, unique_id in enumerate(project.nodes)}
    carriers: list[Carrier] = []
    stopped: list[Declassified] = []
    for tag in sorted(declared):
        walk = _Walk(graph, declared[tag], stops.get(tag, {}))
        carriers += walk.carriers(tag)
        stopped += [
            Declassified(ref=ref, tag=tag, reason=stops[tag][ref]) for ref in sorted(walk.stopped)
        ]
    carriers.sort(
        key=lambda found: (places.get(owner_id(found.ref.node), -1), found.ref, found.tag)
    )
    return Followed(carriers=tuple(carriers), declassified=tuple(stopped))


def tags_of(column: Column, wanted: Collection[str], meta: Collection[str]) -> frozenset[str]:
    """The tags that a column's YAML gives it.

    Args:
        wanted: only these; empty for all. A key of this name in the column's meta counts
            as a tag, unless its value is false.
        meta: keys of the column's meta whose value is a tag or a list of tags.
    """
    found = set(column.tags)
    found |= {tag for tag in wanted if tag in column.meta and _is_true(column.meta[tag])}
    for key in meta:
        value = column.meta.get(key)
        found |= {str(item) for item in (value if isinstance(value, list) else [value]) if item}
    return frozenset(found & set(wanted) if wanted else found)


def _is_true(value: Any) -> bool:
    return bool(value) and str(value).lower() not in ("false", "no", "none", "0")


def _declassified(node: Node, column: Column) -> Mapping[str, str]:
    """Tag -> reason of ``meta.analyticsops.declassified``."""
    own = column.meta.get("analyticsops")
    if not isinstance(own, dict) or "declassified" not in own:
        return {}
    path = node.patch_path or node.path
    where = f"{path} (meta.analyticsops.declassified of {node.label}.{column.name})"
    tags, reason = own["declassified"], own.get("reason")
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise ConfigError("expected a list of tags", where=where)
    if not isinstance(reason, str) or not reason.strip():
        raise ConfigError(
            "'reason' is missing", where=where, hint="say why the tag no longer holds, beside it"
        )
    return dict.fromkeys(tags, reason)


def _ref(graph: ColumnGraph, node: Node, column: Column) -> ColumnRef:
    """The column as the graph spells it."""
    lineage = graph.nodes.get(node.unique_id)
    names = lineage.columns if lineage else {}
    if column.name in names:
        return ColumnRef(node.unique_id, column.name)
    key = column.name.lower()
    return ColumnRef(node.unique_id, next((n for n in names if n.lower() == key), column.name))


class _Walk:
    """One tag, from its columns downwards, surest and then shortest ways first."""

    def __init__(
        self, graph: ColumnGraph, declared: Collection[ColumnRef], stops: Collection[ColumnRef]
    ) -> None:
        self.stopped: set[ColumnRef] = set()
        self._declared = declared
        self._reached: dict[ColumnRef, tuple[str, ColumnRef]] = {}
        nowhere = ColumnRef("")
        heap = [(0, 0, ref, nowhere, Sure.EXACT.value) for ref in sorted(declared)]
        while heap:
            _, distance, ref, before, sure = heappop(heap)
            if ref in self._reached:
                continue
            if ref in stops and ref not in declared:
                self.stopped.add(ref)
                continue
            self._reached[ref] = (sure, before)
            for edge in _carrying(graph, ref):
                if edge.target not in self._reached:
                    own = WHOLE if edge.kind is Link.DEPENDS else edge.sure.value
                    worse = max(own, sure, key=_DOUBT.__getitem__)
                    heappush(heap, (_DOUBT[worse], distance + 1, edge.target, ref, worse))

    def carriers(self, tag: str) -> Iterator[Carrier]:
        """Everything that the tag reaches."""
        for ref, (sure, _) in self._reached.items():
            yield Carrier(
                ref=ref,
                tag=tag,
                declared=ref in self._declared,
                sure=sure,
                way=tuple(self._way(ref)),
            )

    def _way(self, ref: ColumnRef) -> list[ColumnRef]:
        way = [ref]
        while (before := self._reached[way[-1]][1]).node:
            way.append(before)
        return way[::-1]


def _carrying(graph: ColumnGraph, ref: ColumnRef) -> Iterator[Edge]:
    """The edges out of a column that carry its value, or may carry it."""
    for edge in readers_of(graph, ref):
        masked = isinstance(edge.kind, Kind) and edge.kind.masking
        if edge.kind is Link.DEPENDS or (is_value(edge) and not masked):
            yield edge
