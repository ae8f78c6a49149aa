"""Tables that both versions are given with the same rows, whatever each calls them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from analyticsops.changes.compare import Comparison
from analyticsops.changes.version import Version
from analyticsops.evidence.pair import SIDES, Input, Seen, Side
from analyticsops.project.model import Node
from analyticsops.sql.translate import type_in_duckdb
from analyticsops.verify.promises import NOTHING, Promise, Promises, keys_together, promises_of
from analyticsops.verify.schema import Schemas
from analyticsops.verify.tables import Column, Table

TypesOf = Callable[[Side, str], Mapping[str, str]]
"""(version, ``unique_id``) -> types of its columns, as that version's dialect writes them, by
their names in lower case; empty where nobody says them."""


class Inputs:
    """The tables of a comparison, as inputs of what is executed."""

    def __init__(self, comparison: Comparison, types: TypesOf) -> None:
        self.versions: tuple[Version, Version] = (comparison.base, comparison.head)
        self._comparison = comparison
        self._types = types
        self._schemas = [Schemas(v.project, v.graph, v.code, {}) for v in self.versions]
        self._promises: list[Promises] = [promises_of(v.project) for v in self.versions]
        self._made: dict[str, Input | str] = {}

    def read_by(self, unique_id: str) -> list[str]:
        """Ids of the tables that a model reads in either version."""
        found: dict[str, None] = {}
        for version, schemas in zip(self.versions, self._schemas, strict=True):
            node = version.project.nodes.get(unique_id)
            if node is not None:
                found.update(dict.fromkeys(schemas.read_by(node)))
        return list(found)

    def foreign(self, unique_id: str) -> str:
        """A table outside of the project that a model reads; empty if it reads none."""
        for version, schemas in zip(self.versions, self._schemas, strict=True):
            node = version.project.nodes.get(unique_id)
            names = schemas.foreign(node) if node is not None else []
            if names:
                return names[0]
        return ""

    def make(self, unique_id: str) -> Input | str:
        """The table; or why it cannot be given."""
        if unique_id not in self._made:
            self._made[unique_id] = self._input(unique_id)
        return self._made[unique_id]

    def _input(self, unique_id: str) -> Input | str:
        nodes = [version.project.nodes.get(unique_id) for version in self.versions]
        names = [self._names(side, node) for side, node in zip(SIDES, nodes, strict=True)]
        label = next(node.label for node in reversed(nodes) if node is not None)
        if not any(names):
            return f"no column of a parent is known: {label}"
        old_names = self._old_names(unique_id)
        columns: dict[str, Column] = {}
        guessed: list[int] = []
        for name in [*names[Side.HEAD], *names[Side.BASE]]:
            key = old_names.get(name.lower(), name.lower()) if name in names[0] else name.lower()
            if key not in columns:
                column = self._column(unique_id, key, name, old_names)
                if not column.type:
                    guessed.append(len(columns))
                columns[key] = column
        places = {key: n for n, key in enumerate(columns)}
        seen = tuple(
            self._seen(side, node, names[side], places, old_names, [*columns.values()])
            for side, node in zip(SIDES, nodes, strict=True)
        )
        if not any(seen):
            return f"a parent has no relation: {label}"
        table = Table(unique_id, (), tuple(columns.values()), self._keys(nodes, old_names))
        return Input(table, label, (seen[0], seen[1]), tuple(guessed))

    def _names(self, side: Side, node: Node | None) -> Sequence[str]:
        if node is None:
            return ()
        lineage = self.versions[side].graph.nodes.get(node.unique_id)
        return lineage.names if lineage is not None and lineage.names else tuple(node.columns)

    def _old_names(self, unique_id: str) -> Mapping[str, str]:
        """Names of the base -> names of the head, of columns that are proven the same."""
        change = self._comparison.nodes.get(unique_id)
        renamed = change.renamed if change is not None else ()
        return {pair.old.lower(): pair.new.lower() for pair in renamed if pair.proved}

    def _type(self, side: Side, unique_id: str, name: str) -> str:
        known = self._types(side, unique_id).get(name.lower(), "")
        return type_in_duckdb(known, self.versions[side].dialect)

    def _column(self, unique_id: str, key: str, name: str, old_names: Mapping[str, str]) -> Column:
        before = next((old for old, new in old_names.items() if new == key), key)
        kinds = [self._type(Side.HEAD, unique_id, key), self._type(Side.BASE, unique_id, before)]
        old = self._promises[Side.BASE].get((unique_id, before), NOTHING)
        new = self._promises[Side.HEAD].get((unique_id, key), NOTHING)
        both = _both(old, new)
        return Column(
            name, kinds[0] or kinds[1], both.unique, both.required, both.accepted, both.refers
        )

    def _seen(
        self,
        side: Side,
        node: Node | None,
        names: Sequence[str],
        places: Mapping[str, int],
        old_names: Mapping[str, str],
        columns: Sequence[Column],
    ) -> Seen | None:
        if node is None or node.relation is None or not names:
            return None
        found = []
        for name in names:
            key = name.lower()
            place = places[old_names.get(key, key) if side is Side.BASE else key]
            own = self._type(side, node.unique_id, name)
            found.append((name, place, own if own != columns[place].type else ""))
        return Seen(relation_parts(node), tuple(found))

    def _keys(
        self, nodes: Sequence[Node | None], old_names: Mapping[str, str]
    ) -> tuple[tuple[str, ...], ...]:
        found: dict[tuple[str, ...], None] = {}
        for side, node in zip(SIDES, nodes, strict=True):
            if node is None:
                continue
            for key in keys_together(self.versions[side].project, node):
                own = [old_names.get(n, n) if side is Side.BASE else n for n in key]
                found[tuple(sorted(own))] = None
        return tuple(found)


def _both(old: Promise, new: Promise) -> Promise:
    """What both versions may rely on."""
    accepted = (
        tuple(dict.fromkeys([*new.accepted, *old.accepted]))
        if new.accepted and old.accepted
        else new.accepted or old.accepted
    )
    return Promise(
        unique=old.unique or new.unique,
        required=old.required or new.required,
        accepted=accepted,
        refers=new.refers or old.refers,
    )


def relation_parts(node: Node) -> tuple[str, ...]:
    """Database, schema and identifier, as far as they are known."""
    relation = node.relation
    if relation is None:
        return ()
    parts = (relation.database, relation.schema, relation.identifier)
    return tuple(part for part in parts if part)
