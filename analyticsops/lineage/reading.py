"""A query -> its lineage, or the reason why there is none. Never an exception."""

from __future__ import annotations

import msgspec

from analyticsops.lineage.query import Answer, Near, Query, known_tables
from analyticsops.sql.facts import Problem, QueryFacts, TableColumns
from analyticsops.sql.inputs import analyse
from analyticsops.sql.recover import parse_with_gaps

_near = msgspec.msgpack.Decoder(Near)


def read_query(query: Query) -> Answer:
    """Parse and analyse one query, in this process."""
    parsed = parse_with_gaps(query.sql, query.dialect)
    if isinstance(parsed, Problem):
        return parsed
    tree, gaps = parsed
    near = [_near.decode(packed) for packed in query.near]
    try:
        facts = analyse(tree, query.dialect, known_tables(near, query.own), gaps)
        if isinstance(facts, QueryFacts) and _reads_itself(query, facts):
            # Now that the names of its own columns are known, again.
            return analyse(
                tree, query.dialect, known_tables(_with_own(query, near, facts), query.own)
            )
        return facts
    except RecursionError:
        return Problem("nested too deeply", "the analysis gave up")
    except MemoryError:
        return Problem("budget", "the analysis took too much memory")


def _reads_itself(query: Query, facts: QueryFacts) -> bool:
    return bool(query.own) and any(base.table == query.own for base in facts.bases)


def _with_own(query: Query, near: list[Near], facts: QueryFacts) -> list[Near]:
    names = tuple(dict.fromkeys(column.name for column in facts.columns))
    own = TableColumns(query.own, names, not facts.open_tables)
    return [Near(item.table, own) if item.table.id == query.own else item for item in near]
