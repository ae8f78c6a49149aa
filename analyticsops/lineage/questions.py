"""What workers are asked: the lineage of a query or of statements, the types of a query's columns
and how they come about, its meaning by itself and down to sources, what differs between two
versions of it, or what family a type belongs to. All are plain data with a key of their own,
answered and kept alike."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from analyticsops.lineage.query import Query, key_of
from analyticsops.lineage.tables import Table
from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.meaning import Meaning

Kind: TypeAlias = str | Problem
"""A column's type as the warehouse writes it, or the reason why it is not known; empty if
nobody says either."""


class TypedTable(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A table that a query may read, with the types of its columns in their order."""

    table: Table
    columns: TableColumns
    kinds: tuple[Kind, ...]


class TypesQuery(msgspec.Struct, frozen=True, gc=False, array_like=True, tag="types"):
    """Asks for the types of a query's columns.

    Attributes:
        sql: its text.
        dialect: sqlglot's name.
        near: packed :class:`TypedTable` of each table that it may read.
        names: of the columns that are asked for, some of which may come through an open
            star.
        own: id of the table that it builds, which it may read as well.
        snapshot: the settings of a snapshot, to whose columns dbt adds; None if it is none.
    """

    sql: str
    dialect: str
    near: tuple[msgspec.Raw, ...] = ()
    names: tuple[str, ...] = ()
    own: str = ""
    snapshot: dict[str, Any] | None = None

    @property
    def key(self) -> bytes:
        """16 bytes that no other question has."""
        packed = _encoder.encode((self.names, self.snapshot))
        return key_of(f"types {self.dialect}", (self.own, self.sql), (packed, *self.near))


class FamilyQuery(msgspec.Struct, frozen=True, gc=False, array_like=True, tag="family"):
    """Asks for the family of a type, as a catalog or YAML writes it."""

    text: str
    dialect: str

    @property
    def key(self) -> bytes:
        """16 bytes that no other question has."""
        return key_of(f"family {self.dialect}", (self.text,), ())


Key: TypeAlias = tuple[tuple[str, ...], bool]
"""Columns that are unique together; True if none of them is NULL."""


TypedNames: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
"""A table's id, and the names and types of its columns."""


class FingerprintQuery(msgspec.Struct, frozen=True, gc=False, array_like=True, tag="fingerprint"):
    """Asks for the meaning of a query.

    Attributes:
        sql: its text.
        dialect: sqlglot's name.
        near: packed :class:`Near` of each table that it may read.
        own: id of the table that it builds, which it may read as well.
        unique: (table id, keys that somebody promises) of what it reads.
        renames: (table id, key of a column, key under which the other version knows it).
        types: of columns of what it reads, where they are certain.
    """

    sql: str
    dialect: str
    near: tuple[msgspec.Raw, ...] = ()
    own: str = ""
    unique: tuple[tuple[str, tuple[Key, ...]], ...] = ()
    renames: tuple[tuple[str, str, str], ...] = ()
    types: tuple[TypedNames, ...] = ()

    @property
    def key(self) -> bytes:
        """16 bytes that no other question has."""
        packed = _encoder.encode((self.unique, self.renames, self.types))
        return key_of(f"fingerprint {self.dialect}", (self.own, self.sql), (packed, *self.near))


class Text(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The query of a model in one version.

    Attributes:
        id: of the table that it builds, which it may read as well.
        sql: its text.
        near: packed :class:`Near` of each table that it may read.
        unique: (table id, keys that somebody promises) of what it reads.
        keys: that somebody promises of the table that it builds.
        types: of columns of what it reads, where both versions know them.
        filled: (table id, columns that somebody promises to be never NULL) of all that it reads.
    """

    id: str
    sql: str
    near: tuple[msgspec.Raw, ...] = ()
    unique: tuple[tuple[str, tuple[Key, ...]], ...] = ()
    keys: tuple[Key, ...] = ()
    types: tuple[TypedNames, ...] = ()
    filled: tuple[tuple[str, tuple[str, ...]], ...] = ()


Promise: TypeAlias = tuple[str, tuple[str, ...]]
"""(id of a table, columns of it that somebody promises to be unique)."""


class ShownKey(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Columns that tell the rows of a table apart, because of its query.

    Attributes:
        filled: False if several rows may have NULL there.
        rests_on: promises about tables above without which it need not.
    """

    columns: tuple[str, ...]
    filled: bool
    rests_on: tuple[Promise, ...] = ()


class ShownTable(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What a query shows of the table that it builds.

    Attributes:
        keys: by which its rows are told apart.
        filled: keys of columns that are never NULL, whatever anybody promises.
        types: (key, family of its type) of columns that are made of those whose types are known.
    """

    keys: tuple[ShownKey, ...] = ()
    filled: tuple[str, ...] = ()
    types: tuple[tuple[str, str], ...] = ()


Shown: TypeAlias = tuple[tuple[str, ShownTable], ...]
"""(table id, what its query shows)."""

Taint: TypeAlias = tuple[str, bool, tuple[str, ...]]
"""(table id, whether its rows may differ between the versions, keys of its columns that may)."""


class ContentsQuery(msgspec.Struct, frozen=True, gc=False, array_like=True, tag="contents"):
    """Asks what may differ between the contents of a table in two versions.

    Attributes:
        dialect: sqlglot's name.
        before: its query in the base, last, after the queries above it that are to be written
            out in it, parents first.
        after: the same for the head.
        closer: what else may be written out on both sides, although it is the same: what it
            says of its rows and values may be what a proof needs.
        tainted: what differs of the tables that they read.
        shown: what is known of those tables in the base and in the head.
        renames: (table id, key of a column of the head, key under which the base knows it).
    """

    dialect: str
    before: tuple[Text, ...]
    after: tuple[Text, ...]
    closer: tuple[tuple[Text, ...], tuple[Text, ...]] = ((), ())
    tainted: tuple[Taint, ...] = ()
    shown: tuple[Shown, Shown] = ((), ())
    renames: tuple[tuple[str, str, str], ...] = ()

    @property
    def key(self) -> bytes:
        """16 bytes that no other question has."""
        return key_of("contents", (), (_encoder.encode(self),))


class Compared(msgspec.Struct, frozen=True, array_like=True):
    """What may differ between the contents of a table in two versions.

    Attributes:
        rows: True if which rows there are may differ.
        columns: keys of columns whose values may differ, sorted.
        by_rows: those of them whose values depend on other rows than their own.
        assumed: promises that the proofs of the rest need.
        filled: (table id, column) that somebody promises to be never NULL, likewise.
        shown: what the query shows of the table, in the base and in the head.
    """

    rows: bool
    columns: tuple[str, ...] = ()
    by_rows: tuple[str, ...] = ()
    assumed: tuple[Promise, ...] = ()
    filled: tuple[tuple[str, str], ...] = ()
    shown: tuple[ShownTable, ShownTable] = (ShownTable(), ShownTable())


class ShownQuery(msgspec.Struct, frozen=True, gc=False, array_like=True, tag="shown"):
    """Asks what a query shows of the table that it builds (:class:`ShownTable`).

    Attributes:
        shown: what is known of the tables that it reads.
    """

    dialect: str
    text: Text
    shown: Shown = ()

    @property
    def key(self) -> bytes:
        """16 bytes that no other question has."""
        return key_of("shown", (), (_encoder.encode(self),))


class StatementsQuery(msgspec.Struct, frozen=True, gc=False, array_like=True, tag="statements"):
    """Asks for the lineage of statements of any kind, as hooks and operations hold them.

    Attributes:
        sql: their text.
        dialect: sqlglot's name.
        near: packed :class:`analyticsops.lineage.query.Near` of each table that they may
            read or write.
    """

    sql: str
    dialect: str
    near: tuple[msgspec.Raw, ...] = ()

    @property
    def key(self) -> bytes:
        """16 bytes that no other question has."""
        return key_of(f"statements {self.dialect}", (self.sql,), self.near)


class ReadStatement(msgspec.Struct, frozen=True, array_like=True):
    """What is known of one statement.

    Attributes:
        verb: what it does (:class:`analyticsops.sql.dml.Verb`); of one that neither reads
            nor writes columns its first word, and there are no facts.
        problem: why there are no facts, although it may read or write columns.
        target: id of the table that it writes; empty if none.
        effects: ``insert``, ``update``, ``delete``: what becomes of the target's rows.
        updated: names of the target's columns that change in rows that were there.
        reads: ids of the tables that it reads.
        outline: packed :class:`analyticsops.lineage.outline.Outline`.
        facts: packed; its columns are called as those of the target.
    """

    verb: str
    problem: Problem | None = None
    target: str = ""
    effects: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    outline: bytes = b""
    facts: bytes = b""


class MeantTable(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A table that a query may read, with what it means and what is promised about it.

    Attributes:
        meaning: None for a table that is not made from others.
        unique: (columns, True if none of them is NULL) that no two rows have in common.
    """

    table: Table
    columns: TableColumns
    meaning: Meaning | None = None
    unique: tuple[Key, ...] = ()


class MeaningQuery(msgspec.Struct, frozen=True, gc=False, array_like=True, tag="meaning"):
    """Asks what a query means, down to sources (:class:`Meaning`).

    Attributes:
        near: packed :class:`MeantTable` of each table that it may read.
        names: of the columns that are asked for; all that it lists if there are none.
        own: id of the table that it builds, which it may read as well.
    """

    sql: str
    dialect: str
    near: tuple[msgspec.Raw, ...] = ()
    names: tuple[str, ...] = ()
    own: str = ""

    @property
    def key(self) -> bytes:
        """16 bytes that no other question has."""
        packed = _encoder.encode(self.names)
        return key_of(f"meaning {self.dialect}", (self.own, self.sql), (packed, *self.near))


class StepsQuery(msgspec.Struct, frozen=True, gc=False, array_like=True, tag="steps"):
    """Asks how all columns of a query come about (:class:`ShownSteps`).

    Attributes:
        near: packed :class:`~analyticsops.lineage.query.Near` of each table that it may read.
        names: of the columns that are asked for.
        own: id of the table that it builds, which it may read as well.
    """

    sql: str
    dialect: str
    near: tuple[msgspec.Raw, ...] = ()
    names: tuple[str, ...] = ()
    own: str = ""

    @property
    def key(self) -> bytes:
        """16 bytes that no other question has."""
        packed = _encoder.encode(self.names)
        return key_of(f"steps {self.dialect}", (self.own, self.sql), (packed, *self.near))


class ShownSteps(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """How a column of a query comes about, for people.

    Attributes:
        name: of the column.
        steps: (CTE or derived table, SQL), from the final SELECT inwards; columns that a star
            passes on are left out, unless there is nothing else.
        more: steps that are left out, since nobody reads as many.
        problems: why something may be missing.
    """

    name: str
    steps: tuple[tuple[str, str], ...] = ()
    more: int = 0
    problems: tuple[str, ...] = ()


Question: TypeAlias = (
    Query
    | StatementsQuery
    | TypesQuery
    | FingerprintQuery
    | ContentsQuery
    | ShownQuery
    | FamilyQuery
    | MeaningQuery
    | StepsQuery
)

_encoder = msgspec.msgpack.Encoder()


def packed_types(table: Table, columns: TableColumns, kinds: tuple[Kind, ...]) -> msgspec.Raw:
    """A table as :attr:`TypesQuery.near` holds it."""
    return msgspec.Raw(_encoder.encode(TypedTable(table, columns, kinds)))


def packed_meaning(table: MeantTable) -> msgspec.Raw:
    """A table as :attr:`MeaningQuery.near` holds it."""
    return msgspec.Raw(_encoder.encode(table))
