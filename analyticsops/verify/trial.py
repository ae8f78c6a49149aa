"""One query under test: its answer to the data as they are, and to changed data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from analyticsops.verify.compare import Difference, agreeing, bag
from analyticsops.verify.prediction import Prediction
from analyticsops.verify.sandbox import Answer, Query, Refused, Sandbox
from analyticsops.verify.tables import Input
from analyticsops.verify.variants import Change, Hidden, place

_SHUFFLES = (11, 23, 47)
"""Orders of rows in which a difference must show before it is believed."""


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """A change that lineage did not predict: a defect of ours.

    Attributes:
        input: the column that was changed, ``model.column``; several if only a change
            of all of them shows it.
        output: the column that changed; empty if other rows came out.
        change: how the input was changed.
        before: values (or rows) that were there before only.
        after: those that are there after it only.
    """

    input: str
    output: str
    change: str
    before: tuple[str, ...]
    after: tuple[str, ...]


Changes = Mapping[Input, Change]


class Trial:
    """A query over hidden tables.

    Attributes:
        before: the answer to the tables as they are.
        ignored: positions of columns that depend on more than their inputs: the order of
            rows, the time, chance.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        query: Query,
        prediction: Prediction,
        tables: Sequence[Hidden],
        before: Answer,
    ) -> None:
        self.sandbox = sandbox
        self.query = query
        self.prediction = prediction
        self.tables = tables
        self.before = before
        self.ignored = frozenset(n for n, o in enumerate(prediction.outputs) if o.unknown)

    def probe(self, changes: Changes, *, shuffle: int = 0) -> Answer | Refused:
        """The answer when inputs are changed."""
        try:
            for hidden in self.tables:
                own = {c: how for (id_, c), how in changes.items() if id_ == hidden.table.id}
                place(self.sandbox, hidden, own, shuffle=shuffle)
        except self.sandbox.error as fault:  # its time may end here as well
            return self.sandbox.refusal(fault)
        return self.sandbox.answer(self.query)

    def difference(self, changes: Changes) -> Difference | Refused:
        """What a change does."""
        after = self.probe(changes)
        if isinstance(after, Refused):
            return after
        return Difference(self.prediction, changes, self.before, after, self.ignored)

    def unsteady(self) -> Refused | frozenset[int]:
        """Columns whose values are others when the query runs again, or over the same rows
        in another order; -1 if there are more or fewer rows then."""
        steady = [n for n in range(len(self.prediction.outputs)) if n not in self.ignored]
        wanted = list(steady)
        for shuffle in (0, *_SHUFFLES[:2]):
            again = self.probe({}, shuffle=shuffle)
            if isinstance(again, Refused):
                return again
            if len(again.rows) != len(self.before.rows):
                return frozenset({-1})
            steady = agreeing(self.before.rows, again.rows, steady)
        return frozenset(wanted) - frozenset(steady)

    def violations(self, changes: Changes, difference: Difference) -> list[Violation]:
        """What should not have changed and did, in every order of the rows."""
        return [
            self._violation(changes, difference, column)
            for column in difference.unpredicted()
            if self._steady(changes, difference.evidence(column))
        ]

    def _steady(self, changes: Changes, columns: Sequence[int]) -> bool:
        """True if the order of the rows does not explain the difference."""
        expected = bag(self.before.rows, columns)
        for shuffle in _SHUFFLES:
            before = self.probe({}, shuffle=shuffle)
            after = self.probe(changes, shuffle=shuffle)
            if isinstance(before, Refused) or isinstance(after, Refused):
                return False
            if bag(before.rows, columns) != expected or bag(after.rows, columns) == expected:
                return False
        return True

    def _violation(self, changes: Changes, difference: Difference, column: int) -> Violation:
        before, after = difference.sample(column)
        return Violation(
            input=", ".join(f"{table}.{name}" if name else table for table, name in changes),
            output=self.prediction.outputs[column].name if column >= 0 else "",
            change=", ".join(dict.fromkeys(changes.values())),
            before=tuple(before),
            after=tuple(after),
        )
