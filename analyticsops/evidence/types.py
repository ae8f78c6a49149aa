"""Types: those to try where nobody says them, and values of two types made comparable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from analyticsops.evidence.pair import Claim, Input, Job
from analyticsops.verify.sandbox import Query, Refused, Sandbox
from analyticsops.verify.schema import guessed_type

_FAMILIES = {
    "number": "DECIMAL(12,2)",
    "text": "VARCHAR",
    "moment": "TIMESTAMP",
    "list": "VARCHAR[]",
}
_WHOLE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$")
_NUMBER = re.compile(r"DECIMAL|DOUBLE|FLOAT|" + _WHOLE.pattern)
_MOMENT = re.compile(r"DATE|TIMESTAMP")
_KINDS = {
    "number": _NUMBER,
    "text": re.compile("VARCHAR$"),
    "moment": _MOMENT,
    "list": re.compile(r".*\[\d*\]$"),
}

Types = Mapping[str, Sequence[str]]


def type_choices(sandbox: Sandbox, job: Job) -> Iterator[Types]:
    """Types of the inputs' columns, the likeliest first: what is said of them; what their use
    in the SQL needs; what their names suggest. The later ones only where the SQL does not run
    over the earlier ones, which then cannot be right."""
    told = {one.table.id: [*_told(sandbox, job, one)] for one in job.inputs}
    yield told
    used = {
        one.table.id: [
            _by_use(column.name, type_, job.families)
            for column, type_ in zip(one.table.columns, told[one.table.id], strict=True)
        ]
        for one in job.inputs
    }
    if used != told:
        yield used
    named = {
        one.table.id: [
            _by_use(column.name, guessed_type(column.name), job.families)
            for column in one.table.columns
        ]
        for one in job.inputs
    }
    if named not in (told, used):
        yield named


def _told(sandbox: Sandbox, job: Job, one: Input) -> Iterator[str]:
    for number, column in enumerate(one.table.columns):
        known = sandbox.sql_type(column.type) if column.type else None
        if known is not None and number not in one.guessed:
            yield str(known)
        else:
            yield _by_use(column.name, guessed_type(column.name), job.families)


def _by_use(name: str, type_: str, families: Mapping[str, str]) -> str:
    family = families.get(name.lower(), "")
    if not family or _KINDS[family].match(type_):
        return type_
    guess = guessed_type(name)
    return guess if _KINDS[family].match(guess) else _FAMILIES[family]


def comparable(
    base: Query, head: Query, claim: Claim | None
) -> tuple[Query | Refused, Query | Refused]:
    """Two queries that yield the columns of a claim, in its order, with values that are
    equal where they mean the same."""
    pairs = (*claim.equal, *claim.other) if claim is not None else ()
    positions = [_positions(query) for query in (base, head)]
    for side, query in enumerate((base, head)):
        missing = [pair[side] for pair in pairs if pair[side].lower() not in positions[side]]
        if missing:
            refused = Refused("a column is not there", f"{missing[0]} of {', '.join(query.names)}")
            return refused, refused
    types = [
        (base.types[positions[0][old.lower()]], head.types[positions[1][new.lower()]])
        for old, new in pairs
    ]
    shown = [_shown(*both) for both in types]
    found = [
        _chosen(query, [positions[side][pair[side].lower()] for pair in pairs], shown, pairs)
        for side, query in enumerate((base, head))
    ]
    return found[0], found[1]


def _positions(query: Query) -> dict[str, int]:
    """Of each name; the first, if several columns have it."""
    found: dict[str, int] = {}
    for number, name in enumerate(query.names):
        found.setdefault(name.lower(), number)
    return found


def _shown(one: str, other: str) -> str:
    """A type in which values of both can be compared."""
    if one == other:
        return one if one in ("DOUBLE", "FLOAT") else "VARCHAR"
    if _WHOLE.match(one) and _WHOLE.match(other):
        return "HUGEINT"
    if _NUMBER.match(one) and _NUMBER.match(other):
        return "DOUBLE"
    return "TIMESTAMP" if _MOMENT.match(one) and _MOMENT.match(other) else "VARCHAR"


def _chosen(
    query: Query, positions: Sequence[int], shown: Sequence[str], pairs: Sequence[tuple[str, str]]
) -> Query:
    aliases = [f"c{n}" for n in range(len(query.names))]
    columns = [
        f"c{n}::{type_}" if type_ in ("DOUBLE", "FLOAT") else f"c{n}::{type_}::VARCHAR"
        for n, type_ in zip(positions, shown, strict=True)
    ]
    wrapped = (
        f"select {', '.join(columns) or '1'} from (\n{query.sql}\n) as _q({', '.join(aliases)})"
    )
    return Query(query.sql, tuple(new for _, new in pairs), tuple(shown), wrapped)
