"""What a generated expression may refer to."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from .schemas import Col, ident


class Rel(NamedTuple):
    """Something that stands in FROM.

    Attributes:
        sql: as it stands there, without alias.
        columns: in order.
        key: names of columns that tell its rows apart; empty if none are known.
        name: under which it is known without an alias; empty if it must have one.
    """

    sql: str
    columns: tuple[Col, ...]
    key: tuple[str, ...] = ()
    name: str = ""


class Source(NamedTuple):
    """A relation under its alias."""

    alias: str
    columns: tuple[Col, ...]
    key: tuple[str, ...] = ()


class Scope:
    """The sources of one SELECT, those around it, and aliases of its own list."""

    def __init__(self, sources: Sequence[Source] = (), outer: Scope | None = None) -> None:
        self.sources = list(sources)
        self.outer = outer
        self.merged: set[str] = set()
        self.aliases: list[Col] = []

    def refs(self, kind: str, chance: Random) -> list[str]:
        """References to columns of a kind, as SQL; one for each column."""
        found = [
            self._ref(source, column, chance)
            for source in self.sources
            for column in source.columns
            if column.kind == kind
        ]
        return found + [column.sql for column in self.aliases if column.kind == kind]

    def outer_refs(self, kind: str) -> list[str]:
        """References to columns of the query around, if names here do not hide them."""
        if self.outer is None:
            return []
        hidden = {source.alias for source in self.sources}
        return [
            f"{ident(source.alias)}.{column.sql}"
            for source in self.outer.sources
            if source.alias not in hidden
            for column in source.columns
            if column.kind == kind
        ]

    def _ref(self, source: Source, column: Col, chance: Random) -> str:
        same = [c for s in self.sources for c in s.columns if c.name.lower() == column.name.lower()]
        bare = len(same) == 1 or column.name in self.merged
        # An alias named like a column elsewhere would be taken for its row, or a field.
        if bare and chance.random() < 0.5:
            return column.sql
        return f"{ident(source.alias)}.{column.sql}"

    def total_order(self) -> list[str]:
        """References that tell all rows apart, or show all that can be told apart."""
        keys: list[str] = []
        for source in self.sources:
            names = source.key or tuple(column.name for column in source.columns)
            keys += [f"{ident(source.alias)}.{ident(name)}" for name in names]
        return keys

    def columns(self) -> list[Col]:
        """All columns, in the order of a star without USING."""
        return [column for source in self.sources for column in source.columns]
