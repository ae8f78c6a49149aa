"""One walk over a query: every clause, in the order in which SQL gives it meaning.

No rewriting, no optimizer: each syntax node is visited once and all output columns
are computed together. What is computed is an algebra's business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from sqlglot import exp

from analyticsops.sql.algebra import Algebra
from analyticsops.sql.dialect import Rules
from analyticsops.sql.facts import Problem
from analyticsops.sql.relation import Named, Opening, Relation, without_keys
from analyticsops.sql.scope import Scope, line_of
from analyticsops.sql.sources import Env, Sources, Tables
from analyticsops.sql.stars import expand_star, is_star, output_name

V = TypeVar("V")
R = TypeVar("R")

_MAX_ROUNDS = 12
"""Rounds of a recursive CTE; the values are sets that only grow, so few are needed."""


class Walk(Generic[V, R]):
    """Walks queries of one dialect over the same tables."""

    def __init__(self, rules: Rules, tables: Tables, algebra: Algebra[V, R]) -> None:
        self.rules = rules
        self.algebra = algebra
        self.sources: Sources[V, R] = Sources(rules, tables, algebra, self.relation)

    def relation(
        self,
        query: exp.Expression,
        env: Env[V, R] | None = None,
        parent: Scope[V, R] | None = None,
    ) -> Relation[V, R]:
        """The relation that a query yields.

        Args:
            env: the CTEs in sight, by key.
            parent: the scope around a correlated subquery.
        """
        env = self._with_ctes(query, env or {}, parent)
        if isinstance(query, exp.Select):
            return self._select(query, env, parent)
        if isinstance(query, exp.SetOperation):
            return self._ordered(query, self._set_operation(query, env, parent), env, parent)
        if isinstance(query, exp.Subquery):
            return self._ordered(query, self._subquery(query, env, parent), env, parent)
        if isinstance(query, exp.Values):
            return self.sources.values(query, env, parent)
        if isinstance(query, exp.Table):
            return self.sources.table(query, env, parent)
        problem = Problem("unsupported", type(query).__name__, line_of(query))
        algebra = self.algebra
        return Relation([], algebra.faulty_rows(algebra.single_row, problem))

    # -- WITH ----------------------------------------------------------------

    def _with_ctes(
        self, query: exp.Expression, env: Env[V, R], parent: Scope[V, R] | None
    ) -> Env[V, R]:
        clause = query.args.get("with_")
        if clause is None:
            return env
        known: dict[str, Relation[V, R]] = dict(env)
        for cte in clause.expressions:
            key = self.rules.fold(cte.alias, bool(cte.args["alias"].this.args.get("quoted")))
            names = self.sources.alias_columns(cte)
            boundary = self.sources.boundary(cte.alias)
            if boundary is not None:
                known[key] = boundary
            elif clause.args.get("recursive") and isinstance(cte.this, exp.SetOperation):
                known[key] = self._recursive(cte.this, key, names, known, parent)
            else:
                known[key] = self.relation(cte.this, known, parent).renamed(names)
        return known

    def _recursive(
        self,
        query: exp.SetOperation,
        key: str,
        names: Sequence[tuple[str, str]],
        env: Mapping[str, Relation[V, R]],
        parent: Scope[V, R] | None,
    ) -> Relation[V, R]:
        """Anchor first, then the recursive part over what is known, until it settles."""
        inner = self._with_ctes(query, dict(env), parent)
        current = self.relation(query.this, inner, parent).renamed(names)
        for _ in range(_MAX_ROUNDS):
            step = self.relation(query.expression, {**inner, key: current}, parent)
            grown = self._combine(_operation(query), current, step.renamed(names), query)
            if [c.value for c in grown.columns] == [c.value for c in current.columns]:
                return grown
            current = grown
        return current

    # -- set operations ------------------------------------------------------

    def _set_operation(
        self, query: exp.SetOperation, env: Env[V, R], parent: Scope[V, R] | None
    ) -> Relation[V, R]:
        # Long chains lean to the left; the spine is walked without recursion.
        spine: list[exp.SetOperation] = []
        left: exp.Expression = query
        while isinstance(left, exp.SetOperation) and (left is query or not _is_framed(left)):
            spine.append(left)
            left = left.this
        result = self.relation(left, env, parent)
        for operation in reversed(spine):
            right = self.relation(operation.expression, env, parent)
            result = self._combine(_operation(operation), result, right, operation)
        return result

    def _combine(
        self, how: str, left: Relation[V, R], right: Relation[V, R], node: exp.SetOperation
    ) -> Relation[V, R]:
        algebra = self.algebra
        if node.args.get("by_name"):
            pairs = self._paired_by_name(left, right)
        else:
            pairs = self._paired_by_position(left, right, node)
        rows = algebra.combined_rows(how, left.rows, right.rows, [(a, b) for _, _, a, b in pairs])
        columns = [Named(key, name, algebra.combined(how, a, b)) for key, name, a, b in pairs]
        openings = [*left.openings, *(() if how.startswith("except") else right.openings)]
        return Relation(columns, rows, openings)

    def _paired_by_position(
        self, left: Relation[V, R], right: Relation[V, R], node: exp.SetOperation
    ) -> list[tuple[str, str, V, V]]:
        if len(left.columns) == len(right.columns) and not (left.openings or right.openings):
            return [
                (a.key, a.name, a.value, b.value)
                for a, b in zip(left.columns, right.columns, strict=True)
            ]
        reason = "set operation over unknown columns"
        if not (left.openings or right.openings):
            reason = "set operation over different numbers of columns"
        problem = Problem(reason, f"{len(left.columns)} and {len(right.columns)}", line_of(node))
        paired = []
        for position, a in enumerate(left.columns):
            # Positions cannot be counted: by name is the likely pair, and says so.
            b = right.index.get(a.key)
            if b is None and position < len(right.columns):
                b = right.columns[position].value
            other = self.algebra.nothing if b is None else b
            paired.append((a.key, a.name, self.algebra.either([a.value], problem), other))
        return paired

    def _paired_by_name(
        self, left: Relation[V, R], right: Relation[V, R]
    ) -> list[tuple[str, str, V, V]]:
        nothing = self.algebra.nothing
        paired = [(c.key, c.name, c.value, right.index.get(c.key, nothing)) for c in left.columns]
        paired += [
            (c.key, c.name, nothing, c.value) for c in right.columns if c.key not in left.index
        ]
        return paired

    # -- subqueries with their own ORDER BY and LIMIT --------------------------

    def _subquery(
        self, query: exp.Subquery, env: Env[V, R], parent: Scope[V, R] | None
    ) -> Relation[V, R]:
        inner = self.relation(query.this, env, parent)
        return inner.renamed(self.sources.alias_columns(query))

    def _ordered(
        self,
        query: exp.Expression,
        relation: Relation[V, R],
        env: Env[V, R],
        parent: Scope[V, R] | None,
    ) -> Relation[V, R]:
        if not _limit(query):
            return relation
        scope = self._scope(env, parent, relation.rows)
        self.sources.add(scope, relation, exp.to_identifier("_result"))
        rows = self._limited(query, scope, relation.rows, relation.columns)
        return Relation(relation.columns, rows, relation.openings)

    # -- SELECT --------------------------------------------------------------

    def _scope(self, env: Env[V, R], parent: Scope[V, R] | None, rows: R) -> Scope[V, R]:
        def nested(node: exp.Expression, inside: Scope[V, R]) -> Relation[V, R]:
            return self.relation(node, env, inside)

        return Scope(self.rules, self.algebra, rows, parent, nested)

    def _select(
        self, query: exp.Select, env: Env[V, R], parent: Scope[V, R] | None
    ) -> Relation[V, R]:
        scope = self._scope(env, parent, self.algebra.single_row)
        self.sources.read_from(query, scope, env)
        for window in query.args.get("windows") or ():
            scope.windows[scope.rules.fold(window.name, False)] = window
        for projection in query.expressions:
            if isinstance(projection, exp.Alias):
                scope.declare_alias(projection.args["alias"], projection.this)
        self._filter(query, "where", scope, "after" if self.rules.alias_in_where else "")
        grouping = self._group_keys(query, scope)
        columns, openings = self._project(query, scope)
        if grouping is not None:
            keys, how = grouping
            if how == "all":
                keys = self._all_keys(query, columns)
            scope.rows = self.algebra.grouped(scope.rows, keys, how if how != "all" else "")
        elif _aggregates(query):
            scope.rows = self.algebra.grouped(scope.rows, [], "")
        for column in columns:
            scope.declare_value(column.key, column.value)
        self._filter(query, "having", scope, "after")
        self._filter(query, "qualify", scope, "after")
        rows = self._distinct(query, scope, columns)
        return Relation(columns, self._limited(query, scope, rows, columns), openings)

    def _filter(self, query: exp.Select, clause: str, scope: Scope[V, R], aliases: str) -> None:
        node = query.args.get(clause)
        if node is not None:
            condition = scope.evaluate(node.this, aliases)
            scope.rows = self.algebra.filtered(scope.rows, condition)

    def _project(
        self, query: exp.Select, scope: Scope[V, R]
    ) -> tuple[list[Named[V]], list[Opening[V]]]:
        columns: list[Named[V]] = []
        openings: list[Opening[V]] = []
        aliases = "after" if self.rules.alias_in_select else ""
        for position, projection in enumerate(query.expressions):
            if is_star(projection):
                named, opened = expand_star(projection, scope, self.algebra)
                columns.extend(named)
                openings.extend(opened)
                continue
            node = projection.unalias()
            key, name = output_name(projection, scope, position)
            columns.append(Named(key, name, scope.evaluate(node, aliases)))
        keys = frozenset(column.key for column in columns)
        return columns, without_keys(openings, keys)

    # -- GROUP BY, DISTINCT, ORDER BY with LIMIT -------------------------------

    def _group_keys(self, query: exp.Select, scope: Scope[V, R]) -> tuple[list[V], str] | None:
        group = query.args.get("group")
        if group is None:
            return None
        if group.args.get("all"):
            return [], "all"
        keys = [self._position_or_value(node, query, scope) for node in group.expressions]
        forms = [name for name in ("grouping_sets", "cube", "rollup") if group.args.get(name)]
        for form in forms:
            parts = [part for part in group.args[form] if isinstance(part, exp.Expression)]
            keys.extend(scope.evaluate(part, "after") for part in parts)
        return keys, " ".join(
            f"{form}:{' '.join(str(part) for part in group.args[form])}" for form in forms
        )

    def _all_keys(self, query: exp.Select, columns: Sequence[Named[V]]) -> list[V]:
        """GROUP BY ALL: every projection without an aggregate is a key."""
        if any(is_star(projection) for projection in query.expressions):
            return [column.value for column in columns]
        return [
            column.value
            for projection, column in zip(query.expressions, columns, strict=True)
            if not _has_aggregate(projection)
        ]

    def _position_or_value(
        self, node: exp.Expression, query: exp.Select, scope: Scope[V, R], aliases: str = "after"
    ) -> V:
        if isinstance(node, exp.Literal) and node.is_int:
            position = int(node.name) - 1
            if 0 <= position < len(query.expressions):
                projection = query.expressions[position]
                if not is_star(projection):
                    return scope.evaluate(projection.unalias(), aliases)
        return scope.evaluate(node, aliases)

    def _distinct(self, query: exp.Select, scope: Scope[V, R], columns: Sequence[Named[V]]) -> R:
        distinct = query.args.get("distinct")
        if distinct is None:
            return scope.rows
        on = distinct.args.get("on")
        if on is None:
            return self.algebra.distinct(scope.rows, [column.value for column in columns], [])
        nodes = on.expressions if isinstance(on, exp.Tuple) else [on]
        keys = [self._position_or_value(node, query, scope) for node in nodes]
        return self.algebra.distinct(scope.rows, keys, self._order(query, scope, columns))

    def _limited(
        self, query: exp.Expression, scope: Scope[V, R], rows: R, columns: Sequence[Named[V]]
    ) -> R:
        limit = _limit(query)
        if not limit:
            return rows
        return self.algebra.limited(rows, self._order(query, scope, columns), limit)

    def _order(
        self, query: exp.Expression, scope: Scope[V, R], columns: Sequence[Named[V]]
    ) -> list[V]:
        order = query.args.get("order")
        values: list[V] = []
        for item in order.expressions if order else ():
            node = item.this if isinstance(item, exp.Ordered) else item
            if isinstance(node, exp.Literal) and node.is_int:
                position = int(node.name) - 1
                if 0 <= position < len(columns):
                    values.append(columns[position].value)
            else:
                values.append(scope.evaluate(node, "before"))
        return values


def _operation(query: exp.SetOperation) -> str:
    name = type(query).__name__.lower()
    return name if query.args.get("distinct") else f"{name} all"


def _is_framed(query: exp.Expression) -> bool:
    """True if a nested set operation has clauses of its own."""
    return any(query.args.get(clause) for clause in ("with_", "order", "limit", "offset"))


def _limit(query: exp.Expression) -> str:
    """LIMIT, FETCH and OFFSET as text, empty if there are none."""
    parts = [query.args.get(name) for name in ("limit", "offset")]
    return " ".join(part.sql() for part in parts if part is not None)


def _has_aggregate(node: exp.Expression) -> bool:
    """True if the node aggregates over the query's own rows (windows do not)."""
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, exp.AggFunc):
            return True
        if isinstance(current, exp.Window):
            stack.extend(child for child in current.this.iter_expressions())
        elif not isinstance(current, exp.Query):
            stack.extend(current.iter_expressions())
    return False


def _aggregates(query: exp.Select) -> bool:
    if query.args.get("having") is not None:
        return True
    return any(_has_aggregate(projection) for projection in query.expressions)
