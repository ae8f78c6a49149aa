"""A query -> its fingerprint, or the reason why there is none. Never an exception."""

from __future__ import annotations

import msgspec

from analyticsops.lineage.query import Near, known_tables
from analyticsops.lineage.questions import FingerprintQuery
from analyticsops.sql.canonical import fingerprint_query
from analyticsops.sql.facts import Problem
from analyticsops.sql.fingerprint import Fingerprint
from analyticsops.sql.parse import parse_query
from analyticsops.sql.types.families import families_of

_near = msgspec.msgpack.Decoder(Near)


def read_fingerprint(query: FingerprintQuery) -> Fingerprint | Problem:
    """Parse a query and take its fingerprint, in this process."""
    tree = parse_query(query.sql, query.dialect)
    if isinstance(tree, Problem):
        return tree
    tables = known_tables([_near.decode(packed) for packed in query.near], query.own)
    renames = {(table, key): other for table, key, other in query.renames}
    types = {table: families_of(columns, query.dialect) for table, columns in query.types}
    try:
        return fingerprint_query(tree, query.dialect, tables, renames, dict(query.unique), types)
    except RecursionError:
        return Problem("nested too deeply", "the comparison gave up")
    except MemoryError:
        return Problem("budget", "the comparison took too much memory")
