"""Every input of one query changed by itself, in every way, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from analyticsops.verify.compare import Difference
from analyticsops.verify.sandbox import Refused
from analyticsops.verify.tables import Input
from analyticsops.verify.trial import Trial, Violation
from analyticsops.verify.variants import COLUMN_CHANGES, ROW_CHANGES, Change

Edge: TypeAlias = tuple[Input, int]
"""An input and the position of an output; -1 for the rows."""


class Outcome(NamedTuple):
    """What an experiment found.

    Attributes:
        violations: changes that were not predicted; one for each input and output.
        predicted: edges from the inputs that were changed.
        shown: those of them that showed.
        strict: those that showed while the rows stayed as they were, so that nothing else
            explains it.
        refused: what DuckDB did not answer, for each change that made it so.
        stopped: why it ended early, if it did.
    """

    violations: tuple[Violation, ...]
    predicted: frozenset[Edge]
    shown: frozenset[Edge]
    strict: frozenset[Edge]
    refused: tuple[Refused, ...]
    stopped: Refused | None = None

    @property
    def slack(self) -> frozenset[Edge]:
        """Predicted edges that never showed."""
        return self.predicted - self.shown


def experiment(trial: Trial, *, most: int = 5_000) -> Outcome:
    """Change one input after the other.

    Args:
        most: queries, after which it stops.
    """
    found: dict[tuple[str, str], Violation] = {}
    shown: set[Edge] = set()
    strict: set[Edge] = set()
    refused: list[Refused] = []
    changed: set[Input] = set()
    guilty: set[Input] = set()
    stopped: Refused | None = None
    start = trial.sandbox.queries
    for input_, change in _changes(trial):
        if trial.sandbox.queries - start >= most:
            stopped = Refused("budget", f"{most} queries")
            break
        changed.add(input_)
        difference = trial.difference({input_: change})
        if isinstance(difference, Refused):
            refused.append(difference)
            if difference.reason == "budget":
                stopped = difference
                break
        elif not difference.same:
            _note(input_, difference, shown, strict)
            if difference.only_moved and input_ in guilty:
                continue  # which column moved among which cannot be told: it is known already
            for violation in trial.violations({input_: change}, difference):
                guilty.add(input_)
                found.setdefault((violation.input, violation.output), violation)
    predicted = frozenset(edge for edge in _edges(trial) if edge[0] in changed)
    return Outcome(
        tuple(found.values()),
        predicted,
        predicted & shown,
        predicted & strict,
        tuple(refused),
        stopped,
    )


def _changes(trial: Trial) -> Iterator[tuple[Input, Change]]:
    for hidden in trial.tables:
        table = hidden.table
        for change in ROW_CHANGES:
            yield (table.id, ""), change
        for column in table.columns:
            for change in COLUMN_CHANGES:
                yield (table.id, column.name), change


def _note(input_: Input, found: Difference, shown: set[Edge], strict: set[Edge]) -> None:
    """Which predicted edges a difference shows."""
    if found.rows_differ or not found.stable:
        shown.add((input_, -1))
    if found.rows_differ:
        strict.add((input_, -1))
    for column in found.free:
        if (input_, column) not in strict and not found.rows_differ and found.shown(column):
            strict.add((input_, column))
            shown.add((input_, column))
        elif (input_, column) not in shown and found.differs(column):
            shown.add((input_, column))


def _edges(trial: Trial) -> Iterator[Edge]:
    for input_ in trial.prediction.rows:
        yield input_, -1
    for position, output in enumerate(trial.prediction.outputs):
        if position not in trial.ignored:
            for input_ in output.inputs:
                yield input_, position
