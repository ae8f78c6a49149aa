"""The algebra of explanations: a value is the expression that it comes from, and the
values which that expression reads.

The third meaning of the walk, beside lineage (:mod:`analyticsops.sql.inputs`) and
fingerprints (:mod:`analyticsops.sql.canonical`). What stands between two expressions
without being one (a star) is told by :mod:`analyticsops.sql.steps`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from sqlglot import exp

from analyticsops.sql.algebra import Surroundings
from analyticsops.sql.facts import Problem, TableColumns

_Names: TypeAlias = frozenset[str]


_BY_PARTS = ("parts", "star")
"""A star passes on several columns of one name; a set operation has no place at all."""


class Derivation:
    """Where a value comes from. Equal if it is made at the same place of the text.

    Attributes:
        what: ``expression``, ``star`` (a column passed on by one), ``base`` (a column of a
            table), or ``parts`` (no expression of its own: set operations, doubts).
        node: the expression; of a star the SELECT that it stands in.
        parts: what it reads.
        table: id of the table of a base column.
        column: its name; of a star the name under which it passes the column on.
        problems: why something is missing.
    """

    __slots__ = ("_key", "column", "node", "parts", "problems", "table", "what")

    def __init__(
        self,
        what: str,
        *,
        node: exp.Expression | None = None,
        parts: Sequence[Derivation] = (),
        table: str = "",
        column: str = "",
        problems: Sequence[Problem] = (),
    ) -> None:
        self.what = what
        self.node = node
        self.parts = tuple(dict.fromkeys(parts))
        self.table = table
        self.column = column
        self.problems = tuple(problems)
        own = (what, id(node) if node is not None else 0, table, column, self.problems)
        inner = frozenset(part._outline for part in self.parts) if what in _BY_PARTS else None
        self._key: tuple[object, ...] = (own, inner)

    @property
    def _outline(self) -> object:
        """The key without what is below: recursion would never settle on deeper keys."""
        return self._key if self.what == "parts" else self._key[0]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Derivation) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


Conditions: TypeAlias = frozenset[Derivation]
"""What decides about rows: they matter where a subquery is a value."""

_CONSTANT = Derivation("parts")
_ALL_ROWS: Conditions = frozenset()


def together(parts: Sequence[Derivation], problems: Sequence[Problem] = ()) -> Derivation:
    """Several values as one, without an expression of its own; chains stay flat."""
    flat = [
        inner
        for part in parts
        for inner in (part.parts if part.what == "parts" and not part.problems else (part,))
    ]
    if len(flat) == 1 and not problems:
        return flat[0]
    return Derivation("parts", parts=flat, problems=problems)


class Derivations:
    """The algebra of :class:`Derivation` and :data:`Conditions`."""

    tells_rows_apart = False
    constants = False
    nothing = _CONSTANT
    single_row: Conditions = _ALL_ROWS

    # -- leaves ------------------------------------------------------------------------

    def column(self, table: TableColumns, name: str) -> Derivation:
        """A base column: what steps end in."""
        return Derivation("base", table=table.id, column=name)

    def columns(self, table: TableColumns) -> Sequence[Derivation]:
        """One each."""
        return [self.column(table, name) for name in table.columns]

    def demanded(self, table: TableColumns, name: str) -> Derivation:
        """A base column like the others."""
        return self.column(table, name)

    def table(self, table: TableColumns) -> Conditions:
        """Nothing decides about them yet."""
        return _ALL_ROWS

    def faulty(self, problem: Problem) -> Derivation:
        """Nothing but the problem."""
        return Derivation("parts", problems=(problem,))

    def faulty_rows(self, rows: Conditions, problem: Problem) -> Conditions:
        """The problem is among what decides."""
        return rows | {self.faulty(problem)}

    # -- values ------------------------------------------------------------------------

    def evaluate(
        self, node: exp.Expression, scope: Surroundings[Derivation, Conditions]
    ) -> Derivation:
        """The expression, and what it reads."""
        return Derivation("expression", node=node, parts=list(_reads(node, scope)))

    def field(self, value: Derivation, path: str) -> Derivation:
        """A field is read with its whole struct."""
        return value

    def row_of(self, row: Sequence[Derivation], names: Sequence[str] = ()) -> Derivation:
        """All columns of the row."""
        return together(row)

    def fields(self, value: Derivation) -> Mapping[str, Derivation] | None:
        """Structs are not taken apart."""
        return None

    def cell(self, values: Sequence[Derivation], position: int, what: str) -> Derivation:
        """Any of them."""
        return together(values)

    def ordered(self, value: Derivation, how: str) -> Derivation:
        """The direction does not matter."""
        return value

    def either(self, values: Sequence[Derivation], problem: Problem) -> Derivation:
        """All candidates, and the doubt."""
        return together(values, (problem,))

    def merged(self, left: Derivation, right: Derivation, how: str) -> Derivation:
        """USING: the side that is never missing; both in a full join."""
        if how == "full":
            return together([left, right])
        return right if how == "right" else left

    def equated(self, left: Derivation, right: Derivation) -> Derivation:
        """Both are join keys."""
        return together([left, right])

    def optional(self, value: Derivation, join: Conditions) -> Derivation:
        """NULL comes from nowhere."""
        return value

    def instance(self, value: Derivation, number: int) -> Derivation:
        """A second use of a table has the same columns."""
        return value

    def instance_rows(self, rows: Conditions, number: int) -> Conditions:
        """A second use of a table has the same rows."""
        return rows

    def use_number(self, around: Sequence[Conditions], rows: Conditions) -> int:
        """Uses need not be told apart."""
        return 0

    def element(self, rows: Conditions, argument: Derivation, what: str) -> Derivation:
        """One element of what is exploded."""
        return argument

    def combined(self, how: str, left: Derivation, right: Derivation) -> Derivation:
        """UNION takes from both sides; EXCEPT and INTERSECT only compare with the right."""
        return together([left, right]) if how.startswith("union") else left

    # -- rows --------------------------------------------------------------------------

    def joined(
        self, left: Conditions, right: Conditions, how: str, conditions: Sequence[Derivation]
    ) -> Conditions:
        """Both sides', and the keys."""
        return left | right | frozenset(conditions)

    def filtered(self, rows: Conditions, condition: Derivation) -> Conditions:
        """And the condition."""
        return rows | {condition}

    def grouped(self, rows: Conditions, keys: Sequence[Derivation], how: str) -> Conditions:
        """And the keys."""
        return rows | frozenset(keys)

    def distinct(
        self, rows: Conditions, keys: Sequence[Derivation], order: Sequence[Derivation]
    ) -> Conditions:
        """And the keys, and the order."""
        return rows | frozenset(keys) | frozenset(order)

    def limited(self, rows: Conditions, order: Sequence[Derivation], limit: str) -> Conditions:
        """And the order."""
        return rows | frozenset(order)

    def marked(self, rows: Conditions, what: str) -> Conditions:
        """Constants choose the rows."""
        return rows

    def exploded(self, rows: Conditions, argument: Derivation, what: str) -> Conditions:
        """How many elements there are decides how many rows there are."""
        return rows | {argument}

    def combined_rows(
        self,
        how: str,
        left: Conditions,
        right: Conditions,
        values: Sequence[tuple[Derivation, Derivation]],
    ) -> Conditions:
        """UNION ALL only appends; the others compare whole rows."""
        compared = () if how == "union all" else [value for pair in values for value in pair]
        return left | right | frozenset(compared)


# -- what an expression reads ----------------------------------------------------------------


def _reads(
    root: exp.Expression, scope: Surroundings[Derivation, Conditions]
) -> Iterator[Derivation]:
    """The values of everything below an expression, in the order of the text."""
    stack: list[tuple[exp.Expression, _Names]] = [(root, frozenset())]
    while stack:
        node, names = stack.pop()
        if isinstance(node, (exp.Identifier, exp.Literal, exp.DataType)):
            continue
        if isinstance(node, exp.Column):
            yield from _column(node, scope, names)
        elif isinstance(node, exp.Star):
            yield from () if isinstance(node.parent, exp.Count) else scope.everything(node)
        elif isinstance(node, (exp.Columns, exp.PositionalColumn)):
            yield scope.unsupported(node, "a column by its position or pattern")
        elif isinstance(node, exp.Query) or _asks_for_rows(node):
            yield from _subquery(node, scope)
        else:
            inner = names | _parameters(node)
            below = [(child, inner) for child in node.iter_expressions()]
            window = node.args.get("alias") if isinstance(node, exp.Window) else None
            named = scope.named_window(window.name) if window is not None else None
            below += [(named, inner)] if named is not None else []
            stack.extend(reversed(below))


def _column(
    node: exp.Column, scope: Surroundings[Derivation, Conditions], names: _Names
) -> Iterator[Derivation]:
    if isinstance(node.this, exp.Star):
        yield from scope.everything(node)
    elif node.parts[0].name not in names:
        yield scope.column(node)


def _parameters(node: exp.Expression) -> _Names:
    """Names that a lambda or a comprehension gives to elements."""
    if isinstance(node, exp.Lambda):
        return frozenset(parameter.name for parameter in node.expressions)
    if isinstance(node, exp.Comprehension):
        return frozenset({node.expression.name})
    return frozenset()


def _asks_for_rows(node: exp.Expression) -> bool:
    return isinstance(node, exp.Exists) and isinstance(node.this, exp.Query)


def _subquery(
    node: exp.Expression, scope: Surroundings[Derivation, Conditions]
) -> Iterator[Derivation]:
    """What it selects, unless only its rows are asked for; then what decides about rows."""
    exists = isinstance(node, exp.Exists)
    relation = scope.query(node.this if exists else node)
    if not exists:
        yield from (column.value for column in relation.columns)
    yield from sorted(relation.rows, key=_place)


def _place(value: Derivation) -> str:
    """A stable order of conditions: where they stand in the text."""
    if value.what == "parts":
        return min(map(_place, value.parts), default="")
    first = value.node.find(exp.Identifier) if value.node is not None else None
    start = first.meta.get("start") if first is not None else None
    return f"{start if isinstance(start, int) else 0:09} {value.table} {value.column}"
