"""How one column of a query comes about, CTE by CTE: the expressions on the way from the
final SELECT down to the columns of tables.

Nothing is guessed: a column that a star passes on is said to come through the star.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlglot import exp

from analyticsops.sql.derivation import Origins
from analyticsops.sql.dialect import rules_of
from analyticsops.sql.facts import Problem
from analyticsops.sql.gaps import gap_relations
from analyticsops.sql.inputs import TOO_WIDE, TooWideError
from analyticsops.sql.nodes import line_of
from analyticsops.sql.origin import Conditions, Origin, together
from analyticsops.sql.recover import parse_with_gaps
from analyticsops.sql.relation import Named, Opening, Relation
from analyticsops.sql.scope import Scope
from analyticsops.sql.sources import Env, Tables
from analyticsops.sql.walk import Walk

MAX_STEPS = 1_000
"""Of one column of one query; the widest real unions have some hundred."""


class Step(NamedTuple):
    """One expression on the way.

    Attributes:
        query: name of the CTE or derived table whose SELECT it stands in; empty in the
            final SELECT.
        column: the name that the SELECT gives to it; empty if it gives none, as to the
            argument of UNNEST or a condition of a subquery.
        sql: the expression, in the query's dialect; ``*`` if a star passes the column on.
        line: in the SQL text, 1-based; 0 if not known.
        depth: how many expressions are between it and the column asked for.
    """

    query: str
    column: str
    sql: str
    line: int
    depth: int


class Steps(NamedTuple):
    """How a column comes about.

    Attributes:
        steps: those that read others before those that are read.
        sources: (id of the table, column) that the steps end in, sorted.
        problems: why something may be missing.
    """

    steps: tuple[Step, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()


def steps_of(sql: str, dialect: str, tables: Tables, column: str) -> Steps | Problem | None:
    """The steps of one column of a query.

    Args:
        column: its name; case matters where the engine says so.

    Returns:
        None if the query has no such column; the problem if it is not understood.
    """
    found = all_steps_of(sql, dialect, tables, (column,))
    return found if isinstance(found, Problem) else found[column]


def all_steps_of(
    sql: str, dialect: str, tables: Tables, columns: Sequence[str]
) -> Mapping[str, Steps | None] | Problem:
    """The same of several columns, for which the query is read once."""
    parsed = parse_with_gaps(sql, dialect)
    if isinstance(parsed, Problem):
        return parsed
    tree, gaps = parsed
    try:
        walk = StepWalk.over(tables, dialect)
        gaping = gap_relations(gaps, walk.rules, walk.algebra)
        relation = walk.relation(tree, gaping)
        return {column: steps_in(relation, dialect, column) for column in columns}
    except TooWideError:
        return TOO_WIDE
    except RecursionError:
        return Problem("nested too deeply", "the analysis gave up")


def steps_in(relation: Relation[Origin, Conditions], dialect: str, column: str) -> Steps | None:
    """The steps of one column of a relation; None if it has no such column."""
    value = _find(relation, rules_of(dialect).fold(column, False), column)
    return _listed(value, dialect) if value is not None else None


def _find(relation: Relation[Origin, Conditions], key: str, name: str) -> Origin | None:
    """The column of that name, listed or behind an open star."""
    exact = [column.value for column in relation.columns if column.name == name]
    if exact:
        return together(exact)  # two stars may bring one name twice
    listed = relation.value(key)
    if listed is not None:
        return listed
    found = [opening.demand(key, name) for opening in relation.openings_for(key)]
    if len(found) > 1:
        return together(found, [Problem("ambiguous column", f"{name} behind several stars")])
    return found[0] if found else relation.like(key)


# -- the walk -----------------------------------------------------------------------------


class StepWalk(Walk[Origin, Conditions]):
    """Tells columns that a star passes on, which are no expressions, from all others."""

    @classmethod
    def over(cls, tables: Tables, dialect: str) -> StepWalk:
        """A walk over queries of a dialect."""
        return cls(rules_of(dialect), tables, Origins())

    def relation(
        self,
        query: exp.Expression,
        env: Env[Origin, Conditions] | None = None,
        parent: Scope[Origin, Conditions] | None = None,
    ) -> Relation[Origin, Conditions]:
        """The relation that a query yields, with what its stars pass on."""
        found = super().relation(query, env, parent)
        if not isinstance(query, exp.Select):
            return found
        own = {id(node) for node in _expressions(query)}
        columns = [
            column
            if column.value.node is not None and id(column.value.node) in own
            else column.of(_through_star(query, column.name, column.value))
            for column in found.columns
        ]
        openings = [_starred(query, opening) for opening in found.openings]
        return Relation(columns, found.rows, openings)

    def _plain(self, projection: exp.Expression, scope: Scope[Origin, Conditions]) -> Named[Origin]:
        named = super()._plain(projection, scope)
        node = projection.unalias()
        if named.value.node is node:
            return named
        parts, fields = [named.value], named.value.fields
        return named.of(Origin("expression", node=node, parts=parts, fields=fields))


def _expressions(select: exp.Select) -> Iterator[exp.Expression]:
    """Everything that the SELECT list gives a name to, ``* REPLACE (x + 1 AS x)`` included."""
    for projection in select.expressions:
        yield projection.unalias()
        star = projection.this if isinstance(projection, exp.Column) else projection
        if isinstance(star, exp.Star):
            yield from (alias.unalias() for alias in star.args.get("replace") or ())


def _through_star(query: exp.Select, name: str, value: Origin) -> Origin:
    return Origin("star", node=query, column=name, parts=[value], fields=value.fields)


def _starred(query: exp.Select, opening: Opening[Origin]) -> Opening[Origin]:
    """A star over unknown columns: whatever is asked for comes through it."""

    def demand(key: str, name: str) -> Origin:
        return _through_star(query, name, opening.demand(key, name))

    return opening._replace(demand=demand)


# -- out ----------------------------------------------------------------------------------


def _listed(value: Origin, dialect: str) -> Steps:
    """Every derivation once, in the order in which a reader meets them."""
    steps: list[Step] = []
    sources: set[tuple[str, str]] = set()
    problems: dict[Problem, None] = {}
    seen: set[Origin] = set()
    passed: set[tuple[int, str]] = set()
    stack = [(value, 0)]
    while stack:
        here, depth = stack.pop()
        if here in seen:
            continue
        seen.add(here)
        problems.update(dict.fromkeys(here.problems))
        if here.what == "base":
            sources.add((here.table, here.column))
        elif here.what != "parts":
            if len(steps) == MAX_STEPS:
                problems[Problem("budget", f"more than {MAX_STEPS} steps")] = None
                break
            place = (id(here.node), here.column)
            if here.what != "star" or place not in passed:  # once, whatever comes through it
                steps.append(_step(here, dialect, depth))
            passed.add(place)
            depth += 1
        stack.extend((part, depth) for part in reversed(here.parts))
    return Steps(tuple(steps), tuple(sorted(sources)), tuple(problems))


def _step(value: Origin, dialect: str, depth: int) -> Step:
    node = value.node
    assert node is not None, "only bases and parts stand for no text"
    if value.what == "star":
        return Step(_home(node), value.column, "*", _line_of_star(node), depth)
    select = node.find_ancestor(exp.Select)
    named = select is not None and any(node is item for item in _expressions(select))
    projection = node.parent if isinstance(node.parent, exp.Alias) else node
    column = projection.alias_or_name if named else ""
    sql = node.sql(dialect=dialect, comments=False)
    line = line_of(node) or line_of(projection)
    return Step(_home(node.parent), column, sql, line, depth)


def _line_of_star(select: exp.Expression) -> int:
    """The line of a qualified star; a bare one bears no line."""
    stars = [p for p in select.expressions if isinstance(p, exp.Column) and p.is_star]
    lines = {line_of(star) for star in stars}
    return lines.pop() if len(lines) == 1 and len(stars) == _count_stars(select.expressions) else 0


def _count_stars(projections: Sequence[exp.Expression]) -> int:
    return sum(1 for projection in projections if projection.is_star)


def _home(node: exp.Expression | None) -> str:
    """The name of the CTE or derived table that a node stands in; empty in the final
    SELECT."""
    return next(_names_around(node), "")


def _names_around(around: exp.Expression | None) -> Iterator[str]:
    while around is not None:
        if isinstance(around, exp.CTE):
            yield around.alias
        elif isinstance(around, exp.Subquery):
            if around.alias:
                yield around.alias
            elif not isinstance(around.parent, (exp.SetOperation, exp.CTE, type(None))):
                yield "(subquery)"
        around = around.parent
