"""One walk over a query: every clause, in the order in which SQL gives it meaning.

No rewriting, no optimizer: each syntax node is visited once and all output columns
are computed together. What is computed is an algebra's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from sqlglot import exp

from analyticsops.sql.algebra import Algebra
from analyticsops.sql.dialect import Rules, Sees
from analyticsops.sql.dml import returned
from analyticsops.sql.facts import Problem
from analyticsops.sql.grouping import (
    adds_groups,
    distinct_rows,
    group_rows,
    limit_text,
    limited_rows,
    makes_groups,
)
from analyticsops.sql.hierarchies import connected
from analyticsops.sql.listed_rows import multiplies_by_number
from analyticsops.sql.names import output_name
from analyticsops.sql.nodes import line_of
from analyticsops.sql.relation import Named, Opening, Relation, without_keys
from analyticsops.sql.scope import Scope
from analyticsops.sql.sets import combine
from analyticsops.sql.sources import Env, Sources, Tables
from analyticsops.sql.spreading import spread
from analyticsops.sql.stars import expand_star, is_star
from analyticsops.sql.syntax import WITH
from analyticsops.sql.traits import PLAIN, Traits, spreads, traits_in

V = TypeVar("V")
R = TypeVar("R")

_MAX_ROUNDS = 12
"""Rounds of a recursive CTE; the values are sets that only grow, so few are needed."""


class Walk(Generic[V, R]):
    """Walks queries of one dialect over the same tables.

    Args:
        written_out: relations that stand in the place of tables, by the ids of these.
    """

    def __init__(
        self,
        rules: Rules,
        tables: Tables,
        algebra: Algebra[V, R],
        written_out: Mapping[str, Relation[V, R]] | None = None,
    ) -> None:
        self.rules = rules
        self.algebra = algebra
        self.sources: Sources[V, R] = Sources(
            rules, tables, algebra, self.relation, written_out or {}
        )

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
        env = self.environment(query, env, parent)
        if isinstance(query, exp.Select):
            return self._select(query, env, parent)
        if isinstance(query, exp.SetOperation):
            return self._ordered(query, self._set_operation(query, env, parent), env, parent)
        if isinstance(query, exp.Subquery):
            return self._ordered(query, self._subquery(query, env, parent), env, parent)
        if isinstance(query, exp.Values):
            return self.sources.values(query, env, parent)
        if isinstance(query, exp.Table):
            return self.sources.table(query, env)
        if isinstance(query, exp.Pivot):
            return self.sources.statement(query, env, parent)
        returning = returned(query, self.rules.name)
        if returning is not None:  # WITH gone AS (DELETE ... RETURNING id)
            return self.relation(returning, env, parent)
        problem = Problem("unsupported", type(query).__name__, line_of(query))
        algebra = self.algebra
        return Relation([], algebra.faulty_rows(algebra.single_row, problem))

    # -- WITH ----------------------------------------------------------------

    def environment(
        self,
        query: exp.Expression,
        env: Env[V, R] | None = None,
        parent: Scope[V, R] | None = None,
    ) -> Env[V, R]:
        """The CTEs in sight behind the WITH of a query or statement."""
        env = env or {}
        clause = query.args.get(WITH)
        if clause is None:
            return env
        known: dict[str, Relation[V, R]] = dict(env)
        for cte in clause.expressions:
            if cte.args.get("scalar"):
                continue  # ClickHouse's `WITH 1 AS x` is an alias
            key = self.rules.fold(cte.alias, bool(cte.args["alias"].this.args.get("quoted")))
            names = self.sources.alias_columns(cte)
            boundary = self.sources.boundary(cte.alias)
            if boundary is not None:
                known[key] = boundary
            elif self._is_recursive(clause, cte, key):
                known[key] = self._recursive(cte.this, key, names, known, parent)
            else:
                own = self.relation(cte.this, known, parent)
                known[key] = self.sources.read(self.sources.called(own, names, cte))
        return known

    def _is_recursive(self, clause: exp.With, cte: exp.CTE, key: str) -> bool:
        query = cte.this
        if not isinstance(query, exp.SetOperation):
            return False
        if clause.args.get("recursive"):
            return True
        return self.rules.implicit_recursion and any(
            self.rules.fold(table.name, False) == key and not table.args.get("db")
            for table in query.expression.find_all(exp.Table)
        )

    def _recursive(
        self,
        query: exp.SetOperation,
        key: str,
        names: Sequence[tuple[str, str]],
        env: Mapping[str, Relation[V, R]],
        parent: Scope[V, R] | None,
    ) -> Relation[V, R]:
        """Anchor first, then the recursive part over what is known, until it settles."""
        inner = self.environment(query, dict(env), parent)
        current = self.relation(query.this, inner, parent)
        for _ in range(_MAX_ROUNDS):
            known = {**inner, key: current.renamed(names)}
            step = self.relation(query.expression, known, parent)
            grown = combine(self.algebra, _operation(query), current, step, query, self.rules)
            if _values(grown) == _values(current) and grown.rows == current.rows:
                break
            current = grown
        return grown.renamed(names)

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
        terms: list[tuple[exp.SetOperation | None, Relation[V, R]]] = [
            (None, self.relation(left, env, parent))
        ]
        for operation in reversed(spine):
            right = self.relation(operation.expression, env, parent)
            if isinstance(operation, exp.Intersect):
                # It binds closer, which sqlglot before 30.29 or so does not know.
                before, first = terms.pop()
                right = combine(
                    self.algebra, _operation(operation), first, right, operation, self.rules
                )
                terms.append((before, right))
            else:
                terms.append((operation, right))
        result = terms[0][1]
        for chained, right in terms[1:]:
            if chained is not None:
                result = combine(
                    self.algebra, _operation(chained), result, right, chained, self.rules
                )
        return result

    # -- subqueries with their own ORDER BY and LIMIT --------------------------

    def _subquery(
        self, query: exp.Subquery, env: Env[V, R], parent: Scope[V, R] | None
    ) -> Relation[V, R]:
        inner = self.relation(query.this, env, parent)
        return self.sources.called(inner, self.sources.alias_columns(query), query)

    def _ordered(
        self,
        query: exp.Expression,
        relation: Relation[V, R],
        env: Env[V, R],
        parent: Scope[V, R] | None,
    ) -> Relation[V, R]:
        if not limit_text(query):
            return relation
        scope = self._scope(env, parent, relation.rows)
        self.sources.add(scope, relation, exp.to_identifier("_result"))
        rows = limited_rows(query, scope, relation.rows, relation)
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
        scope.select = query
        self.sources.read_from(query, scope, env)
        if query.args.get("connect"):
            scope.rows = connected(query.args["connect"], scope)
        for window in query.args.get("windows") or ():
            scope.windows[scope.rules.fold(window.name, False)] = window
        traits = traits_in(query, self.rules.name)
        self._filter(query, "prewhere", scope, "any" if self.rules.alias_in_where else "")
        self._filter(query, "where", scope, "any" if self.rules.alias_in_where else "")
        scope.adds_groups = adds_groups(query)
        scope.settle()
        if any(trait.windowed for trait in traits) and makes_groups(query, traits):
            scope.expect_groups()
        columns, openings = self._project(query, scope, traits)
        result = Relation(columns, scope.rows, openings)
        result = _changed(result, group_rows(query, scope, result, traits), scope)
        self._filter(query, "having", scope, self.rules.alias_in_having)
        result = _changed(result, scope.window(), scope)
        self._filter(query, "qualify", scope, self.rules.alias_in_qualify)
        rows = distinct_rows(query, scope, result)
        rows = limited_rows(query, scope, rows, result)
        return self._special(query, Relation(result.columns, rows, result.openings))

    def _filter(self, query: exp.Select, clause: str, scope: Scope[V, R], sees: Sees) -> None:
        node = query.args.get(clause)
        if node is not None:
            condition = scope.evaluate(node.this, sees)
            scope.rows = self.algebra.filtered(scope.rows, condition)

    def _special(self, query: exp.Select, result: Relation[V, R]) -> Relation[V, R]:
        """Clauses that few engines have and that change what the query means."""
        algebra = self.algebra
        rows, columns = result.rows, result.columns
        sample = query.args.get("sample")
        if sample is not None:
            rows = algebra.limited(rows, [], sample.sql())
        kind = str(query.args.get("kind") or "").upper()
        if kind == "VALUE" and len(columns) == 1:  # its fields are the columns
            fields = algebra.fields(columns[0].value)
            if fields is not None:
                fold = self.rules.fold
                columns = [Named(fold(name, False), name, v) for name, v in fields.items()]
        if query.args.get("kind"):  # SELECT AS STRUCT: the names are part of the value
            names = " ".join(column.name for column in columns)
            rows = algebra.marked(rows, f"as {query.args['kind']} {names}")
        return Relation(columns, rows, result.openings)

    def _several(
        self, projection: exp.Expression, scope: Scope[V, R]
    ) -> tuple[list[Named[V]], list[Opening[V]]]:
        if spreads(projection, self.rules.name) and not is_star(projection):
            return spread(projection, scope)
        return expand_star(projection, scope, self.algebra)

    def _project(
        self, query: exp.Select, scope: Scope[V, R], traits: Sequence[Traits]
    ) -> tuple[list[Named[V]], list[Opening[V]]]:
        columns: list[Named[V]] = []
        openings: list[Opening[V]] = []
        unnamed = 0
        for projection, trait in zip(query.expressions, traits, strict=True):
            if trait is PLAIN:
                columns.append(self._plain(projection, scope))
                scope.widths.append(1)
                continue
            if not trait.many and type(projection) is exp.Alias:
                columns.append(self._aliased(projection, scope, trait))
                scope.widths.append(1)
                continue
            if trait.many or is_star(projection):
                named, opened = self._several(projection, scope)
                scope.widths.append(len(named))
                columns.extend(named)
                openings.extend(opened)
                continue
            node = projection.unalias()
            name = output_name(projection, self.rules, len(columns), unnamed, bool(openings))
            key = self.rules.fold(name.text, name.quoted)
            unnamed += not name.given
            scope.widths.append(1)
            value = self._projected(key, node, scope, trait)
            columns.append(Named(key, name.text, value, not name.known))
        scope.declare_result(columns)
        if openings:
            openings = without_keys(openings, frozenset(column.key for column in columns))
        return columns, openings

    def _plain(self, projection: exp.Expression, scope: Scope[V, R]) -> Named[V]:
        """A column, perhaps under an alias."""
        if type(projection) is exp.Alias:
            node, identifier = projection.args["this"], _alias(projection)
            key, own = scope.key(identifier), scope.key(node.args["this"])
        else:
            node, identifier = projection, projection.args["this"]
            key = own = scope.key(identifier)
        value = scope.project_column(key, node, own)
        scope.declare_value(key, value)
        return Named(key, identifier.args["this"], value)

    def _aliased(self, projection: exp.Alias, scope: Scope[V, R], trait: Traits) -> Named[V]:
        """An expression under an alias."""
        identifier = _alias(projection)
        key = scope.key(identifier)
        value = self._projected(key, projection.args["this"], scope, trait)
        return Named(key, identifier.args["this"], value)

    def _projected(self, key: str, node: exp.Expression, scope: Scope[V, R], trait: Traits) -> V:
        value = scope.project(key, node)
        argument = value
        if trait.explosions and not self.algebra.constants and multiplies_by_number(node):
            argument = self.algebra.nothing
        for what in trait.explosions:
            scope.rows = self.algebra.exploded(scope.rows, argument, what)
        scope.declare_value(key, value)
        return value


def _changed(
    result: Relation[V, R], change: Callable[[V], V] | None, scope: Scope[V, R]
) -> Relation[V, R]:
    if change is None:
        return result
    changed = result.mapped(change, scope.rows)
    scope.declare_result(changed.columns)
    return changed


def _alias(projection: exp.Alias) -> exp.Identifier:
    alias = projection.args["alias"]
    return alias if isinstance(alias, exp.Identifier) else exp.to_identifier(str(alias))


def _values(relation: Relation[V, R]) -> list[V]:
    return [column.value for column in relation.columns]


def _operation(query: exp.SetOperation) -> str:
    name = type(query).__name__.lower()
    return name if query.args.get("distinct") else f"{name} all"


def _is_framed(query: exp.Expression) -> bool:
    """True if a nested set operation has clauses of its own."""
    return any(query.args.get(clause) for clause in (WITH, "order", "limit", "offset"))
