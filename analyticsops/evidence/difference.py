"""Two answers over the same rows: what differs, counted.

Rows are paired by a key where one is promised and holds, else by all columns that are not
said to have changed. The order of rows means nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from analyticsops.verify.compare import bag

Rows = Sequence[tuple[Any, ...]]


class Delta(NamedTuple):
    """How two answers differ.

    Attributes:
        rows: of the base.
        removed: of them, those without a partner in the head.
        added: rows of the head without a partner in the base.
        columns: how many values differ in each column, by its position, among the rows
            that have partners.
    """

    rows: int
    removed: int
    added: int
    columns: dict[int, int]

    @property
    def differs(self) -> bool:
        """True if anything does."""
        return bool(self.removed or self.added or self.columns)

    @property
    def paired(self) -> int:
        """Rows of the base with a partner in the head."""
        return self.rows - self.removed


def delta(base: Rows, head: Rows, pairing: Sequence[int], columns: Sequence[int]) -> Delta:
    """How two answers differ.

    Args:
        pairing: positions of the columns that rows are paired by.
        columns: positions of those that are compared.
    """
    removed = missing(base, head, pairing).total()
    added = missing(head, base, pairing).total()
    found = {}
    for column in columns:
        if column not in pairing:
            differing = missing(base, head, [*pairing, column]).total() - removed
            if differing > 0:
                found[column] = differing
    return Delta(len(base), removed, added, found)


def missing(some: Rows, others: Rows, columns: Sequence[int]) -> Counter[tuple[Any, ...]]:
    """The rows of one answer that the other has not, over some columns."""
    return bag(some, columns) - bag(others, columns)


def is_key(columns: Sequence[int], *answers: Rows) -> bool:
    """True if no two rows of an answer agree in all of these columns."""
    return all(
        len({tuple([row[n] for n in columns]) for row in rows}) == len(rows) for rows in answers
    )


def rows_differ(base: Rows, head: Rows, equal: Sequence[int]) -> bool:
    """True if there are other rows, as far as columns show that are not said to differ."""
    return len(base) != len(head) or bag(base, equal) != bag(head, equal)


def column_differs(base: Rows, head: Rows, equal: Sequence[int], column: int) -> bool:
    """True if a column holds other values that no other rows explain."""
    if rows_differ(base, head, equal):
        return len(base) == len(head) and bag(base, [column]) != bag(head, [column])
    return bag(base, [*equal, column]) != bag(head, [*equal, column])
