"""The smallest database on which a difference still shows, and how people are shown it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from analyticsops.evidence.databases import is_promised
from analyticsops.evidence.difference import Rows, column_differs, missing, rows_differ
from analyticsops.evidence.pair import SIDES, Input, Model
from analyticsops.evidence.stage import Database, Row, Stage
from analyticsops.evidence.steady import steady_columns
from analyticsops.executed import Counterexample, Rows as Shown
from analyticsops.verify.sandbox import Answer

_RUNS = 400
"""Of both versions, for one counterexample."""

_ROWS_SHOWN = 3
_COLUMNS_SHOWN = 6
_NAMES = re.compile(r"(^|_)(id|key)$", re.IGNORECASE)
"""Columns that keep their values, so that a reader can tell the rows apart."""


class Witness:
    """A difference of one model, which databases show or not.

    Attributes:
        equal: positions of the columns that are said to be equal.
        column: position of the column that differs; None if rows do.
    """

    def __init__(
        self, stage: Stage, model: Model, equal: Sequence[int], column: int | None
    ) -> None:
        self.stage = stage
        self.model = model
        self.equal = equal
        self.column = column
        self._tables = [one.table for one in stage.job.inputs]
        self._runs = 0
        self.strict = False
        """True to believe a difference only if it shows in every order of the rows."""

    def seen(self, base: Rows, head: Rows, columns: Sequence[int]) -> bool:
        """True if the difference shows in these columns of two answers."""
        equal = [n for n in self.equal if n in columns]
        if self.column is None:
            return rows_differ(base, head, equal)
        return self.column in columns and column_differs(base, head, equal, self.column)

    def answers(self, database: Database) -> tuple[Answer, Answer] | None:
        """Of both versions, if both answer."""
        self._runs += 1
        self.stage.fill(database)
        found = self.stage.run(self.model.id)
        base, head = (found.get((self.model.id, side)) for side in SIDES)
        if isinstance(base, Answer) and isinstance(head, Answer):
            return base, head
        return None

    def shows(self, database: Database) -> bool:
        """True if the difference shows on a database that keeps all promises."""
        if self._runs >= _RUNS or not is_promised(self._tables, database):
            return False
        found = self.answers(database)
        columns = range(len(found[0].names)) if found else ()
        if found is None or not self.seen(found[0].rows, found[1].rows, columns):
            return False
        return not self.strict or self.is_steady(database)

    def is_steady(self, database: Database) -> bool:
        """True if the order of the rows does not explain the difference."""
        found = self.answers(database)
        if found is None:
            return False
        base, head = found[0].rows, found[1].rows
        steady = steady_columns(self.stage, self.model, database, base, head)
        if steady is None:
            return False
        needed = [*self.equal] if self.column is None else [*self.equal, self.column]
        return self.seen(base, head, [n for n in needed if n in steady])

    def smallest(self, database: Database) -> Database:
        """No row can be taken away from it, and no value that is not needed."""
        self._runs = 0
        small = {table: [*rows] for table, rows in database.items()}
        for table in small:
            if small[table] and self.shows({**small, table: []}):
                small[table] = []
        again = True
        while again:
            again = False
            for table in small:
                for n in reversed(range(len(small[table]))):
                    fewer = {**small, table: small[table][:n] + small[table][n + 1 :]}
                    if self.shows(fewer):
                        small, again = fewer, True
        words = " ".join(_texts(self))
        for one in self.stage.job.inputs:
            for n, column in enumerate(one.table.columns):
                is_named = _NAMES.search(column.name) and column.name.lower() in words
                if is_named or column.required:
                    continue
                emptied = [_without(row, n) for row in small[one.table.id]]
                if emptied != small[one.table.id]:
                    fewer = {**small, one.table.id: emptied}
                    if self.shows(fewer):
                        small = fewer
        return small


def _without(row: Row, place: int) -> Row:
    return (*row[:place], None, *row[place + 1 :])


def counterexample(witness: Witness, database: Database) -> Counterexample:
    """What people are shown of a database, and of both answers."""
    found = witness.answers(database)
    base, head = found if found is not None else (Answer((), []), Answer((), []))
    pairing = [*witness.equal] if witness.column is None else [*witness.equal, witness.column]
    if witness.column is not None and rows_differ(base.rows, head.rows, [*witness.equal]):
        pairing = [witness.column]
    both = [
        _only(base.rows, missing(base.rows, head.rows, pairing), pairing),
        _only(head.rows, missing(head.rows, base.rows, pairing), pairing),
    ]
    names = [new for _, new in _pairs(witness.model)]
    columns = _shown_columns(both, names, witness)
    shown = [
        Shown(
            witness.model.label,
            tuple(names[n] for n in columns),
            tuple(tuple(_text(row[n]) for n in columns) for row in rows[:_ROWS_SHOWN]),
        )
        for rows in both
    ]
    return Counterexample(
        inputs=tuple(
            _input(one, database[one.table.id], " ".join(_texts(witness)))
            for one in witness.stage.job.inputs
            if _is_read(witness, one)
        ),
        base=shown[0],
        head=shown[1],
    )


def _pairs(model: Model) -> tuple[tuple[str, str], ...]:
    return (*model.claim.equal, *model.claim.other) if model.claim is not None else ()


def _is_read(witness: Witness, one: Input) -> bool:
    """True if the model, or one that it is built on, may read an input."""
    texts = _texts(witness)
    names = {seen.name[-1].lower() for seen in one.seen if seen is not None}
    return any(name in text for name in names for text in texts)


def _texts(witness: Witness) -> list[str]:
    wanted = {witness.model.id}
    texts = []
    for model in reversed(witness.stage.job.models):
        if model.id in wanted:
            wanted.update(model.reads)
            texts += [query.sql.lower() for query in model.versions if query is not None]
    return texts


def _only(rows: Rows, left: Counter[tuple[object, ...]], columns: Sequence[int]) -> list[Row]:
    """The rows that are counted there."""
    found = []
    for row in rows:
        key = tuple([row[n] for n in columns])
        if left[key] > 0:
            left[key] -= 1
            found.append(row)
    return found


def _shown_columns(
    both: Sequence[Sequence[Row]], names: Sequence[str], witness: Witness
) -> list[int]:
    """Those that tell rows apart, and those that differ."""
    rows = [*both[0], *both[1]]
    filled = [n for n in range(len(names)) if any(row[n] is not None for row in rows)]
    differing = [n for n in filled if {row[n] for row in both[0]} != {row[n] for row in both[1]}]
    first = [] if witness.column is None else [witness.column]
    ranked = dict.fromkeys(
        [*first, *(n for n in filled if _NAMES.search(names[n])), *differing, *filled]
    )
    words = " ".join(_texts(witness))
    said = [n for n in ranked if names[n].lower() in words]
    chosen = (said or list(ranked))[:_COLUMNS_SHOWN] or list(range(len(names)))[:1]
    return sorted(chosen)


def _input(one: Input, rows: Sequence[Row], words: str) -> Shown:
    """The columns that hold anything, of those that the SQL names; of an empty table, one."""
    filled = [n for n in range(len(one.table.columns)) if any(row[n] is not None for row in rows)]
    said = [n for n in filled if one.table.columns[n].name.lower() in words]
    columns = said or filled or [0]
    return Shown(
        one.label,
        tuple(one.table.columns[n].name for n in columns),
        tuple(tuple(_text(row[n]) for n in columns) for row in rows),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
