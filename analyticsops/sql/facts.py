"""What one query says about its columns and rows, with no knowledge of a project.

Words follow OpenLineage's column-lineage facet: *direct* kinds say where a value
comes from, *indirect* kinds what decides about it.

Facts are packed: the columns that a query reads stand once in :attr:`QueryFacts.bases`,
and each output column holds small integers, ``base * SLOTS + kind``. A project of
10,000 models then is a few megabytes that are decoded where somebody looks.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from functools import cached_property

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

SLOTS = 14
"""Places per base in a packed value: :data:`PACKED` kinds, then rows of a table and a
problem, which only the analysis itself uses."""

PACKED = (
    Kind.IDENTITY,
    Kind.CAST,
    Kind.TRANSFORMATION,
    Kind.MASKED,
    Kind.AGGREGATION,
    Kind.COUNT,
    Kind.CONDITIONAL,
    Kind.WINDOW,
    Kind.JOIN,
    Kind.FILTER,
    Kind.GROUP_BY,
    Kind.SORT,
)
"""The kinds by their place. RENAME is IDENTITY under another name and has none."""


class Sure(enum.StrEnum):
    """How sure it is that an input takes part."""

    EXACT = "exact"
    INFERRED = "inferred"
    """The table's columns are not listed; a query that reads this one shows it."""
    AMBIGUOUS = "ambiguous"
    """One of several candidates, and it is not known which."""
    PARTIAL = "partial"
    """Something on the way is not understood: there may be other inputs."""


class Problem(msgspec.Struct, frozen=True, order=True, gc=False, array_like=True):
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


AMBIGUITY = frozenset({"ambiguous column", "alias or column"})
"""Reasons with which all candidates are among the inputs: nothing is missing."""


UNKNOWN_COLUMN = "unknown column"
"""The reason where a name means no column of a table whose columns are all known."""

UNNAMED = "unnamed column"
"""The reason where only the engine knows what it calls an expression without an alias."""

INCOMPLETE = "incomplete SQL"
"""The reason where something is missing in the text of a query."""

UNREAD = frozenset({"cannot parse", INCOMPLETE})
"""Reasons with which nobody knows what else takes part."""


class Base(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A column that a query reads.

    Attributes:
        table: id of the table, as given by the caller's :class:`Tables`.
        column: name of the column, as the table spells it.
        path: of a field inside it: ``info.city``, ``tags[].name``; empty for the whole.
        sure: EXACT, INFERRED or AMBIGUOUS.
    """

    table: str
    column: str
    path: str = ""
    sure: Sure = Sure.EXACT


class Input(msgspec.Struct, frozen=True, order=True, gc=False):
    """One column that takes part, and how: :class:`Base` with its kind."""

    table: str
    column: str
    kind: Kind
    path: str = ""
    sure: Sure = Sure.EXACT


class OutputColumn(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One column of the query's result.

    Attributes:
        name: as the warehouse will call it.
        codes: its inputs, packed: ``base * SLOTS + place of the kind``.
        problems: what could not be resolved on the way to it: places in
            :attr:`QueryFacts.problems`.
    """

    name: str
    codes: tuple[int, ...] = ()
    problems: tuple[int, ...] = ()


class OpenStar(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Columns of the result beyond those listed: a ``*`` over unknown columns.

    Attributes:
        table: id of the table that they come from.
        column: what becomes of any of them; :data:`ANY` stands for its name.
        without: keys that cannot be among them.
    """

    table: str
    column: OutputColumn
    without: tuple[str, ...] = ()


ANY = "*"
"""Stands for the name of a column behind an open star."""


class QueryFacts(msgspec.Struct, frozen=True, kw_only=True, array_like=True, dict=True):
    """The facts of one query.

    Attributes:
        bases: the columns it reads.
        columns: in the order of the result.
        row_codes: what decides which rows there are: join keys, filters, grouping, sort
            with a limit. Kept once per query, not per column.
        tables: ids of the tables whose rows flow into the result's rows.
        stars: what the result may hold beyond ``columns``.
        problems: everything that could not be resolved.
        row_problems: places of those outside single columns.
        seen: names of tables that the caller did not know.
    """

    bases: tuple[Base, ...] = ()
    columns: tuple[OutputColumn, ...] = ()
    row_codes: tuple[int, ...] = ()
    tables: tuple[str, ...] = ()
    stars: tuple[OpenStar, ...] = ()
    problems: tuple[Problem, ...] = ()
    row_problems: tuple[int, ...] = ()
    seen: tuple[str, ...] = ()

    @cached_property
    def rows(self) -> tuple[Input, ...]:
        """The row inputs, sorted."""
        return self._decoded(self.row_codes, "", self.problems_of_rows)

    @property
    def problems_of_rows(self) -> tuple[Problem, ...]:
        """What could not be resolved outside single columns."""
        return tuple(self.problems[place] for place in self.row_problems)

    @property
    def absent(self) -> tuple[str, ...]:
        """Keys of columns that none of the open stars can bring, sorted."""
        if not self.stars:
            return ()
        return tuple(sorted(set.intersection(*(set(star.without) for star in self.stars))))

    @property
    def open_tables(self) -> tuple[str, ...]:
        """Ids of tables with unknown columns behind a ``*`` of the result, sorted."""
        return tuple(sorted({star.table for star in self.stars}))

    def inputs(self, column: OutputColumn) -> tuple[Input, ...]:
        """Value inputs (direct kinds) and control inputs (conditional, window), sorted."""
        return self._decoded(column.codes, column.name, self.problems_of(column))

    def inputs_at(self, column: OutputColumn, codes: Iterable[int]) -> tuple[Input, ...]:
        """Those of a column's inputs that these of its codes stand for."""
        return self._decoded(codes, column.name, self.problems_of(column))

    def rows_at(self, codes: Iterable[int]) -> tuple[Input, ...]:
        """Those of the row inputs that these codes stand for."""
        return self._decoded(codes, "", self.problems_of_rows)

    def problems_of(self, column: OutputColumn) -> tuple[Problem, ...]:
        """What could not be resolved on the way to a column."""
        return tuple(self.problems[place] for place in column.problems)

    def _decoded(
        self, codes: Iterable[int], name: str, problems: tuple[Problem, ...]
    ) -> tuple[Input, ...]:
        partial = any(problem.reason not in AMBIGUITY for problem in problems)
        found: dict[tuple[str, str, Kind, str], Sure] = {}
        for code in codes:
            place, slot = divmod(code, SLOTS)
            base, kind = self.bases[place], PACKED[slot]
            if kind is Kind.IDENTITY and _last(base).lower() != name.lower():
                kind = Kind.RENAME
            sure = Sure.PARTIAL if partial and base.sure is not Sure.AMBIGUOUS else base.sure
            key = (base.table, base.column, kind, base.path)
            if found.get(key) in (None, Sure.AMBIGUOUS):  # surer by another way
                found[key] = sure
        return tuple(sorted(Input(*key, sure) for key, sure in found.items()))


def _last(base: Base) -> str:
    """The name that a bare reference to the base has."""
    return base.path.rpartition(".")[2] or base.column


class Demanded(msgspec.Struct, frozen=True, gc=False):
    """A column that came through an open star because somebody asked for it."""

    inputs: tuple[Input, ...]
    problems: tuple[Problem, ...]


def demanded(facts: QueryFacts, name: str, key: str) -> Demanded | None:
    """A column that is not listed but may come through a ``*`` over a table with unknown
    columns; None if there is no such star.

    Args:
        name: of the column, as it should be written.
        key: the name as the engine compares it.
    """
    stars = [star for star in facts.stars if key not in star.without]
    inputs = {found for star in stars for found in _through(facts, star, name, len(stars) > 1)}
    problems = {found for star in stars for found in facts.problems_of(star.column)}
    if len(stars) > 1:
        where = " or ".join(star.table for star in stars)
        problems.add(Problem("ambiguous column", f"{name} may come from {where}"))
    return Demanded(tuple(sorted(inputs)), tuple(sorted(problems))) if stars else None


def _through(facts: QueryFacts, star: OpenStar, name: str, doubted: bool) -> list[Input]:
    column = OutputColumn(name, star.column.codes, star.column.problems)
    found = [_named(item, name) for item in facts.inputs(column)]
    if not doubted:
        return found
    return [msgspec.structs.replace(item, sure=Sure.AMBIGUOUS) for item in found]


def _named(item: Input, name: str) -> Input:
    """The input with :data:`ANY` replaced by a name."""
    if item.column == ANY:
        kind = Kind.IDENTITY if item.kind is Kind.RENAME else item.kind
        return msgspec.structs.replace(item, column=name, kind=kind)
    if item.path.endswith(ANY):
        return msgspec.structs.replace(item, path=item.path[: -len(ANY)] + name)
    return item


class TableColumns(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A table that a query reads.

    Attributes:
        id: what the caller calls it; appears in :class:`Base`.
        columns: names, in order, as far as they are known.
        complete: True if there are no others.
        used: names of further columns that other queries read from it.
        absent: keys of columns that it surely has not, although it is not complete.
    """

    id: str
    columns: tuple[str, ...] = ()
    complete: bool = False
    used: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
