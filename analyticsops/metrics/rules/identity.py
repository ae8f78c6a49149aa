"""MET3: one meaning under two names, one name with two meanings, SQL that recomputes a metric."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyticsops.findings import Finding, Location, Rule, Severity
from analyticsops.metrics.rules.context import Context, about
from analyticsops.metrics.shadows import Likeness, Shadow, find_shadows
from analyticsops.project.lines import named_last

TWO_NAMES = Rule(
    code="MET301",
    name="one-meaning-two-names",
    severity=Severity.ERROR,
    draft=Severity.WARNING,
    summary="Two metrics mean the same.",
    why="Sooner or later one of them is changed and the other is not.",
    example="`sales` has the measure of `revenue` and the filter `1 = 1`.",
    advice="Keep one, and make the other name a synonym of it.",
    unknown="Of metrics that are compared as text nothing is said.",
)
TWO_MEANINGS = Rule(
    code="MET302",
    name="one-name-two-meanings",
    severity=Severity.ERROR,
    draft=Severity.WARNING,
    summary="Two metrics of different meaning have one name, label or synonym.",
    why="People read both as the same number. dbt compares labels letter by letter.",
    example="The label `Revenue ` beside `Revenue`; the metric `revenues` beside `revenue`.",
    advice="Give each a name of its own.",
)
HIDDEN = Rule(
    code="MET303",
    name="hidden-scope",
    severity=Severity.INFO,
    certified=Severity.WARNING,
    summary="A metric has a filter that neither its name nor its description tells of.",
    why="Beside its unfiltered sibling it looks like the same number, and is smaller.",
    example="`revenue` counts paid orders only, `total_revenue` all; neither says so.",
    advice="Name the filter in the label or the description.",
    unknown="Words are compared, not what they mean.",
)
RECOMPUTED = Rule(
    code="MET304",
    name="metric-recomputed-in-sql",
    severity=Severity.INFO,
    summary="A model or analysis computes exactly what a metric computes.",
    why="It goes on computing it like this when the metric changes.",
    example="`orders.order_items_subtotal` is the sum that the metric `revenue` is.",
    advice="Know of it when the metric changes, or query the metric instead.",
)
OTHER_UNDER_NAME = Rule(
    code="MET305",
    name="column-named-like-metric",
    severity=Severity.WARNING,
    certified=Severity.ERROR,
    summary="A column has the name of a metric and computes something else.",
    why="Whoever finds the column takes it for the metric.",
    example="`daily.revenue` is `sum(order_total)`, the metric `revenue` is `sum(product_price)`.",
    advice="Rename the column, or compute what the metric computes.",
)
OTHER_ROWS = Rule(
    code="MET306",
    name="metric-recomputed-on-other-rows",
    severity=Severity.INFO,
    summary="A model or analysis computes the value of a metric over other rows.",
    why="It looks like the metric and is a filtered or unfiltered sibling of it.",
    example="`weekly.paid` is `sum(amount)` of paid orders; the metric is of all.",
    advice="Say in its description which rows it counts.",
    unknown="Rows that cannot be proven equal count as other rows.",
)
COUNTED = Rule(
    code="MET307",
    name="metric-recounted-in-sql",
    severity=Severity.INFO,
    summary="A model or analysis counts the rows of a metric in other words.",
    why="As long as the key is unique both are one number, and then they are not.",
    example="`count(distinct order_id)` beside a metric that sums 1 over orders.",
    advice="Know of it when the metric changes.",
    unknown="It rests on tests that say that the key is unique and not NULL.",
)

BYPASSED = Rule(
    code="MET308",
    name="exposure-bypasses-metric",
    severity=Severity.INFO,
    certified=Severity.WARNING,
    summary="A dashboard reads a model that computes a metric again, and not the metric.",
    why="It goes on showing the old number when the metric changes.",
    example="The exposure reads `dim_customers.order_count`, and does not depend on `orders`.",
    advice="Let the exposure depend on the metric and ask for it, or say so in `depends_on`.",
    unknown="dbt knows the model that an exposure reads, not the columns.",
)

RULES = (
    TWO_NAMES,
    TWO_MEANINGS,
    HIDDEN,
    BYPASSED,
    RECOMPUTED,
    OTHER_UNDER_NAME,
    OTHER_ROWS,
    COUNTED,
)

_BY_LIKENESS = {
    Likeness.EXACT: (RECOMPUTED, "is computed in {} as well"),
    Likeness.COUNTED: (COUNTED, "is counted in {} in other words"),
    Likeness.ROWS: (OTHER_ROWS, "is computed over other rows in {}"),
    Likeness.NAMED: (OTHER_UNDER_NAME, "has the name of {}, which computes something else"),
}


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    yield from _duplicates(context)
    yield from _namesakes(context)
    yield from _hidden(context)
    shadows = find_shadows(context.registry)
    for shadow in shadows:
        yield _shadow(context, shadow)
    yield from _bypassed(context, shadows)


def _duplicates(context: Context) -> Iterator[Finding]:
    metrics = context.registry.meant.metrics
    first: dict[str, str] = {}
    for name in context.own():
        meaning = metrics[name]
        if meaning.opaque:
            continue
        other = first.setdefault(meaning.fingerprint, name)
        if other != name:
            what = f"means what {other} means"
            yield about(context, TWO_NAMES, name, what, identity=(other,))


def _namesakes(context: Context) -> Iterator[Finding]:
    registry = context.registry
    first: dict[str, str] = {}
    told: set[tuple[str, str]] = set()
    for name in context.own():
        for word in (name, registry.definitions[name].label, *registry.settings[name].synonyms):
            other = first.setdefault(_spoken(word), name) if word.strip() else name
            metrics = registry.meant.metrics
            same = metrics[other].fingerprint == metrics[name].fingerprint
            if other != name and not same and (name, other) not in told:
                told.add((name, other))
                what = f"is called {word.strip()!r}, as is {other}, which means something else"
                yield about(context, TWO_MEANINGS, name, what, identity=(other,))


def _spoken(word: str) -> str:
    """A name as people hear it: without case, blanks and the s of the plural."""
    return " ".join(part.removesuffix("s") for part in word.lower().replace("_", " ").split())


_GENERIC = frozenset(
    {
        "total", "net", "all", "the", "of", "overall", "sum", "amount", "number", "count", "value",
    }
)  # fmt: skip
"""Words that tell nobody which rows are counted."""

_WORD = re.compile(r"[a-z0-9]+")


def _hidden(context: Context) -> Iterator[Finding]:
    """Siblings of one value, of which one counts fewer rows and does not say so."""
    registry = context.registry
    by_value: dict[tuple[str, str], list[tuple[str, tuple[str, ...]]]] = {}
    for name in context.own():
        leaves = registry.meant.metrics[name].leaves
        if registry.definitions[name].type == "simple" and len(leaves) == 1:
            (leaf,) = leaves
            if leaf.aggregation is not None and leaf.value:
                key = (leaf.aggregation.semantic_model, leaf.value)
                by_value.setdefault(key, []).append((name, leaf.filters))
    for siblings in by_value.values():
        for name, filters in siblings:
            for other, fewer in siblings:
                extra = [text for text in filters if text not in fewer]
                if other != name and extra and {*fewer} <= {*filters} and (
                    _is_silent(context, name, other, extra)
                ):  # fmt: skip
                    what = f"counts only {extra[0]}, as its name does not say; {other} counts all"
                    yield about(context, HIDDEN, name, what, proven=False, identity=(other,))


def _is_silent(context: Context, name: str, other: str, extra: list[str]) -> bool:
    registry = context.registry
    own, theirs = (_words(registry.definitions[n].label + " " + n) for n in (name, other))
    if own - theirs - _GENERIC:
        return False  # the name says that it is a special one
    told = own | _words(registry.definitions[name].description)
    asked = {word for text in extra for word in _words(text)} - {"dimension", "timedimension"}
    return not any(word[:4] == one[:4] for word in asked if len(word) > 2 for one in told)


def _words(text: str) -> set[str]:
    return {word.removesuffix("s") for word in _WORD.findall(text.lower().replace("_", " "))}


def _bypassed(context: Context, shadows: list[Shadow]) -> Iterator[Finding]:
    """Exposures on models that compute a metric, and not on the metric."""
    registry = context.registry
    exact = {
        (shadow.node, shadow.metric): shadow
        for shadow in shadows
        if shadow.likeness in (Likeness.EXACT, Likeness.COUNTED)
        and context.tier(shadow.metric) in ("reviewed", "certified")
    }
    users = {entry.name: entry.used_by for entry in registry.entries} if exact else {}
    for exposure in registry.project.of_kind("exposure"):
        if exposure.package != registry.project.name:
            continue
        for (node, metric), shadow in sorted(exact.items()):
            if node in exposure.depends_on and f"exposure {exposure.name}" not in users[metric]:
                label = registry.project.nodes[node].label
                what = (
                    f"is computed in {label}.{shadow.column}, which {exposure.name} reads instead"
                )
                yield about(
                    context, BYPASSED, metric, what, proven=False,
                    location=registry.locator.locate(exposure), identity=(exposure.unique_id, node),
                )  # fmt: skip


def _shadow(context: Context, shadow: Shadow) -> Finding:
    rule, words = _BY_LIKENESS[shadow.likeness]
    node = context.registry.project.nodes.get(shadow.node)
    sql = node.raw_code if node is not None else context.registry.queries[shadow.node]
    path = node.path if node is not None else shadow.node
    own = node is None or node.package == context.registry.project.name
    place = Location(path, named_last(sql, shadow.column)) if own and sql else None
    return about(
        context,
        rule,
        shadow.metric,
        words.format(f"{node.label if node is not None else path}.{shadow.column}"),
        location=place,
        identity=(shadow.node, shadow.column),
    )
