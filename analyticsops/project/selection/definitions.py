"""``selectors.yml`` as data -> expressions by name.

Reads both what people write (a list under ``selectors``) and what dbt puts into the
manifest (a mapping by name, text taken apart, references put in place). The second
loses an empty value, and where a definition with its own ``exclude`` was put in place:
such a one is recognised by being equal to an earlier definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from analyticsops.errors import SelectionError
from analyticsops.project.selection.expression import (
    Difference,
    Expression,
    Indirect,
    Intersection,
    Union,
)
from analyticsops.project.selection.parse import make_criterion, parse_criterion

_REFERENCE = frozenset({"method", "value", "description", "name", "default"})


class Definition(msgspec.Struct, frozen=True):
    """One entry of ``selectors.yml``; ``data`` is its definition as written."""

    name: str
    expression: Expression
    data: Any
    default: bool = False


class _Reader(msgspec.Struct, frozen=True):
    """How to read on: the flag's mode, the definitions read so far, and whether dbt has
    been here before us."""

    indirect: Indirect
    known: Mapping[str, Definition]
    expanded: bool


def read_definitions(
    data: Mapping[str, Any], indirect: Indirect = "eager"
) -> dict[str, Definition]:
    """All definitions, in their order.

    Args:
        data: a parsed ``selectors.yml``, or the manifest's ``selectors``.
        indirect: for criteria that do not say their own.

    Raises:
        SelectionError: what dbt refuses, with the name and the place in the definition.
    """
    written = data.get("selectors")
    expanded = not isinstance(written, list)
    known: dict[str, Definition] = {}
    reader = _Reader(indirect, known, expanded)
    for entry in written if isinstance(written, list) else data.values():
        if not isinstance(entry, Mapping) or "name" not in entry or "definition" not in entry:
            raise SelectionError(
                f"a selector has a name and a definition, found {entry!r}", where="selectors.yml"
            )
        name, definition = str(entry["name"]), entry["definition"]
        where = f"selectors.yml: {name}"
        _check_root(definition, where)
        expression = _expression(reader, definition, where)
        default = entry.get("default") is True
        known[name] = Definition(name, expression, definition, default)
    _check_one_default(known)
    return known


def _check_root(definition: Any, where: str) -> None:
    if not isinstance(definition, Mapping) or len(definition) < 2:
        return
    if "union" in definition or "intersection" in definition:
        raise SelectionError(
            f"union or intersection stands alone, found {', '.join(map(str, definition))}",
            where=where,
        )


def _check_one_default(known: Mapping[str, Definition]) -> None:
    defaults = [definition.name for definition in known.values() if definition.default]
    if len(defaults) > 1:
        raise SelectionError(
            f"only one selector can be the default, found {' and '.join(defaults)}",
            where="selectors.yml",
        )


def _expression(reader: _Reader, definition: Any, where: str) -> Expression:
    if isinstance(definition, str):
        return parse_criterion(definition, reader.indirect, f"{where}, {definition!r}")
    if not isinstance(definition, Mapping) or not all(isinstance(key, str) for key in definition):
        raise SelectionError(f"expected text or a mapping, found {definition!r}", where=where)
    for operator in ("union", "intersection"):
        if operator in definition:
            return _group(reader, operator, definition[operator], f"{where} > {operator}")
    return _criterion(reader, definition, where)


def _group(reader: _Reader, operator: str, items: Any, where: str) -> Expression:
    kept: list[Expression] = []
    dropped: Expression | None = None
    for place, item in _items(items, where):
        inlined = _inlined(reader, item)
        if inlined is not None:
            kept.append(inlined)
        elif isinstance(item, Mapping) and "exclude" in item:
            # dbt takes nothing but the exclude from such an item, whatever else it says.
            if dropped is not None:
                raise SelectionError("only one exclude is allowed here", where=place)
            dropped = _excluded(reader, item["exclude"], f"{place} > exclude")
        else:
            kept.append(_expression(reader, item, place))
    # dbt does not hand the flag's mode to groups in YAML: they are always eager.
    group = Union(tuple(kept)) if operator == "union" else Intersection(tuple(kept))
    return group if dropped is None else Difference(group, dropped)


def _inlined(reader: _Reader, item: Any) -> Expression | None:
    """The earlier definition that dbt has put here in place of its name."""
    if not reader.expanded or not isinstance(item, Mapping) or "exclude" not in item:
        return None
    same = (known.expression for known in reader.known.values() if known.data == item)
    return next(same, None) if "method" in item else None


def _excluded(reader: _Reader, items: Any, where: str) -> Expression | None:
    parts = tuple(_expression(reader, item, place) for place, item in _items(items, where))
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Union(parts)


def _items(items: Any, where: str) -> list[tuple[str, Any]]:
    if not isinstance(items, list | tuple):
        raise SelectionError(f"expected a list, found {items!r}", where=where)
    return [(f"{where} {number}", item) for number, item in enumerate(items, 1)]


def _criterion(reader: _Reader, definition: Mapping[str, Any], where: str) -> Expression:
    if reader.expanded and "method" in definition:
        parts: Mapping[str, Any] = {"value": "", **definition}
    elif len(definition) == 1:
        ((method, value),) = definition.items()
        parts = {"method": method, "value": value}
    elif "method" in definition and "value" in definition:
        parts = definition
    else:
        raise SelectionError(
            f"expected method and value, found {', '.join(definition)}",
            where=where,
            hint="or one key, as in `tag: nightly`",
        )
    if parts["method"] == "selector" and parts.keys() <= _REFERENCE:
        return _inherited(reader, str(parts["value"]), where)
    criterion = make_criterion(parts, _raw(parts), reader.indirect, where)
    if "exclude" not in parts:
        return criterion
    dropped = _excluded(reader, parts["exclude"], f"{where} > exclude")
    return criterion if dropped is None else Difference(criterion, dropped)


def _inherited(reader: _Reader, name: str, where: str) -> Expression:
    """An earlier definition, put in place of its name."""
    if name not in reader.known:
        raise SelectionError(
            f"there is no selector {name!r} before this one",
            where=where,
            hint=f"known are {', '.join(reader.known) or 'none'}",
        )
    return reader.known[name].expression


def _raw(parts: Mapping[str, Any]) -> str:
    return f"{parts['method']}:{parts['value']}"
