"""The metrics of a project as other tools see such things: tables with fields, joins between
them, numbers made of aggregates. What they cannot see is a loss, with the reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

import msgspec

from analyticsops.project.model import Relation


class Loss(msgspec.Struct, frozen=True, gc=False):
    """Something that the target does not hold.

    Attributes:
        subject: ``metric revenue_growth``.
        what: what is missing in the export, and why.
        whole: True if the subject is left out, False if it is there without something.
    """

    subject: str
    what: str
    whole: bool = True


class Field(NamedTuple):
    """A row-level expression of a table.

    Attributes:
        role: ``category``, ``time``, ``key``, or ``value`` of what is aggregated.
        sql: over columns of the table.
        type: ``text``, ``number``, ``boolean`` or ``time``.
        data_type: the column's own type, if it is known.
        grain: of a time.
    """

    name: str
    role: str
    sql: str
    type: str = "text"
    label: str = ""
    description: str = ""
    data_type: str = ""
    grain: str = ""


class FieldRef(NamedTuple):
    """A field, from wherever it is joined."""

    table: str
    field: str
    grain: str = ""


class Table(NamedTuple):
    """A semantic model.

    Attributes:
        key: name of the field that tells its rows apart; empty if none is said.
    """

    name: str
    description: str
    relation: Relation
    key: str
    fields: Mapping[str, Field]


class Join(NamedTuple):
    """Rows of ``left`` belong to one row of ``right`` at the most.

    Attributes:
        left_field: names of fields, as is ``right_field``.
        one: True if it is also one row of ``left`` at the most.
    """

    entity: str
    left: str
    right: str
    left_field: str
    right_field: str
    one: bool = False


Condition: TypeAlias = tuple[str | FieldRef, ...]
"""Pieces of SQL and fields between them."""


class Aggregate(NamedTuple):
    """Rows of one table put into a number.

    Attributes:
        value: name of the field that is aggregated.
        share: of a percentile.
        fill: what it is instead of NULL; None to leave it.
    """

    table: str
    agg: str
    value: str
    conditions: tuple[Condition, ...] = ()
    share: float | None = None
    discrete: bool = False
    fill: float | int | None = None


class Calculation(NamedTuple):
    """An expression over other numbers, by the names that it has for them.

    Attributes:
        ratio: True if it is numerator over denominator, NULL where there is nothing below.
    """

    expression: str
    parts: Mapping[str, Number]
    ratio: bool = False


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """A metric.

    Attributes:
        computed: how.
        about: what people are told of it: label, description, synonyms, owner, ...
        hidden: True for one that only others are made of.
    """

    name: str
    computed: Any
    about: Mapping[str, Any] = {}
    hidden: bool = False

    @property
    def tables(self) -> frozenset[str]:
        """The tables that it aggregates."""
        if isinstance(self.computed, Aggregate):
            return frozenset((self.computed.table,))
        return frozenset().union(*(part.tables for part in self.computed.parts.values()))


class Portable(NamedTuple):
    """All of a project that can be told to others."""

    name: str
    dialect: str
    tables: Mapping[str, Table]
    joins: tuple[Join, ...]
    numbers: Mapping[str, Number]
    losses: tuple[Loss, ...]


def every_number(portable: Portable) -> list[Number]:
    """The metrics, and the numbers that only they are made of, by name."""
    found: dict[str, Number] = {}
    stack = [*portable.numbers.values()]
    while stack:
        number = stack.pop()
        found.setdefault(number.name, number)
        if isinstance(number.computed, Calculation):
            stack += [part for part in number.computed.parts.values() if part.hidden]
    return [found[name] for name in sorted(found)]


def untold(numbers: Iterable[Number], held: Collection[str]) -> Iterator[Loss]:
    """What is said of metrics and has no place in a target.

    Args:
        held: keys that have one.
    """
    for number in numbers:
        lost = [key for key in number.about if key not in held]
        if lost:
            yield Loss(f"metric {number.name}", f"its {', '.join(lost)}", whole=False)


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """Definitions for another tool.

    Attributes:
        files: text by path.
        losses: what the tool does not hold.
    """

    files: Mapping[str, str]
    losses: tuple[Loss, ...]
