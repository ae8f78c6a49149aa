"""What two versions of a project both know of tables: columns that are never NULL, and types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from analyticsops.lineage.questions import ShownTable, Text
from analyticsops.sql.forms import atom
from analyticsops.sql.text_logic import ColumnTypes

ShownTables: TypeAlias = Mapping[str, ShownTable]
FilledColumns: TypeAlias = Mapping[str, Mapping[str, tuple[str, str] | None]]
"""Table id -> key of a column that is never NULL -> (table id, column) if that is promised."""


def filled_in_both(before: ShownTables, after: ShownTables) -> FilledColumns:
    """Columns that are never NULL in either version: the texts of both are one algebra's."""
    return {
        table: dict.fromkeys({*shown.filled} & {*after[table].filled})
        for table, shown in before.items()
        if table in after
    }


def types_in_both(before: ShownTables, after: ShownTables) -> ColumnTypes:
    """The types of columns that the queries of both versions show."""
    return {
        (atom(table), atom(key)): family
        for table, shown in before.items()
        if table in after
        for key, family in {*shown.types} & {*after[table].types}
    }


def promised_filled(texts: Iterable[Text]) -> dict[str, frozenset[str]]:
    """Table id -> columns that tests promise to be filled."""
    return {table: frozenset(columns) for text in texts for table, columns in text.filled}


def with_promised(
    filled: FilledColumns,
    before: Mapping[str, frozenset[str]],
    after: Mapping[str, frozenset[str]],
    fold: Callable[[str, bool], str],
) -> FilledColumns:
    """With what tests promise of tables in both versions, or in the only one that reads it."""
    found = {table: dict(columns) for table, columns in filled.items()}
    for table in sorted(before.keys() | after.keys()):
        sides = [side[table] for side in (before, after) if table in side]
        for column in frozenset.intersection(*sides):
            found.setdefault(table, {}).setdefault(fold(column, False), (table, column))
    return found
