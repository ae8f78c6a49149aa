"""Structs that a query itself builds: their fields, followed through whatever keeps whole
values (arrays, branches, aggregates that choose or collect rows, casts, subqueries)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from sqlglot import exp

from analyticsops.sql import value as values
from analyticsops.sql.access import ELEMENT, key_of, split_access
from analyticsops.sql.algebra import Surroundings
from analyticsops.sql.relation import changed, others_of
from analyticsops.sql.value import Rows, Struct, Value

Fields = Mapping[str, Value]

Evaluate = Callable[[exp.Expression], Value]
"""The value of an expression, a :class:`Struct` if its fields are known."""

_CHOOSE = (exp.AnyValue, exp.ArgMax, exp.ArgMin, exp.First, exp.Last)
_COMPARE = (exp.Max, exp.Min)
_COLLECT = (exp.ArrayAgg,)
_ACCESS = (exp.Bracket, exp.Dot, exp.StructExtract)

BUILDING = (
    *(*_CHOOSE, *_COMPARE, *_COLLECT),
    *_ACCESS,
    *(exp.Array, exp.Case, exp.Cast, exp.Coalesce, exp.If, exp.IgnoreNulls, exp.Paren),
    *(exp.RespectNulls, exp.Select, exp.Struct, exp.Subquery),
)
"""Kinds of nodes that may yield a struct with known fields."""


def fields_of(
    node: exp.Expression, evaluate: Evaluate, scope: Surroundings[Value, Rows]
) -> Fields | None:
    """The fields of what an expression yields, an array of it included; None if they are
    not known."""
    if isinstance(node, (exp.IgnoreNulls, exp.Paren, exp.RespectNulls)):
        return fields_of(node.this, evaluate, scope)
    if isinstance(node, exp.Struct):
        return {name: evaluate(part) for name, part in _parts(node)}
    if isinstance(node, (*_CHOOSE, *_COMPARE, *_COLLECT)):
        return _aggregated(node, evaluate)
    if isinstance(node, exp.Array):
        return _of_array(node, evaluate, scope)
    if isinstance(node, exp.Cast):
        return _cast(node, evaluate)
    if isinstance(node, _ACCESS):
        return _accessed(node, evaluate)
    if isinstance(node, (exp.Case, exp.Coalesce, exp.If)):
        return _of_branches(node, evaluate)
    if isinstance(node, exp.Subquery) and not node.args.get("alias"):
        return fields_of(node.this, evaluate, scope)
    if isinstance(node, exp.Select) and str(node.args.get("kind") or "").upper() == "STRUCT":
        return _selected(node, scope)
    return None


def _known(value: Value) -> Fields | None:
    return value.fields if isinstance(value, Struct) else None


def _parts(node: exp.Struct) -> Iterator[tuple[str, exp.Expression]]:
    used: set[str] = set()
    for position, part in enumerate(node.expressions):
        if isinstance(part, (exp.PropertyEQ, exp.Alias)):
            named = part.this if isinstance(part, exp.PropertyEQ) else part.args["alias"]
            name = named if isinstance(named, str) else named.name
            yield name, part.expression if isinstance(part, exp.PropertyEQ) else part.this
            used.add(name)
        else:
            name = part.output_name if isinstance(part, (exp.Column, exp.Dot)) else ""
            name = name if name and name not in used else f"_{position}"
            used.add(name)
            yield name, part


def _aggregated(node: exp.Expression, evaluate: Evaluate) -> Fields | None:
    """``array_agg(s ORDER BY x LIMIT 1)``, ``max_by(s, x)``: one or all of the rows."""
    inner, decides = node.this, values.union([])
    second = node.args.get("expression")
    if isinstance(second, exp.Expression):
        decides |= values.aggregated(evaluate(second))
    while isinstance(inner, (exp.HavingMax, exp.Limit, exp.Order, exp.Paren)):
        if isinstance(inner, exp.Order):
            decides |= values.union(
                values.window(evaluate(item.this)) for item in inner.expressions
            )
        elif isinstance(inner, exp.HavingMax):
            decides |= values.aggregated(evaluate(inner.expression))
        inner = inner.this
    # Most aggregates are over numbers, and need not be looked at twice.
    found = _known(evaluate(inner)) if isinstance(inner, (exp.Column, *BUILDING)) else None
    if found is None:
        return None
    if isinstance(node, _COMPARE):  # the first fields decide which row is the greatest
        decides |= values.condition(values.union(found.values()))
    return changed(found, lambda part: values.aggregated(part) | decides)


def _of_array(
    node: exp.Array, evaluate: Evaluate, scope: Surroundings[Value, Rows]
) -> Fields | None:
    """``[STRUCT(a AS x), STRUCT(b)]``: the first gives the names of all."""
    found: list[Fields] = []
    for item in node.expressions:
        selected = isinstance(item, exp.Query)
        fields = fields_of(item, evaluate, scope) if selected else _known(evaluate(item))
        if fields is None or (found and len(fields) != len(found[0])):
            return None
        found.append(fields)
    if not found:
        return None
    columns: Sequence[tuple[Value, ...]] = list(zip(*(f.values() for f in found), strict=True))
    return dict(zip(found[0], map(values.union, columns), strict=True))


def _of_branches(node: exp.Case | exp.Coalesce | exp.If, evaluate: Evaluate) -> Fields | None:
    """``IF(c, STRUCT(a AS x), NULL)``: structs of the same fields, or NULL; whether a struct is
    NULL shows in its fields, so that COALESCE adds nothing to them."""
    branches, conditions = _branches(node)
    # Most branches are no structs, and need not be looked at twice.
    if not any(isinstance(branch, exp.Struct) for branch in branches):
        return None
    found: list[Fields] = []
    for branch in branches:
        if isinstance(branch, exp.Null):
            continue
        fields = _known(evaluate(branch))
        if fields is None or others_of(fields) or (found and fields.keys() != found[0].keys()):
            return None
        found.append(fields)
    decides = values.union(values.condition(evaluate(part)) for part in conditions)
    return {
        name: values.transformed(values.union(fields[name] for fields in found)) | decides
        for name in found[0]
    }


def _branches(
    node: exp.Case | exp.Coalesce | exp.If,
) -> tuple[list[exp.Expression], list[exp.Expression]]:
    """(what it may yield, what decides which)."""
    if isinstance(node, exp.Coalesce):
        return _unnested([node.this, *node.expressions]), []
    if isinstance(node, exp.If):
        return _unnested([node.args.get("true"), node.args.get("false")]), [node.this]
    ifs = node.args.get("ifs") or ()
    yielded = [*(branch.args.get("true") for branch in ifs), node.args.get("default")]
    asked = [*([node.this] if node.this else []), *(branch.this for branch in ifs)]
    return _unnested(yielded), asked


def _unnested(parts: Iterable[exp.Expression | None]) -> list[exp.Expression]:
    return [part.unnest() for part in parts if part is not None]


def _cast(node: exp.Cast, evaluate: Evaluate) -> Fields | None:
    """``CAST(ROW(x, y) AS ROW(a INT, b INT))`` names the fields by their places."""
    kinds = [part for part in node.to.expressions if isinstance(part, exp.ColumnDef)]
    found = _known(evaluate(node.this)) if kinds else None
    if found is None or len(kinds) != len(found):
        return None
    parts = map(values.cast, found.values())
    return {kind.name: part for kind, part in zip(kinds, parts, strict=True)}


def _accessed(node: exp.Expression, evaluate: Evaluate) -> Fields | None:
    """``structs[0]``, ``s.inner``."""
    split = split_access(node)
    if split is None or split.decoded:
        return None
    value = evaluate(split.base)
    for step in split.path:
        found = _known(value)
        if found is None:
            return None
        if step != ELEMENT:
            named = [part for name, part in found.items() if key_of(name) == key_of(step)]
            if not named:
                return None
            value = named[0]
    which = values.union(values.transformed(evaluate(key)) for key in split.keys)
    found = _known(value)
    return None if found is None else changed(found, lambda part: part | which)


def _selected(node: exp.Select, scope: Surroundings[Value, Rows]) -> Fields | None:
    """``(SELECT AS STRUCT a, b FROM t)``: its rows decide about each."""
    relation = scope.query(node)
    if relation.openings:
        return None
    decides = values.deciding(relation.rows)
    return {column.name: column.value | decides for column in relation.columns}
