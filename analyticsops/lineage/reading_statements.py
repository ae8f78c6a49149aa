"""Statements -> what each of them reads and writes. Never an exception."""

from __future__ import annotations

import msgspec

from analyticsops.lineage.outline import outline_of
from analyticsops.lineage.query import Near, known_tables
from analyticsops.lineage.questions import ReadStatement, StatementsQuery
from analyticsops.sql.facts import Problem
from analyticsops.sql.script import Silent, Statement, analyse_statements

_near = msgspec.msgpack.Decoder(Near)
_encoder = msgspec.msgpack.Encoder()


def read_statements(query: StatementsQuery) -> tuple[ReadStatement, ...] | Problem:
    """Parse and analyse statements, in this process."""
    near = [_near.decode(packed) for packed in query.near]
    tables = known_tables(near, "")
    try:
        found = analyse_statements(query.sql, query.dialect, tables)
    except RecursionError:
        return Problem("nested too deeply", "the analysis gave up")
    except MemoryError:
        return Problem("budget", "the analysis took too much memory")
    return tuple(map(_packed, found))


def _packed(found: Statement) -> ReadStatement:
    if isinstance(found, Silent):
        return ReadStatement(verb=found.word)
    if isinstance(found, Problem):
        return ReadStatement(verb="", problem=found)
    facts = found.written
    reads = {*facts.tables, *(base.table for base in facts.bases)}
    return ReadStatement(
        verb=found.verb.value,
        target=found.target,
        effects=tuple(sorted(effect.value for effect in found.effects)),
        updated=found.updated,
        reads=tuple(sorted(reads)),
        outline=_encoder.encode(outline_of(facts)),
        facts=_encoder.encode(facts),
    )
