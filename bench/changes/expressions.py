"""Random expressions of generated models."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

WORDS = ("a", "b", "ab", "A", "AB", " b")


def value_of(chance: Random, column: str, kind: str, how_often: float) -> str:
    """The column, or (as often as that) something computed of it."""
    if chance.random() >= how_often or kind not in ("word", "number"):
        return column
    if kind == "word":
        texts: tuple[str, ...] = (
            f"upper({column})",
            f"coalesce({column}, 'none')",
            f"case when {column} in ('a', 'b') then 'ab' else {column} end",
            f"trim({column})",
        )
    else:
        texts = (
            f"coalesce({column}, 0)",
            f"{column} * 2",
            f"case when {column} > 2 then {column} else 1 end",
            f"nullif({column}, 0)",
            f"{column} + 1",
        )
    return chance.choice(texts)


def filter_of(chance: Random, alias: str, columns: Sequence[tuple[str, str]]) -> str:
    """A condition on one of these (name, kind) columns."""
    usual = [column for column in columns if column[1] in ("word", "number")] or columns
    name, kind = chance.choice(usual)
    column = f"{alias}.{name}"
    if kind == "word":
        texts: tuple[str, ...] = (
            f"{column} <> 'b'",
            f"{column} in ('a', 'ab', 'A', ' b')",
            f"lower(coalesce({column}, 'a')) = 'a'",
            f"{column} is not null",
        )
    else:
        texts = (
            f"{column} > 1",
            f"{column} between 1 and 4",
            f"({column} < 3 or {column} is null)",
            f"coalesce({column}, 0) <> 2",
            f"{column} is not null",
        )
    return chance.choice(texts)


def aggregated(chance: Random, number: str, word: str | None) -> str:
    """An aggregate of columns of the table `a`."""
    texts = [
        f"sum(a.{number})",
        f"sum(coalesce(a.{number}, 0))",
        f"max(a.{number})",
        f"count(a.{number})",
        f"count(distinct a.{number})",
        "count(*)",
    ]
    if word is not None:
        texts += [
            f"sum(case when a.{word} = 'a' then a.{number} else 0 end)",
            f"count(*) filter (where a.{word} = 'ab')",
        ]
    return chance.choice(texts)
