"""What lineage says will happen: the only place here that reads facts and graphs."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from analyticsops.sql.facts import OutputColumn, QueryFacts
from analyticsops.sql.facts import Input as Found
from analyticsops.verify.tables import Input


class Output(msgspec.Struct, frozen=True, gc=False):
    """One column of a result.

    Attributes:
        name: of the column.
        value: inputs whose value flows into it.
        control: inputs that only decide about it.
        unknown: why nothing is claimed about it; empty if something is.
    """

    name: str
    value: frozenset[Input] = frozenset()
    control: frozenset[Input] = frozenset()
    unknown: str = ""

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
        outputs=tuple(
            Output(
                column.name,
                *column_inputs(column),
                unknown=_first(
                    problem for problem in column.problems if problem.reason != "unnamed column"
                ),
            )
            for column in facts.columns
        ),
        rows=row_inputs(facts) | {(table, "") for table in facts.tables},
        unknown=_first(facts.problems),
        complete=not facts.open_tables,
    )


def column_inputs(column: OutputColumn) -> tuple[frozenset[Input], frozenset[Input]]:
    """Value inputs and control inputs of an output column."""
    return _pairs(i for i in column.inputs if i.kind.direct), _pairs(
        i for i in column.inputs if not i.kind.direct
    )


def row_inputs(facts: QueryFacts) -> frozenset[Input]:
    """Columns that decide which rows there are."""
    return _pairs(facts.rows)


def _pairs(inputs: Iterable[Found]) -> frozenset[Input]:
    return frozenset((found.table, found.column) for found in inputs)


def _first(problems: Iterable[object]) -> str:
    return next((str(problem) for problem in problems), "")
