"""Tables with one column changed, in several ways, prepared once and put in place by name.

Behind every table stands a hidden one, which holds beside each column what it becomes
when it is changed, so that a change is no more than another choice of columns.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from random import Random
from typing import NamedTuple

from analyticsops.verify.literals import cast_literal, distinct_literal, random_literal
from analyticsops.verify.sandbox import Sandbox
from analyticsops.verify.tables import Table, quoted


class Change(enum.StrEnum):
    """What happens to a column."""

    OTHER = "other values"
    NULLS = "all NULL"
    SOME = "some other values"
    HOLES = "some NULL"
    PERMUTED = "values permuted"
    SAME = "all the same value"
    DISTINCT = "all different values"
    ONE = "one other value"
    FEWER = "fewer rows"
    EMPTY = "no rows"


ROW_CHANGES = (Change.FEWER, Change.EMPTY)
"""Those of a whole table."""

COLUMN_CHANGES = tuple(change for change in Change if change not in ROW_CHANGES)
"""Those of one column."""

_HIDDEN = "memory._verify"

_POOL = 40
"""Values of each type and origin that other values are drawn from."""


class Hidden(NamedTuple):
    """A table, and the hidden one that its versions are chosen from."""

    table: Table
    name: str


def hide(
    sandbox: Sandbox,
    tables: Sequence[Table],
    seed: int,
    hints: tuple[str, ...] = (),
) -> dict[str, Hidden]:
    """Keep the tables as they are now, with all their changes, by id.

    Args:
        hints: constants of the query, which are among the other values.
    """
    sandbox.connection.execute(f"create schema if not exists {_HIDDEN}")
    kinds = sorted({column.type for table in tables for column in table.columns})
    pools = {kind: f"{_HIDDEN}.pool{n}" for n, kind in enumerate(kinds)}
    for kind, pool in pools.items():
        _fill_pool(sandbox, pool, kind, tables, Random(f"{seed} {kind}"), hints)
    found = {}
    for number, table in enumerate(tables):
        hidden = Hidden(table, f"{_HIDDEN}.t{number}")
        sandbox.connection.execute(
            f"create or replace table {hidden.name} as {_varied(sandbox, table, pools, seed)}"
        )
        found[table.id] = hidden
    return found


def _fill_pool(
    sandbox: Sandbox,
    pool: str,
    kind: str,
    tables: Sequence[Table],
    chance: Random,
    hints: tuple[str, ...],
) -> None:
    """Values of a type: those of all columns of it, so that keys of other tables are among
    them, the query's constants, and some that nobody has."""
    parts = [
        f"(select distinct {quoted(column.name)} as v from {table.sql} limit {_POOL})"
        for table in tables
        for column in table.columns
        if column.type == kind
    ]
    known = sandbox.sql_type(kind)
    if known is not None:
        made = [random_literal(known, chance, hints) for _ in range(8)]
        made += [cast_literal(hint, known) for hint in hints[:_POOL]]
        parts.append(f"(select unnest([{', '.join(made)}])::{kind} as v)")
    values = " union all ".join(parts)
    sandbox.connection.execute(
        f"create or replace table {pool} as select list(v order by hash(v)) as vs from "
        f"(select distinct v from ({values}) where v is not null)"
    )


def _varied(sandbox: Sandbox, table: Table, pools: Mapping[str, str], seed: int) -> str:
    """The hidden table as a query."""
    chosen = ["_n"]
    used = sorted({pools[column.type] for column in table.columns})
    own = ", ".join(f"{quoted(column.name)} as c{n}" for n, column in enumerate(table.columns))
    for n, column in enumerate(table.columns):
        pool = pools[column.type].rpartition(".")[2]
        kind = sandbox.sql_type(column.type)
        texts = _changed(f"c{n}", column.type, pool, f"{n}, {seed}")
        if kind is not None and distinct_literal(kind, 0) is not None:
            texts[Change.DISTINCT] = _distinct(column.type)
        chosen.append(f"c{n}")
        chosen += [f"{text} as c{n}_{change.name.lower()}" for change, text in texts.items()]
    order = f"order by hash(_n, {seed})"
    lists = ", ".join(
        f"list(c{n} {order}) as l{n}, first(c{n} {order}) filter (where c{n} is not null) as f{n}"
        for n in range(len(table.columns))
    )
    base = (
        f"select {own}, row_number() over () - 1 as _n, count(*) over () as _all from {table.sql}"
    )
    return (
        f"with _b as ({base}), _l as (select {lists} from _b) "
        f"select {', '.join(chosen)} from {', '.join(['_b', '_l', *used])} order by _n"
    )


def _changed(column: str, kind: str, pool: str, salt: str) -> dict[Change, str]:
    """SQL for each change; ``salt`` makes columns differ in what becomes of their rows."""
    number, values = column[1:], f"{pool}.vs"
    place = f"(hash(_n, {salt}) % greatest(len({values}), 1))::bigint"
    drawn = f"{values}[1 + {place}]"
    follower = f"{values}[1 + ({place} + 1) % greatest(len({values}), 1)]"
    other = f"(case when {drawn} is distinct from {column} then {drawn} else {follower} end)"
    third = f"hash(_n, {salt}, 1) % 3 = 0"
    picked = f"_n = hash({salt}, 2) % _all"
    return {
        Change.OTHER: other,
        Change.NULLS: f"null::{kind}",
        Change.SOME: f"(case when {third} then {other} else {column} end)",
        Change.HOLES: f"(case when {third} then null else {column} end)",
        Change.PERMUTED: f"l{number}[1 + _n]",
        Change.SAME: f"f{number}",
        Change.DISTINCT: other,
        Change.ONE: f"(case when {picked} then {other} else {column} end)",
    }


def _distinct(kind: str) -> str:
    """A value of its own for every row, in another order than that of the rows."""
    number = "(_n * 7 + 100) % (_all * 7)"
    if kind.upper().startswith("VARCHAR"):
        return f"'k' || {number}"
    if kind.upper().startswith(("DATE", "TIMESTAMP")):
        return f"(date '2024-01-01' + ({number})::int)::{kind}"
    if kind.upper() == "UUID":
        return f"('00000000-0000-0000-0000-' || lpad(({number})::varchar, 12, '0'))::uuid"
    return f"coalesce(try_cast({number} as {kind}), try_cast(_n as {kind}))"


_KEPT = {Change.FEWER: "where _n % 3 <> 1", Change.EMPTY: "where false"}


def place(
    sandbox: Sandbox, hidden: Hidden, changes: Mapping[str, Change], *, shuffle: int = 0
) -> None:
    """Put a version of a table in its place.

    Args:
        changes: by column; what becomes of the rows stands under the empty name.
        shuffle: another order of the rows for each number but 0.
    """
    table = hidden.table
    version = (tuple(sorted(changes.items())), shuffle)
    if sandbox.standing.get(table.sql) == version:
        return
    chosen = []
    for n, column in enumerate(table.columns):
        change = changes.get(column.name)
        cell = f"c{n}" if change is None else f"c{n}_{change.name.lower()}"
        chosen.append(f"{cell} as {quoted(column.name)}")
    order = f"hash(_n, {shuffle})" if shuffle else "_n"
    rows = _KEPT.get(changes.get("", Change.OTHER), "")
    sandbox.create(table, f"select {', '.join(chosen)} from {hidden.name} {rows} order by {order}")
    sandbox.standing[table.sql] = version
