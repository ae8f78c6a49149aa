"""Expressions over columns whose type in DuckDB is known, as people write them in models."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from bench.lineage.relations import AMOUNT, DAY, FLAG, KEY, MOMENT, TEXT, Column, one

Item = tuple[str, Column]
"""An expression and the column that it makes."""


def written(items: Sequence[Item], indent: int = 8) -> str:
    """The items of a SELECT, one a line."""
    space = " " * indent
    lines = [
        column.name
        if column.name == text
        else text
        if text.endswith(f".{column.name}")
        else f"{text} as {column.name}"
        for text, column in items
    ]
    return f"{space}" + f",\n{space}".join(lines)


def cleaned(rng: Random, column: Column, source: str, name: str) -> Item:
    """A staging model's treatment of a column: renamed, cast or trimmed, or left alone."""
    texts = {
        KEY: (source, source, f"cast({source} as bigint)"),
        AMOUNT: (source, f"cast({source} as decimal(18, 2))", f"coalesce({source}, 0)"),
        TEXT: (source, f"trim({source})", f"lower({source})", f"nullif({source}, '')"),
        MOMENT: (source, f"cast({source} as timestamp)"),
        DAY: (source, f"cast({source} as date)"),
        FLAG: (source, f"coalesce({source}, false)"),
    }
    return rng.choice(texts[column.type]), Column(name, column.type)


def computed(rng: Random, columns: Sequence[Column], name: str, table: str = "") -> Item:
    """A new column from others of the same row."""
    dot = f"{table}." if table else ""

    def any_of(kind: str) -> str:
        return dot + one(rng, columns, kind)

    amount, other = any_of(AMOUNT), any_of(AMOUNT)
    text, key, moment = any_of(TEXT), any_of(KEY), any_of(MOMENT)
    return rng.choice(
        (
            (f"cast({amount} - {other} as decimal(18, 2))", Column(name, AMOUNT)),
            (f"cast({amount} * 0.{rng.randrange(10, 99)} as decimal(18, 2))", Column(name, AMOUNT)),
            (f"coalesce({amount}, {other}, 0)", Column(name, AMOUNT)),
            (f"case when {text} = 'open' then {amount} else {other} end", Column(name, AMOUNT)),
            (f"case when {amount} > {rng.randrange(500)} then 'high' else {text} end",
             Column(name, TEXT)),
            (f"upper({text}) || '-' || {any_of(TEXT)}", Column(name, TEXT)),
            (f"coalesce({text}, 'unknown')", Column(name, TEXT)),
            (f"{key} is not null and {amount} > 0", Column(name, FLAG)),
            (f"cast({moment} as date)", Column(name, DAY)),
            (f"date_trunc('month', {moment})", Column(name, MOMENT)),
            (f"date_diff('day', {moment}, {any_of(MOMENT)})", Column(name, KEY)),
        )
    )  # fmt: skip


def windowed(rng: Random, columns: Sequence[Column], name: str) -> Item:
    """A new column from other rows of the same partition."""
    key, moment, amount = (one(rng, columns, kind) for kind in (KEY, MOMENT, AMOUNT))
    over = f"over (partition by {key} order by {moment})"
    frame = f"over (partition by {key} order by {moment} rows between 6 preceding and current row)"
    return rng.choice(
        (
            (f"row_number() {over}", Column(name, KEY)),
            (f"lag({amount}) {over}", Column(name, AMOUNT)),
            (f"first_value({one(rng, columns, TEXT)}) {over}", Column(name, TEXT)),
            (f"cast(sum({amount}) {frame} as decimal(18, 2))", Column(name, AMOUNT)),
            (f"max({moment}) over (partition by {key})", Column(name, MOMENT)),
        )
    )


def aggregated(rng: Random, columns: Sequence[Column], name: str) -> Item:
    """A new column from the rows of a group."""
    amount, key, text, moment = (one(rng, columns, kind) for kind in (AMOUNT, KEY, TEXT, MOMENT))
    return rng.choice(
        (
            (f"cast(sum({amount}) as decimal(18, 2))", Column(name, AMOUNT)),
            (f"cast(sum(case when {text} = 'open' then {amount} end) as decimal(18, 2))",
             Column(name, AMOUNT)),
            (f"max({amount})", Column(name, AMOUNT)),
            (f"count(distinct {key})", Column(name, KEY)),
            (f"count(*) filter (where {amount} > {rng.randrange(500)})", Column(name, KEY)),
            (f"min({moment})", Column(name, MOMENT)),
            (f"max({text})", Column(name, TEXT)),
        )
    )  # fmt: skip
