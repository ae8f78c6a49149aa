"""What an expression reads, found by the collector of lineage itself.

The collector (:mod:`analyticsops.sql.collect`) knows every form of expression, and counts
in bit sets. Here each derivation is a bit, so that whatever the collector learns holds
for explanations as well.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from analyticsops.sql import value as values
from analyticsops.sql.access import ELEMENT, key_of
from analyticsops.sql.algebra import Surroundings
from analyticsops.sql.collect import evaluate
from analyticsops.sql.facts import SLOTS
from analyticsops.sql.inputs import TooWideError
from analyticsops.sql.origin import Conditions, Origin, in_order
from analyticsops.sql.relation import Fields, Named, Opening, Relation, changed, others_of
from analyticsops.sql.value import Rows, Value


def read_by(node: exp.Expression, scope: Surroundings[Origin, Conditions]) -> Origin:
    """The expression, with everything that it reads, and the fields of a struct it builds."""
    numbered = _Numbered(scope)
    found = evaluate(node, numbered, extract)
    return numbered.expression(node, found)


def extract(value: Value, path: str) -> Value:
    """The field of a struct that the query builds; else the whole value."""
    if isinstance(value, values.Struct) and path != ELEMENT:
        wanted = key_of(path)
        known = value.fields.items()
        part = next((part for name, part in known if key_of(name) == wanted), None)
        if part is not None:
            return part
        others = others_of(value.fields)
        return others(path) if others is not None else value
    return value


class _Numbered:
    """A scope in which every value is a bit: that of its number."""

    def __init__(self, scope: Surroundings[Origin, Conditions]) -> None:
        self._scope = scope
        self._known: dict[Origin, int] = {}

    # -- there ---------------------------------------------------------------------------

    def number(self, value: Origin) -> Value:
        """The bit of a value; a struct keeps its fields."""
        place = self._known.setdefault(value, len(self._known))
        if place >= values.MAX_BASES:
            raise TooWideError
        bit = values.bit(place)
        if not value.fields:
            return bit
        return values.with_fields(bit, changed(value.fields, self.number))

    def _decides(self, rows: Conditions) -> Rows:
        return values.filtering(values.union([self.number(value) for value in in_order(rows)]))

    # -- and back --------------------------------------------------------------------------

    def expression(self, node: exp.Expression, value: Value, field: str = "") -> Origin:
        """What a value of the collector stands for: an expression and what it reads."""
        places = {position // SLOTS for position in values.positions(value)}
        parts = [origin for origin, place in self._known.items() if place in places]
        fields: Mapping[str, Origin] = {}
        if isinstance(value, values.Struct):
            made = value.fields.items()
            fields = {name: self.expression(node, part, name) for name, part in made}
            if (others := others_of(value.fields)) is not None:
                more = others
                fields = Fields(
                    fields.items(), lambda name: self.expression(node, more(name), name)
                )
        return Origin("expression", node=node, parts=parts, column=field, fields=fields)

    # -- what the collector sees -------------------------------------------------------------

    @property
    def dialect(self) -> str:
        """The dialect that the expression is written in."""
        return self._scope.dialect

    @property
    def rows(self) -> Rows:
        """What decides about the rows around the expression."""
        return self._decides(self._scope.rows)

    @property
    def windowed(self) -> Rows:
        """The rows that windows are over."""
        return self._decides(self._scope.windowed)

    @property
    def ungrouped(self) -> Rows:
        """The same before GROUP BY."""
        return self._decides(self._scope.ungrouped)

    @property
    def adds_groups(self) -> bool:
        """True if what is known of the rows is not known of all groups."""
        return self._scope.adds_groups

    def column(self, node: exp.Column) -> Value:
        """A column reference."""
        return self.number(self._scope.column(node))

    def query(self, node: exp.Expression) -> Relation[Value, Rows]:
        """A nested query."""
        relation = self._scope.query(node)
        columns = [
            Named(column.key, column.name, self.number(column.value), column.unnamed)
            for column in relation.columns
        ]
        openings = [self._opening(opening) for opening in relation.openings]
        return Relation(columns, self._decides(relation.rows), openings)

    def _opening(self, opening: Opening[Origin]) -> Opening[Value]:
        def demand(key: str, name: str) -> Value:
            return self.number(opening.demand(key, name))

        return Opening(opening.table, demand, opening.without, opening.likely)

    def named_window(self, name: str) -> exp.Expression | None:
        """A definition of the WINDOW clause."""
        return self._scope.named_window(name)

    def everything(self, node: exp.Expression) -> list[Value]:
        """What a star inside an expression stands for."""
        return [self.number(value) for value in self._scope.everything(node)]

    def names_table(self, node: exp.Column) -> bool:
        """True if what looks like a column behind IN is a table."""
        return self._scope.names_table(node)

    def dynamic(self, node: exp.Expression) -> Value:
        """``IDENTIFIER(...)``."""
        return self.number(self._scope.dynamic(node))

    def by_position(self, node: exp.Expression) -> list[Value]:
        """``#1`` or ``$1``."""
        return [self.number(value) for value in self._scope.by_position(node)]

    def unsupported(self, node: exp.Expression, what: str) -> Value:
        """Something that is not understood."""
        return self.number(self._scope.unsupported(node, what))
