"""Random SELECTs: plain, with stars, grouped, with windows, distinct, limited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from .aggregates import Aggregates
from .expressions import Expressions
from .schemas import NAMES, Col, ident
from .scope import Scope
from .sources import Sources

_PLAIN = ("int", "int", "text", "text", "num", "date", "bool", "ts", "ints", "rec", "json", "texts")
_GROUPED = ("int", "text", "bool", "date")


class Selects:
    """Writes SELECT statements."""

    def __init__(
        self, chance: Random, sources: Sources, expressions: Expressions, aggregates: Aggregates
    ) -> None:
        self.chance = chance
        self.sources = sources
        self.expressions = expressions
        self.aggregates = aggregates

    def any(self, depth: int, outer: Scope | None = None) -> str:
        """A SELECT of one of the styles."""
        styles: Sequence[Callable[[Scope, str], str]] = (
            self.plain,
            self.plain,
            self.starred,
            self.grouped,
            self.windowed,
            self.distinct,
        )
        scope = Scope(outer=outer)
        clause = self.sources.clause(scope, depth)
        return self.chance.choice(styles)(scope, clause)

    # -- parts -----------------------------------------------------------------------

    def alias(self, kind: str, taken: set[str]) -> str:
        """A name for a column of a kind that the list does not have yet."""
        names = [name for name in NAMES.get(kind, ()) if name.lower() not in taken]
        if names and self.chance.random() < 0.5:
            name = self.chance.choice(names)
        else:
            name = next(n for i in range(99) if (n := f"{kind[0]}{i}") not in taken)
        taken.add(name.lower())
        return name

    def where(self, scope: Scope, share: float = 0.4) -> str:
        """A WHERE clause, or none."""
        if self.chance.random() > share:
            return ""
        return f" where {self.expressions.of('bool', scope, 2)}"

    def limit(self, columns: int, share: float = 0.12) -> str:
        """ORDER BY all columns, so that LIMIT always takes the same rows."""
        if self.chance.random() > share or not columns:
            return ""
        order = self.chance.choice(
            (
                "order by all",
                f"order by {', '.join(str(n) for n in self._positions(columns))}",
                f"order by {', '.join(f'{n} desc' for n in self._positions(columns))}",
            )
        )
        offset = self.chance.choice(("", "", " offset 1"))
        return f" {order} limit {self.chance.choice((2, 4, 7))}{offset}"

    def _positions(self, columns: int) -> list[int]:
        return self.chance.sample(range(1, columns + 1), columns)

    def _list(self, scope: Scope, most: int, taken: set[str]) -> list[str]:
        """Projections with aliases, some of which later ones use."""
        found = []
        for _ in range(self.chance.randrange(1, most + 1)):
            kind = self.chance.choice(_PLAIN)
            refs = scope.refs(kind, self.chance)
            if not refs and self.chance.random() < 0.7:
                kind = "int"
            text = self.expressions.of(kind, scope, 2)
            name = self.alias(kind, taken)
            found.append(f"{text} as {ident(name)}")
            columns = {column.name.lower() for column in scope.columns()}
            if (
                name.lower() not in columns
                and kind in ("int", "text")
                and self.chance.random() < 0.4
            ):
                scope.aliases.append(Col(name, kind))
        scope.aliases.clear()
        return found

    # -- styles ----------------------------------------------------------------------

    def plain(self, scope: Scope, clause: str) -> str:
        """Expressions, and often the keys."""
        taken: set[str] = set()
        chosen = []
        if self.chance.random() < 0.7:
            for number, key in enumerate(scope.total_order()[:2]):
                chosen.append(f"{key} as id{number or ''}")
                taken.add(f"id{number or ''}")
        chosen += self._list(scope, 4, taken)
        chosen.sort(key=lambda text: (self.chance.random(), text) if " as i" in text else (1, ""))
        text = f"{', '.join(chosen)} from {clause}{self.where(scope)}"
        if self.chance.random() < 0.05:
            return f"from {clause} select {', '.join(chosen)}"
        return f"select {text}{self.limit(len(chosen))}"

    def wanted(self, scope: Scope, clause: str, columns: Sequence[Col]) -> str:
        """A SELECT of columns of these kinds, under these names."""
        chosen = [
            f"{self.expressions.of(column.kind, scope, 2)} as {column.sql}" for column in columns
        ]
        return f"select {', '.join(chosen)} from {clause}{self.where(scope)}"

    def starred(self, scope: Scope, clause: str) -> str:
        """A star in one of its forms, sometimes among other columns."""
        star = self._star(scope)
        taken = {column.name.lower() for column in scope.columns()}
        more = self._list(scope, 2, taken) if self.chance.random() < 0.4 else []
        chosen = [star, *more]
        if self.chance.random() < 0.3:
            chosen.reverse()
        return f"select {', '.join(chosen)} from {clause}{self.where(scope)}"

    def _star(self, scope: Scope) -> str:
        source = self.chance.choice(scope.sources)
        plain = "*" if self.chance.random() < 0.5 else f"{ident(source.alias)}.*"
        columns = list(source.columns) if plain != "*" else scope.columns()
        names = [column.name.lower() for column in columns]
        single = [c for c in columns if names.count(c.name.lower()) == 1]
        if not single:
            return plain
        column = self.chance.choice(single)
        return self._changed_star(plain, column, len(single), scope)

    def _changed_star(self, star: str, column: Col, many: int, scope: Scope) -> str:
        dice = self.chance.random()
        if dice < 0.35 or many < 2:
            return star
        if dice < 0.5:
            return f"{star} exclude ({column.sql})"
        if dice < 0.62 and column.kind:
            value = self.expressions.of(column.kind, scope, 1)
            return f"{star} replace ({value} as {column.sql})"
        if dice < 0.72:
            return f"{star} rename ({column.sql} as {column.kind or 'o'}_new)"
        if dice < 0.78:
            return f"columns({star})"
        if dice < 0.84:
            return f"columns('^[{column.name[0]}i]')"
        if dice < 0.88:
            return f"columns(['{column.name}'])"
        if dice < 0.94:
            return f"* like '{column.name[0]}%'"
        return self.chance.choice(
            (
                f"columns(c -> c like '{column.name[0]}%')",
                "columns(*)::varchar",
                f"{star} exclude {column.sql}",
                "* ilike 'I%'",
            )
        )

    def windowed(self, scope: Scope, clause: str) -> str:
        """Window functions, with QUALIFY and WINDOW."""
        named: list[str] = []
        taken = {"id"}
        chosen = [
            f"{key} as {'id' if n == 0 else 'id1'}" for n, key in enumerate(scope.total_order()[:2])
        ]
        taken.add("id1")
        windows = []
        for _ in range(self.chance.choice((1, 1, 2))):
            kind, text = self.aggregates.window(scope, named)
            windows.append((self.alias(kind, taken), kind))
            chosen.append(f"{text} as {ident(windows[-1][0])}")
        chosen += self._list(scope, 2, taken)
        text = f"select {', '.join(chosen)} from {clause}{self.where(scope)}"
        qualify = ""
        if self.chance.random() < 0.3:
            name, kind = windows[0]
            hidden = {column.name.lower() for column in scope.columns()}
            if kind == "int" and name.lower() not in hidden and self.chance.random() < 0.5:
                qualify = f" qualify {ident(name)} <= 2"
            else:
                kind, condition = self.aggregates.window(scope, named)
                qualify = f" qualify {condition} {_COMPARED.get(kind, 'is not null')}"
        window = f" window {', '.join(named)}" if named else ""
        return text + window + qualify

    def distinct(self, scope: Scope, clause: str) -> str:
        """DISTINCT, or DISTINCT ON with an order that decides."""
        taken: set[str] = set()
        chosen = self._list(scope, 3, taken)
        where = self.where(scope)
        if self.chance.random() < 0.6:
            return f"select distinct {', '.join(chosen)} from {clause}{where}"
        key = self.expressions.of(self.chance.choice(("int", "text")), scope, 1)
        if key.isdigit():
            key = "1"
        first = self.expressions.of("int", scope, 1)
        order = [key, *([f"{first} desc"] if not first.isdigit() else []), *scope.total_order()]
        text = f"select distinct on ({key}) {', '.join(chosen)} from {clause}{where}"
        return f"{text} order by {', '.join(order)}"

    def grouped(self, scope: Scope, clause: str) -> str:
        """GROUP BY in its forms."""
        taken: set[str] = set()
        keys: list[tuple[str, str]] = []
        for _ in range(self.chance.choice((0, 1, 1, 1, 2, 2))):
            kind = self.chance.choice(_GROUPED)
            text = self.expressions.of(kind, scope, 1)
            keys.append((text, self.alias(kind, taken)))
        made = [self.aggregates.aggregate(scope) for _ in range(self.chance.choice((1, 2, 3)))]
        chosen = [f"{text} as {ident(name)}" for text, name in keys]
        chosen += [f"{text} as {ident(self.alias(kind, taken))}" for kind, text in made]
        text = f"select {', '.join(chosen)} from {clause}{self.where(scope)}"
        having = ""
        if self.chance.random() < 0.25:
            kind, aggregate = self.aggregates.aggregate(scope)
            having = f" having {aggregate} {_COMPARED.get(kind, 'is not null')}"
        return f"{text}{self._group_by(keys)}{having}{self.limit(len(chosen), 0.08)}"

    def _group_by(self, keys: Sequence[tuple[str, str]]) -> str:
        if not keys:
            return ""
        if any(text.lstrip("-").isdigit() for text, _ in keys):
            return " group by all"
        texts = [text for text, _ in keys]
        dice = self.chance.random()
        if dice < 0.2:
            return " group by all"
        if dice < 0.4:
            return f" group by {', '.join(str(n + 1) for n in range(len(keys)))}"
        if dice < 0.5:
            return f" group by rollup ({', '.join(texts)})"
        if dice < 0.56:
            return f" group by cube ({', '.join(texts)})"
        if dice < 0.64:
            sets = [f"({', '.join(texts)})", f"({texts[0]})", "()"]
            return f" group by grouping sets ({', '.join(self.chance.sample(sets, 2))})"
        return f" group by {', '.join(texts)}"


_COMPARED = {"int": "> 1", "num": ">= 1.5", "text": "<> 'b'", "bool": "is true"}
