"""PIVOT and UNPIVOT: columns made of values, and values made of columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Generic, NamedTuple, TypeVar

from sqlglot import exp

from analyticsops.sql.algebra import Algebra
from analyticsops.sql.chosen import choice_of
from analyticsops.sql.facts import Problem
from analyticsops.sql.nodes import line_of
from analyticsops.sql.relation import Named, Opening, Relation, without_keys
from analyticsops.sql.scope import Scope
from analyticsops.sql.stars import expand_star

V = TypeVar("V")
R = TypeVar("R")

VALUES_BEFORE_NAMES = frozenset({"bigquery", "fabric", "tsql"})
"""Where UNPIVOT's value columns stand before the column of names."""


class Turned(NamedTuple):
    """A PIVOT in any form.

    Attributes:
        aggregates: what is computed for each new column.
        keys: what the values in its place are compared with.
        group: the columns that stay, None for all that take no part.
        names: those of the new columns, None if only the data has them.
    """

    aggregates: Sequence[exp.Expression]
    keys: Sequence[exp.Expression]
    group: Sequence[exp.Expression] | None
    names: Sequence[exp.Identifier] | None


def pivoted(
    pivot: exp.Pivot, relation: Relation[V, R], scope: Scope[V, R], algebra: Algebra[V, R]
) -> Relation[V, R]:
    """The relation after one PIVOT or UNPIVOT, as a clause of FROM or as a statement.

    Args:
        scope: sees the columns of ``relation`` and nothing else.
    """
    result: Relation[V, R] | None
    if pivot.args.get("unpivot"):
        result = _unpivot(pivot, relation, scope, algebra)
    else:
        turned = _clause(pivot) if pivot.args.get("fields") else _statement(pivot)
        result = _Pivoting(pivot, turned, relation, scope, algebra).relation() if turned else None
    if result is not None:
        return result
    problem = Problem("unsupported", "this form of PIVOT", line_of(pivot))
    faulty = algebra.faulty(problem)
    opening = Opening("pivot", lambda _key, _name: faulty)
    return Relation([], algebra.faulty_rows(relation.rows, problem), [opening])


# -- PIVOT ----------------------------------------------------------------------


def _clause(pivot: exp.Pivot) -> Turned | None:
    """``PIVOT (sum(x) FOR q IN ('a', 'b'))``."""
    fields = [field for field in pivot.args.get("fields") or () if isinstance(field, exp.In)]
    group = pivot.args.get("group")
    dynamic = any(map(_is_dynamic, fields)) or any(map(_is_unnamed, fields))
    names = None if dynamic else pivot.args.get("columns")
    if not pivot.expressions or not fields or names == []:
        return None
    return Turned(
        aggregates=pivot.expressions,
        keys=[field.this for field in fields],
        group=group.expressions if group is not None else None,
        names=names,
    )


def _statement(pivot: exp.Pivot) -> Turned | None:
    """DuckDB's ``PIVOT t ON q IN (1, 2) USING sum(x) GROUP BY k``."""
    group, on = pivot.args.get("group"), pivot.expressions
    if not on:
        return None
    aggregates = pivot.args.get("using") or [exp.Count(this=exp.Star())]
    listed = [node for node in on if isinstance(node, exp.In) and not _is_dynamic(node)]
    names = list(_names(listed, aggregates)) if len(listed) == len(on) else None
    return Turned(
        aggregates=aggregates,
        keys=[node.this if isinstance(node, exp.In) else node for node in on],
        group=group.expressions if group is not None else None,
        names=names,
    )


def _is_dynamic(field: exp.In) -> bool:
    """True for ``IN (ANY)``, ``IN (SELECT ...)`` and DuckDB's ``IN an_enum``."""
    if field.args.get("query") is not None or field.args.get("field") is not None:
        return True
    return not field.expressions or any(
        isinstance(value, (exp.PivotAny, exp.Query)) for value in field.expressions
    )


def _is_unnamed(field: exp.In) -> bool:
    """True for ``FOR (a, b) IN ((1, 2))``: what Spark makes of the values is not known here."""
    return any(isinstance(value, exp.Tuple) for value in field.expressions)


def _names(
    fields: Sequence[exp.In], aggregates: Sequence[exp.Expression]
) -> Iterator[exp.Identifier]:
    """DuckDB's names: the values, then the aggregate if it has an alias or is not alone."""
    for values in product(*(field.expressions for field in fields)):
        name = "_".join(value.alias_or_name for value in values)
        for aggregate in aggregates:
            alone = len(aggregates) == 1 and not isinstance(aggregate, exp.Alias)
            suffix = (
                "" if alone else f"_{aggregate.alias or aggregate.sql(dialect='duckdb').lower()}"
            )
            yield exp.to_identifier(f"{name}{suffix}", quoted=True)


class _Pivoting(Generic[V, R]):
    def __init__(
        self,
        pivot: exp.Pivot,
        turned: Turned,
        relation: Relation[V, R],
        scope: Scope[V, R],
        algebra: Algebra[V, R],
    ) -> None:
        self.turned = turned
        self.input = relation
        self.scope = scope
        self.algebra = algebra
        self.what = pivot.sql()

    def relation(self) -> Relation[V, R]:
        """What stays is a group; each new column aggregates the rows of its value."""
        kept, openings = self._kept()
        rows = self.algebra.grouped(self.input.rows, [column.value for column in kept], "")
        for opening in openings:
            problem = Problem("grouping over unknown columns", opening.table)
            rows = self.algebra.faulty_rows(rows, problem)
        if self.turned.names is None:
            return Relation(kept, rows, [*openings, self._of_the_data(kept)])
        made = [
            Named(self.scope.key(name), name.name, self._value(position, position, self.what))
            for position, name in enumerate(self.turned.names)
        ]
        names = frozenset(column.key for column in made)
        return Relation([*kept, *made], rows, without_keys(openings, names))

    def _kept(self) -> tuple[list[Named[V]], list[Opening[V]]]:
        turned, scope = self.turned, self.scope
        if turned.group is not None:
            nodes = [node for node in turned.group if isinstance(node, exp.Column)]
            return [Named(scope.key(n.this), n.name, scope.evaluate(n)) for n in nodes], []
        used = frozenset(_keys_used([*turned.aggregates, *turned.keys], scope))
        kept = [column for column in self.input.columns if column.key not in used]
        return kept, without_keys(self.input.openings, used)

    def _value(self, number: int, position: int, what: str) -> V:
        """An aggregate of the rows whose key is that of the column."""
        aggregates, keys = self.turned.aggregates, self.turned.keys
        aggregate = aggregates[number % len(aggregates)].unalias()
        key = keys[0] if len(keys) == 1 else exp.Tuple(expressions=[k.copy() for k in keys])
        chosen = exp.Case(ifs=[exp.If(this=key.copy(), true=aggregate.copy())])
        return self.algebra.cell([self.scope.evaluate(chosen)], position, what)

    def _of_the_data(self, kept: Sequence[Named[V]]) -> Opening[V]:
        """Which columns there are is in the data; what they are made of is not."""

        def demand(key: str, name: str) -> V:
            values = [
                self._value(number, number, f"{key} of {self.what}")
                for number, aggregate in enumerate(self.turned.aggregates)
                if not aggregate.alias or name.lower().endswith(aggregate.alias.lower())
            ]
            if len(values) == 1:
                return values[0]
            problem = Problem("ambiguous column", f"{name} may be of several aggregates")
            return self.algebra.either(values, problem)

        return Opening("pivot", demand, frozenset(column.key for column in kept))


def _keys_used(nodes: Sequence[exp.Expression], scope: Scope[V, R]) -> set[str]:
    return {
        scope.key(column.this)
        for node in nodes
        for column in node.find_all(exp.Column)
        if isinstance(column.this, exp.Identifier)
    }


# -- UNPIVOT --------------------------------------------------------------------


class Stacked(NamedTuple):
    """An UNPIVOT in any form.

    Attributes:
        name: of the column that says where a value is from.
        values: names of the columns that the values go to.
        sources: for each new row, the columns that fill ``values``.
    """

    name: exp.Expression
    values: Sequence[exp.Expression]
    sources: Sequence[Sequence[exp.Expression]]


def _unpivot(
    pivot: exp.Pivot, relation: Relation[V, R], scope: Scope[V, R], algebra: Algebra[V, R]
) -> Relation[V, R] | None:
    """``UNPIVOT (value FOR name IN (a, b))``: value is a or b, name is of neither."""
    stacked = _stacked(pivot, scope)
    if stacked is None or any(len(row) != len(stacked.values) for row in stacked.sources):
        return None
    used = frozenset(_keys_used([node for row in stacked.sources for node in row], scope))
    what = pivot.sql()
    made = []
    for position, identifier in enumerate(stacked.values):
        cells = [scope.evaluate(row[position]) for row in stacked.sources]
        key, name = _plain(identifier, scope)
        made.append(Named(key, name, algebra.cell(cells, 1 + position, what)))
    key, name = _plain(stacked.name, scope)
    named = [Named(key, name, algebra.cell([], 0, what))]
    new = [*made, *named] if scope.rules.name in VALUES_BEFORE_NAMES else [*named, *made]
    # Rows without any value are left out, unless NULLs are kept.
    values = [column.value for column in made] if not pivot.args.get("include_nulls") else []
    argument = values[0] if len(values) == 1 else algebra.row_of(values)
    rows = algebra.exploded(relation.rows, argument, what)
    kept = [column for column in relation.columns if column.key not in used]
    gone = used | {column.key for column in new}
    return Relation([*kept, *new], rows, without_keys(relation.openings, gone))


def _stacked(pivot: exp.Pivot, scope: Scope[V, R]) -> Stacked | None:
    fields = list(pivot.args.get("fields") or ())
    if len(fields) == 1 and isinstance(fields[0], exp.In) and pivot.expressions:
        values = [v for node in pivot.expressions for v in _parts(node)]
        return Stacked(fields[0].this, values, [_parts(node) for node in fields[0].expressions])
    if fields or not pivot.expressions:
        return None
    into = pivot.args.get("into")
    name = into.this if into is not None else exp.to_identifier("name")
    values = list(into.expressions) if into is not None else [exp.to_identifier("value")]
    sources = [row for node in pivot.expressions for row in _rows(node, scope)]
    return Stacked(name, values, sources)


def _parts(node: exp.Expression) -> list[exp.Expression]:
    """``(a, b) AS 'x'`` is two columns; ``a AS 'x'`` and ``a`` are one."""
    inner = node.this if isinstance(node, (exp.PivotAlias, exp.Alias, exp.Paren)) else node
    return list(inner.expressions) if isinstance(inner, exp.Tuple) else [inner]


def _rows(node: exp.Expression, scope: Scope[V, R]) -> Iterator[list[exp.Expression]]:
    """What ``ON a, COLUMNS(* EXCLUDE (id))`` of the statement stands for."""
    if choice_of(node) is None:
        yield _parts(node)
        return
    for column in expand_star(node, scope, scope.algebra)[0]:
        yield [exp.column(exp.to_identifier(column.key, quoted=True))]


def _plain(node: exp.Expression, scope: Scope[V, R]) -> tuple[str, str]:
    identifier = node.this if isinstance(node, exp.Column) else node
    if isinstance(identifier, exp.Identifier):
        return scope.key(identifier), identifier.name
    name = node.name if isinstance(node, exp.Expression) else ""
    return scope.rules.fold(name, False), name
