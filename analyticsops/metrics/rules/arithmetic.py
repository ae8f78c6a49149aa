"""MET2: numbers that are computed and mean nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from analyticsops.findings import Finding, Rule, Severity
from analyticsops.metrics.definitions import Definition
from analyticsops.metrics.meaning import Leaf
from analyticsops.metrics.rules.context import Context, about

DIVISION = Rule(
    code="MET201",
    name="unguarded-division",
    severity=Severity.WARNING,
    certified=Severity.ERROR,
    summary="A derived metric divides by something that may be zero.",
    why="Engines disagree: an error, NULL, infinity or NaN. Only a ratio metric guards itself.",
    example="`expr: (revenue - before) / before`.",
    advice="Write `nullif(before, 0)`, or use a ratio metric.",
)
AVERAGE = Rule(
    code="MET202",
    name="average-of-averages",
    severity=Severity.ERROR,
    summary="An average is taken of values that are averages or ratios themselves.",
    why="Groups of one and of a million count the same.",
    example="`agg: average` over a column that is `sum(a) / sum(b)`.",
    advice="Make a ratio of the two sums.",
)
DISTINCT = Rule(
    code="MET203",
    name="sum-of-distinct-counts",
    severity=Severity.ERROR,
    summary="Distinct counts are summed.",
    why="Whoever comes on two days is counted twice.",
    example="`agg: sum` over a column that is `count(distinct customer_id)` of each day.",
    advice="Count distinct over the rows themselves: `agg: count_distinct`.",
    unknown="A distinct count of a unique key is a count, and may be summed.",
)
RATE = Rule(
    code="MET204",
    name="sum-of-rates",
    severity=Severity.ERROR,
    summary="Ratios or averages are summed.",
    why="The sum of conversion rates is no conversion rate.",
    example="`agg: sum` over a column that is `orders / visits`.",
    advice="Sum both sides and make a ratio of them.",
)
BALANCE = Rule(
    code="MET205",
    name="balance-summed-over-time",
    severity=Severity.WARNING,
    summary="What looks like a balance is summed without a non-additive dimension.",
    why="A stock of ten on each of seven days is not seventy.",
    example="A measure `account_balance` with `agg: sum` and no `non_additive_dimension`.",
    advice="Set `non_additive_dimension`, or say in `additivity` that time adds up.",
    unknown="Names decide what looks like a balance.",
)
UNITS = Rule(
    code="MET206",
    name="unit-mismatch",
    severity=Severity.ERROR,
    summary="Two metrics of different units are added or subtracted.",
    why="Dollars and orders do not add up.",
    example="`expr: revenue + orders`, USD and count.",
    advice="Use inputs of one unit, or correct the unit.",
)
BASES = Rule(
    code="MET209",
    name="ratio-over-different-facts",
    severity=Severity.WARNING,
    summary="Numerator and denominator stand on different facts with different times.",
    why="What happens today is divided by what began last month.",
    example="Orders by the day of the order over visits by the day of the sign-up.",
    advice="Give both one time axis, or use a conversion metric.",
)
HARD_DATE = Rule(
    code="MET211",
    name="fixed-date-or-clock-in-metric",
    severity=Severity.WARNING,
    summary="A metric has a fixed date, or the present time, in its definition.",
    why="It means another thing each day, or stops growing one day.",
    example="`filter: \"{{ TimeDimension('metric_time', 'day') }} >= current_date - 30\"`.",
    advice="Let whoever asks choose the period; use a cumulative metric for a moving window.",
)
DESCRIBED = Rule(
    code="MET212",
    name="description-contradicts-filter",
    severity=Severity.INFO,
    summary="A number in the description is not the one in the filter.",
    why="One of them is wrong, and readers believe the description.",
    example='"Orders over 20" with the filter `>= 20`.',
    advice="Correct one of them.",
    unknown="The words over, above, more than and at least are understood.",
)

RULES = (DIVISION, AVERAGE, DISTINCT, RATE, BALANCE, UNITS, BASES, HARD_DATE, DESCRIBED)


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    for name in context.own():
        definition = context.registry.definitions[name]
        if definition.type == "derived":
            yield from _derived(context, definition)
        elif definition.type == "ratio":
            yield from _ratio(context, definition)
        elif definition.type == "simple":
            for leaf in context.registry.meant.metrics[name].leaves:
                yield from _aggregated(context, definition, leaf)
        yield from _dates(context, definition)
        yield from _words(context, definition)


# -- derived metrics and ratios ----------------------------------------------------------

_SAFE_DIVISOR = re.compile(
    r"\(*\s*(?:nullif\s*\(|[1-9]\d*(?:\.\d+)?(?![\w.])|0?\.\d*[1-9])", re.IGNORECASE
)


def _derived(context: Context, definition: Definition) -> Iterator[Finding]:
    divisors = [part.strip() for part in definition.expr.split("/")[1:]]
    unsafe = [text for text in divisors if not _SAFE_DIVISOR.match(text)]
    if unsafe:
        divisor = _first(unsafe[0])
        zero = re.fullmatch(r"[0.]+", divisor)
        what = "divides by zero" if zero else f"divides by {divisor}, which may be zero"
        yield about(context, DIVISION, definition.name, what, identity=(definition.expr,))
    units = {
        part.called.lower(): context.registry.settings[part.name].unit
        for part in definition.inputs
        if part.name in context.registry.settings
    }
    try:
        tree = ast.parse(definition.expr.lower(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # CASE and the like: nothing is said
    for left, right in _sums(tree, units):
        what = f"adds or subtracts {left} and {right}"
        yield about(context, UNITS, definition.name, what, identity=(left, right))


def _first(text: str) -> str:
    found = re.match(r"[\w.]+", text.lstrip("( "))
    return found[0] if found else text


def _sums(node: ast.expr, units: dict[str, str]) -> Iterator[tuple[str, str]]:
    for part in ast.walk(node):
        if isinstance(part, ast.BinOp) and isinstance(part.op, (ast.Add, ast.Sub)):
            left, right = _unit(part.left, units), _unit(part.right, units)
            if left and right and left != right:
                yield left, right


def _unit(node: ast.expr, units: dict[str, str]) -> str:
    """The unit of an operand; empty if it is not known."""
    if isinstance(node, ast.Name):
        return units.get(node.id, "")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
        same = node.func.id in ("coalesce", "nullif", "abs", "round", "ifnull")
        return _unit(node.args[0], units) if same else ""
    if isinstance(node, ast.UnaryOp):
        return _unit(node.operand, units)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        return _unit(node.left, units) or _unit(node.right, units)
    return ""


def _ratio(context: Context, definition: Definition) -> Iterator[Finding]:
    metrics = context.registry.meant.metrics
    sides = [metrics[part.name] for part in definition.inputs if part.name in metrics]
    if len(sides) != 2:
        return
    facts = [_facts(side.leaves) for side in sides]
    if all(facts) and facts[0].isdisjoint(facts[1]) and (
        sides[0].levels["time"] != sides[1].levels["time"]
    ):  # fmt: skip
        what = f"divides {_named(facts[0])} by {_named(facts[1])}, which have different times"
        yield about(context, BASES, definition.name, what)


def _facts(leaves: tuple[Leaf, ...]) -> set[str]:
    return {leaf.aggregation.semantic_model for leaf in leaves if leaf.aggregation is not None}


def _named(facts: set[str]) -> str:
    return " and ".join(sorted(facts))


# -- aggregations -----------------------------------------------------------------------

_BALANCE = re.compile(r"(?:^|_)(?:balance|inventory|stock|headcount|on_hand|outstanding)(?:_|$)")


def _aggregated(context: Context, definition: Definition, leaf: Leaf) -> Iterator[Finding]:
    found = leaf.aggregation
    if found is None or leaf.rows is None:
        return
    shape = leaf.rows.about[0].shape
    name = definition.name
    if found.agg in ("average", "median") and shape in ("average", "ratio"):
        yield about(context, AVERAGE, name, f"takes the {found.agg} of {_told(shape)}")
    if found.agg == "sum" and shape == "distinct count":
        yield about(context, DISTINCT, name, "sums distinct counts")
    if found.agg == "sum" and shape in ("average", "ratio"):
        yield about(context, RATE, name, f"sums {_told(shape)}")
    additivity = context.registry.settings[name].additivity
    adds = not found.non_additive and (additivity is None or additivity.time)
    words = (name, found.expr.lower(), *(part.name for part in definition.inputs))
    if found.agg == "sum" and adds and any(_BALANCE.search(word) for word in words):
        what = "looks like a balance and is summed over time"
        yield about(context, BALANCE, name, what, proven=False)


def _told(shape: str) -> str:
    return {"average": "averages", "ratio": "ratios"}[shape]


# -- dates and words ----------------------------------------------------------------------

_CLOCK = re.compile(
    r"\b(?:current_date|current_timestamp|getdate|now|sysdate|today|localtimestamp)\b",
    re.IGNORECASE,
)
_DATE = re.compile(r"'(\d{4}-\d{2}-\d{2})[^']*'")


def _dates(context: Context, definition: Definition) -> Iterator[Finding]:
    own = [definition.expr if definition.type in ("derived", "sql") else "", *definition.filters]
    texts = [*own, *(text for part in definition.inputs for text in part.filters)]
    if definition.aggregation is not None:
        texts.append(definition.aggregation.expr)
    for text in dict.fromkeys(texts):
        clock, date = _CLOCK.search(text), _DATE.search(text)
        if clock or date:
            what = f"depends on {clock[0]}" if clock else f"has the date {date[1] if date else ''}"
            yield about(context, HARD_DATE, definition.name, what, identity=(text,))


_MORE = re.compile(
    r"\b(over|above|more than|greater than|at least)\s+\$?(\d+(?:\.\d+)?)", re.IGNORECASE
)
_LIMIT = re.compile(r"(>=|>)\s*(\d+(?:\.\d+)?)")


def _words(context: Context, definition: Definition) -> Iterator[Finding]:
    told = _MORE.search(definition.description)
    texts = [*definition.filters, *(t for part in definition.inputs for t in part.filters)]
    asked = next((found for text in texts if (found := _LIMIT.search(text))), None)
    if told is None or asked is None:
        return
    meant = ">=" if told[1].lower() == "at least" else ">"
    if float(told[2]) != float(asked[2]) or meant != asked[1]:
        what = f"is described as {told[0]!r} and counts {asked[0]!r}"
        yield about(context, DESCRIBED, definition.name, what, setting="")
