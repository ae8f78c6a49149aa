"""The FROM clause: tables, CTEs, derived tables, laterals, UNNEST, VALUES, PIVOT."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Generic, Protocol, TypeAlias, TypeVar

from sqlglot import exp

from analyticsops.sql.algebra import Algebra
from analyticsops.sql.dialect import Rules
from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.folding import Fold
from analyticsops.sql.joins import how_joined, join_sources, null_extend
from analyticsops.sql.pivots import pivoted
from analyticsops.sql.relation import BaseRelation, Named, Opening, Relation
from analyticsops.sql.scope import Scope, Source, line_of
from analyticsops.sql.syntax import FROM

V = TypeVar("V")
R = TypeVar("R")

Env: TypeAlias = Mapping[str, Relation[V, R]]
"""The CTEs in sight, by key."""

_EXPLODING = (exp.Unnest, exp.Explode, exp.Posexplode, exp.TableFromRows)

_HISTORY = ("system_time", "version", "when", "changes", "partition", "only", "format", "pattern")
"""Clauses of a table that choose some of its rows."""

_ONE_COLUMN = {exp.GenerateSeries: "", exp.Unnest: "unnest"}
"""Table functions with one column, which has this name if there is no alias."""


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
        clause = query.args.get(FROM)
        if clause is not None:
            self._read_item(clause.this, scope, env, None)
        for join in query.args.get("joins") or ():
            self._read_item(join.this, scope, env, join)
        for lateral in query.args.get("laterals") or ():
            self._read_item(lateral, scope, env, None)

    def _read_item(
        self, item: exp.Expression, scope: Scope[V, R], env: Env[V, R], join: exp.Join | None
    ) -> None:
        if _explodes(item, join):
            self._explode(item, scope, env, join)
            return
        if _is_group(item):
            self._read_group(item, scope, env, join)
        else:
            relation = self._pivot(item, self._item(item, scope, env), scope, env)
            join_sources([_source(item, relation, scope)], relation.rows, scope, join)
        # `from a, b join c`: joins hang below the item.
        for inner in item.args.get("joins") or ():
            self._read_item(inner.this, scope, env, inner)
        for lateral in item.args.get("laterals") or ():
            self._read_item(lateral, scope, env, None)

    def _read_group(
        self, item: exp.Expression, scope: Scope[V, R], env: Env[V, R], join: exp.Join | None
    ) -> None:
        """``(a join b on ...)``: joined among themselves first, visible one by one."""
        inside = self._scope(scope.parent, env)
        self._read_item(item.this, inside, env, None)
        sources = inside.sources
        join_sources(sources, inside.rows, scope, join)
        for key, value in inside.merged.items():
            scope.merged.setdefault(key, value)

    def _item(self, item: exp.Expression, scope: Scope[V, R], env: Env[V, R]) -> Relation[V, R]:
        if isinstance(item, exp.Table):
            return self._chosen(item, self.table(item, env, scope)).renamed(
                self.alias_columns(item)
            )
        if isinstance(item, exp.Final):  # ClickHouse: merged versions of rows
            relation = self._item(item.this, scope, env)
            rows = self.algebra.marked(relation.rows, "final")
            return Relation(relation.columns, rows, relation.openings)
        if isinstance(item, exp.Values):
            return self.values(item, env, scope.parent)
        if isinstance(item, exp.Query):
            return self._chosen(item, self.nested(item, env, scope.parent))
        problem = Problem("unsupported", f"{type(item).__name__} in FROM", line_of(item))
        rows = self.algebra.faulty_rows(self.algebra.single_row, problem)
        opening = Opening(item.sql()[:60], lambda _key, _name: self.algebra.faulty(problem))
        return Relation([], rows, [opening])

    def _chosen(self, item: exp.Expression, relation: Relation[V, R]) -> Relation[V, R]:
        """The relation, its rows marked by clauses such as TABLESAMPLE and time travel."""
        clauses = [item.args.get(name) for name in _HISTORY]
        text = " ".join(
            part.sql() if isinstance(part, exp.Expression) else str(part)
            for part in clauses
            if part
        )
        rows = self.algebra.marked(relation.rows, text) if text else relation.rows
        sample = item.args.get("sample")
        if sample is not None:
            rows = self.algebra.limited(rows, [], sample.sql())
        return Relation(relation.columns, rows, relation.openings)

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
        algebra, names = self.algebra, table.columns
        keys, places = _base_keys(names, self.rules.fold)

        def make(place: int) -> V:
            return algebra.column(table, names[place])

        def make_all() -> Sequence[V]:
            return algebra.columns(table)

        rows = algebra.table(table)
        if table.complete:
            return BaseRelation(names, keys, places, make, make_all, rows)

        def demand(key: str, name: str) -> V:
            # `Amount` and `AMOUNT` are one column, unless quotes say otherwise.
            plain = name.lower()
            return algebra.demanded(table, plain if self.rules.fold(plain, False) == key else name)

        known = frozenset(keys).union(table.absent)
        likely = frozenset(self.rules.fold(name, False) for name in table.used)
        opening = Opening(table.id, demand, known, likely)
        return BaseRelation(names, keys, places, make, make_all, rows, [opening])

    def values(
        self, node: exp.Values, env: Env[V, R], parent: Scope[V, R] | None
    ) -> Relation[V, R]:
        """VALUES: one column per position. In a lateral VALUES cells may be columns."""
        algebra = self.algebra
        scope = self._scope(parent, env)
        text = node.sql()
        rows = [
            row.expressions if isinstance(row, exp.Tuple) else [row] for row in node.expressions
        ]
        width = len(rows[0]) if rows else 0
        columns: list[Named[V]] = []
        for n in range(width):
            cells = [row[n] for row in rows if n < len(row)]
            if not algebra.constants:
                cells = [cell for cell in cells if not isinstance(cell, exp.Literal)]
            values = [scope.evaluate(cell) for cell in cells]
            columns.append(Named(f"col{n}", f"col{n}", algebra.cell(values, n, text)))
        made = algebra.exploded(algebra.single_row, algebra.nothing, text)
        return Relation(columns, made).renamed(self.alias_columns(node))

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

    def add(self, scope: Scope[V, R], relation: Relation[V, R], identifier: exp.Identifier) -> None:
        """Make a relation visible under a name."""
        scope.sources.append(Source(scope.key(identifier), identifier.name, relation))

    def _scope(self, parent: Scope[V, R] | None, env: Env[V, R]) -> Scope[V, R]:
        return Scope(
            self.rules,
            self.algebra,
            self.algebra.single_row,
            parent,
            lambda node, around: self.nested(node, env, around),
        )

    # -- what multiplies rows --------------------------------------------------

    def _explode(
        self, item: exp.Expression, scope: Scope[V, R], env: Env[V, R], join: exp.Join | None
    ) -> None:
        """UNNEST, FLATTEN, EXPLODE, table functions and lateral subqueries."""
        inner = item.this if isinstance(item, exp.Lateral) else None
        if isinstance(inner, exp.Query):
            self._lateral(item, inner, scope, env, join)
            return
        function = item if isinstance(item, _EXPLODING) or inner is None else inner
        if isinstance(item, (exp.Table, exp.Alias)):
            function = item.this
        arguments = [scope.evaluate(part) for part in _arguments(function)]
        what = " ".join([type(function).__name__.lower(), *_variants(item, join)])
        argument = arguments[0] if len(arguments) == 1 else self.algebra.row_of(arguments)
        columns, openings = self._elements(item, function, arguments, argument, what, scope)
        scope.rows = self.algebra.exploded(scope.rows, argument, what)
        relation = Relation(columns, scope.rows, openings)
        scope.sources.append(_source(item, relation, scope))
        on = join.args.get("on") if join is not None else None
        if on is not None and not isinstance(on, exp.Boolean):
            scope.rows = self.algebra.filtered(scope.rows, scope.evaluate(on))

    def _lateral(
        self,
        item: exp.Expression,
        query: exp.Query,
        scope: Scope[V, R],
        env: Env[V, R],
        join: exp.Join | None,
    ) -> None:
        """A subquery that is evaluated for each row of what stands before it."""
        relation = self.nested(query, env, scope).renamed(self.alias_columns(item))
        outer = how_joined(join) == "left" or item.args.get("cross_apply") is False
        how = "left" if outer else "lateral"
        scope.sources.append(_source(item, relation, scope))
        on = join.args.get("on") if join is not None else None
        conditions = [] if on is None or isinstance(on, exp.Boolean) else [scope.evaluate(on)]
        scope.rows = self.algebra.joined(scope.rows, relation.rows, how, conditions)
        null_extend(scope, 1, how)

    def _elements(
        self,
        item: exp.Expression,
        function: exp.Expression,
        arguments: list[V],
        whole: V,
        what: str,
        scope: Scope[V, R],
    ) -> tuple[list[Named[V]], list[Opening[V]]]:
        """The columns that exploding yields: named by the alias, else by the engine."""
        algebra, rows = self.algebra, scope.rows
        names = self.alias_columns(item)
        listed = bool(names)
        alias = item.args.get("alias")
        identifier = alias.this if isinstance(alias, exp.TableAlias) else alias
        single = _ONE_COLUMN.get(type(function))
        if not names and isinstance(identifier, exp.Identifier):
            names = [(scope.key(identifier), identifier.name)]
        elif not names and single:
            names = [(single, single)]
        in_step = len(arguments) > 1 and len(arguments) == len(names)
        offset = item.args.get("offset")
        if isinstance(offset, exp.Identifier):
            names.append((scope.key(offset), offset.name))
        columns = []
        for position, (key, name) in enumerate(names):
            source = arguments[position] if in_step and position < len(arguments) else whole
            which = f"{what} column {position}" if position or in_step else what
            columns.append(Named(key, name, algebra.element(rows, source, which)))
        closed = listed or (single is not None and bool(names))
        if closed and self.rules.name != "bigquery":
            return columns, []
        # The element may be a struct, whose fields become columns.
        element = algebra.element(rows, whole, what)
        opening = Opening(
            what,
            lambda key, _name: algebra.field(element, key),
            frozenset(key for key, _ in names),
        )
        return columns, [opening]

    def _pivot(
        self,
        item: exp.Expression,
        relation: Relation[V, R],
        scope: Scope[V, R],
        env: Env[V, R],
    ) -> Relation[V, R]:
        for pivot in item.args.get("pivots") or ():
            inside = self._scope(scope.parent, env)
            inside.rows = relation.rows
            self.add(inside, relation, exp.to_identifier("_pivoted"))
            relation = pivoted(pivot, relation, inside, self.algebra)
            relation = relation.renamed(self.alias_columns(pivot))
        return relation


@lru_cache(maxsize=1024)
def _base_keys(names: tuple[str, ...], fold: Fold) -> tuple[tuple[str, ...], dict[str, int]]:
    """The keys of a table's columns, and where the first of each stands. A known name is
    taken as unquoted, unless its folded twin is there as well."""
    exact = frozenset(names)
    folded = [fold(name, False) for name in names]
    keys = tuple(
        name if key != name and key in exact and fold(name, True) == name else key
        for name, key in zip(names, folded, strict=True)
    )
    places = {key: len(keys) - n - 1 for n, key in enumerate(reversed(keys))}
    return keys, places


def _explodes(item: exp.Expression, join: exp.Join | None) -> bool:
    if isinstance(item, (exp.Lateral, *_EXPLODING)):
        return True
    if isinstance(item, exp.Table) and isinstance(item.this, exp.Func):
        return True
    return join is not None and str(join.args.get("kind") or "").upper() == "ARRAY"


def _is_group(item: exp.Expression) -> bool:
    """A join in brackets."""
    return (
        isinstance(item, exp.Subquery)
        and isinstance(item.this, (exp.Table, exp.Subquery))
        and not item.args.get("alias")
        and not item.args.get("pivots")
    )


def _source(item: exp.Expression, relation: Relation[V, R], scope: Scope[V, R]) -> Source[V, R]:
    """A relation under the alias of a FROM item, or under its own name."""
    alias = item.args.get("alias")
    for pivot in item.args.get("pivots") or ():
        alias = pivot.args.get("alias") or alias
    identifier = alias.this if isinstance(alias, exp.TableAlias) else alias
    full_key = ""
    if isinstance(item, exp.Final):
        item = item.this
    if not isinstance(identifier, exp.Identifier):
        identifier = None
        if isinstance(item, exp.Table):
            parts = [part for part in item.parts if isinstance(part, exp.Identifier)]
            identifier = parts[-1] if parts else None
            full_key = ".".join(scope.key(part) for part in parts)
    identifier = identifier or exp.to_identifier("")
    return Source(scope.key(identifier), identifier.name, relation, full_key=full_key)


def _arguments(function: exp.Expression) -> list[exp.Expression]:
    """The expressions whose elements become rows."""
    if isinstance(function, exp.Unnest):
        return list(function.expressions)
    return [function]


def _variants(item: exp.Expression, join: exp.Join | None) -> list[str]:
    """What makes one explosion differ from another of the same value."""
    found = [name for name in ("outer", "offset", "ordinality") if item.args.get(name)]
    if join is not None and str(join.args.get("side") or ""):
        found.append(str(join.args["side"]).lower())
    return found
