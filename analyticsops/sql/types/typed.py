"""What is known of the type of one expression, and of one column of a result."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from analyticsops.sql.facts import Problem
from analyticsops.sql.types.sqltype import NULL, ROW, SqlType

Form: TypeAlias = Literal["", "integer", "decimal", "string"]
"""Of a constant, whose type bends to what it meets; empty for everything else."""


class Typed(NamedTuple):
    """A type, or the reason why it is not known.

    Attributes:
        type: None if it is not known.
        problem: why not.
        form: what kind of constant it is.
        text: of a constant; ``clock`` of an interval that is not of whole days.
    """

    type: SqlType | None
    problem: Problem | None = None
    form: Form = ""
    text: str = ""

    @property
    def settled(self) -> Typed:
        """The same as a column: its type bends no more, and of a row it is the first."""
        if self.type is not None and self.type.name == ROW:
            first = self.type.of[:1]
            return Typed(first[0]) if first else unknown("not a value", "a table function")
        return Typed(self.type, self.problem) if self.form else self


def unknown(reason: str, detail: str = "", line: int = 0) -> Typed:
    """A type that is not known, for a reason."""
    return Typed(None, Problem(reason, detail, line))


ALWAYS_NULL = Typed(NULL)


class TypedColumn(NamedTuple):
    """A column of the result.

    Attributes:
        name: as the warehouse will call it.
        type: as the engine writes it; empty if it is not known.
        problem: why it is not known.
    """

    name: str
    type: str
    problem: Problem | None
