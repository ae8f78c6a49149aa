"""What statements write: for each column of a target where it comes from, and what
decides which rows are written, changed or deleted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TypeVar

import msgspec
from sqlglot import exp

from analyticsops.sql.algebra import Algebra
from analyticsops.sql.dialect import Rules, rules_of
from analyticsops.sql.dml import Branch, Verb, write_of
from analyticsops.sql.facts import Problem, QueryFacts, TableColumns
from analyticsops.sql.inputs import TOO_WIDE, Inputs, TooWideError
from analyticsops.sql.relation import Named, Opening, Relation
from analyticsops.sql.sets import combine
from analyticsops.sql.sources import Tables, parts_of
from analyticsops.sql.value import Rows, Value
from analyticsops.sql.walk import Walk

V = TypeVar("V")
R = TypeVar("R")


class StatementFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of one statement.

    Attributes:
        verb: what it does.
        target: id of the table that it writes.
        written: the columns of the target that it writes, and what decides which rows are
            written. Columns that are not listed keep their values or get their defaults.
        effects: what becomes of the target's rows: INSERT, UPDATE, DELETE, or several.
        updated: names of the columns that change in rows that were there before.
    """

    verb: Verb
    target: str
    written: QueryFacts
    effects: frozenset[Verb] = frozenset({Verb.INSERT})
    updated: tuple[str, ...] = ()


def analyse_statement(
    statement: exp.Expression, dialect: str, tables: Tables
) -> StatementFacts | Problem | None:
    """The facts of CREATE ... AS, INSERT, UPDATE, DELETE or MERGE, or why there are none;
    None for any other statement."""
    write = write_of(statement, dialect)
    if write is None:
        return None
    rules, algebra = rules_of(dialect), Inputs()
    target = tables.table(parts_of(write.target))
    walk: Walk[Value, Rows] = Walk(rules, tables, algebra)
    try:
        env = walk.environment(statement)
        found = [
            branch_relation(branch, walk.relation(branch.query, env), target, rules, algebra)
            for branch in write.branches
        ]
        facts = algebra.facts(_together(found, rules, algebra), dialect)
        # The rows that are there already are no news.
        others = tuple(table for table in facts.tables if table != target.id)
        facts = msgspec.structs.replace(facts, tables=others)
    except TooWideError:
        return TOO_WIDE
    changed = zip(write.branches, found, strict=True)
    updated = [c.name for branch, r in changed if branch.effect is Verb.UPDATE for c in r.columns]
    return StatementFacts(
        verb=write.verb,
        target=target.id,
        written=facts,
        effects=frozenset(branch.effect for branch in write.branches),
        updated=tuple(dict.fromkeys(updated)),
    )


def branch_relation(
    branch: Branch,
    relation: Relation[V, R],
    target: TableColumns,
    rules: Rules,
    algebra: Algebra[V, R],
) -> Relation[V, R]:
    """What one way to write yields, with columns called as those of the target."""
    known = {rules.fold(name, False): name for name in target.columns}
    rows = relation.rows
    names: Sequence[tuple[str, str]] = ()
    if branch.names:
        names = [(rules.fold(n.name, bool(n.args.get("quoted"))), n.name) for n in branch.names]
    elif branch.positional and target.complete:
        names = list(known.items())
    elif branch.positional:
        problem = Problem("positions in a table of unknown columns", target.id)
        rows = algebra.faulty_rows(rows, problem)
    if names and relation.openings:
        problem = Problem("position behind unknown columns", relation.openings[0].table)
        rows = algebra.faulty_rows(rows, problem)
    else:
        relation = relation.renamed(names)
    columns = [Named(c.key, known.get(c.key, c.name), c.value) for c in relation.columns]
    return Relation(columns, rows, relation.openings)


def _together(
    found: Sequence[Relation[Value, Rows]], rules: Rules, algebra: Inputs
) -> Relation[Value, Rows]:
    """All ways to write, column by column."""
    by_name = exp.Union(by_name=True, side="full", distinct=False)

    def both(left: Relation[Value, Rows], right: Relation[Value, Rows]) -> Relation[Value, Rows]:
        return combine(algebra, "union all", left, right, by_name, rules)

    whole = reduce(both, found)
    tables = dict.fromkeys(opening.table for opening in whole.openings)
    openings = [
        _one([opening for opening in whole.openings if opening.table == table], algebra)
        for table in tables
    ]
    return Relation(whole.columns, whole.rows, openings)


def _one(same: Sequence[Opening[Value]], algebra: Inputs) -> Opening[Value]:
    """What several WHENs write of one table's unknown columns."""

    def demand(key: str, name: str) -> Value:
        return algebra.cell([opening.demand(key, name) for opening in same], 0, name)

    without = frozenset.intersection(*(opening.without for opening in same))
    return same[0]._replace(demand=demand, without=without)
