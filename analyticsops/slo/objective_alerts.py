"""Alerts of objectives: what burns, is used up, or will be."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import msgspec

from analyticsops.slo import alert_rules as rules
from analyticsops.slo.alert import Alert, Kind, moment
from analyticsops.slo.budget import Burning
from analyticsops.slo.durations import spoken
from analyticsops.slo.evaluate import Context, record, scope_of
from analyticsops.slo.objective import Slo
from analyticsops.slo.rules import SOURCE_STALE
from analyticsops.slo.spans import DAY, HOUR, Instant
from analyticsops.slo.spec.entries import AlertingEntry
from analyticsops.slo.spec.indicators import (
    Cost,
    Deadline,
    Freshness,
    NullRate,
    Quality,
    RunDuration,
    SchemaStability,
    Success,
    Volume,
)
from analyticsops.slo.standing import Standing
from analyticsops.slo.tally import Tally

_KINDS: dict[type[Any], Kind] = {
    Freshness: Kind.LATE,
    Deadline: Kind.LATE,
    Success: Kind.FAILING,
    Quality: Kind.CHECKS,
    Volume: Kind.CHECKS,
    NullRate: Kind.CHECKS,
    SchemaStability: Kind.SCHEMA,
    RunDuration: Kind.SLOW,
    Cost: Kind.COSTLY,
}
"""Of what is bad by an objective; the rest says nothing of a cause."""

TOLD_AHEAD = 2 * HOUR
"""A certain breach pages when it is so near."""

MISSES = 2
"""So many bad events in a row page, for objectives about events."""

USUAL = 5
"""Times between measurements from which it is said how often a source is measured."""

TICKET_SHARE = Fraction(1, 10)
"""Share of a budget spent within three days that is worth a ticket (SRE workbook, table 5-8)."""


def kind_of(standing: Standing) -> Kind:
    """The sort of trouble that an objective is in."""
    if standing.now == "good":
        return Kind.BUDGET
    return _KINDS.get(type(standing.slo.indicator), Kind.CHECKS)


def objective_alerts(context: Context, standing: Standing) -> Iterator[Alert]:
    """All alerts of one objective."""
    slo, now = standing.slo, context.now
    if slo.alerting == "off":
        return
    fires = _burns(standing) or _misses(standing)
    if fires is not None:
        yield fires
    if standing.is_exhausted:
        what = f"error budget of {slo.full_name} is used up"
        yield _alert(standing, rules.BUDGET_EXHAUSTED.name, what)
    elif fires is None and (soon := _soon(standing, context.declared.shared.alerting)):
        yield soon
    if isinstance(slo.indicator, Freshness) and standing.now == "bad" and _is_source(context, slo):
        yield _stale(standing)
    if isinstance(slo.indicator, Deadline) and standing.now == "bad":
        what = f"data of {slo.subject} for its deadline is not there"
        yield _alert(standing, rules.DEADLINE_MISSED.name, what, page=slo.is_critical)
    elif _is_certain(standing, now):
        yield _certain(standing, now)
    if standing.now == "unknown" and slo.is_about_time and not _is_looked_at(context, standing):
        what = f"nobody knows how old the data of {slo.subject} is ({standing.because})"
        yield _alert(standing, rules.OBJECTIVE_UNMEASURED.name, what, kind=Kind.UNMEASURED)
    if isinstance(slo.indicator, Success):
        yield from _masked(context, standing)


def _is_looked_at(context: Context, standing: Standing) -> bool:
    """True if its source is measured as often as usual: what is not known now will be known when
    the next measurement comes, and that nobody can know it in between says `slo lint`."""
    source = standing.oldest.source if standing.oldest is not None else ""
    times = [one.at for one in context.observed.seen.get(source, ()) if one.newest is not None]
    gaps = sorted(later - earlier for earlier, later in pairwise(times[-50:]))
    if len(gaps) < USUAL:
        return False
    return context.now - times[-1] <= 2 * gaps[len(gaps) * 95 // 100]


def _is_source(context: Context, slo: Slo) -> bool:
    node = context.project.nodes.get(slo.node)
    return node is not None and node.kind == "source"


def _stale(standing: Standing) -> Alert:
    """A source that is too old is told at once: everything below it is."""
    oldest = standing.oldest
    what = f"source {standing.slo.subject} has no new data"
    if oldest is not None and oldest.data is not None:
        age, allowed = spoken(standing.at - oldest.data), spoken(oldest.threshold)
        what = f"source {standing.slo.subject} is {age} old, allowed are {allowed}"
    if standing.stays:
        what += " (as last measured)"
    return _alert(standing, SOURCE_STALE.name, what)


def _alert(
    standing: Standing, rule: str, what: str, *, page: bool = False, kind: Kind | None = None
) -> Alert:
    slo, oldest = standing.slo, standing.oldest
    return Alert(
        rule=rule,
        kind=kind or kind_of(standing),
        subject=slo.subject,
        node=slo.node,
        job=slo.job,
        slo=slo.full_name,
        tier=slo.tier,
        page=page,
        since=standing.since if standing.since is not None else standing.at,
        what=what,
        budget=spent(standing),
        owner=slo.owner,
        group=slo.group,
        cause=standing.because if standing.because != slo.subject else "",
        blame=oldest.lag.blame if oldest is not None else "",
        source=oldest.source if oldest is not None else "",
        arrives=standing.arrives,
        runbook=slo.runbook,
    )


def spent(standing: Standing) -> str:
    """``38% of its budget used``; of one that has none, nothing."""
    used = standing.budget.used
    return "" if used is None else f"{float(used):.0%} of its budget used"


def _burns(standing: Standing) -> Alert | None:
    """The rule that burns fastest; one that pages goes before one that does not."""
    slo = standing.slo
    if not standing.burning:
        return None
    first: Burning = max(standing.burning, key=lambda one: (one.rule.page, one.rate))
    what = (
        f"{slo.full_name} burns its error budget {float(first.rate):.1f} times as fast as it "
        f"lasts, over {spoken(first.rule.long)}"
    )
    page = first.rule.page and slo.is_critical
    return _alert(standing, rules.BUDGET_BURNING.name, what, page=page)


def _misses(standing: Standing) -> Alert | None:
    """Of events that come once a day a rate within an hour says nothing: two misses in a row
    page, and a tenth of the budget within three days is a ticket."""
    slo, tally = standing.slo, standing.recorded
    if not isinstance(tally, Tally) or slo.alerting != "batch":
        return None
    events = [one for one in tally.between(standing.window[0], standing.at) if not one.unknown]
    last = events[-MISSES:]
    if len(last) == MISSES and all(one.bad for one in last):
        row = 0
        while row < len(events) and events[-1 - row].bad:
            row += 1
        what = f"{slo.full_name} was missed {row} times in a row"
        return _alert(standing, rules.BUDGET_BURNING.name, what, page=slo.is_critical)
    recent = tally.measure(standing.at - 3 * DAY, standing.at).bad
    allowed = standing.budget.allowed
    if recent and events[-1].bad and allowed and recent >= TICKET_SHARE * allowed:
        what = f"{slo.full_name} spent {float(recent / allowed):.0%} of its error budget in 3 days"
        return _alert(standing, rules.BUDGET_BURNING.name, what)
    return None


def _soon(standing: Standing, alerting: AlertingEntry) -> Alert | None:
    exhausts = standing.exhausts
    if exhausts is None or exhausts - standing.at > alerting.exhausts_within:
        return None
    what = f"error budget of {standing.slo.full_name} will be used up by {moment(exhausts)}"
    return _alert(standing, rules.EXHAUSTS_SOON.name, what)


def _is_certain(standing: Standing, now: Instant) -> bool:
    """True if data that is young enough will be too old before the next can be there, at a time
    that counts."""
    ends, arrives = standing.runs_out, standing.arrives
    if standing.now != "good" or ends is None or arrives is None or not standing.scheduled:
        return False
    return now <= ends < arrives and bool(scope_of(standing.slo, (ends, arrives)))


def _certain(standing: Standing, now: Instant) -> Alert:
    slo, ends = standing.slo, standing.runs_out
    assert ends is not None, "asked for before"
    what = f"data of {slo.subject} will be too old from {moment(ends)} on"
    page = slo.is_critical and ends - now < TOLD_AHEAD
    found = _alert(standing, rules.BREACH_CERTAIN.name, what, page=page, kind=Kind.LATE)
    return msgspec.structs.replace(found, since=now)


def _masked(context: Context, standing: Standing) -> Iterator[Alert]:
    slo = standing.slo
    assert isinstance(slo.indicator, Success), "asked for by who calls"
    if slo.indicator.attempts == "first" or standing.sli is None or standing.sli < slo.target:
        return
    tried = msgspec.structs.replace(slo.indicator, attempts="first")
    first = record(context, msgspec.structs.replace(slo, indicator=tried), None)
    sli = first.measure(standing.window[0], standing.at).sli
    if sli is not None and sli < slo.target:
        what = (
            f"{slo.full_name} is met at {float(standing.sli):.1%} only by retries: "
            f"{float(sli):.1%} at the first try"
        )
        yield _alert(standing, rules.RETRIES_MASKING.name, what, kind=Kind.MASKED)
