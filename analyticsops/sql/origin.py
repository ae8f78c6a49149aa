"""Where a value of a query comes from: the expression, and what that reads in turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from sqlglot import exp

from analyticsops.sql.facts import Problem

_NO_FIELDS: Mapping[str, Origin] = {}

_BY_PARTS = ("parts", "star")
"""A star passes on several columns of one name; a set operation has no place at all."""


class Origin:
    """Where a value comes from. Equal if it is made at the same place of the text.

    Attributes:
        what: ``expression``, ``star`` (a column passed on by one), ``base`` (a column of a
            table), or ``parts`` (no expression of its own: set operations, doubts).
        node: the expression; of a star the SELECT that it stands in.
        parts: what it reads.
        table: id of the table of a base column.
        column: its name; of a star the name under which it passes the column on; of an
            expression the field of the struct that is meant, empty for the whole.
        problems: why something is missing.
        fields: of a struct that the expression builds, by name.
    """

    __slots__ = ("_key", "column", "fields", "node", "parts", "problems", "table", "what")

    def __init__(
        self,
        what: str,
        *,
        node: exp.Expression | None = None,
        parts: Sequence[Origin] = (),
        table: str = "",
        column: str = "",
        problems: Sequence[Problem] = (),
        fields: Mapping[str, Origin] = _NO_FIELDS,
    ) -> None:
        self.what = what
        self.node = node
        self.parts = tuple(dict.fromkeys(parts))
        self.table = table
        self.column = column
        self.problems = tuple(problems)
        self.fields = fields
        own = (what, id(node) if node is not None else 0, table, column, self.problems)
        inner = frozenset(part._outline for part in self.parts) if what in _BY_PARTS else None
        self._key: tuple[object, ...] = (own, inner)

    @property
    def _outline(self) -> object:
        """The key without what is below: recursion would never settle on deeper keys."""
        return self._key if self.what == "parts" else self._key[0]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Origin) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


Conditions: TypeAlias = frozenset[Origin]
"""What decides about rows: they matter where a subquery is a value."""


def together(parts: Sequence[Origin], problems: Sequence[Problem] = ()) -> Origin:
    """Several values as one, without an expression of its own; chains stay flat."""
    flat = [
        inner
        for part in parts
        for inner in (part.parts if part.what == "parts" and not part.problems else (part,))
    ]
    if len(flat) == 1 and not problems:
        return flat[0]
    return Origin("parts", parts=flat, problems=problems)


def in_order(conditions: Conditions) -> list[Origin]:
    """Conditions as they stand in the text."""
    return sorted(conditions, key=_place)


def _place(value: Origin) -> str:
    """A stable order of conditions: where they stand in the text."""
    if value.what == "parts":
        return min(map(_place, value.parts), default="")
    first = value.node.find(exp.Identifier) if value.node is not None else None
    start = first.meta.get("start") if first is not None else None
    return f"{start if isinstance(start, int) else 0:09} {value.table} {value.column}"
