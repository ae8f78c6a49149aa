"""The FROM clause: tables, CTEs, derived tables, laterals, UNNEST, VALUES, PIVOT."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Generic, Protocol, TypeAlias, TypeVar

from sqlglot import exp

from analyticsops.sql.algebra import Algebra
from analyticsops.sql.dialect import Rules
from analyticsops.sql.dynamic import dynamic_problem, dynamic_table, written_name
from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.folding import Fold
from analyticsops.sql.from_items import explodes, is_group, source_of, variants
from analyticsops.sql.joins import join_sources
from analyticsops.sql.laterals import call_of, explode, read_item, so_far
from analyticsops.sql.match_recognize import recognized
from analyticsops.sql.navigation import as_array, is_array_join, read_array_join
from analyticsops.sql.nodes import line_of
from analyticsops.sql.pivots import pivoted
from analyticsops.sql.relation import BaseRelation, Named, Opening, Relation, Source, without_keys
from analyticsops.sql.scope import Scope
from analyticsops.sql.syntax import FROM
from analyticsops.sql.table_arguments import HandedOn, handed_on
from analyticsops.sql.value_lists import values_relation

V = TypeVar("V")
R = TypeVar("R")

Env: TypeAlias = Mapping[str, Relation[V, R]]
"""The CTEs in sight, by key."""

_HISTORY = ("system_time", "version", "when", "changes", "partition", "only", "format", "pattern")
"""Clauses of a table that choose some of its rows."""


def parts_of(table: exp.Table) -> list[str]:
    """The parts of a table's name; of SQL Server's temporary tables with their ``#``."""
    return [
        f"#{part.name}" if part.args.get("temporary") else part.name
        for part in table.parts
        if isinstance(part, exp.Expression)
    ]


class Tables(Protocol):
    """What the caller knows about tables."""

    def table(self, parts: Sequence[str]) -> TableColumns:
        """The table that a name such as ``("db", "schema", "orders")`` means.

        Always answers; an unknown table gets an id of its own and no columns."""

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
        written_out: Mapping[str, Relation[V, R]],
    ) -> None:
        self.rules = rules
        self.tables = tables
        self.algebra = algebra
        self.nested = nested
        self.written_out = written_out

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
        match = query.args.get("match")
        if match is not None:
            self._recognize(match, scope, env)

    def _recognize(self, match: exp.Expression, scope: Scope[V, R], env: Env[V, R]) -> None:
        """MATCH_RECOGNIZE turns the table before it into another one."""
        inside = self._scope(scope.parent, env)
        inside.rows = scope.rows
        if len(scope.sources) != 1:
            problem = Problem("unsupported", "MATCH_RECOGNIZE over a join", line_of(match))
            relation = self._unknown(match, problem)
        else:
            whole = scope.sources[0].relation
            self.add(inside, whole, exp.to_identifier("_matched"))
            before = Relation(whole.columns, scope.rows, whole.openings)
            relation = recognized(match, before, inside, self.algebra)
        scope.sources.clear()
        scope.merged.clear()
        scope.merging.clear()
        scope.rows = relation.rows
        scope.sources.append(source_of(match, relation.renamed(self.alias_columns(match)), scope))

    def _read_item(
        self, item: exp.Expression, scope: Scope[V, R], env: Env[V, R], join: exp.Join | None
    ) -> None:
        if is_array_join(join):
            read_array_join(join, scope)
            return
        item = as_array(item, scope)
        if explodes(item) and handed_on(item) is None and dynamic_table(item) is None:
            self._explode(item, scope, env, join)
        elif is_group(item):
            self._read_group(item, scope, env, join)
        else:
            found, how = read_item(item, scope, lambda around: self._item(item, around, env))
            relation = self._pivot(item, found, scope, env)
            join_sources([source_of(item, relation, scope)], relation.rows, scope, join, how)
        # `from a, b join c`: joins hang below the item.
        for inner in item.args.get("joins") or ():
            self._read_item(inner.this, scope, env, inner)
        for lateral in item.args.get("laterals") or ():
            self._read_item(lateral, scope, env, None)

    def _read_group(
        self, item: exp.Expression, scope: Scope[V, R], env: Env[V, R], join: exp.Join | None
    ) -> None:
        """``(a join b on ...)``: joined among themselves first, visible one by one."""

        def read(around: Scope[V, R] | None) -> Scope[V, R]:
            inside = self._scope(around, env)
            self._read_item(item.this, inside, env, None)
            return inside

        inside, how = read_item(item, scope, read)
        sources = inside.sources
        start = len(scope.sources)
        join_sources(sources, inside.rows, scope, join, how)
        for key, value in inside.merged.items():
            scope.merged.setdefault(key, value)
            scope.merging.setdefault(key, start + inside.merging.get(key, len(sources)))
        scope.coalesced |= inside.coalesced
        for position, keys in inside.leading.items():
            scope.leading.setdefault(start + position, keys)

    def _item(
        self, item: exp.Expression, around: Scope[V, R] | None, env: Env[V, R]
    ) -> Relation[V, R]:
        handed = handed_on(item)
        if handed is not None:
            return self._handed(handed, around, env).renamed(self.alias_columns(item))
        if dynamic_table(item) is not None:
            return self.called(self._dynamic(item, env), self.alias_columns(item), item)
        if isinstance(item, exp.Table):
            found = self._chosen(item, self.table(item, env))
            return self.called(found, self.alias_columns(item), item)
        if isinstance(item, exp.Final):  # ClickHouse: merged versions of rows
            relation = self._item(item.this, around, env)
            rows = self.algebra.marked(relation.rows, "final")
            return Relation(relation.columns, rows, relation.openings)
        if isinstance(item, exp.Values):
            return self.values(item, env, around)
        if isinstance(item, exp.Query):
            return self._chosen(item, self.read(self.nested(item, env, around)))
        problem = Problem("unsupported", f"{type(item).__name__} in FROM", line_of(item))
        return self._unknown(item, problem)

    def _unknown(self, item: exp.Expression, problem: Problem) -> Relation[V, R]:
        """Columns and rows of which nothing is known."""
        rows = self.algebra.faulty_rows(self.algebra.single_row, problem)
        opening = Opening(
            type(item).__name__.lower(), lambda _key, _name: self.algebra.faulty(problem)
        )
        return Relation([], rows, [opening])

    def _dynamic(self, item: exp.Expression, env: Env[V, R]) -> Relation[V, R]:
        """``IDENTIFIER('s.t')`` is that table; what a variable names nobody knows."""
        inner = dynamic_table(item) or item
        parts = written_name(inner, self.rules.name)
        if parts is None:
            return self._unknown(inner, dynamic_problem(inner, line_of(item)))
        name, db, catalog, *_ = [*reversed(parts), None, None]
        table = exp.Table(this=name, db=db, catalog=catalog)
        return self._chosen(item, self.table(table, env))

    def _handed(
        self, handed: HandedOn, around: Scope[V, R] | None, env: Env[V, R]
    ) -> Relation[V, R]:
        """The table that a function hands on, with what it adds."""
        algebra = self.algebra
        relation = self._item(handed.source, around, env)
        gone = {self.rules.fold(name, False) for name in handed.gone}
        columns = [column for column in relation.columns if column.key not in gone]
        columns += [
            Named(self.rules.fold(name, False), name, algebra.cell([], n, handed.mark))
            for n, name in enumerate(handed.added)
        ]
        openings = without_keys(relation.openings, frozenset(gone))
        rows = relation.rows
        if handed.mark:
            rows = algebra.marked(rows, handed.mark)
        if handed.model is not None:
            model = self.table(handed.model, env)
            rows = algebra.joined(rows, model.rows, "model cross", [])
        if handed.more:
            row = algebra.field(algebra.row_of([column.value for column in columns]), "predicted")
            known = frozenset(column.key for column in columns)
            openings.append(Opening("prediction", lambda key, _n: algebra.field(row, key), known))
        return Relation(columns, rows, openings)

    def _chosen(self, item: exp.Expression, relation: Relation[V, R]) -> Relation[V, R]:
        """The relation, its rows marked by clauses such as TABLESAMPLE and time travel."""
        clauses = [part for name in _HISTORY if (part := item.args.get(name))]
        sample = item.args.get("sample")
        if not clauses and sample is None:
            return relation
        text = " ".join(
            part.sql() if isinstance(part, exp.Expression) else str(part) for part in clauses
        )
        rows = self.algebra.marked(relation.rows, text) if text else relation.rows
        if sample is not None:
            rows = self.algebra.limited(rows, [], sample.sql())
        return Relation(relation.columns, rows, relation.openings)

    def read(self, relation: Relation[V, R]) -> Relation[V, R]:
        """A query under the names that its columns have when it is read from."""
        return relation.numbered(self.rules.fold) if self.rules.numbers_twins else relation

    # -- tables --------------------------------------------------------------

    def table(self, item: exp.Table, env: Env[V, R]) -> Relation[V, R]:
        """A CTE if one of that name is in sight, else a base table."""
        identifier = item.this
        if isinstance(identifier, exp.Identifier) and not self._is_qualified(item):
            found = env.get(self.rules.fold(identifier.name, bool(identifier.args.get("quoted"))))
            if found is not None:
                return found
        return self.base(self.tables.table(parts_of(item)))

    def _is_qualified(self, item: exp.Table) -> bool:
        """False also for ``recurring.r``, what DuckDB's `r` USING KEY holds so far."""
        recurring = self.rules.name == "duckdb" and item.db.lower() == "recurring"
        return bool(item.args.get("db")) and not recurring

    def boundary(self, cte: str) -> Relation[V, R] | None:
        """The base table that a CTE stands for, if it does."""
        table = self.tables.boundary(cte)
        return self.base(table) if table is not None else None

    def base(self, table: TableColumns) -> Relation[V, R]:
        """A base table with the columns known of it, or what is written out in its place."""
        if table.id in self.written_out:
            return self.read(self.written_out[table.id])
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
        return values_relation(node, self._scope(parent, env)).renamed(self.alias_columns(node))

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

    def called(
        self, relation: Relation[V, R], names: Sequence[tuple[str, str]], node: exp.Expression
    ) -> Relation[V, R]:
        """The relation whose first columns have these (key, name) pairs. They go by position,
        which says nothing where columns are not known."""
        if not names or not relation.openings:
            return relation.renamed(names)
        tables = " or ".join(opening.table for opening in relation.openings)
        problem = Problem("name for an unknown column", tables, line_of(node))
        value = self.algebra.faulty(problem)
        columns = [Named(key, name, value) for key, name in names]
        openings = without_keys(relation.openings, frozenset(key for key, _ in names))
        return Relation(columns, relation.rows, openings)

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
            found = self.nested(inner, env, so_far(scope))
            relation = self.read(self.called(found, self.alias_columns(item), item))
            how = "left" if item.args.get("cross_apply") is False else "lateral"
            join_sources([source_of(item, relation, scope)], relation.rows, scope, join, how)
            return
        explode(call_of(item, self.alias_columns(item), scope), variants(item, join), scope, join)

    def statement(
        self, pivot: exp.Pivot, env: Env[V, R], parent: Scope[V, R] | None
    ) -> Relation[V, R]:
        """DuckDB's PIVOT and UNPIVOT as statements of their own."""
        outside = self._scope(parent, env)
        self._read_item(pivot.this, outside, env, None)
        (source,) = outside.sources
        relation = source.relation
        inside = self._scope(parent, env)
        inside.rows = outside.rows
        self.add(inside, relation, exp.to_identifier("_pivoted"))
        whole = Relation(relation.columns, outside.rows, relation.openings)
        return pivoted(pivot, whole, inside, self.algebra)

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
