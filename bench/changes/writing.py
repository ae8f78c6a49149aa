"""Random models: the shapes that dbt projects are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple, TypeVar

from bench.changes.databases import Column
from bench.changes.expressions import aggregated, filter_of, value_of

_IDS = ("customer", "order", "product", "payment", "item")


class Model(NamedTuple):
    """A model of a generated project.

    Attributes:
        key: names of the columns that tell its rows apart; none if there is one row.
        filled: True if none of the key is ever NULL.
        parents: names of the tables that it reads, ``raw.orders`` for a source.
        shared: columns of which several rows have one value.
    """

    name: str
    sql: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    filled: bool
    parents: tuple[str, ...]
    materialized: str = "view"
    shared: frozenset[str] = frozenset()


_Shape = TypeVar("_Shape", bound=Callable[..., "Model | None"])


class Writer:
    """Writes one model."""

    def __init__(self, chance: Random, name: str) -> None:
        self._chance = chance
        self._name = name
        self._count = 0

    def any_of(self, first: Model, others: Sequence[Model]) -> Model | None:
        """A model over the first and perhaps one of the others; None if what was tried
        does not fit them."""
        chance = self._chance
        second = chance.choice(others)
        shapes = (
            (self.projection, 2), (self.starred, 2), (self.windowed, 3), (self.deduplicated, 2),
            (self.grouped, 4), (self.distinct, 1), (self.first_rows, 1),
        )  # fmt: skip
        pairs = ((self.looked_up, 5), (self.appended, 2), (self.chosen, 2), (self.compared, 1),
                 (self.merged, 2))  # fmt: skip
        if chance.random() < 0.5:
            shape = _pick(shapes, chance)
            return shape(first)
        return _pick(pairs, chance)(first, second)

    # -- one table ---------------------------------------------------------------

    def projection(self, table: Model) -> Model:
        """Some of the columns, some of them computed, perhaps filtered."""
        items, columns = self._items(table, "a", compute=0.4)
        sql = f"select {', '.join(items)} from {{a}}{self._where(table, 'a', 0.3)}"
        return self._model(sql, columns, table.key, table.filled, table)

    def starred(self, table: Model) -> Model:
        """Everything and one more."""
        new, text = self._computed(table, "a")
        sql = f"select a.*, {text} from {{a}}{self._where(table, 'a', 0.3)}"
        return self._model(sql, [*table.columns, new], table.key, table.filled, table)

    def windowed(self, table: Model) -> Model | None:
        """With a window function, whose order leaves no ties."""
        number = self._column(table, "number")
        group = self._shared(table)
        if not table.key or number is None or group is None:
            return None
        unique = ", ".join(f"a.{name}" for name in table.key)
        by = f"partition by a.{group}"
        function = self._chance.choice(
            (
                f"row_number() over ({by} order by a.{number} desc, {unique})",
                f"sum(a.{number}) over ({by})",
                f"sum(a.{number}) over ({by} order by {unique})",
                f"lag(a.{number}) over ({by} order by {unique})",
                f"count(*) over ({by})",
                f"rank() over ({by} order by a.{number})",
                f"max(a.{number}) over ({by} order by a.{number})",
            )
        )
        items, columns = self._items(table, "a", compute=0.1)
        new = Column(self._fresh("w"), "number")
        sql = f"select {', '.join(items)}, {function} as {new.name} from {{a}}"
        sql += self._where(table, "a", 0.3)
        return self._model(sql, [*columns, new], table.key, table.filled, table)

    def deduplicated(self, table: Model) -> Model | None:
        """One row for each value of a column."""
        group, number = self._shared(table), self._column(table, "number")
        if not table.key or group is None or number is None or table.key == (group,):
            return None
        order = ", ".join((f"a.{number}", *(f"a.{name}" for name in table.key)))
        rank = f"row_number() over (partition by a.{group} order by {order})"
        keyed = table._replace(key=(group,))
        items, columns = self._items(keyed, "a", compute=0.1)
        where = self._where(table, "a", 0.3)
        if self._chance.random() < 0.5:
            sql = f"select {', '.join(items)} from {{a}}{where} qualify {rank} = 1"
        else:
            names = ", ".join(column.name for column in columns)
            inner = f"select {', '.join(items)}, {rank} as place from {{a}}{where}"
            sql = f"select {names} from ({inner}) as ranked where place = 1"
        return self._model(sql, columns, (group,), False, table)

    def grouped(self, table: Model) -> Model | None:
        """Aggregates, of groups or of everything."""
        numbers = self._names(table, "number")
        groups = [name for name in self._names(table, *_IDS, "word") if name in table.shared]
        if not numbers or not groups:
            return None
        chance = self._chance
        whole = self._name.startswith("kpi") and chance.random() < 0.4
        wanted = 0 if whole else 1 if chance.random() < 0.75 else 2
        keys = chance.sample(groups, min(wanted, len(groups)))
        kinds = dict(table.columns)
        columns = [Column(name, kinds[name]) for name in keys]
        items = [f"a.{name}" for name in keys]
        for _ in range(chance.choice((2, 3))):
            new = Column(self._fresh("s"), "number")
            word = self._column(table, "word")
            items.append(f"{aggregated(chance, chance.choice(numbers), word)} as {new.name}")
            columns.append(new)
        sql = f"select {', '.join(items)} from {{a}}{self._where(table, 'a', 0.4)}"
        if keys:
            names = [f"a.{name}" for name in keys]
            by = names if chance.random() < 0.5 else [str(n + 1) for n in range(len(keys))]
            sql += f" group by {', '.join(by)}"
            if chance.random() < 0.2:
                sql += " having count(*) > 1"
        return self._model(sql, columns, tuple(keys), False, table)

    def distinct(self, table: Model) -> Model | None:
        """The combinations of two columns."""
        names = [name for name in (c.name for c in table.columns) if name in table.shared]
        if len(names) < 2:
            return None
        chosen = self._chance.sample(names, 2)
        kinds = dict(table.columns)
        sql = f"select distinct {', '.join(f'a.{name}' for name in chosen)} from {{a}}"
        columns = [Column(name, kinds[name]) for name in chosen]
        return self._model(sql, columns, tuple(chosen), False, table)

    def first_rows(self, table: Model) -> Model | None:
        """The first few in an order without ties."""
        number = self._column(table, "number")
        if not table.key or number is None:
            return None
        items, columns = self._items(table, "a", compute=0.1)
        order = ", ".join((f"a.{number} desc", *(f"a.{name}" for name in table.key)))
        sql = f"select {', '.join(items)} from {{a}} order by {order} limit 4"
        return self._model(sql, columns, table.key, table.filled, table)

    # -- two tables --------------------------------------------------------------

    def looked_up(self, table: Model, other: Model) -> Model | None:
        """Columns of another table by its key."""
        kinds = dict(other.columns)
        if len(other.key) != 1 or table.name == other.name:
            return None
        key = other.key[0]
        own = [c.name for c in table.columns if c.kind == kinds.get(key) != "number"]
        if not own:
            return None
        items, columns = self._items(table, "a", compute=0.1)
        for column in other.columns:
            if column.name != key and self._chance.random() < 0.7:
                new = column._replace(name=self._fresh(column.name.split("_")[0]))
                text = value_of(self._chance, f"b.{column.name}", column.kind, 0.3)
                items.append(f"{text} as {new.name}")
                columns.append(new)
        how = self._chance.choice(("left join", "left join", "join"))
        on = f"a.{self._chance.choice(own)} = b.{key}"
        sql = f"select {', '.join(items)} from {{a}} {how} {{b}} on {on}"
        sql += self._where(table, "a", 0.2)
        return self._model(sql, columns, table.key, table.filled, table, other)

    def appended(self, table: Model, other: Model) -> Model | None:
        """The rows of both, told apart by a constant."""
        if len(table.key) != 1 or len(other.key) != 1:
            return None
        pairs = []
        for column in table.columns:
            twins = [c.name for c in other.columns if c.kind == column.kind]
            if column.name != table.key[0] and twins and column.kind in ("word", "number"):
                pairs.append((column, self._chance.choice(twins)))
        kinds = dict(table.columns)[table.key[0]], dict(other.columns)[other.key[0]]
        if not pairs or (kinds[0] == "word") != (kinds[1] == "word"):
            return None
        columns = [
            Column("origin", "word"),
            Column("ident", "word" if kinds[0] == "word" else "id"),
        ]
        left = ["'one' as origin", f"a.{table.key[0]} as ident"]
        right = ["'two' as origin", f"b.{other.key[0]} as ident"]
        for column, twin in pairs[:3]:
            new = Column(self._fresh(column.name.split("_")[0]), column.kind)
            left.append(f"a.{column.name} as {new.name}")
            right.append(f"b.{twin} as {new.name}")
            columns.append(new)
        sql = f"select {', '.join(left)} from {{a}}{self._where(table, 'a', 0.2)} union all "
        sql += f"select {', '.join(right)} from {{b}}{self._where(other, 'b', 0.2)}"
        return self._model(sql, columns, ("origin", "ident"), False, table, other)

    def chosen(self, table: Model, other: Model) -> Model | None:
        """The rows for which another table has one, or none."""
        shared = [
            (a.name, b.name)
            for a in table.columns
            for b in other.columns
            if a.kind == b.kind and a.kind != "number"
        ]
        if not shared or not table.key:
            return None
        own, theirs = self._chance.choice(shared)
        items, columns = self._items(table, "a", compute=0.1)
        asked = filter_of(self._chance, "b", self._typed(other))
        tests = (
            f"a.{own} in (select b.{theirs} from {{b}} where {asked})",
            f"exists (select 1 from {{b}} where b.{theirs} = a.{own} and {asked})",
            f"not exists (select 1 from {{b}} where b.{theirs} = a.{own} and {asked})",
        )
        sql = f"select {', '.join(items)} from {{a}} where {self._chance.choice(tests)}"
        return self._model(sql, columns, table.key, table.filled, table, other)

    def compared(self, table: Model, other: Model) -> Model | None:
        """Beside the largest of another table."""
        number = self._column(other, "number")
        if number is None or not table.key:
            return None
        items, columns = self._items(table, "a", compute=0.1)
        new = Column(self._fresh("top"), "number")
        inner = f"select max(b.{number}) from {{b}}{self._where(other, 'b', 0.3)}"
        sql = f"select {', '.join(items)}, ({inner}) as {new.name} from {{a}}"
        return self._model(sql, [*columns, new], table.key, table.filled, table, other)

    def merged(self, table: Model, other: Model) -> Model | None:
        """A full join of two tables of one grain."""
        if len(table.key) != 1 or table.name == other.name:
            return None
        kind, key = dict(table.columns)[table.key[0]], table.key[0]
        twin = next((c for c in other.columns if c.kind == kind and (c.name,) == other.key), None)
        numbers = self._column(table, "number"), self._column(other, "number")
        if twin is None or None in numbers:
            return None
        columns = [Column(key, kind), *(Column(self._fresh("m"), "number") for _ in numbers)]
        sql = (
            f"select coalesce(a.{key}, b.{twin.name}) as {key}, a.{numbers[0]} as "
            f"{columns[1].name}, coalesce(b.{numbers[1]}, 0) as {columns[2].name} "
            f"from {{a}} full join {{b}} on a.{key} = b.{twin.name}"
        )
        return self._model(sql, columns, (key,), False, table, other)

    # -- parts -------------------------------------------------------------------

    def _fresh(self, stem: str) -> str:
        self._count += 1
        return f"{stem}_{self._name.replace('_', '')}{self._count}"

    def _names(self, table: Model, *kinds: str) -> list[str]:
        return [column.name for column in table.columns if column.kind in kinds]

    def _column(self, table: Model, *kinds: str) -> str | None:
        found = self._names(table, *kinds)
        return self._chance.choice(found) if found else None

    def _shared(self, table: Model) -> str | None:
        """A column by which rows may be grouped."""
        found = [name for name in self._names(table, *_IDS, "word") if name in table.shared]
        return self._chance.choice(found) if found else None

    @staticmethod
    def _typed(table: Model) -> list[tuple[str, str]]:
        return [(column.name, column.kind) for column in table.columns]

    def _where(self, table: Model, alias: str, how_often: float) -> str:
        if self._chance.random() >= how_often:
            return ""
        return f" where {filter_of(self._chance, alias, self._typed(table))}"

    def _computed(self, table: Model, alias: str) -> tuple[Column, str]:
        column = self._chance.choice(table.columns)
        kind = "word" if column.kind == "word" else "number"
        new = Column(self._fresh("c"), kind)
        return new, f"{value_of(self._chance, f'{alias}.{column.name}', kind, 1)} as {new.name}"

    def _items(self, table: Model, alias: str, *, compute: float) -> tuple[list[str], list[Column]]:
        """The key, most of the other columns, some of them computed."""
        items, columns = [], []
        for column in table.columns:
            if column.name in table.key:
                items.append(f"{alias}.{column.name}")
            elif column.kind in _IDS or self._chance.random() < 0.85:
                text = value_of(self._chance, f"{alias}.{column.name}", column.kind, compute)
                items.append(
                    text if text.endswith(f".{column.name}") else f"{text} as {column.name}"
                )
            else:
                continue
            columns.append(column)
        return items, columns

    def _model(
        self,
        sql: str,
        columns: Sequence[Column],
        key: tuple[str, ...],
        filled: bool,
        *tables: Model,
    ) -> Model:
        """The query in one of the usual shapes."""
        chance, style = self._chance, self._chance.choice(("plain", "imports", "final"))
        aliases = dict(zip("ab", tables, strict=False))
        if style == "imports":
            ctes = ", ".join(
                f"{alias} as (select * from @{t.name})" for alias, t in aliases.items()
            )
            text = f"with {ctes} {sql.format(a='a', b='b')}"
        else:
            text = sql.format(**{alias: f"@{t.name} as {alias}" for alias, t in aliases.items()})
            if style == "final":
                text = f"with final as ({text}) select * from final"
        parents = tuple(dict.fromkeys(table.name for table in tables))
        how = chance.choice(("view", "view", "table", "table", "ephemeral"))
        return Model(self._name, text, tuple(columns), key, filled, parents, how)


def _pick(weighted: Sequence[tuple[_Shape, int]], chance: Random) -> _Shape:
    shapes: list[_Shape] = [shape for shape, _ in weighted]
    return chance.choices(shapes, [weight for _, weight in weighted])[0]
