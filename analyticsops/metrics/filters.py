"""Filters of metrics: SQL with dimensions, entities and metrics in Jinja.

``{{ Dimension('order__status') }} = 'paid'`` is taken apart into the calls and the SQL
around them. Calls are read as Python expressions, which they are, and never evaluated.
"""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

_CALL = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_OTHER = re.compile(r"\{%|\{#")

KINDS = ("Dimension", "TimeDimension", "Entity", "Metric")


class Reference(NamedTuple):
    """What a call in a filter, or an element of a saved query, refers to.

    Attributes:
        kind: one of :data:`KINDS`.
        path: names from the first entity to the element: ``order__customer__country``.
        grain: of a time dimension, lower case; empty if not said.
        entities: by which a metric is grouped.
    """

    kind: str
    path: tuple[str, ...]
    grain: str = ""
    entities: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As it is written."""
        return "__".join(self.path)


class Filter(NamedTuple):
    """A filter.

    Attributes:
        pieces: texts of SQL and, between them, references, in order.
        fault: why it is not understood; empty if it is.
    """

    pieces: tuple[str | Reference, ...]
    fault: str = ""

    @property
    def references(self) -> tuple[Reference, ...]:
        """Those in it."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Reference))


def parse_filter(template: str) -> Filter:
    """Take a filter apart."""
    if _OTHER.search(template):
        return Filter((template,), "has Jinja other than {{ ... }}")
    pieces: list[str | Reference] = []
    end = 0
    for call in _CALL.finditer(template):
        reference = parse_reference(call[1])
        if isinstance(reference, str):
            return Filter((template,), reference)
        pieces += [template[end : call.start()], reference]
        end = call.end()
    pieces.append(template[end:])
    return Filter(tuple(piece for piece in pieces if piece))


def parse_reference(text: str) -> Reference | str:
    """The reference that a call is, or what is wrong with it. A name alone, as in
    ``group_by``, is a dimension."""
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return f"cannot be read: {' '.join(text.split())}"
    if isinstance(node, ast.Name):
        return Reference("Dimension", tuple(node.id.split("__")))
    grain = ""
    # Dimension('ordered_at').grain('month').descending(True)
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in ("grain", "date_part"):
            grain = _word(node.args[0]) if node.args else ""
        node = node.func.value
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return f"is no call: {' '.join(text.split())}"
    if node.func.id not in KINDS:
        return f"calls {node.func.id}, which is none of {', '.join(KINDS)}"
    return _reference(node.func.id, node, grain)


def _reference(kind: str, call: ast.Call, grain: str) -> Reference | str:
    named = {word.arg: word.value for word in call.keywords if word.arg}
    first = call.args[0] if call.args else next(iter(named.values()), None)
    name = _word(first) if first is not None else ""
    if not name:
        return f"{kind} without a name"
    further = [*_words(named.get("entity_path"))]
    if kind == "Metric":
        grouped = call.args[1] if len(call.args) > 1 else named.get("group_by")
        return Reference(kind, (name,), "", tuple(_words(grouped)))
    if len(call.args) > 1 and kind == "TimeDimension":
        grain = grain or _word(call.args[1])
    elif len(call.args) > 1:
        further += _words(call.args[1])
    grain = grain or _word(named.get("time_granularity_name"))
    path = (*(part for entity in further for part in entity.split("__")), *name.split("__"))
    return Reference(kind, path, grain.lower())


def _word(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _words(node: ast.expr | None) -> list[str]:
    if isinstance(node, (ast.List, ast.Tuple)):
        return [word for item in node.elts if (word := _word(item))]
    return [word] if (word := _word(node)) else []
