"""Parts of values: ``s.a``, ``m['k']``, ``arr[1].x``, ``payload:customer.id``,
``struct_extract(s, 'a')``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlglot import exp

from analyticsops.sql.syntax import kinds

ELEMENT = "[]"
"""Step of a path: any element of an array."""

_JSON = kinds("JSONExtract", "JSONExtractScalar", "JSONBExtract", "JSONBExtractScalar")


class Access(NamedTuple):
    """An access taken apart.

    Attributes:
        base: the expression whose part it is.
        path: steps from the outside in: names of fields, or :data:`ELEMENT`.
        keys: expressions that say which element; they are inputs as well.
        decoded: True if JSON was read, so that the part is computed.
    """

    base: exp.Expression
    path: tuple[str, ...]
    keys: tuple[exp.Expression, ...]
    decoded: bool


def split_access(node: exp.Expression) -> Access | None:
    """The base and the path of a chain of accesses; None if a step is no access."""
    path: list[str] = []
    keys: list[exp.Expression] = []
    decoded = False
    base = node
    while isinstance(base, (exp.Dot, exp.Bracket, exp.Paren, exp.StructExtract, *_JSON)):
        if isinstance(base, exp.Paren):
            base = base.this
            continue
        steps = _steps(base)
        if steps is None:
            break
        path[:0] = steps
        keys += [k for k in _keys(base) if not isinstance(k, exp.Literal)]
        decoded = decoded or isinstance(base, _JSON)
        base = base.this
    return Access(base, tuple(path), tuple(keys), decoded) if path else None


def _steps(node: exp.Expression) -> list[str] | None:
    if isinstance(node, exp.Dot):
        name = node.expression
        return [name.name] if isinstance(name, exp.Identifier) else None
    if isinstance(node, exp.Bracket):
        keys = node.expressions
        if len(keys) == 1 and isinstance(keys[0], exp.Literal) and keys[0].is_string:
            return [keys[0].name]
        return [ELEMENT]
    path = node.expression
    if isinstance(node, exp.StructExtract):
        return [path.name] if isinstance(path, exp.Literal) and path.is_string else None
    if not isinstance(path, exp.JSONPath):
        return None
    return [step for part in path.expressions for step in _json_step(part)]


def _json_step(part: exp.Expression) -> Iterator[str]:
    if isinstance(part, exp.JSONPathRoot):
        return
    key = part.this if isinstance(part, exp.JSONPathKey) else None
    yield key if isinstance(key, str) else ELEMENT


def _keys(node: exp.Expression) -> list[exp.Expression]:
    return list(node.expressions) if isinstance(node, exp.Bracket) else []


def join_path(path: str, step: str) -> str:
    """``info`` and ``city`` to ``info.city``; ``tags`` and an element to ``tags[]``."""
    if not path or step == ELEMENT:
        return path + step
    return f"{path}.{step}"


def key_of(name: str) -> str:
    """Names of fields are compared without regard to case."""
    return name.lower()
