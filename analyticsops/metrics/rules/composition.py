"""MET2, too: metrics made of others whose scales, rows or gaps do not go together."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from analyticsops.findings import Finding, Rule, Severity
from analyticsops.metrics.definitions import Definition, Input
from analyticsops.metrics.meaning import Leaf
from analyticsops.metrics.rules.context import Context, about

SCALE = Rule(
    code="MET207",
    name="scale-mismatch",
    severity=Severity.WARNING,
    certified=Severity.ERROR,
    summary="A number in cents is called or treated as one in whole units.",
    why="It is a hundred times too large, and only in one place.",
    example="`revenue - refunds`: one is `sum(amount_cents / 100)`, the other `sum(refund_cents)`.",
    advice="Divide where the column enters the project, once.",
    unknown="Columns named after cents are known, and only as far as lineage sees their SQL.",
)
SUBSET = Rule(
    code="MET208",
    name="share-of-other-rows",
    severity=Severity.WARNING,
    summary="A share has a numerator that is not known to be part of its denominator.",
    why="It exceeds 1 on the day on which the two count different rows.",
    example="`bounds: {min: 0, max: 1}` for returned items over orders.",
    advice="Give the numerator the measure of the denominator and one more filter.",
    unknown="It may be a part by the nature of the data: `metrics verify` looks at the values.",
)
GAPS = Rule(
    code="MET210",
    name="sum-with-gaps",
    severity=Severity.WARNING,
    summary="A sum or difference of metrics is NULL where one of them has no row.",
    why="A day with sales and without returns shows nothing, instead of the sales.",
    example="`expr: revenue - refunds`, and `refunds` has no `fill_nulls_with: 0`.",
    advice="Set `fill_nulls_with: 0` on its measure, or write `coalesce(refunds, 0)`.",
    unknown="Whether there are such days is in the data.",
)

RULES = (SCALE, SUBSET, GAPS)


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    for name in context.own():
        definition = context.registry.definitions[name]
        if definition.type == "simple":
            yield from _unit(context, definition)
        if definition.type in ("derived", "ratio"):
            yield from _scales(context, definition)
        if definition.type == "ratio":
            yield from _subset(context, definition)
        if definition.type == "derived":
            yield from _gaps(context, definition)


# -- cents and dollars --------------------------------------------------------------------

_CENTS = re.compile(r"\(column \S+ (\w*(?:cents|pence)\w*)\)")
_SCALED = re.compile(r"\(div .* 100(?:\.0*)?\)|\b0?\.010*\b")
_CURRENCY = re.compile(r"[A-Z]{3}")


def _scale(leaves: tuple[Leaf, ...]) -> tuple[str, str]:
    """(``cents``, ``units`` or nothing, the column that says so) of all leaves together."""
    found: set[tuple[str, str]] = set()
    for leaf in leaves:
        column = _CENTS.search(leaf.value)
        if column is None or "#" in leaf.value:
            return "", ""
        found.add(("units" if _SCALED.search(leaf.value) else "cents", column[1]))
    scales = {scale for scale, _ in found}
    return (scales.pop(), min(found)[1]) if len(scales) == 1 else ("", "")


def _unit(context: Context, definition: Definition) -> Iterator[Finding]:
    unit = context.registry.settings[definition.name].unit
    scale, column = _scale(context.registry.meant.metrics[definition.name].leaves)
    adds = all(
        leaf.aggregation is not None and leaf.aggregation.agg not in ("count", "count_distinct")
        for leaf in context.registry.meant.metrics[definition.name].leaves
    )
    if scale == "cents" and adds and _CURRENCY.fullmatch(unit):
        what = f"is in {unit}, and its values are {column} as they are"
        yield about(context, SCALE, definition.name, what, setting="unit", proven=False)


def _scales(context: Context, definition: Definition) -> Iterator[Finding]:
    parts = _operands(definition) if definition.type == "derived" else list(definition.inputs)
    metrics = context.registry.meant.metrics
    known = {
        part.name: scale
        for part in parts
        if part.name in metrics and (scale := _scale(metrics[part.name].leaves))[0]
    }
    cents = sorted(name for name, (scale, _) in known.items() if scale == "cents")
    units = sorted(name for name, (scale, _) in known.items() if scale == "units")
    if cents and units:
        what = f"mixes {cents[0]}, which is in {known[cents[0]][1]}, with {units[0]}, which is not"
        yield about(context, SCALE, definition.name, what, identity=(cents[0], units[0]))


# -- shares -------------------------------------------------------------------------------

_COUNTS = ("count", "sum_boolean")
_GROWS = ("sum", "count", "count_distinct", "sum_boolean")
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)


def _subset(context: Context, definition: Definition) -> Iterator[Finding]:
    bounds = context.registry.settings[definition.name].bounds
    if bounds is None or bounds.max is None or bounds.max > 1:
        return
    metrics = context.registry.meant.metrics
    sides = [metrics[part.name].leaves for part in definition.inputs if part.name in metrics]
    if len(sides) != 2 or any(len(leaves) != 1 for leaves in sides):
        return
    (above,), (below,) = sides
    if not _is_part(above, below, definition.inputs):
        what = "is a share by its bounds, and its numerator may count what its denominator does not"
        yield about(context, SUBSET, definition.name, what, setting="bounds", proven=False)


def _is_part(above: Leaf, below: Leaf, inputs: tuple[Input, ...]) -> bool:
    if above.aggregation is None or below.aggregation is None:
        return False
    one, other = above.aggregation, below.aggregation
    same = one == other and one.agg in _GROWS
    ones = other.agg == "count" or (other.agg == "sum" and other.expr.strip() == "1")
    counted = one.semantic_model == other.semantic_model and one.agg in _COUNTS and ones
    mine = _conditions((*above.filters, *inputs[0].filters))
    whole = _conditions((*below.filters, *inputs[1].filters))
    return (same or counted) and whole <= mine


def _conditions(filters: tuple[str, ...]) -> set[str]:
    parts = (
        part for text in filters for part in ([text] if "(" in _bare(text) else _AND.split(text))
    )
    return {" ".join(part.split()) for part in parts}


def _bare(text: str) -> str:
    """A filter without its calls, whose brackets are not its own."""
    return re.sub(r"\{\{.*?\}\}", "", text)


# -- gaps ---------------------------------------------------------------------------------


def _operands(definition: Definition) -> list[Input]:
    """Inputs that are added or subtracted as they are."""
    try:
        tree = ast.parse(definition.expr.lower(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []  # CASE and the like: nothing is said
    called = {part.called.lower(): part for part in definition.inputs}
    names = [
        side.id
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub))
        for side in (node.left, node.right)
        if isinstance(side, ast.Name)
    ]
    return [called[name] for name in dict.fromkeys(names) if name in called]


def _gaps(context: Context, definition: Definition) -> Iterator[Finding]:
    registry = context.registry
    parts = [part for part in _operands(definition) if not (part.offset[1] or part.to_grain)]
    rows = {part.called: _rows(context, part) for part in parts}
    if len(parts) < 2 or not all(rows.values()) or len(set(rows.values())) < 2:
        return
    for part in parts:
        below = registry.definitions[part.name]
        fills = [below.fill, *(inner.fill for inner in below.inputs)]
        if below.type == "simple" and all(fill.value is None for fill in fills):
            what = f"is NULL where {part.name} has no row, and the others may have one"
            yield about(context, GAPS, definition.name, what, proven=False, identity=(part.name,))


def _rows(context: Context, part: Input) -> tuple[str, ...]:
    """What decides which rows an input counts; empty if it is not one aggregation."""
    metrics = context.registry.meant.metrics
    leaves = metrics[part.name].leaves if part.name in metrics else ()
    if len(leaves) != 1 or leaves[0].aggregation is None:
        return ()
    return (leaves[0].aggregation.semantic_model, *sorted((*leaves[0].filters, *part.filters)))
