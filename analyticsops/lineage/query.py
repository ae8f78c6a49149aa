"""One query to be analysed: everything that its facts depend on, and nothing else.

Equal queries have equal keys, so that facts can be kept and found again whatever else
changes in the project. The columns of the tables that it reads are part of the key and
their SQL is not: a change upstream that keeps a table's columns changes no key below.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

import msgspec

import analyticsops
from analyticsops.lineage.tables import NodeTables, RelationIndex, Table
from analyticsops.sql.facts import Problem, QueryFacts, TableColumns


class Near(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A table that a query may read, with its columns."""

    table: Table
    columns: TableColumns


class Query(msgspec.Struct, frozen=True, gc=False, array_like=True, tag="lineage"):
    """A query.

    Attributes:
        sql: its text.
        dialect: sqlglot's name.
        near: packed :class:`Near` of each table that it may read by its dbt dependencies.
        own: id of the table that it builds, which it may read as well; empty if none.
    """

    sql: str
    dialect: str
    near: tuple[msgspec.Raw, ...] = ()
    own: str = ""

    @property
    def key(self) -> bytes:
        """16 bytes that no other query has."""
        return key_of(self.dialect, (self.own, self.sql), self.near)


Answer = QueryFacts | Problem
"""The facts of a query, or why there are none."""

_encoder = msgspec.msgpack.Encoder()


def packed_near(table: Table, columns: TableColumns) -> msgspec.Raw:
    """A table as :attr:`Query.near` holds it."""
    return msgspec.Raw(_encoder.encode(Near(table, columns)))


def known_tables(near: Sequence[Near], own: str) -> NodeTables:
    """The tables that a query may read."""
    index = RelationIndex(item.table for item in near)
    schemas = {item.table.id: item.columns for item in near}
    return NodeTables(index, schemas, frozenset(schemas), own)


def key_of(kind: str, texts: Sequence[str], packed: Sequence[bytes]) -> bytes:
    """The key of a question: 16 bytes, others for another version of the analysis.

    Args:
        kind: of question, and the dialect.
        packed: anything else that its answer depends on.
    """
    parts = [text.encode("utf-8", "surrogatepass") for text in texts]
    lengths = " ".join([kind, *(str(len(part)) for part in parts)]).encode()
    data = b"\n".join([analyser(), lengths, *parts, *packed])
    return blake2b(data, digest_size=16).digest()


@cache
def analyser() -> bytes:
    """What tells one version of the analysis from another: ours and sqlglot's.

    sqlglot is not imported for it, because a run that finds everything in the cache
    does not need it.
    """
    here = Path(__file__).parent.parent / "sql"
    files = sorted((file.name, file.stat()) for file in here.rglob("*.py"))
    own = [f"{name} {status.st_size} {status.st_mtime_ns}" for name, status in files]
    found = find_spec("sqlglot")
    theirs = Path(found.origin).with_name("_version.py") if found and found.origin else None
    version = theirs.read_text(encoding="utf-8") if theirs and theirs.is_file() else ""
    text = "\n".join((analyticsops.__version__, version, *own))
    return blake2b(text.encode(), digest_size=16).digest()
