"""What a statement writes: for each column of its target where it comes from, and what
decides which rows are written, changed or deleted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import msgspec
from sqlglot import exp

from analyticsops.sql.dialect import Rules, rules_of
from analyticsops.sql.dml import Branch, Verb, write_of
from analyticsops.sql.facts import Problem, QueryFacts, TableColumns
from analyticsops.sql.inputs import TOO_WIDE, Inputs, TooWideError
from analyticsops.sql.nodes import line_of
from analyticsops.sql.relation import Named, Relation
from analyticsops.sql.sets import combine
from analyticsops.sql.sources import Tables, parts_of
from analyticsops.sql.value import Rows, Value
from analyticsops.sql.walk import Walk


class StatementFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of one statement.

    Attributes:
        verb: what it does.
        target: id of the table that it writes.
        written: the columns of the target that it writes, and what decides which rows are
            written. Columns that are not listed keep their values or get their defaults.
    """

    verb: Verb
    target: str
    written: QueryFacts


def analyse_statement(
    statement: exp.Expression, dialect: str, tables: Tables
) -> StatementFacts | Problem:
    """The facts of CREATE ... AS, INSERT, UPDATE, DELETE or MERGE, or why there are none."""
    write = write_of(statement)
    if write is None:
        kind = type(statement).__name__.lower()
        return Problem("unsupported statement", kind, line_of(statement))
    rules, algebra = rules_of(dialect), Inputs()
    target = tables.table(parts_of(write.target))
    walk: Walk[Value, Rows] = Walk(rules, tables, algebra)
    try:
        env = walk.environment(statement)
        found = [
            _branch(branch, walk.relation(branch.query, env), target, rules, algebra)
            for branch in write.branches
        ]
        facts = algebra.facts(_together(found, rules, algebra), dialect)
    except TooWideError:
        return TOO_WIDE
    return StatementFacts(verb=write.verb, target=target.id, written=facts)


def _branch(
    branch: Branch,
    relation: Relation[Value, Rows],
    target: TableColumns,
    rules: Rules,
    algebra: Inputs,
) -> Relation[Value, Rows]:
    """A relation whose columns are called as those of the target."""
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

    return reduce(both, found)
