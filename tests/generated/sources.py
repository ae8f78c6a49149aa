"""Random FROM clauses: tables, derived tables, VALUES, pivots, and joins of every kind."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Protocol

from .expressions import Expressions
from .schemas import Col, ident
from .scope import Rel, Scope, Source


class Nested(Protocol):
    """Makes queries that stand in FROM."""

    def derived(self, depth: int) -> Rel | None:
        """A query in brackets; None if none was found that DuckDB takes."""

    def lateral(self, scope: Scope) -> Rel:
        """A subquery over the sources before it."""


_JOINS = ("join", "left join", "right join", "full join")


class Sources:
    """Writes FROM clauses.

    Args:
        relations: what can be named: tables, and CTEs, which hide tables.
    """

    def __init__(
        self,
        chance: Random,
        relations: Callable[[], list[Rel]],
        expressions: Expressions,
        nested: Nested,
    ) -> None:
        self.chance = chance
        self.relations = relations
        self.expressions = expressions
        self.nested = nested
        self._aliases = 0

    def clause(self, scope: Scope, depth: int, most: int = 3) -> str:
        """A FROM clause, whose sources are put into the scope."""
        text, source = self._item(scope, depth)
        scope.sources.append(source)
        for _ in range(self.chance.choice((0, 0, 1, 1, 2)) if most > 1 else 0):
            text += self._joined(scope, depth)
        return text

    # -- items -----------------------------------------------------------------------

    def alias(self) -> str:
        """A name that no other source has."""
        self._aliases += 1
        return f"{self.chance.choice('abcpq')}{self._aliases}"

    def _item(self, scope: Scope, depth: int) -> tuple[str, Source]:
        rel = self._relation(depth)
        taken = {source.alias.lower() for source in scope.sources}
        free = rel.name and rel.name.lower() not in taken
        if free and self.chance.random() < 0.4:
            return rel.sql, Source(rel.name, rel.columns, rel.key)
        alias = self.alias()
        if self.chance.random() < 0.06 and len(rel.columns) > 1:
            return self._renamed(rel, alias)
        word = self.chance.choice((" as ", " "))
        return f"{rel.sql}{word}{alias}", Source(alias, rel.columns, rel.key)

    def _renamed(self, rel: Rel, alias: str) -> tuple[str, Source]:
        """Its first columns under other names."""
        many = self.chance.randrange(1, len(rel.columns))
        names = [f"{column.kind or 'o'}_{n}" for n, column in enumerate(rel.columns[:many])]
        renamed = [Col(name, c.kind) for name, c in zip(names, rel.columns, strict=False)]
        columns = (*renamed, *rel.columns[many:])
        return f"{rel.sql} as {alias}({', '.join(names)})", Source(alias, columns)

    def _relation(self, depth: int) -> Rel:
        dice = self.chance.random()
        if depth > 0 and dice < 0.2:
            rel = self.nested.derived(depth - 1)
            if rel is not None:
                return rel
        if dice > 0.95:
            return self._values()
        if dice > 0.93:
            return Rel(f"range({self.chance.randrange(2, 5)})", (Col("range", "int"),))
        if dice > 0.89:
            pivot = self._pivot() or self._unpivot()
            if pivot is not None:
                return pivot
        return self.chance.choice(self.relations())

    def _values(self) -> Rel:
        rows = [f"({n}, {self.expressions.literal('text')})" for n in range(1, 4)]
        alias = self.alias()
        text = f"(select * from (values {', '.join(rows)}) as {alias}(k, s))"
        return Rel(text, (Col("k", "int"), Col("s", "text")))

    def _pivot(self) -> Rel | None:
        rel = self.chance.choice(self.relations())
        ints = [column for column in rel.columns if column.kind == "int"]
        if len(ints) < 3 or self.chance.random() < 0.5:
            return None
        on, value, group = self.chance.sample(ints, 3)
        total = self.chance.choice(("sum", "max", "count"))
        if self.chance.random() < 0.5:
            text = (
                f"(pivot {rel.sql} on {on.sql} in (0, 1, 2) using {total}({value.sql}) "
                f"group by {group.sql})"
            )
            return Rel(text, (group, *(Col(str(n), "int") for n in range(3))))
        text = (
            f"(select * from {rel.sql} pivot ({total}({value.sql}) as v for {on.sql} in (0, 1) "
            f"group by {group.sql}))"
        )
        return Rel(text, (group, *(Col(f"{n}_v", "int") for n in range(2))))

    def _unpivot(self) -> Rel | None:
        rel = self.chance.choice(self.relations())
        ints = [column for column in rel.columns if column.kind == "int"]
        if len(ints) < 2:
            return None
        chosen = self.chance.sample(ints, 2)
        names = ", ".join(column.sql for column in chosen)
        kept = tuple(column for column in rel.columns if column not in chosen)
        if self.chance.random() < 0.5:
            text = f"(unpivot {rel.sql} on {names} into name nm value val)"
        else:
            nulls = self.chance.choice(("", " include nulls"))
            text = f"(select * from {rel.sql} unpivot{nulls} (val for nm in ({names})))"
        return Rel(text, (*kept, Col("nm", "text"), Col("val", "int")))

    # -- joins -----------------------------------------------------------------------

    def _joined(self, scope: Scope, depth: int) -> str:
        dice = self.chance.random()
        if dice < 0.1:
            return self._unnested(scope)
        if dice < 0.2:
            return self._lateral(scope)
        if dice < 0.28:
            return self._grouped(scope, depth)
        text, source = self._item(scope, depth)
        if dice < 0.36:
            scope.sources.append(source)
            return f"{self.chance.choice((', ', ' cross join '))}{text}"
        if dice < 0.5:
            return self._using(scope, text, source)
        if dice < 0.58:
            return self._asof(scope, text, source)
        if dice < 0.7:
            kind = self.chance.choice(("semi", "anti"))
            inside = Scope([*scope.sources, source], scope.outer)
            return f" {kind} join {text} on {self._on(inside, source)}"
        scope.sources.append(source)
        return f" {self.chance.choice(_JOINS)} {text} on {self._on(scope, source)}"

    def _on(self, scope: Scope, source: Source) -> str:
        """Mostly two columns that are equal."""
        others = [(s, c) for s in scope.sources if s is not source for c in s.columns]
        pairs = [
            f"{ident(s.alias)}.{c.sql} = {ident(source.alias)}.{d.sql}"
            for s, c in others
            for d in source.columns
            if c.kind == d.kind and c.kind in ("int", "text", "date")
        ]
        if not pairs or self.chance.random() < 0.1:
            return self.expressions.of("bool", scope, 1)
        equal = self.chance.choice(pairs)
        if self.chance.random() < 0.3:
            return f"{equal} and {self.expressions.of('bool', scope, 1)}"
        return equal

    def _using(self, scope: Scope, text: str, source: Source) -> str:
        """USING or NATURAL, if names and kinds allow."""
        own = {column.name: column.kind for column in source.columns}
        names: dict[str, list[str]] = {}
        for column in scope.columns():
            names.setdefault(column.name, []).append(column.kind)
        shared = [
            name
            for name, kinds in names.items()
            if (len(kinds) == 1 or name in scope.merged)
            and own.get(name) == kinds[0]
            and kinds[0] in ("int", "text", "date", "bool", "num")
        ]
        scope.sources.append(source)
        kind = self.chance.choice(_JOINS)
        if not shared:
            return f" {kind} {text} on {self._on(scope, source)}"
        if len(scope.sources) == 2 and self.chance.random() < 0.3:
            both = {name for name in names if name in own}
            if both == set(shared):
                scope.merged |= both
                return f" natural {kind} {text}"
        chosen = self.chance.sample(shared, min(len(shared), self.chance.choice((1, 1, 2))))
        scope.merged |= set(chosen)
        return f" {kind} {text} using ({', '.join(ident(name) for name in chosen)})"

    def _asof(self, scope: Scope, text: str, source: Source) -> str:
        """The inequality is on a key, so that only one row is nearest."""
        if len(source.key) != 1:
            scope.sources.append(source)
            return f" join {text} on {self._on(scope, source)}"
        left = scope.refs("int", self.chance)
        scope.sources.append(source)
        if not left:
            return f" join {text} on {self._on(scope, source)}"
        key = f"{ident(source.alias)}.{ident(source.key[0])}"
        kind = self.chance.choice(("asof join", "asof left join"))
        before = Scope(scope.sources[:-1])
        anchor = self.chance.choice(before.refs("int", Random(0)) or ["0"])
        return f" {kind} {text} on {anchor} >= {key}"

    def _unnested(self, scope: Scope) -> str:
        lists = scope.refs("ints", self.chance)
        argument = self.chance.choice(lists) if lists else "[1, 2]"
        alias = self.alias()
        text = f"unnest({argument}) as {alias}(e)"
        scope.sources.append(Source(alias, (Col("e", "int"),)))
        return self.chance.choice((", ", " cross join ")) + text

    def _lateral(self, scope: Scope) -> str:
        rel = self.nested.lateral(scope)
        word = "lateral " if len(rel.sql) % 2 else ""  # DuckDB needs none
        alias = self.alias()
        scope.sources.append(Source(alias, rel.columns, rel.key))
        if self.chance.random() < 0.5:
            return f", {word}{rel.sql} as {alias}"
        kind = self.chance.choice(("join", "left join"))
        return f" {kind} {word}{rel.sql} as {alias} on true"

    def _grouped(self, scope: Scope, depth: int) -> str:
        """A join in brackets."""
        inside = Scope(outer=scope.outer)
        first, one = self._item(scope, depth)
        inside.sources.append(one)
        taken = Scope([*scope.sources, one])
        second, other = self._item(taken, depth)
        inside.sources.append(other)
        pair = f"({first} {self.chance.choice(_JOINS)} {second} on {self._on(inside, other)})"
        scope.sources += inside.sources
        return f" {self.chance.choice(_JOINS)} {pair} on {self._on(scope, other)}"
