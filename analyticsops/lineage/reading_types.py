"""A query -> the types of its columns, or the reason why none is known. Never an exception."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from analyticsops.lineage.query import Near, known_tables
from analyticsops.lineage.questions import Kind, TypedTable, TypesQuery
from analyticsops.sql.facts import Problem
from analyticsops.sql.recover import Parsed
from analyticsops.sql.types.infer import type_query
from analyticsops.sql.types.reading import parse_for_types
from analyticsops.sql.types.snapshots import snapshot_types
from analyticsops.sql.types.typed import TypedColumn

_near = msgspec.msgpack.Decoder(TypedTable)


def read_types(query: TypesQuery) -> tuple[TypedColumn, ...] | Problem:
    """Parse a query and type its columns, in this process."""
    parsed = parse_for_types(query.sql, query.dialect)
    if isinstance(parsed, Problem):
        return parsed
    try:
        return _Reading(query, parsed).columns()
    except RecursionError:
        return Problem("nested too deeply", "the analysis gave up")
    except MemoryError:
        return Problem("budget", "the analysis took too much memory")


class _Reading:
    def __init__(self, query: TypesQuery, parsed: Parsed) -> None:
        self.query = query
        self.parsed = parsed
        self.near: Sequence[TypedTable] = [_near.decode(packed) for packed in query.near]
        self.known = {
            item.table.id: dict(zip(map(str.lower, item.columns.columns), item.kinds, strict=True))
            for item in self.near
        }
        self.asked: set[str] = set()

    def columns(self) -> tuple[TypedColumn, ...]:
        """Those of the result, then those behind its open stars."""
        own = self.query.own
        self.known[own] = dict.fromkeys(map(str.lower, self.query.names), "NULL")
        found = self._typed()
        if own in self.asked:
            # It reads itself. First its own columns took any type; now they have one.
            self.known[own] = {key: c.type or c.problem or "" for key, c in found.items()}
            found = self._typed()
        return tuple(found.values())

    def _typed(self) -> dict[str, TypedColumn]:
        """By name in lower case."""
        query = self.query
        tables = known_tables([Near(item.table, item.columns) for item in self.near], query.own)
        tree, gaps = self.parsed
        typing = type_query(tree, query.dialect, tables, self._kind, gaps)
        found = {column.name.lower(): column for column in reversed(typing.columns)}
        for name in query.names:
            if name.lower() not in found and (demanded := typing.demand(name)) is not None:
                found[name.lower()] = demanded
        if query.snapshot is not None:
            found |= snapshot_types(query.snapshot, found, query.dialect)
        return found

    def _kind(self, table: str, column: str) -> Kind:
        self.asked.add(table)
        return self.known.get(table, {}).get(column.lower(), "")
