"""Random queries: WITH, set operations, recursion, and subqueries of every kind."""

from __future__ import annotations

from random import Random

import duckdb

from analyticsops.verify.tables import Table

from .aggregates import Aggregates
from .expressions import Expressions
from .schemas import Col, ident, kind_of
from .scope import Rel, Scope, Source
from .selects import Selects
from .sources import Sources

_SET_OPERATIONS = (
    *("union all", "union", "union all", "union by name", "union all by name"),
    *("except", "intersect", "except all", "intersect all"),
)

_TRIES = 3
"""For each query in a FROM clause or WITH: what DuckDB refuses is written anew."""


class Queries:
    """Writes queries over tables that a DuckDB connection has.

    Attributes:
        refused: queries, and parts of queries, that DuckDB did not take.
        written: all of them.
    """

    def __init__(
        self, chance: Random, tables: list[Table], connection: duckdb.DuckDBPyConnection
    ) -> None:
        self.chance = chance
        self.connection = connection
        self.refused = self.written = 0
        self._tables = [_as_relation(table) for table in tables]
        self._ctes: dict[str, Rel] = {}
        self._with: list[str] = []
        self.expressions = Expressions(chance, self)
        self.sources = Sources(chance, self.relations, self.expressions, self)
        aggregates = Aggregates(chance, self.expressions)
        self.selects = Selects(chance, self.sources, self.expressions, aggregates)
        self.aggregates = aggregates

    def relations(self) -> list[Rel]:
        """What FROM can name: CTEs hide tables of their name, and come up more often."""
        hidden = {name.lower() for name in self._ctes}
        tables = [rel for rel in self._tables if rel.name.lower() not in hidden]
        return [*tables, *self._ctes.values(), *self._ctes.values()]

    # -- whole queries ---------------------------------------------------------------

    def query(self) -> str | None:
        """A query that DuckDB takes; None if it refused the last part of it."""
        self._ctes, self._with = {}, []
        for _ in range(self.chance.choice((0, 0, 1, 1, 2, 3))):
            self._add_cte()
        body = self.body(2)
        text = f"{self._prefix()}{body}"
        return text if self.describe(text) is not None else None

    def body(self, depth: int) -> str:
        """A query without WITH."""
        dice = self.chance.random()
        if dice < 0.16:
            return self._set_operation(depth)
        if dice < 0.19:
            return f"from {self.chance.choice(self.relations()).sql}"
        return self.selects.any(depth)

    def describe(self, text: str) -> list[tuple[str, str]] | None:
        """(name, type) of the columns of a query; None if DuckDB refuses it."""
        self.written += 1
        try:
            found = self.connection.execute(f"describe {text}").fetchall()
        except duckdb.Error:
            self.refused += 1
            return None
        return [(row[0], row[1]) for row in found]

    # -- WITH ------------------------------------------------------------------------

    def _prefix(self, more: str = "") -> str:
        parts = [*self._with, *([more] if more else [])]
        recursive = any(" as (/*r*/" in part for part in parts)
        return f"with {'recursive ' if recursive else ''}{', '.join(parts)} " if parts else ""

    def _add_cte(self) -> None:
        hiding = self.chance.random() < 0.15
        taken = {name.lower() for name in self._ctes}
        names = (
            [rel.name for rel in self._tables] if hiding else ["c", "src", "final", "base", "agg"]
        )
        free = [name for name in names if name.lower() not in taken and "." not in name]
        if not free:
            return
        name = self.chance.choice(free)
        for _ in range(_TRIES):
            if self._try_cte(name):
                return

    def _try_cte(self, name: str) -> bool:
        recursive = self.chance.random() < 0.1
        columns = [Col("n", "int"), Col(*self.chance.choice((("x", "int"), ("s", "text"))))]
        body = self._recursive(name, columns) if recursive else self.body(1)
        listed = recursive or self.chance.random() < 0.1
        names = [column.sql for column in columns] if recursive else []
        if listed and not recursive:
            known = self.describe(f"{self._prefix()}{body}")
            if known is None:
                return False
            names = [ident(f"{kind_of(type_) or 'o'}_{n}") for n, (_, type_) in enumerate(known)]
        head = f"{ident(name)}({', '.join(names)})" if listed else ident(name)
        how = self.chance.choice(("", "", "", "materialized ", "not materialized "))
        part = f"{head} as {'' if recursive else how}({'/*r*/ ' if recursive else ''}{body})"
        known = self.describe(f"{self._prefix(part)}select * from {ident(name)}")
        if known is None:
            return False
        self._with.append(part)
        self._ctes[name] = _described(ident(name), known, name)
        return True

    def _recursive(self, name: str, columns: list[Col]) -> str:
        """Counts up from an anchor; may join a table on its way."""
        scope = Scope()
        clause = self.sources.clause(scope, 0, most=1)
        anchor = self.selects.wanted(scope, clause, columns)
        own = Scope()
        own.sources.append(Source("r", tuple(columns)))
        joined = ""
        rel = self.chance.choice(self._tables)
        if self.chance.random() < 0.4 and rel.name.lower() != name.lower():
            joined = f" join {rel.sql} as q on q.id = r.n"
            own.sources.append(Source("q", rel.columns))
        value = self.expressions.of(columns[1].kind, own, 1)
        kind = self.chance.choice(("union all", "union"))
        step = f"select r.n + 1, {value} from {ident(name)} as r{joined} where r.n < 3"
        return f"{anchor} {kind} {step}"

    # -- set operations --------------------------------------------------------------

    def _set_operation(self, depth: int) -> str:
        names = self.chance.sample(("x", "y", "s", "d", "f", "n"), self.chance.choice((1, 2, 3)))
        kinds = {"x": "int", "y": "int", "n": "int", "s": "text", "d": "date", "f": "bool"}
        columns = [Col(name, kinds[name]) for name in names]
        text = self._side(depth, columns)
        for _ in range(self.chance.choice((1, 1, 2))):
            how = self.chance.choice(_SET_OPERATIONS)
            right = columns
            if "by name" in how:
                right = self.chance.sample(columns, len(columns))
                right = right[: max(1, len(right) - self.chance.choice((0, 0, 1)))]
            text = f"{text} {how} {self._side(depth, right)}"
        return text + self.selects.limit(len(columns))

    def _side(self, depth: int, columns: list[Col]) -> str:
        scope = Scope()
        clause = self.sources.clause(scope, depth - 1, most=2)
        text = self.selects.wanted(scope, clause, columns)
        return f"({text})" if self.chance.random() < 0.2 else text

    # -- in FROM ---------------------------------------------------------------------

    def derived(self, depth: int) -> Rel | None:
        """A query in brackets."""
        for _ in range(_TRIES):
            body = self.body(depth)
            known = self.describe(f"{self._prefix()}select * from ({body})")
            if known is not None:
                return _described(f"({body})", known)
        return None

    def lateral(self, scope: Scope) -> Rel:
        """A subquery over the sources before it."""
        inner = Scope(outer=scope)
        clause = self.sources.clause(inner, 0, most=1)
        condition = self._correlated(inner)
        kind = self.chance.choice(("int", "text"))
        if self.chance.random() < 0.5:
            text = self.expressions.of(kind, inner, 1)
            return Rel(f"(select {text} as lv from {clause} where {condition})", (Col("lv", kind),))
        made, text = self.aggregates.aggregate(inner)
        columns = (Col("lv", made if made != "num" else "num"),)
        return Rel(f"(select {text} as lv from {clause} where {condition})", columns)

    # -- in expressions --------------------------------------------------------------

    def scalar(self, kind: str, scope: Scope) -> str:
        """An aggregate, the first row, or a list of all."""
        inner = Scope(outer=scope)
        clause = self.sources.clause(inner, 0, most=1)
        where = f" where {self._correlated(inner)}"
        value = self.expressions.of("int" if kind == "ints" else kind, inner, 1)
        if kind == "ints":
            return f"array(select {value} from {clause}{where} order by 1)"
        dice = self.chance.random()
        if dice < 0.3:
            order = ", ".join(inner.total_order())
            return f"(select {value} from {clause}{where} order by {order} limit 1)"
        function = self.chance.choice(("max", "min", "sum") if kind == "int" else ("max", "min"))
        return f"(select {function}({value}) from {clause}{where})"

    def condition(self, scope: Scope) -> str:
        """EXISTS, IN or a comparison with ANY or ALL."""
        inner = Scope(outer=scope)
        clause = self.sources.clause(inner, 0, most=1)
        where = self._correlated(inner)
        dice = self.chance.random()
        negated = self.chance.choice(("", "not "))
        if dice < 0.4:
            return f"{negated}exists (select 1 from {clause} where {where})"
        kind = self.chance.choice(("int", "text"))
        left = self.expressions.of(kind, Scope(scope.sources), 0)
        right = self.expressions.of(kind, Scope(inner.sources), 1)
        if dice < 0.8:
            return f"{left} {negated}in (select {right} from {clause} where {where})"
        how = self.chance.choice(("= any", "> all", "<> any"))
        return f"{left} {how} (select {right} from {clause} where {where})"

    def _correlated(self, inner: Scope) -> str:
        """Mostly equates a column inside with one outside."""
        for kind in self.chance.sample(("int", "text", "int"), 3):
            own = Scope(inner.sources).refs(kind, self.chance)
            around = inner.outer_refs(kind)
            if own and around and self.chance.random() < 0.7:
                return f"{self.chance.choice(own)} = {self.chance.choice(around)}"
        return self.expressions.of("bool", Scope(inner.sources), 1)


def _as_relation(table: Table) -> Rel:
    columns = tuple(Col(c.name, kind_of(c.type)) for c in table.columns)
    return Rel(".".join(ident(part) for part in table.name), columns, ("id",), table.name[-1])


def _described(sql: str, known: list[tuple[str, str]], name: str = "") -> Rel:
    return Rel(sql, tuple(Col(column, kind_of(type_)) for column, type_ in known), (), name)
