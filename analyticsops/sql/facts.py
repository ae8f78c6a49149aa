"""What one query says about its columns and rows, with no knowledge of a project.

Words follow OpenLineage's column-lineage facet: *direct* kinds say where a value
comes from, *indirect* kinds what decides about it.
"""

from __future__ import annotations

import enum

import msgspec


class Kind(enum.StrEnum):
    """How an input takes part (OpenLineage column lineage 1-2-0, a little finer).

    RENAME and CAST are told apart from IDENTITY and TRANSFORMATION; MASKED is a
    TRANSFORMATION and COUNT an AGGREGATION from which the value cannot be read.
    """

    IDENTITY = "identity"
    RENAME = "rename"
    CAST = "cast"
    TRANSFORMATION = "transformation"
    MASKED = "masked"
    AGGREGATION = "aggregation"
    COUNT = "count"
    CONDITIONAL = "conditional"
    WINDOW = "window"
    JOIN = "join"
    FILTER = "filter"
    GROUP_BY = "group_by"
    SORT = "sort"

    @property
    def direct(self) -> bool:
        """True if the input's value flows into the output's value."""
        return self in _DIRECT

    @property
    def masking(self) -> bool:
        """True if the input's value cannot be read off the output's value."""
        return self in (Kind.MASKED, Kind.COUNT)

    @property
    def subtype(self) -> str:
        """OpenLineage's subtype of the transformation: ``IDENTITY``, ``GROUP_BY``, ..."""
        return _SUBTYPES.get(self, self.name)


_DIRECT = frozenset(
    {
        Kind.IDENTITY,
        Kind.RENAME,
        Kind.CAST,
        Kind.TRANSFORMATION,
        Kind.MASKED,
        Kind.AGGREGATION,
        Kind.COUNT,
    }
)

_SUBTYPES = {
    Kind.RENAME: "IDENTITY",
    Kind.CAST: "TRANSFORMATION",
    Kind.MASKED: "TRANSFORMATION",
    Kind.COUNT: "AGGREGATION",
}


class Sure(enum.StrEnum):
    """How sure it is that an input takes part."""

    EXACT = "exact"
    INFERRED = "inferred"
    """The table's columns are not listed; a query that reads this one shows it."""
    AMBIGUOUS = "ambiguous"
    """One of several candidates, and it is not known which."""
    PARTIAL = "partial"
    """Something on the way is not understood: there may be other inputs."""


class Problem(msgspec.Struct, frozen=True, order=True, gc=False):
    """Something in a query that could not be resolved. A value, never an exception.

    Attributes:
        reason: short and stable, so that it can be counted: ``ambiguous column``.
        detail: what exactly: the name and the candidates.
        line: in the compiled SQL, 1-based; 0 if not known.
    """

    reason: str
    detail: str = ""
    line: int = 0

    def __str__(self) -> str:
        place = f" (line {self.line} of the compiled SQL)" if self.line else ""
        return f"{self.reason}: {self.detail}{place}" if self.detail else f"{self.reason}{place}"


class Input(msgspec.Struct, frozen=True, order=True, gc=False):
    """One column that takes part, and how.

    Attributes:
        table: id of the table, as given by the caller's :class:`Tables`.
        column: name of the column, as the table spells it.
        kind: how it takes part.
    """

    table: str
    column: str
    kind: Kind


class OutputColumn(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One column of the query's result.

    Attributes:
        name: as the warehouse will call it.
        inputs: value inputs (direct kinds) and control inputs (conditional, window).
        problems: what could not be resolved on the way to it.
    """

    name: str
    inputs: tuple[Input, ...] = ()
    problems: tuple[Problem, ...] = ()


class QueryFacts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The facts of one query.

    Attributes:
        columns: in the order of the result.
        rows: what decides which rows there are: join keys, filters, grouping, sort
            with a limit. Kept once per query, not per column.
        tables: ids of the tables whose rows flow into the result's rows.
        open_tables: ids of tables with unknown columns behind a ``*`` of the result:
            the result may have more columns than listed.
        problems: what could not be resolved outside single columns.
    """

    columns: tuple[OutputColumn, ...] = ()
    rows: tuple[Input, ...] = ()
    tables: tuple[str, ...] = ()
    open_tables: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class TableColumns(msgspec.Struct, frozen=True, gc=False):
    """A table that a query reads.

    Attributes:
        id: what the caller calls it; appears in :class:`Input`.
        columns: names, in order, as far as they are known.
        complete: True if there are no others.
    """

    id: str
    columns: tuple[str, ...] = ()
    complete: bool = False
