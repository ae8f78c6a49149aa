"""The FROM clause: tables, CTEs, derived tables, joins, laterals, UNNEST, VALUES, PIVOT."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeAlias, TypeVar

from sqlglot import exp

from analyticsops.sql.algebra import Algebra
from analyticsops.sql.dialect import Rules
from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.pivots import pivoted
from analyticsops.sql.relation import Named, Opening, Relation
from analyticsops.sql.scope import Scope, Source, line_of

V = TypeVar("V")
R = TypeVar("R")

Env: TypeAlias = Mapping[str, Relation[V, R]]
"""The CTEs in sight, by key."""

Nested: TypeAlias = Callable[[exp.Expression, Env[V, R], "Scope[V, R] | None"], Relation[V, R]]
"""How to get the relation of a query: (query, env, parent scope)."""


class Tables(Protocol):
    """What the caller knows about tables."""

    def table(self, parts: Sequence[str]) -> TableColumns:
        """The table that a name such as ``("db", "schema", "orders")`` means.

        Always answers; an unknown table gets an id of its own and no columns.
        """

    def boundary(self, cte: str) -> TableColumns | None:
        """The table that a CTE of this name stands for, if it stands for one (dbt
        inlines ephemeral models as ``__dbt__cte__name``)."""


class Sources(Generic[V, R]):
    """Reads FROM clauses into scopes."""

    def __init__(
        self,
        rules: Rules,
        tables: Tables,
        algebra: Algebra[V, R],
        nested: Callable[..., Relation[V, R]],
    ) -> None:
        self.rules = rules
        self.tables = tables
        self.algebra = algebra
        self.nested = nested

    # -- the clause ----------------------------------------------------------

    def read_from(self, query: exp.Select, scope: Scope[V, R], env: Env[V, R]) -> None:
        """Fill the scope with the sources of FROM, JOIN and LATERAL VIEW."""
        clause = query.args.get("from_")
        if clause is not None:
            self._read_item(clause.this, scope, env, None)
        for join in query.args.get("joins") or ():
            self._read_item(join.this, scope, env, join)
        for lateral in query.args.get("laterals") or ():
            self._read_item(lateral, scope, env, None)

    def _read_item(
        self, item: exp.Expression, scope: Scope[V, R], env: Env[V, R], join: exp.Join | None
    ) -> None:
        if isinstance(item, (exp.Unnest, exp.Lateral, exp.Explode, exp.Posexplode)):
            self._explode(item, scope, env, join)
            return
        if isinstance(item, exp.Table) and isinstance(item.this, exp.Func):
            self._explode(item, scope, env, join)
            return
        relation = self._item(item, scope, env)
        relation = self._pivot(item, relation, scope, env)
        self._join(item, relation, scope, join)
        # `from (a join b ...)` and `from a, b join c`: joins hang below the item.
        for inner in item.args.get("joins") or ():
            self._read_item(inner.this, scope, env, inner)
        for lateral in item.args.get("laterals") or ():
            self._read_item(lateral, scope, env, None)

    def _item(self, item: exp.Expression, scope: Scope[V, R], env: Env[V, R]) -> Relation[V, R]:
        if isinstance(item, exp.Table):
            return self.table(item, env, scope).renamed(self.alias_columns(item))
        if isinstance(item, exp.Subquery):
            if isinstance(item.this, exp.Table):  # a parenthesised join
                return self.table(item.this, env, scope)
            return self.nested(item, env, scope.parent)
        if isinstance(item, exp.Values):
            return self.values(item, env, scope.parent)
        if isinstance(item, exp.Query):
            return self.nested(item, env, scope.parent)
        problem = Problem("unsupported", f"{type(item).__name__} in FROM", line_of(item))
        rows = self.algebra.faulty_rows(self.algebra.single_row, problem)
        opening = Opening(item.sql()[:60], lambda _key, _name: self.algebra.faulty(problem))
        return Relation([], rows, [opening])

    # -- tables --------------------------------------------------------------

    def table(self, item: exp.Table, env: Env[V, R], _scope: Scope[V, R] | None) -> Relation[V, R]:
        """A CTE if one of that name is in sight, else a base table."""
        identifier = item.this
        if isinstance(identifier, exp.Identifier) and not item.args.get("db"):
            found = env.get(self.rules.fold(identifier.name, bool(identifier.args.get("quoted"))))
            if found is not None:
                return found
        parts = [part.name for part in item.parts if isinstance(part, exp.Expression)]
        return self.base(self.tables.table(parts))

    def boundary(self, cte: str) -> Relation[V, R] | None:
        """The base table that a CTE stands for, if it does."""
        table = self.tables.boundary(cte)
        return self.base(table) if table is not None else None

    def base(self, table: TableColumns) -> Relation[V, R]:
        """A base table with the columns known of it."""
        algebra = self.algebra
        columns = [
            Named(self.rules.fold(name, False), name, algebra.column(table, name))
            for name in table.columns
        ]
        if table.complete:
            return Relation(columns, algebra.table(table))
        known = frozenset(column.key for column in columns)
        opening: Opening[V] = Opening(
            table.id, lambda _key, name: algebra.column(table, name), known
        )
        return Relation(columns, algebra.table(table), [opening])

    def values(
        self, node: exp.Values, env: Env[V, R], parent: Scope[V, R] | None
    ) -> Relation[V, R]:
        """VALUES: constants, so that the columns have no inputs."""
        first = node.expressions[0] if node.expressions else None
        width = len(first.expressions) if isinstance(first, exp.Tuple) else int(first is not None)
        nothing = self.algebra.nothing
        columns = [Named(f"col{n}", f"col{n}", nothing) for n in range(width)]
        del env, parent  # constants refer to nothing
        text = node.sql()
        rows = self.algebra.exploded(self.algebra.single_row, nothing, text)
        return Relation(columns, rows).renamed(self.alias_columns(node))

    def alias_columns(self, node: exp.Expression) -> list[tuple[str, str]]:
        """(key, name) of the columns in ``as t(a, b)``."""
        alias = node.args.get("alias")
        columns = alias.args.get("columns") if isinstance(alias, exp.TableAlias) else None
        return [
            (self.rules.fold(c.name, bool(c.args.get("quoted"))), c.name)
            for c in (
                column.this if isinstance(column, exp.ColumnDef) else column
                for column in columns or ()
            )
        ]

    # -- joins ---------------------------------------------------------------

    def add(
        self,
        scope: Scope[V, R],
        relation: Relation[V, R],
        identifier: exp.Identifier,
        full_key: str = "",
        *,
        hidden: bool = False,
    ) -> None:
        """Make a relation visible under a name."""
        key = scope.key(identifier)
        source = Source(key, identifier.name, relation, full_key=full_key, hidden=hidden)
        scope.sources.append(source)

    def _join(
        self,
        item: exp.Expression,
        relation: Relation[V, R],
        scope: Scope[V, R],
        join: exp.Join | None,
    ) -> None:
        algebra = self.algebra
        number = sum(
            algebra.same_rows(source.relation.rows, relation.rows)
            for around in scope.outward()  # a correlated subquery over the same table
            for source in around.sources
        )
        if number:
            rows = algebra.instance_rows(relation.rows, number)
            relation = relation.mapped(lambda value: algebra.instance(value, number), rows)
        how = _how(join)
        self._declare(item, relation, scope, hidden=how in ("semi", "anti"))
        if len(scope.sources) == 1 and join is None:
            scope.rows = relation.rows
            return
        conditions = self._conditions(join, relation, scope, how)
        joined = algebra.joined(scope.rows, relation.rows, how, conditions)
        scope.rows = joined
        self._null_extend(scope, how, joined)

    def _declare(
        self, item: exp.Expression, relation: Relation[V, R], scope: Scope[V, R], *, hidden: bool
    ) -> None:
        alias = item.args.get("alias")
        identifier = alias.this if isinstance(alias, exp.TableAlias) else None
        full_key = ""
        if isinstance(item, exp.Subquery) and isinstance(item.this, exp.Table) and not identifier:
            item = item.this
            alias = item.args.get("alias")
            identifier = alias.this if isinstance(alias, exp.TableAlias) else None
        if identifier is None and isinstance(item, exp.Table):
            parts = [part for part in item.parts if isinstance(part, exp.Identifier)]
            identifier = parts[-1] if parts else None
            full_key = ".".join(scope.key(part) for part in parts)
        self.add(scope, relation, identifier or exp.to_identifier(""), full_key, hidden=hidden)

    def _conditions(
        self,
        join: exp.Join | None,
        relation: Relation[V, R],
        scope: Scope[V, R],
        how: str,
    ) -> list[V]:
        if join is None:
            return []
        conditions: list[V] = []
        on = join.args.get("on")
        if on is not None:
            conditions.append(scope.evaluate(on))
        match = join.args.get("match_condition")
        if isinstance(match, exp.Expression):
            conditions.append(scope.evaluate(match))
        names = [i for i in join.args.get("using") or () if isinstance(i, exp.Expression)]
        pairs = [_using_name(node, scope) for node in names]
        if str(join.args.get("method") or "").upper() == "NATURAL":
            pairs += self._natural(relation, scope)
        for key, name in pairs:
            conditions.extend(self._merge(key, name, relation, scope, how))
        return conditions

    def _natural(self, relation: Relation[V, R], scope: Scope[V, R]) -> list[tuple[str, str]]:
        """Columns of both sides; with unknown columns the join itself is not understood."""
        others = scope.sources[:-1]
        if relation.openings or any(source.relation.openings for source in others):
            problem = Problem("natural join over unknown columns")
            scope.rows = self.algebra.faulty_rows(scope.rows, problem)
        known = {key for source in others for key in source.relation.index}
        return [(c.key, c.name) for c in relation.columns if c.key in known]

    def _merge(
        self, key: str, name: str, relation: Relation[V, R], scope: Scope[V, R], how: str
    ) -> list[V]:
        """Make one column of the two that USING names; both are join keys."""
        left = scope.merged.get(key)
        if left is None:
            left = _value_in([s.relation for s in scope.sources[:-1]], key, name)
        right = _value_in([relation], key, name)
        sides = [side for side in (left, right) if side is not None]
        if left is not None and right is not None:
            scope.merged[key] = self.algebra.merged(left, right, how)
        elif sides:
            scope.merged[key] = sides[0]
        if len(sides) < 2:
            sides.append(self.algebra.faulty(Problem("unknown column", f"{name} in USING")))
        return sides

    def _null_extend(self, scope: Scope[V, R], how: str, rows: R) -> None:
        """Values of the side that may be missing can be NULL from here on."""
        algebra = self.algebra
        extended = {"left": scope.sources[-1:], "right": scope.sources[:-1], "full": scope.sources}
        for source in extended.get(how, ()):
            source.relation = source.relation.mapped(
                lambda value: algebra.optional(value, rows), source.relation.rows
            )

    # -- what multiplies rows --------------------------------------------------

    def _explode(
        self, item: exp.Expression, scope: Scope[V, R], env: Env[V, R], join: exp.Join | None
    ) -> None:
        """UNNEST, FLATTEN, EXPLODE, table functions and lateral subqueries."""
        inner = item.this if isinstance(item, exp.Lateral) else None
        if isinstance(inner, exp.Subquery):
            relation = self.nested(inner, env, scope).renamed(self.alias_columns(item))
            how = "left" if _how(join) == "left" else "lateral"
            self._declare(item, relation, scope, hidden=False)
            on = join.args.get("on") if join is not None else None
            conditions = [scope.evaluate(on)] if on is not None else []
            scope.rows = self.algebra.joined(scope.rows, relation.rows, how, conditions)
            return
        what = type(inner or item.this if not isinstance(item, exp.Unnest) else item).__name__
        argument = scope.evaluate(_argument(item))
        relation = self._elements(item, argument, what, scope.rows)
        scope.rows = self.algebra.exploded(scope.rows, argument, what)
        self._declare(
            item, Relation(relation.columns, scope.rows, relation.openings), scope, hidden=False
        )
        on = join.args.get("on") if join is not None else None
        if on is not None:
            scope.rows = self.algebra.filtered(scope.rows, scope.evaluate(on))

    def _elements(self, item: exp.Expression, argument: V, what: str, rows: R) -> Relation[V, R]:
        """The columns that exploding yields: named by the alias, else by the engine."""
        value = self.algebra.element(rows, argument, what)
        names = self.alias_columns(item)
        alias = item.args.get("alias")
        if not names and isinstance(alias, exp.TableAlias) and alias.this is not None:
            identifier = alias.this
            names = [(self.rules.fold(identifier.name, False), identifier.name)]
        offset = item.args.get("offset")
        if isinstance(offset, exp.Identifier):
            names.append((self.rules.fold(offset.name, False), offset.name))
        columns = [Named(key, name, value) for key, name in names]
        known = frozenset(key for key, _ in names)
        # The element may be a struct, whose fields become columns.
        opening: Opening[V] = Opening(what.lower(), lambda _key, _name: value, known)
        return Relation(columns, self.algebra.single_row, [opening])

    def _pivot(
        self,
        item: exp.Expression,
        relation: Relation[V, R],
        scope: Scope[V, R],
        env: Env[V, R],
    ) -> Relation[V, R]:
        for pivot in item.args.get("pivots") or ():
            inside = Scope(
                self.rules,
                self.algebra,
                relation.rows,
                scope.parent,
                lambda node, around: self.nested(node, env, around),
            )
            self.add(inside, relation, exp.to_identifier("_pivoted"))
            relation = pivoted(pivot, relation, inside, self.algebra)
        return relation


def _how(join: exp.Join | None) -> str:
    """The kind of a join in one word."""
    if join is None:
        return "cross"
    kind = str(join.args.get("kind") or "").lower()
    side = str(join.args.get("side") or "").lower()
    method = str(join.args.get("method") or "").lower()
    if kind in ("semi", "anti"):
        return kind
    if method == "asof":
        return "left" if side == "left" else "asof"
    if side in ("left", "right", "full"):
        return side
    restricted = join.args.get("on") or join.args.get("using") or method == "natural"
    return "inner" if restricted else "cross"


def _using_name(node: exp.Expression, scope: Scope[V, R]) -> tuple[str, str]:
    identifier = node.this if isinstance(node, exp.Column) else node
    if isinstance(identifier, exp.Identifier):
        return scope.key(identifier), identifier.name
    return scope.rules.fold(node.name, False), node.name


def _value_in(relations: Sequence[Relation[V, R]], key: str, name: str) -> V | None:
    """The first relation's column of that name; else one that an open relation may have."""
    for relation in relations:
        if key in relation.index:
            return relation.index[key]
    for relation in relations:
        for opening in relation.openings_for(key):
            return opening.demand(key, name)
    return None


def _argument(item: exp.Expression) -> exp.Expression:
    """The expression whose elements become rows."""
    if isinstance(item, exp.Unnest):
        return exp.Tuple(expressions=[node.copy() for node in item.expressions])
    if isinstance(item, (exp.Explode, exp.Posexplode)):
        return item
    inner: exp.Expression = item.this
    return inner
