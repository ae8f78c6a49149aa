"""How one column that a statement writes comes about: by an expression for each of its ways
to write it."""

from __future__ import annotations

from analyticsops.sql.dialect import rules_of
from analyticsops.sql.dml import write_of
from analyticsops.sql.facts import Problem
from analyticsops.sql.inputs import TOO_WIDE, TooWideError
from analyticsops.sql.script import spoken_statements
from analyticsops.sql.sources import Tables, parts_of
from analyticsops.sql.statements import branch_relation
from analyticsops.sql.steps import Steps, StepWalk, steps_in


def written_steps(
    sql: str, dialect: str, tables: Tables, number: int, column: str
) -> list[Steps] | Problem:
    """The steps of a column, for each way in which a statement writes it.

    Args:
        sql: of one or several statements.
        number: of the statement, from 1, among those that are not silent.
        column: as the target spells it.
    """
    tree = spoken_statements(sql, dialect)[number - 1]
    if isinstance(tree, Problem):
        return tree
    try:
        write = write_of(tree, dialect)
        if write is None:
            return []
        rules = rules_of(dialect)
        walk = StepWalk.over(tables, dialect)
        target, env = tables.table(parts_of(write.target)), walk.environment(tree)
        found: list[Steps] = []
        for branch in write.branches:
            read = walk.relation(branch.query, env)
            relation = branch_relation(branch, read, target, rules, walk.algebra)
            steps = steps_in(relation, dialect, column)
            found += [steps] if steps is not None else []
        return found
    except TooWideError:
        return TOO_WIDE
    except RecursionError:
        return Problem("nested too deeply", "the analysis gave up")
