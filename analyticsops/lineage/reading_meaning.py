"""A query -> its meaning, or the reason why it is not known. Never an exception."""

from __future__ import annotations

import msgspec

from analyticsops.lineage.query import Near, known_tables
from analyticsops.lineage.questions import MeaningQuery, MeantTable
from analyticsops.sql.facts import Problem
from analyticsops.sql.inlined import query_meaning
from analyticsops.sql.meaning import Meaning
from analyticsops.sql.parse import parse_query

_near = msgspec.msgpack.Decoder(MeantTable)


def read_meaning(query: MeaningQuery) -> Meaning | Problem:
    """Parse a query and say what it means, in this process."""
    tree = parse_query(query.sql, query.dialect)
    if isinstance(tree, Problem):
        return tree
    near = [_near.decode(packed) for packed in query.near]
    tables = known_tables([Near(item.table, item.columns) for item in near], query.own)
    try:
        return query_meaning(
            tree,
            query.dialect,
            tables,
            {item.table.id: item.meaning for item in near if item.meaning is not None},
            query.names,
            {item.table.id: item.unique for item in near if item.unique},
        )
    except RecursionError:
        return Problem("nested too deeply", "the comparison gave up")
    except MemoryError:
        return Problem("budget", "the analysis took too much memory")
