"""What lineage says will happen: the only place here that reads facts."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from analyticsops.sql.facts import UNNAMED, OutputColumn, QueryFacts
from analyticsops.verify.tables import Input


class Output(msgspec.Struct, frozen=True, gc=False):
    """One column of a result.

    Attributes:
        name: of the column.
        value: inputs whose value flows into it.
        control: inputs that only decide about it.
        unknown: why nothing is claimed about it; empty if something is.
        named: False if its name is a guess.
    """

    name: str
    value: frozenset[Input] = frozenset()
    control: frozenset[Input] = frozenset()
    unknown: str = ""
    named: bool = True

    @property
    def inputs(self) -> frozenset[Input]:
        """All of them."""
        return self.value | self.control


class Prediction(msgspec.Struct, frozen=True, gc=False):
    """What may change in the result of a query when an input changes.

    Attributes:
        outputs: the columns, in their order.
        rows: inputs that decide which rows there are; a table without a column is there
            if its rows do.
        unknown: why nothing is claimed about the rows; empty if something is.
        complete: True if there are no other columns.
    """

    outputs: tuple[Output, ...]
    rows: frozenset[Input]
    unknown: str = ""
    complete: bool = True


def predict(facts: QueryFacts) -> Prediction:
    """What the facts of a query say."""
    return Prediction(
        outputs=tuple(_output(facts, column) for column in facts.columns),
        rows=row_inputs(facts),
        unknown=_first(str(problem) for problem in facts.problems_of_rows),
        complete=not facts.open_tables,
    )


def _output(facts: QueryFacts, column: OutputColumn) -> Output:
    value, control = column_inputs(facts, column)
    problems = facts.problems_of(column)
    return Output(
        column.name,
        value,
        control,
        unknown=_first(str(problem) for problem in problems if problem.reason != UNNAMED),
        named=all(problem.reason != UNNAMED for problem in problems),
    )


def column_inputs(
    facts: QueryFacts, column: OutputColumn
) -> tuple[frozenset[Input], frozenset[Input]]:
    """Value inputs and control inputs of an output column."""
    inputs = facts.inputs(column)
    value = frozenset((i.table, i.column) for i in inputs if i.kind.direct)
    return value, frozenset((i.table, i.column) for i in inputs if not i.kind.direct)


def row_inputs(facts: QueryFacts) -> frozenset[Input]:
    """Columns that decide which rows there are, and tables whose rows they are made of."""
    columns = frozenset((found.table, found.column) for found in facts.rows)
    return columns | {(table, "") for table in facts.tables}


def _first(texts: Iterable[str]) -> str:
    return next(iter(texts), "")
