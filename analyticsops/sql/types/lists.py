"""Functions of arrays and maps, much the same in every engine that has them."""

from __future__ import annotations

from sqlglot import exp

from analyticsops.sql.types.arithmetic import joined_arrays
from analyticsops.sql.types.engine import Rule, Typer
from analyticsops.sql.types.rules import (
    argument,
    arguments,
    array,
    arrayed,
    element,
    element_of,
    same,
    subject,
    table,
)
from analyticsops.sql.types.sqltype import SqlType, array_of, struct_of
from analyticsops.sql.types.typed import Typed


def _applied(node: exp.Expression, typer: Typer) -> Typed:
    """The type of a lambda's body, its parameters being elements of the array (and then
    positions)."""
    body = next((part for part in arguments(node) if isinstance(part, exp.Lambda)), None)
    if body is None:
        return typer.unknown("unsupported", f"{node.key} without a lambda", node)
    item = element(node, typer)
    names = [parameter.name for parameter in body.expressions]
    parameters = {name: item if n == 0 else _POSITION for n, name in enumerate(names)}
    return typer.inside(parameters).of(body.this)


_POSITION = Typed(SqlType("BIGINT"))


def _transformed(node: exp.Expression, typer: Typer) -> Typed:
    return arrayed(_applied(node, typer).settled)


def _flattened(node: exp.Expression, typer: Typer) -> Typed:
    return element(node, typer)


def _joined(node: exp.Expression, typer: Typer) -> Typed:
    return joined_arrays([typer.of(part) for part in arguments(node)], typer)


def _appended(node: exp.Expression, typer: Typer) -> Typed:
    """An array and an element, in either order."""
    parts = [typer.of(part) for part in arguments(node)[:2]]
    for part in parts:
        if part.type is not None and part.type.name == "ARRAY":
            return part
    return next((part for part in parts if part.type is None), parts[0])


def _keys(node: exp.Expression, typer: Typer) -> Typed:
    return _of_map(node, typer, 0)


def _values(node: exp.Expression, typer: Typer) -> Typed:
    return _of_map(node, typer, 1)


def _of_map(node: exp.Expression, typer: Typer, part: int) -> Typed:
    value = typer.of(subject(node)).settled
    if value.type is None or len(value.type.of) != 2:
        return value if value.type is None else typer.unknown("no map", value.type.name, node)
    return Typed(array_of(value.type.of[part]))


def _entries(node: exp.Expression, typer: Typer) -> Typed:
    value = typer.of(subject(node)).settled
    if value.type is None or len(value.type.of) != 2:
        return value if value.type is None else typer.unknown("no map", value.type.name, node)
    return Typed(array_of(struct_of(("key", value.type.of[0]), ("value", value.type.of[1]))))


def _aggregated(node: exp.Expression, typer: Typer) -> Typed:
    """``list_sum(l)`` and ``list_aggregate(l, 'sum')``: the aggregate over an element."""
    name = str(node.this).lower() if isinstance(node, exp.Anonymous) else ""
    which = argument(node, 1)
    wanted = name.removeprefix("list_").removeprefix("array_")
    if wanted in ("aggregate", "aggr") and isinstance(which, exp.Literal):
        wanted = which.name
    rule = typer.engine.functions.get(wanted)
    item = element(node, typer)
    if rule is None or item.type is None:
        return item if item.type is None else typer.unknown("unknown function", wanted, node)
    call = exp.Anonymous(this=wanted, expressions=[exp.to_identifier(_ITEM)])
    return rule(call, typer.inside({_ITEM: item}))


_ITEM = "_item"

LISTS: dict[str, Rule] = table(
    {
        array: "array_agg arrayagg arrayuniqueagg list",
        same: "array_distinct array_except array_intersect array_resize array_reverse "
        "array_reverse_sort array_select array_slice array_sort array_where arraycompact "
        "arraydistinct arrayexcept arrayfilter arrayintersect arrayremove arrayreverse arrayslice "
        "arraysort filter list_distinct list_filter list_intersect list_resize list_reverse "
        "list_reverse_sort list_select list_slice list_sort list_where shuffle sortarray",
        element: "_explodeouter array_pop_back array_pop_front arrayfirst arraylast arraymax "
        "arraymin explode explodeouter inline list_any_value list_first list_last list_max "
        "list_min list_mode unnest",
        _transformed: "apply array_apply array_transform list_apply list_transform transform",
        _flattened: "flatten",
        _joined: "array_cat array_concat arrayconcat list_cat list_concat",
        _appended: "array_append array_prepend array_push_back array_push_front arrayappend "
        "arrayprepend list_append list_prepend",
        _keys: "map_keys mapkeys",
        _values: "element_at map_extract map_values",
        _entries: "map_entries",
        _aggregated: "array_aggregate arraysum list_aggr list_aggregate list_avg list_bool_and "
        "list_bool_or list_count list_median list_product list_stddev list_string_agg list_sum",
    }
)


def _reduced(node: exp.Expression, typer: Typer) -> Typed:
    """``reduce(xs, (a, x) -> ...)``: starts with an element, or with what is given."""
    parts = arguments(node)
    body = next((part for part in parts if isinstance(part, exp.Lambda)), None)
    first = next((p for p in parts[1:] if not isinstance(p, exp.Lambda)), None)
    start = typer.of(first).settled if first is not None else element_of(typer.of(parts[0]))
    return start if body is not None else typer.unknown("unsupported", node.key, node)


LISTS |= table({_reduced: "reduce list_reduce array_reduce"})
