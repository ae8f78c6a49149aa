"""Which columns of a table are gone, have another name, or another type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from analyticsops.changes.types import TypeChange, compare_types
from analyticsops.lineage.graph import ColumnLineage, NodeLineage
from analyticsops.project.model import Node


class Renamed(msgspec.Struct, frozen=True, kw_only=True):
    """A column that has another name now.

    ``proved`` is True if both have the same canonical expression; otherwise they are
    the only pair that reads the same inputs.
    """

    old: str
    new: str
    proved: bool


class Retyped(msgspec.Struct, frozen=True, kw_only=True):
    """A column whose type is another; ``source`` says who states both types."""

    column: str
    old: str
    new: str
    source: str
    change: TypeChange


def missing(
    here: NodeLineage, there: NodeLineage, fold: Callable[[str, bool], str]
) -> tuple[str, ...]:
    """Columns of ``here`` that ``there`` has not; those only inferred from use do not
    count as having been promised."""
    keys = {fold(name, False) for name in there.columns}
    return tuple(
        column.name
        for column in here.columns.values()
        if fold(column.name, False) not in keys and not column.inferred
    )


def find_renamed(
    removed: Sequence[str],
    added: Sequence[str],
    before: Mapping[str, str],
    after: Mapping[str, str],
    old: NodeLineage,
    new: NodeLineage,
) -> tuple[Renamed, ...]:
    """Pair removed with added columns: by equal expression, else as the only pair."""
    pairs: list[Renamed] = []
    left = list(added)
    rest: list[str] = []
    for name in removed:
        expression = before.get(name)
        match = next((n for n in left if expression and after.get(n) == expression), None)
        if match is None:
            rest.append(name)
        else:
            left.remove(match)
            pairs.append(Renamed(old=name, new=match, proved=True))
    if len(rest) == 1 and len(left) == 1 and _same_place(rest[0], left[0], old, new):
        pairs.append(Renamed(old=rest[0], new=left[0], proved=False))
    return tuple(pairs)


def _same_place(
    name: str,
    other: str,
    old: NodeLineage,
    new: NodeLineage,
) -> bool:
    """True if two columns stand at the same position among the same neighbours."""
    here, there = _place(name, old.columns), _place(other, new.columns)
    return here == there


def _place(name: str, columns: Mapping[str, ColumnLineage]) -> int:
    return list(columns).index(name) if name in columns else -1


def find_retyped(base: Node, head: Node, dialect: str) -> tuple[Retyped, ...]:
    """Columns with another type, where the same kind of authority states both."""
    if base.columns == head.columns:
        return ()
    found: list[Retyped] = []
    others = {name.lower(): column for name, column in head.columns.items()}
    for name, column in base.columns.items():
        other = others.get(name.lower())
        if other is None or not column.type or not other.type:
            continue
        if ("catalog" in (column.type_from, other.type_from)) and (
            column.type_from != other.type_from
        ):
            continue
        change = compare_types(column.type, other.type, dialect)
        if change is not TypeChange.SAME:
            found.append(
                Retyped(
                    column=other.name,
                    old=column.type,
                    new=other.type,
                    source=other.type_from,
                    change=change,
                )
            )
    return tuple(found)
