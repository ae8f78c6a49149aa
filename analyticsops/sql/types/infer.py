"""The types of a query's columns: the algebra whose values are types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from sqlglot import exp

from analyticsops.sql.access import ELEMENT
from analyticsops.sql.algebra import Surroundings
from analyticsops.sql.dialect import rules_of
from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.gaps import gap_relations
from analyticsops.sql.relation import Others
from analyticsops.sql.sources import Tables
from analyticsops.sql.types.engine import Engine, Typer
from analyticsops.sql.types.engines import engine_of
from analyticsops.sql.types.rules import element_of
from analyticsops.sql.types.spelling import read_type, spelling_of, type_text
from analyticsops.sql.types.sqltype import BOOLEAN, NULL, ROW, SqlType, struct_of
from analyticsops.sql.types.syntax import field_of, struct_from
from analyticsops.sql.types.typed import ALWAYS_NULL, Typed, TypedColumn, unknown
from analyticsops.sql.walk import Walk

TypeOf = Callable[[str, str], str | Problem]
"""(table id, column) -> the column's type as the dialect writes it; empty, or the reason,
if it is not known."""


class Typing(NamedTuple):
    """The types of a query's columns, and a way to ask for those behind its open stars."""

    columns: tuple[TypedColumn, ...]
    demand: Callable[[str], TypedColumn | None]


def infer_types(
    query: exp.Expression, dialect: str, tables: Tables, types: TypeOf
) -> tuple[TypedColumn, ...]:
    """The columns of a parsed query with their types.

    Args:
        types: of the columns of tables.
    """
    return type_query(query, dialect, tables, types).columns


def type_query(
    query: exp.Expression,
    dialect: str,
    tables: Tables,
    types: TypeOf,
    gaps: Sequence[Problem] = (),
) -> Typing:
    """The types of one parsed query.

    Args:
        types: of the columns of tables.
        gaps: why each gap in it is there, see :mod:`analyticsops.sql.gaps`.

    ``demand(name)`` of the answer gives a column that is not listed but may come
    through a ``*`` over a table with unknown columns; None if there is no such star.
    """
    rules = rules_of(dialect)
    algebra = Types(engine_of(dialect), types)
    walk: Walk[Typed, None] = Walk(rules, tables, algebra)
    relation = walk.relation(query, gap_relations(gaps, rules, algebra))

    def output(name: str, value: Typed) -> TypedColumn:
        kind = value.settled.type
        if kind is None:
            return TypedColumn(name, "", value.settled.problem)
        text = spelling_of(dialect).null if kind == NULL else type_text(kind, dialect)
        return TypedColumn(name, text, None)

    def demand(name: str) -> TypedColumn | None:
        key = rules.fold(name, False)
        found = [opening.demand(key, name) for opening in relation.openings_for(key)]
        return output(name, found[0]) if len(found) == 1 else None

    return Typing(tuple(output(c.name, c.value) for c in relation.columns), demand)


class Types:
    """The algebra of :class:`Typed`; rows have no type."""

    nothing = ALWAYS_NULL
    single_row = None
    constants = True
    calls = True
    tells_rows_apart = False

    def __init__(self, engine: Engine, types: TypeOf) -> None:
        self._engine = engine
        self._types = types

    # -- values ----------------------------------------------------------------

    def columns(self, table: TableColumns) -> Sequence[Typed]:
        """As the caller says."""
        return [self.column(table, name) for name in table.columns]

    def demanded(self, table: TableColumns, name: str) -> Typed:
        """As the caller says."""
        return self.column(table, name)

    def column(self, table: TableColumns, name: str) -> Typed:
        """As the caller says."""
        text = self._types(table.id, name)
        if isinstance(text, Problem):
            return Typed(None, text)
        if not text:
            return unknown("type not known", f"{name} of {table.id}")
        kind = read_type(text, self._engine.dialect)
        return Typed(kind) if kind is not None else unknown("type not understood", text)

    def evaluate(self, node: exp.Expression, scope: Surroundings[Typed, None]) -> Typed:
        """By the engine's rules."""
        value = Typer(self._engine, scope).of(node)
        return Typed(value.type, value.problem) if value.form else value

    def field(self, value: Typed, path: str) -> Typed:
        """A field by its name; of an array its elements' field."""
        return element_of(value) if path == ELEMENT else field_of(value, path)

    def row_of(
        self,
        row: Sequence[Typed],
        names: Sequence[str] = (),
        others: Others[Typed] | None = None,
    ) -> Typed:
        """A struct of the columns, if they have names and all are known."""
        if others is not None:
            return Typed(None, others.problem)
        settled = [value.settled for value in row]
        return struct_from(zip(names or [""] * len(row), settled, strict=True))

    def fields(self, value: Typed) -> Mapping[str, Typed] | None:
        """The fields of a struct, wherever it comes from."""
        kind = value.settled.type
        if kind is None or kind.name != "STRUCT" or "" in kind.fields:
            return None
        return {name: Typed(part) for name, part in zip(kind.fields, kind.of, strict=True)}

    def cell(self, values: Sequence[Typed], position: int, what: str) -> Typed:
        """What the cells of the column take together; names that UNPIVOT makes are texts."""
        if values:
            return self._engine.widest(values).settled
        if what.upper().startswith("UNPIVOT"):
            return Typed(self._engine.constants.string)
        name = _BUILT_IN.get(what.lower().rpartition(".")[2])
        return Typed(SqlType(name)) if name else unknown("type not known", what)

    def ordered(self, value: Typed, how: str) -> Typed:
        """The direction is no type."""
        return value

    def either(self, values: Sequence[Typed], problem: Problem) -> Typed:
        """Known if all agree."""
        kinds = {value.settled.type for value in values}
        return values[0].settled if len(kinds) == 1 and None not in kinds else Typed(None, problem)

    def faulty(self, problem: Problem) -> Typed:
        """Not known."""
        return Typed(None, problem)

    def merged(self, left: Typed, right: Typed, how: str) -> Typed:
        """USING: the side that is never missing; both in a full join."""
        if how == "full":
            return self._engine.widest([left, right]).settled
        return right if how == "right" else left

    def equated(self, left: Typed, right: Typed) -> Typed:
        """A condition."""
        return Typed(BOOLEAN)

    def depends(self, join: None, how: str) -> str:
        """What the join says."""
        return how

    def optional(self, value: Typed, join: None) -> Typed:
        """NULL has every type."""
        return value

    def instance(self, value: Typed, number: int, rows: None) -> Typed:
        """The same type."""
        return value

    def element(self, rows: None, argument: Typed, what: str) -> Typed:
        """An element of an array; of what yields rows, one of its columns."""
        row = self._row(argument, what)
        _, _, position = what.partition(" column ")
        several = row.type is not None and (
            row.type.name == ROW or (row.type.name == "STRUCT" and self._engine.unnests_structs)
        )
        return field_of(row, f"column {position}") if position and several else row

    def _row(self, argument: Typed, what: str) -> Typed:
        kind = argument.type
        if kind is None or kind.name == ROW or not what.startswith(_OF_ARRAYS):
            return argument
        if kind.name == "MAP" and len(kind.of) == 2:
            return Typed(struct_of(("key", kind.of[0]), ("value", kind.of[1]), name=ROW))
        item = element_of(argument)
        if item.type is None or not ("offset" in what or "ordinality" in what):
            return item
        return Typed(struct_of(("", item.type), ("", SqlType("BIGINT")), name=ROW))

    def combined(self, how: str, left: Typed, right: Typed, rows: None) -> Typed:
        """Both branches of a set operation take one type."""
        return self._engine.widest([left, right]).settled

    # -- rows ------------------------------------------------------------------

    def table(self, table: TableColumns) -> None:
        """Rows have no type."""

    def faulty_rows(self, rows: None, problem: Problem) -> None:
        """Rows have no type."""

    def instance_rows(self, rows: None, number: int) -> None:
        """Rows have no type."""

    def use_number(self, around: Sequence[None], rows: None) -> int:
        """Uses need not be told apart."""
        return 0

    def joined(self, left: None, right: None, how: str, conditions: Sequence[Typed]) -> None:
        """Rows have no type."""

    def filtered(self, rows: None, condition: Typed) -> None:
        """Rows have no type."""

    def grouped(self, rows: None, keys: Sequence[Typed], how: str) -> None:
        """Rows have no type."""

    def distinct(self, rows: None, keys: Sequence[Typed], order: Sequence[Typed]) -> None:
        """Rows have no type."""

    def regarded(self, rows: None, keys: Sequence[Typed], how: str) -> tuple[None, None]:
        """All of them."""
        return rows, None

    def windowed(self, before: None, after: None) -> None:
        """Values stay what they are."""

    def settled(self, rows: None) -> tuple[None, None]:
        """Values stay what they are."""
        return rows, None

    def limited(
        self, rows: None, order: Sequence[Typed], limit: str, counts: Sequence[Typed] = ()
    ) -> None:
        """Rows have no type."""

    def marked(self, rows: None, what: str) -> None:
        """Rows have no type."""

    def exploded(self, rows: None, argument: Typed, what: str) -> None:
        """Rows have no type."""

    def combined_rows(
        self, how: str, left: None, right: None, values: Sequence[tuple[Typed, Typed]]
    ) -> None:
        """Rows have no type."""


_BUILT_IN = {
    "_file_name": "VARCHAR",
    "_partitiondate": "DATE",
    "_partitiontime": "TIMESTAMPTZ",
    "_table_suffix": "VARCHAR",
    "sysdate": "TIMESTAMP",
}
"""Types of columns and constants that the engine provides itself."""

_OF_ARRAYS = ("unnest", "generate", "array")
"""Explosions whose argument is the array; the others are typed as what they yield."""
