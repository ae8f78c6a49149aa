"""One query that compares two others: how many rows of each have no equal in the other, over
several choices of columns. It needs no key, takes NULL for equal to NULL, and says nothing that
one dialect has and another has not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

Quote = Callable[[str], str]


class Counted(NamedTuple):
    """What one choice of columns shows.

    Attributes:
        rows: of the base.
        removed: rows of the base without an equal in the head.
        added: rows of the head without an equal in the base.
    """

    rows: int
    removed: int
    added: int


def comparison_query(
    base: str,
    head: str,
    pairs: Sequence[tuple[str, str]],
    choices: Sequence[Sequence[int]],
    quote: Quote,
) -> str:
    """The query: a row for each choice, numbered by ``m``, with what :class:`Counted` holds.

    Args:
        base: a query, as is ``head``.
        pairs: (column of the base, column of the head) that are compared.
        choices: positions of the pairs that make a row; the empty choice counts rows.
        quote: how the dialect writes an identifier.
    """
    sides = [
        f"select {_aliases(pairs, side, quote)} from (\n{_bare(query)}\n) as {name}0"
        for side, (name, query) in enumerate((("b", base), ("h", head)))
    ]
    counted = [_choice(number, choice) for number, choice in enumerate(choices)]
    return f"with b as (\n{sides[0]}\n), h as (\n{sides[1]}\n)\n" + "\nunion all\n".join(counted)


def _bare(query: str) -> str:
    return query.strip().rstrip(";")


def _aliases(pairs: Sequence[tuple[str, str]], side: int, quote: Quote) -> str:
    columns = [f"{quote(pair[side])} as k{n}" for n, pair in enumerate(pairs)]
    return ", ".join(columns) or "1 as k"


def _choice(number: int, choice: Sequence[int]) -> str:
    columns = "".join(f"k{n}, " for n in choice)
    groups = ", ".join(f"k{n}" for n in choice)
    grouped = f" group by {groups}" if groups else ""
    return (
        f"select {number} as m, coalesce(sum(n_base), 0) as n_base, "
        "coalesce(sum(case when n > 0 then n else 0 end), 0) as removed, "
        "coalesce(sum(case when n < 0 then -n else 0 end), 0) as added from ("
        f"select {columns}sum(s) as n, sum(f) as n_base from ("
        f"select {columns}1 as s, 1 as f from b union all "
        f"select {columns}-1 as s, 0 as f from h) as u{grouped}) as g"
    )


def counted(rows: Sequence[Mapping[str, object]]) -> dict[int, Counted]:
    """The answer of the query, by number of the choice; names of columns in any case."""
    found = {}
    for row in rows:
        values = {name.lower(): int(float(str(value))) for name, value in row.items()}
        found[values["m"]] = Counted(values["n_base"], values["removed"], values["added"])
    return found
