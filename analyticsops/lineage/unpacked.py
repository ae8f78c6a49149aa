"""The facts of one node's queries, ready for questions in both directions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
        self._out_of: dict[tuple[str, str], tuple[tuple[str, Input], ...]] = {}
        self._of_table: dict[str, Mapping[str, Sequence[tuple[int, int]]]] = {}

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
            found = self._into[target] = (
                self._inputs(target),
                self._tables if target == ROWS else (),
            )
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

    @cached_property
    def _tables(self) -> tuple[str, ...]:
        tables = {table for facts in self._facts for table in facts.tables}
        return tuple(sorted(tables - {self._node}))

    def made_of(self, table: str) -> bool:
        """True if the rows of a table flow into those of the node."""
        return table in self._tables

    def out_of(self, table: str, column: str) -> Sequence[tuple[str, Input]]:
        """(target, input) wherever a column of a table takes part. Nothing else is unpacked:
        a traversal comes to most nodes by one column or two."""
        places = self._places(table).get(column)
        if places is None:
            return ()
        found = self._out_of.get((table, column))
        if found is None:
            found = self._out_of[table, column] = tuple(self._taking(places))
        return found

    def _taking(self, places: Sequence[tuple[int, int]]) -> Iterator[tuple[str, Input]]:
        codes_of: dict[tuple[int, int], list[int]] = {}
        for query, place in places:
            for number, code in self._uses[query][place]:
                codes_of.setdefault((query, number), []).append(code)
        for (query, number), codes in codes_of.items():
            facts = self._facts[query]
            output = facts.columns[number] if number >= 0 else None
            inputs = facts.inputs_at(output, codes) if output else facts.rows_at(codes)
            for found in inputs:
                yield output.name if output else ROWS, self._respelled(found)

    def _places(self, table: str) -> Mapping[str, Sequence[tuple[int, int]]]:
        """(number of a query, place among its bases) of a table's columns, by their own
        spelling."""
        known = self._of_table.get(table)
        if known is None:
            found: dict[str, list[tuple[int, int]]] = {}
            for query, facts in enumerate(self._facts):
                for place, base in enumerate(facts.bases):
                    if base.table == table:
                        name = self._spelled(table, base.column)
                        found.setdefault(name, []).append((query, place))
            known = self._of_table[table] = found
        return known

    @cached_property
    def _uses(self) -> Sequence[Sequence[Sequence[tuple[int, int]]]]:
        """For each query, for each place of its bases: (number of a column, or -1 for the rows;
        code) wherever it takes part."""
        return [_used(facts) for facts in self._facts]


def _used(facts: QueryFacts) -> Sequence[Sequence[tuple[int, int]]]:
    uses: list[list[tuple[int, int]]] = [[] for _ in facts.bases]
    for number, output in enumerate(facts.columns):
        for code in output.codes:
            uses[code // SLOTS].append((number, code))
    for code in facts.row_codes:
        uses[code // SLOTS].append((-1, code))
    return uses
