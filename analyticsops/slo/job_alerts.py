"""Alerts of jobs: runs that did not start, did not end, or used far more than usual."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from analyticsops.slo import alert_rules as rules
from analyticsops.slo.alert import Alert, Kind, moment
from analyticsops.slo.durations import spoken
from analyticsops.slo.evaluate import Context
from analyticsops.slo.objective import PROJECT, Slo
from analyticsops.slo.observed import LOST, Build, Run
from analyticsops.slo.recorded.asked import EARLY
from analyticsops.slo.recorded.tallies import price_of
from analyticsops.slo.spans import DAY, Instant
from analyticsops.slo.spec.entries import PricesEntry

USUAL = 28 * DAY
"""Time from which it is taken what a job usually uses."""

REGULAR = 10
"""Times between runs from which it is said how often a job runs that has no schedule."""

ENOUGH = 5
"""Runs from which it is said what is usual."""

LEAST_SECONDS = 60.0
"""Of a run, where nothing else says what it used: less is not worth a word."""


def job_alerts(context: Context, previous: Instant | None = None) -> Iterator[Alert]:
    """All alerts of jobs, and of analyticsops itself.

    Args:
        previous: the evaluation before; None if there was none, or nobody knows.
    """
    objectives = [slo for slo in context.declared.slos if slo.job]
    for slo in objectives:
        missing = _missing(context, slo)
        if missing is not None:
            yield missing
    by_job: dict[str, list[Run]] = {}
    for run in context.observed.runs:
        by_job.setdefault(run.job, []).append(run)
    used = _used(context)
    for job, runs in sorted(by_job.items()):
        known = next((one for one in objectives if one.job == job), None)
        if known is None or known.schedule is None:
            overdue = _overdue(context.now, job, runs)
            if overdue is not None:
                yield overdue
        crashed = _crashed(context.now, job, runs, known)
        if crashed is not None:
            yield crashed
        costly = _costlier(context, job, runs, used, known)
        if costly is not None:
            yield costly
    every = context.declared.shared.alerting.every
    if previous is not None and context.now - previous > 2 * every:
        what = f"`slo evaluate` did not run between {moment(previous)} and {moment(context.now)}"
        yield Alert(
            rule=rules.EVALUATION_SILENT.name,
            kind=Kind.SILENT,
            subject="analyticsops",
            since=previous,
            what=what,
            page=True,
        )


def _of(
    rule: str, kind: Kind, job: str, since: Instant, what: str, slo: Slo | None, page: bool = False
) -> Alert:
    return Alert(
        rule=rule,
        kind=kind,
        subject=job or PROJECT,
        job=job,
        since=since,
        what=what,
        page=page,
        tier=slo.tier if slo else "",
        owner=slo.owner if slo else "",
        runbook=slo.runbook if slo else "",
    )


def _missing(context: Context, slo: Slo) -> Alert | None:
    """The latest slots that were due and in which nothing started."""
    schedule, now = slo.schedule, context.now
    if schedule is None:
        return None
    first = context.observed.first
    slots = schedule.slots(context.observed.span[0] if first is None else first, now)
    starts = [run.started for run in context.observed.runs if run.job == slo.job]
    missed: list[Instant] = []
    for slot, end in pairwise((*slots, now + EARLY)):
        if slot + schedule.grace >= now:
            break
        if any(slot - EARLY <= start < end - EARLY for start in starts):
            missed = []
        elif not any(work.is_on(slot) for work in slo.maintenance):
            missed.append(slot)
    if not missed or any(start >= missed[-1] - EARLY for start in starts):
        return None
    times = f", the last {len(missed)} times" if len(missed) > 1 else ""
    what = f"job {slo.job} did not run at {moment(missed[-1])}{times}"
    since = missed[0] + schedule.grace
    return _of(
        rules.RUN_MISSING.name, Kind.NOT_RUN, slo.job, since, what, slo, page=slo.is_critical
    )


def _overdue(now: Instant, job: str, runs: Sequence[Run]) -> Alert | None:
    """A job of which nobody said when it runs, but which has run regularly so far."""
    starts = [run.started for run in runs if not run.retry]
    gaps = sorted(later - earlier for earlier, later in pairwise(starts))
    if len(gaps) < REGULAR:
        return None
    usual = gaps[len(gaps) * 95 // 100]
    since = starts[-1] + usual
    if now - starts[-1] <= 2 * usual:
        return None
    label = f"job {job}" if job else "the project"
    what = (
        f"{label} did not run for {spoken(now - starts[-1])}, it does so every {spoken(usual)} "
        "at least"
    )
    return _of(rules.RUN_MISSING.name, Kind.NOT_RUN, job, since, what, None)


def _crashed(now: Instant, job: str, runs: Sequence[Run], slo: Slo | None) -> Alert | None:
    """The last run of a job, if it did not end as runs do."""
    ended = [run for run in runs if run.verdict != "unknown" or now - run.started >= LOST]
    if not ended or ended[-1].verdict not in ("crashed", "interrupted", "unknown"):
        return None
    last = ended[-1]
    words = {"unknown": "was not seen to end", "interrupted": "was interrupted"}
    how = words.get(last.verdict, "crashed")
    what = f"the run of {'job ' + job if job else 'the project'} at {moment(last.started)} {how}"
    return _of(rules.RUN_CRASHED.name, Kind.NOT_RUN, job, last.started, what, slo)


# -- cost -------------------------------------------------------------------------


class _Use(NamedTuple):
    """What a run used: a price, where there are prices; else slot time, bytes or seconds,
    whichever all of its builds tell.

    Attributes:
        least: less than that is not worth a word.
    """

    amount: float
    least: float = 0.0


def _used(context: Context) -> Mapping[str, _Use]:
    by_run: dict[str, list[Build]] = {}
    for builds in context.observed.builds.values():
        for build in builds:
            if build.outcome in ("good", "partial", "bad"):
                by_run.setdefault(build.run, []).append(build)
    prices = context.declared.shared.prices
    found = {run: _use(builds, prices) for run, builds in by_run.items()}
    return {run: use for run, use in found.items() if use is not None}


def _use(builds: Sequence[Build], prices: PricesEntry) -> _Use | None:
    priced = [price for build in builds if (price := price_of(build, prices)) is not None]
    if priced:
        return _Use(sum(priced))
    for told, least in (
        ([build.slot_ms for build in builds], 0.0),
        ([build.bytes for build in builds], 0.0),
        ([build.seconds for build in builds], LEAST_SECONDS),
    ):
        if all(one is not None for one in told):
            return _Use(float(sum(one for one in told if one is not None)), least)
    return None


def _costlier(
    context: Context, job: str, runs: Sequence[Run], used: Mapping[str, _Use], slo: Slo | None
) -> Alert | None:
    known = [run for run in runs if run.id in used and run.started >= context.now - USUAL]
    # What was selected by hand is not what the job usually builds.
    alike = [
        run
        for run in known
        if (run.command, run.selected) == (known[-1].command, known[-1].selected)
    ]
    if len(alike) <= ENOUGH:
        return None
    last = alike[-1]
    use, usual = used[last.id], median(used[run.id].amount for run in alike[:-1])
    factor = context.declared.shared.alerting.costlier
    if usual <= 0 or use.amount <= factor * usual or use.amount < use.least:
        return None
    label = f"job {job}" if job else "the project"
    times = use.amount / usual
    what = f"the last run of {label} used {times:.1f} times what its runs usually use"
    return _of(rules.COSTLIER.name, Kind.COSTLY, job, last.started, what, slo)
