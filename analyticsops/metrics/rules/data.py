"""MET6, and MET115: the numbers themselves are not what was promised. Said by
`analyticsops metrics verify`, which runs queries; MET607 by `check`, from what dbt measured."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence

from analyticsops.findings import Finding, Rule, Severity
from analyticsops.metrics.checks.result import Difference, MetricCheck
from analyticsops.metrics.rules.context import Context, about

SPINE = Rule(
    code="MET115",
    name="time-spine-too-short",
    severity=Severity.WARNING,
    certified=Severity.ERROR,
    summary="Data of a metric lies outside of the time spine along which it is laid out.",
    why="Days that the spine lacks are not shown, as if nothing had happened.",
    example="The spine ends on 2025-12-31, and `revenue_last_28_days` has orders of 2026.",
    advice="Let the spine go on beyond the last day of the data.",
)
NOT_RUN = Rule(
    code="MET600",
    name="metric-not-verified",
    severity=Severity.WARNING,
    summary="A check of a metric's numbers could not be done.",
    why="What was not looked at is not right.",
    example="`golden` names months, and the metric has no time.",
    advice="Look at the reason; correct the setting, or build what the metric reads.",
    unknown="This rule reports what is not known.",
)
GOLDEN = Rule(
    code="MET601",
    name="golden-value-missed",
    severity=Severity.ERROR,
    draft=Severity.WARNING,
    summary="A metric does not have a value that is known to be right.",
    why="The month was closed with that number, and somebody signed it.",
    example="Revenue of 2026-03 is 48,210.50 in the golden values and 48,102.00 now.",
    advice="Find the change that moved it; if the new number is right, say so in a new version.",
)
BOUNDS = Rule(
    code="MET602",
    name="value-out-of-bounds",
    severity=Severity.ERROR,
    draft=Severity.WARNING,
    summary="A value of a metric breaks its bounds or an invariant.",
    why="A share of 1.3 or a negative count is a defect of the definition or of the data.",
    example="`bounds: {min: 0, max: 1}`, and the rate of 2026-02-11 is 1.08.",
    advice="Look at the rows of that place; or correct the bounds.",
)
PARTS = Rule(
    code="MET603",
    name="parts-do-not-add-up",
    severity=Severity.ERROR,
    draft=Severity.WARNING,
    summary="The parts of a metric by a dimension do not add up to the whole.",
    why="A join counts rows twice, or the metric is not additive along the dimension.",
    example="Revenue by country adds up to more than revenue: a customer stands in two rows.",
    advice="Test that the key of the joined model is unique, or correct `additivity`.",
)
DAYS = Rule(
    code="MET604",
    name="days-do-not-add-up",
    severity=Severity.ERROR,
    draft=Severity.WARNING,
    summary="The days of a metric do not add up to its month.",
    why="People add up what a dashboard shows by day.",
    example="Buying customers are distinct in a month, and `additivity` says that time adds up.",
    advice="Say `additivity: {time: false}`, or correct the metric.",
)
EQUAL = Rule(
    code="MET605",
    name="metric-differs-from-column",
    severity=Severity.ERROR,
    draft=Severity.WARNING,
    summary="A metric is not the number that a column of a model holds.",
    why="Both are shown under one name, and readers find out first.",
    example="`equals` names `dim_customers.lifetime_revenue`, which lacks the orders of guests.",
    advice="Find the rows that only one of them counts; compute one from the other.",
)
VERSIONS = Rule(
    code="MET606",
    name="metric-has-other-values",
    severity=Severity.WARNING,
    certified=Severity.ERROR,
    summary="A metric has other values than in the version before, without a new major version.",
    why="Numbers of last week are no longer comparable, and nobody was told.",
    example="Revenue of 2026-03 was 48,210.50 and is 51,300.10; both are version 2.0.0.",
    advice="Raise the major version and write the change record, or undo the change.",
)
STALE = Rule(
    code="MET607",
    name="metric-older-than-agreed",
    severity=Severity.ERROR,
    draft=Severity.WARNING,
    summary="A source of a metric is older than the metric may be.",
    why="A metric is as old as the oldest column that its value comes from.",
    example="`freshness: {slo: 26h}`, and `shop_raw.refunds` was loaded 40 hours ago.",
    advice="Look at what loads the source; the number is not to be used until it came.",
)

RULES = (SPINE, NOT_RUN, GOLDEN, BOUNDS, PARTS, DAYS, EQUAL, VERSIONS, STALE)

_BY_KIND: Mapping[str, tuple[Rule, str, str]] = {
    "golden": (GOLDEN, "misses {wrong} of {compared} {claim}", "golden"),
    "bounds": (BOUNDS, "is not within its bounds ({claim}) in {wrong} of {compared}", "bounds"),
    "invariant": (BOUNDS, "breaks {claim}, in {wrong} of {compared}", "invariants"),
    "parts": (PARTS, "is not what its {claim} to, in {wrong} of {compared}", "additivity"),
    "days": (DAYS, "is not what its {claim} in {wrong} of {compared} months", "additivity"),
    "equal": (EQUAL, "is not what it {claim}, in {wrong} of {compared}", "equals"),
    "spine": (SPINE, "has {wrong} days outside of the time spine ({claim})", ""),
    "version": (VERSIONS, "has other values than before {claim}, in {wrong} of {compared}", ""),
}


def data_findings(context: Context, checks: Sequence[MetricCheck]) -> Iterator[Finding]:
    """What checks that were run say."""
    for check in checks:
        rule, words, setting = _BY_KIND[check.check]
        if check.outcome == "unknown":
            what = f"was not checked ({check.claim}): {check.reason}"
            yield about(
                context, NOT_RUN, check.metric, what, setting=setting, proven=False,
                identity=(check.check, check.claim),
            )  # fmt: skip
        elif check.outcome == "violated":
            what = words.format(
                claim=check.claim, wrong=f"{check.wrong:,}", compared=f"{check.compared:,}"
            )
            yield about(
                context, rule, check.metric, what, setting=setting,
                evidence=[told(example) for example in check.examples],
                identity=(check.check, check.claim),
            )  # fmt: skip


def stale(
    context: Context, name: str, source: str, age: datetime.timedelta, allowed: str
) -> Finding:
    """A metric whose source was older than it may be."""
    hours = age.total_seconds() / 3600
    what = f"may be {allowed} old, and {source} was {hours:,.0f}h old when it was measured"
    return about(context, STALE, name, what, setting="freshness", identity=(source,))


def told(found: Difference) -> str:
    """A wrong number in a line."""
    value = "nothing" if found.value is None else number(found.value)
    return f"{found.place}: {value}" + (
        f", expected {number(found.expected)}" if found.expected is not None else ""
    )


def number(value: float) -> str:
    """As people write it: no more than six places."""
    return f"{value:,.6f}".rstrip("0").rstrip(".")
