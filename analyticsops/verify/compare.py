"""Two answers of one query, before and after a change of its inputs: what differs.

The order of rows means nothing. Rows are compared as a multiset over the columns that
must not differ: that also sees values that only changed places among rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from analyticsops.verify.prediction import Prediction
from analyticsops.verify.sandbox import Answer
from analyticsops.verify.tables import Input

Rows = Sequence[tuple[Any, ...]]


class Difference:
    """What a change of some inputs did, and what of it lineage predicted.

    Args:
        changed: the inputs that were changed, all at once.
        ignored: positions of columns that nothing is said about.
    """

    def __init__(
        self,
        prediction: Prediction,
        changed: Collection[Input],
        before: Answer,
        after: Answer,
        ignored: Collection[int] = (),
    ) -> None:
        touched = frozenset(changed)
        self.rows_may_change = bool(touched & prediction.rows)
        outputs = [n for n in range(len(prediction.outputs)) if n not in ignored]
        self.stable = [n for n in outputs if not touched & prediction.outputs[n].inputs]
        self.free = [n for n in outputs if touched & prediction.outputs[n].inputs]
        self._before, self._after = before.rows, after.rows
        self.same = before.rows == after.rows

    @property
    def rows_differ(self) -> bool:
        """True if other rows came out, as far as columns that must not differ show."""
        return not self.same and (
            len(self._before) != len(self._after) or not self._equal(self.stable)
        )

    def unpredicted(self) -> list[int]:
        """Positions of columns that differ and should not; -1 for the rows themselves."""
        if self.rows_may_change or not self.rows_differ:
            return []
        if len(self._before) != len(self._after):
            return [-1]
        alone = [n for n in self.stable if not self._equal([n])]
        return alone or self._moved()

    @property
    def only_moved(self) -> bool:
        """True if every column holds what it held, beside other values."""
        if len(self._before) != len(self._after):
            return False
        return all(self._equal([n]) for n in self.stable)

    def _moved(self) -> list[int]:
        """The column whose values changed places: without it there is no difference."""
        for column in self.stable:
            if self._equal([n for n in self.stable if n != column]):
                return [column]
        return [-1]

    def shown(self, column: int) -> bool:
        """True if a column that may differ does, while the rows did not."""
        return not self.same and not self._equal([*self.stable, column])

    def differs(self, column: int) -> bool:
        """True if a column holds other values, whatever became of the rows."""
        return not self.same and not self._equal([column])

    def evidence(self, column: int) -> list[int]:
        """The columns in which it shows that one differs (-1 for the rows): itself, or all
        that must not differ where its values only changed places."""
        return self.stable if column < 0 or self._equal([column]) else [column]

    def sample(self, column: int, most: int = 3) -> tuple[list[str], list[str]]:
        """A few values (or rows) that are there before only, and after only."""
        columns = self.evidence(column)
        before, after = bag(self._before, columns), bag(self._after, columns)
        return _texts(before - after, most), _texts(after - before, most)

    def _equal(self, columns: Sequence[int]) -> bool:
        return bag(self._before, columns) == bag(self._after, columns)


def bag(rows: Rows, columns: Sequence[int]) -> Counter[tuple[Any, ...]]:
    """The multiset of the rows, over some of their columns."""
    return Counter([tuple([row[n] for n in columns]) for row in rows])


def agreeing(one: Rows, other: Rows, columns: Sequence[int]) -> list[int]:
    """Columns that are the same in both answers, also beside each other; of two that only
    disagree together, the first."""
    if bag(one, columns) == bag(other, columns):
        return list(columns)
    found: list[int] = []
    for column in columns:
        if bag(one, [*found, column]) == bag(other, [*found, column]):
            found.append(column)
    return found


def _texts(bag: Counter[tuple[Any, ...]], most: int) -> list[str]:
    found = sorted(bag, key=repr)[:most]
    return [", ".join("NULL" if cell is None else str(cell) for cell in row) for row in found]
