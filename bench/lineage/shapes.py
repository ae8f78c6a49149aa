"""The shapes of models: parents in, SQL and the columns that it makes out.

Each is written as dbt projects write it: import CTEs with ``select *``, logical CTEs, and a
last ``select * from``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from bench.lineage.expressions import Item, aggregated, cleaned, computed, windowed, written
from bench.lineage.relations import AMOUNT, KEY, MOMENT, TEXT, Column, Relation, of_type, one, some

WIDEST = 60
"""Columns beyond which a model lets some of its parent's go."""


class Query(NamedTuple):
    """A model's SQL and its columns."""

    sql: str
    columns: tuple[Column, ...]


Shape = Callable[[Random, int, Sequence[Relation]], Query]


def _query(parts: Sequence[tuple[str, str]]) -> str:
    ctes = ",\n\n".join(f"{name} as (\n{body}\n)" for name, body in parts)
    return f"with {ctes}\n\nselect * from {parts[-1][0]}\n"


def _imported(relation: Relation) -> str:
    return f"    select * from {relation.quoted}"


def _made(items: Sequence[Item]) -> tuple[Column, ...]:
    return tuple(column for _, column in items)


def staged(rng: Random, _number: int, parents: Sequence[Relation]) -> Query:
    """Every column of a source renamed, cast or trimmed."""
    source = parents[0]
    entity = source.name.split("_", 1)[1]
    items = [
        cleaned(rng, column, column.name, f"{entity}_id" if column.name == "id" else column.name)
        for column in source.columns
        if column.name != "_loaded_at"
    ]
    body = f"    select\n{written(items)}\n    from source"
    return Query(_query([("source", _imported(source)), ("renamed", body)]), _made(items))


def _star(rng: Random, relation: Relation, new: int, table: str = "") -> tuple[str, list[Column]]:
    """``*`` over a relation, without some of its columns where it would grow too wide."""
    star = f"{table}.*" if table else "*"
    columns = list(relation.columns)
    if len(columns) + new <= WIDEST:
        return star, columns
    kept = some(rng, columns, WIDEST - new - rng.randrange(8, 16))
    gone = ", ".join(column.name for column in columns if column not in kept)
    return f"{star} exclude ({gone})", kept


def joined(rng: Random, number: int, parents: Sequence[Relation]) -> Query:
    """One parent with all its columns, the others with a few: left and inner joins."""
    first, others = parents[0], parents[1:]
    star, columns = _star(rng, first, 6 * len(others) + 3, "base")
    parts = [("base", _imported(first))]
    items: list[Item] = []
    joins = ""
    for place, other in enumerate(others, start=1):
        name = f"side_{place}"
        taken = some(rng, other.columns, 8)
        key = one(rng, taken, KEY)
        listed = ", ".join(column.name for column in taken)
        where = f"{one(rng, taken, TEXT)} is not null"
        parts.append((name, f"    select {listed}\n    from {other.quoted}\n    where {where}"))
        kept = rng.sample([column for column in taken if column.name != key], 5)
        items += [
            (f"{name}.{column.name}", Column(f"s{place}_{number}_{at}", column.type))
            for at, column in enumerate(kept)
        ]
        side = rng.choice(("left join", "left join", "inner join"))
        joins += f"\n    {side} {name} on base.{one(rng, columns, KEY)} = {name}.{key}"
    items += [computed(rng, columns, f"c_{number}_{at}", "base") for at in range(3)]
    body = f"    select\n        {star},\n{written(items)}\n    from base{joins}"
    return Query(_query([*parts, ("joined", body)]), (*columns, *_made(items)))


def united(rng: Random, number: int, parents: Sequence[Relation]) -> Query:
    """Two parents brought to the same columns, one below the other."""
    left, right = parents[0], parents[1]
    above: list[Item] = []
    below: list[Item] = []
    for at, column in enumerate(some(rng, left.columns, 42)):
        name = Column(f"u_{number}_{at}", column.type)
        match = of_type(right.columns, column.type)
        above.append((column.name, name))
        below.append((rng.choice(match) if match else f"cast(null as {column.type.lower()})", name))
    flag = Column(f"origin_{number}", TEXT)
    above.append((f"'{left.name}'", flag))
    below.append((f"'{right.name}'", flag))
    columns = _made(above)
    unpacked = ",\n        ".join(text for text, _ in below)
    body = (
        f"    select\n{written(above)}\n    from first_part\n\n    union all\n\n"
        f"    select\n        {unpacked}\n    from second_part"
    )
    parts = [("first_part", _imported(left)), ("second_part", _imported(right)), ("united", body)]
    return Query(_query(parts), columns)


def latest(rng: Random, number: int, parents: Sequence[Relation]) -> Query:
    """Rows deduplicated with ``qualify``, then window functions over what is left."""
    source = parents[0]
    star, columns = _star(rng, source, 12)
    items = [windowed(rng, columns, f"w_{number}_{at}") for at in range(8)]
    after = [*columns, *_made(items)]
    more = [computed(rng, after, f"d_{number}_{at}") for at in range(4)]
    key, moment = one(rng, source.columns, KEY), one(rng, source.columns, MOMENT)
    parts = [
        ("source", _imported(source)),
        (
            "latest",
            f"    select *\n    from source\n    qualify row_number() over "
            f"(partition by {key} order by {moment} desc) = 1",
        ),
        ("history", f"    select\n        {star},\n{written(items)}\n    from latest"),
        ("derived", f"    select\n        *,\n{written(more)}\n    from history"),
    ]
    return Query(_query(parts), (*after, *_made(more)))


def classified(rng: Random, number: int, parents: Sequence[Relation]) -> Query:
    """Conditions over a parent's columns, kept where another parent has such a row."""
    source, other = parents[0], parents[1]
    star, columns = _star(rng, source, 12)
    items: list[Item] = []
    for at in range(12):
        amount, text = one(rng, columns, AMOUNT), one(rng, columns, TEXT)
        low, name = rng.randrange(100), Column(f"k_{number}_{at}", TEXT)
        texts = (
            f"case\n            when {amount} < {low} then 'low'\n            when {amount} < "
            f"{low * 9} and {text} = 'open' then 'mid'\n            else {text}\n        end"
        )
        made = (texts, name) if at % 4 == 0 else computed(rng, columns, name.name)
        items.append(made)
    key, far = one(rng, source.columns, KEY), one(rng, other.columns, KEY)
    body = (
        f"    select\n        {star},\n{written(items)}\n    from source\n    where {key} in "
        f"(select {far} from {other.quoted} where {one(rng, other.columns, AMOUNT)} > 0)"
    )
    parts = [("source", _imported(source)), ("classified", body)]
    return Query(_query(parts), (*columns, *_made(items)))


def aggregate(rng: Random, number: int, parents: Sequence[Relation]) -> Query:
    """Facts by a few dimensions, put beside a second parent's totals."""
    source, other = parents[0], parents[1]
    kinds = (KEY, TEXT, MOMENT)
    groups = [(one(rng, source.columns, k), Column(f"g_{number}_{k.lower()}", k)) for k in kinds]
    facts = [aggregated(rng, source.columns, f"m_{number}_{at}") for at in range(32)]
    facts.append((f"max({one(rng, source.columns, AMOUNT)})", Column(f"m_{number}_top", AMOUNT)))
    facts.append((f"min({one(rng, source.columns, AMOUNT)})", Column(f"m_{number}_low", AMOUNT)))
    facts.append((f"min({one(rng, source.columns, MOMENT)})", Column(f"m_{number}_at", MOMENT)))
    facts.append((f"max({one(rng, source.columns, TEXT)})", Column(f"m_{number}_text", TEXT)))
    totals = [aggregated(rng, other.columns, f"t_{number}_{at}") for at in range(6)]
    far, key = one(rng, other.columns, KEY), groups[0][1].name
    by = ", ".join(text for text, _ in groups)
    added: list[Item] = [(f"totals.{c.name}", c) for _, c in totals]
    every = _made([*groups, *facts])
    parts = [
        ("source", _imported(source)),
        ("other", _imported(other)),
        ("facts", f"    select\n{written([*groups, *facts])}\n    from source\n    group by {by}"),
        (
            "totals",
            f"    select\n        {far} as total_key,\n{written(totals)}\n    from other\n"
            f"    group by {far}\n    having count(*) > 0",
        ),
        (
            "final",
            f"    select\n        facts.*,\n{written(added)}\n    from facts\n"
            f"    left join totals on facts.{key} = totals.total_key",
        ),
    ]
    return Query(_query(parts), (*every, *_made(added)))


def wide(rng: Random, number: int, parents: Sequence[Relation]) -> Query:
    """A fact and its dimensions, each column named: the wide table of a dashboard."""
    parts: list[tuple[str, str]] = []
    items: list[Item] = []
    joins = ""
    for place, parent in enumerate(parents):
        name = "fact" if place == 0 else f"dim_{place}"
        parts.append((name, _imported(parent)))
        taken = some(rng, parent.columns, 26 if place == 0 else 12)
        items += [
            (f"{name}.{c.name}", c if place == 0 else Column(f"d{place}_{number}_{at}", c.type))
            for at, c in enumerate(taken)
        ]
        if place:
            on = f"fact.{one(rng, parents[0].columns, KEY)}"
            joins += f"\n    left join {name} on {on} = {name}.{one(rng, parent.columns, KEY)}"
    items += [computed(rng, parents[0].columns, f"f_{number}_{at}", "fact") for at in range(4)]
    body = f"    select\n{written(items)}\n    from fact{joins}"
    return Query(_query([*parts, ("final", body)]), _made(items))
