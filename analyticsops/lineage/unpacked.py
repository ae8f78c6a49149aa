"""The facts of one node's queries, ready for questions in both directions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from analyticsops.sql.facts import SLOTS, Input, OutputColumn, QueryFacts

ROWS = ""
"""The target that stands for the rows of the node."""


class Unpacked:
    """Targets (columns, and the rows) with their inputs, and inputs with their targets.

    Args:
        spelled: (table, column) -> the column as its own table spells it.
    """

    def __init__(
        self, node: str, facts: Sequence[QueryFacts], spelled: Callable[[str, str], str]
    ) -> None:
        self._node = node
        self._facts = facts
        self._spelled = spelled
        self._into: dict[str, tuple[tuple[Input, ...], tuple[str, ...]]] = {}

    @cached_property
    def _columns(self) -> Mapping[str, list[tuple[QueryFacts, OutputColumn]]]:
        found: dict[str, list[tuple[QueryFacts, OutputColumn]]] = {}
        for facts in self._facts:
            for column in facts.columns:
                found.setdefault(column.name, []).append((facts, column))
        return found

    def targets(self) -> list[str]:
        """The names of all targets."""
        return [*self._columns, ROWS]

    def into(self, target: str) -> tuple[tuple[Input, ...], tuple[str, ...]]:
        """The inputs of a target, and the tables whose rows it is made of."""
        found = self._into.get(target)
        if found is None:
            found = self._into[target] = self._inputs(target), self._tables(target)
        return found

    def _inputs(self, target: str) -> tuple[Input, ...]:
        if target == ROWS:
            inputs: Iterable[Input] = (i for facts in self._facts for i in facts.rows)
        else:
            pairs = self._columns.get(target, ())
            inputs = (i for facts, column in pairs for i in facts.inputs(column))
        return tuple({self._respelled(found): None for found in inputs})

    def _respelled(self, found: Input) -> Input:
        column = self._spelled(found.table, found.column)
        if column == found.column:
            return found
        return Input(found.table, column, found.kind, found.path, found.sure)

    def _tables(self, target: str) -> tuple[str, ...]:
        if target != ROWS:
            return ()
        tables = {table for facts in self._facts for table in facts.tables}
        return tuple(sorted(tables - {self._node}))

    def reading(self, table: str, column: str) -> Iterable[str]:
        """The targets in which a column (or with '' the rows) of a table takes part."""
        if column == ROWS:
            return (ROWS,) if table in self._tables(ROWS) else ()
        return self._targets.get((table, column), ())

    @cached_property
    def _targets(self) -> Mapping[tuple[str, str], Mapping[str, None]]:
        """The targets by input, sets that keep an order."""
        found: dict[tuple[str, str], dict[str, None]] = {}
        for facts in self._facts:
            places = [
                found.setdefault((base.table, self._spelled(base.table, base.column)), {})
                for base in facts.bases
            ]
            for column in facts.columns:
                for code in column.codes:
                    places[code // SLOTS][column.name] = None
            for code in facts.row_codes:
                places[code // SLOTS][ROWS] = None
        return found
