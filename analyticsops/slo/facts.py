"""Standings, alerts and incidents as plain facts, for JSON and other programs: instants are
times in UTC, lengths are seconds, shares are numbers from 0 to 1."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

import msgspec

from analyticsops.slo.alert import Alert
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.incident import Affected, Incident
from analyticsops.slo.spans import Instant, time_of
from analyticsops.slo.standing import Standing


class BurningFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A rule for burn rates that fires.

    Attributes:
        rate: how many times as fast as the budget lasts, over the rule's long time.
        threshold: from which it fires.
        page: True if it may page.
    """

    rule: str
    rate: float
    threshold: float
    page: bool


class StandingFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How an objective stands.

    Attributes:
        objective: full name.
        subject: what it is about.
        node: ``unique_id``; empty for a job or the project.
        indicator: type.
        target: share that has to be good.
        window: as written: ``28d``, ``this month``.
        window_from: beginning of the present window.
        state: exhausted, breached, burning, met or unknown.
        now: good, bad or unknown.
        since: since when that is so.
        known_until: earlier than the moment of the evaluation if nobody looked since.
        because: what makes it bad or unknown.
        sli: share that was good; null if nothing counted.
        sli_worst: if all that is unknown were bad.
        counted: seconds, or events, in the window so far; likewise bad and unknown.
        budget_allowed: seconds or events that may be bad in the window.
        budget_left: share of the budget, negative if more was spent.
        burning: rules that fire.
        exhausts_at: when the budget will be used up if things go on as recently.
        exhausts_chance: probability that it will be by the end of a calendar window.
        data_at: data time of the oldest data that decides.
        data_from: ``unique_id`` of the source whose it is.
        threshold: seconds that it may be old.
        source_lag: seconds for which the source itself has had nothing newer.
        pipeline_lag: seconds by which the node is behind the source.
        blame: ``unique_id`` of the node that is behind what it reads, or of the source.
        too_old_from: when the data that is there will be too old.
        arrives_at: when the next data is expected.
    """

    objective: str
    subject: str
    node: str
    indicator: str
    target: float
    window: str
    window_from: datetime
    state: str
    now: str
    since: datetime | None
    known_until: datetime
    because: str
    sli: float | None
    sli_worst: float | None
    counted: float
    bad: float
    unknown: float
    budget_allowed: float
    budget_left: float | None
    burning: tuple[BurningFacts, ...]
    exhausts_at: datetime | None
    exhausts_chance: float | None
    data_at: datetime | None
    data_from: str
    threshold: float | None
    source_lag: float | None
    pipeline_lag: float | None
    blame: str
    too_old_from: datetime | None
    arrives_at: datetime | None
    tier: str
    owner: str
    runbook: str
    where: str


class AlertFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong; see :class:`analyticsops.slo.alert.Alert`.

    Attributes:
        severity: page or ticket.
        sentence: everything about it in one sentence.
    """

    rule: str
    kind: str
    severity: str
    subject: str
    node: str
    job: str
    objective: str
    since: datetime
    owner: str
    cause: str
    sentence: str


class IncidentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """All that is wrong for one reason; see :class:`analyticsops.slo.incident.Incident`.

    Attributes:
        severity: page or ticket.
        suspected: True if the root is only likely.
    """

    id: str
    severity: str
    title: str
    root: str
    root_label: str
    suspected: bool
    since: datetime
    owner: str
    runbook: str
    affected: Affected
    alerts: tuple[AlertFacts, ...]


class EvaluationFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a project's objectives at one moment."""

    project: str
    environment: str
    at: datetime
    objectives: tuple[StandingFacts, ...]
    incidents: tuple[IncidentFacts, ...]
    invalid: tuple[str, ...]


def facts_of(evaluation: Evaluation) -> EvaluationFacts:
    """An evaluation as facts."""
    return EvaluationFacts(
        project=evaluation.project,
        environment=evaluation.environment,
        at=time_of(evaluation.at),
        objectives=tuple(map(standing_facts, evaluation.standings)),
        incidents=tuple(incident_facts(one, evaluation.at) for one in evaluation.incidents),
        invalid=tuple(f"{one.subject}: {one.what}" for one in evaluation.declared.invalid),
    )


def standing_facts(standing: Standing) -> StandingFacts:
    """A standing as facts."""
    slo, oldest = standing.slo, standing.oldest
    unit = 1e6 if slo.is_about_time else 1.0
    lag = oldest.lag if oldest is not None else None
    return StandingFacts(
        objective=slo.full_name,
        subject=slo.subject,
        node=slo.node,
        indicator=slo.indicator.type,
        target=float(slo.target),
        window=str(slo.window),
        window_from=time_of(standing.window[0]),
        state=standing.state,
        now=standing.now,
        since=_time(standing.since),
        known_until=time_of(standing.known),
        because=standing.because,
        sli=_share(standing.sli),
        sli_worst=_share(standing.worst.sli),
        counted=standing.measured.counted / unit,
        bad=standing.measured.bad / unit,
        unknown=standing.measured.unknown / unit,
        budget_allowed=float(standing.budget.allowed) / unit,
        budget_left=_share(standing.left),
        burning=tuple(
            BurningFacts(
                rule=one.rule.name,
                rate=float(one.rate),
                threshold=float(one.threshold),
                page=one.rule.page and slo.is_critical,
            )
            for one in standing.burning
        ),
        exhausts_at=_time(standing.exhausts),
        exhausts_chance=standing.chance,
        data_at=_time(oldest.data) if oldest is not None else None,
        data_from=oldest.source if oldest is not None else "",
        threshold=oldest.threshold / 1e6 if oldest is not None else None,
        source_lag=_seconds(lag.source) if lag is not None else None,
        pipeline_lag=_seconds(lag.pipeline) if lag is not None else None,
        blame=lag.blame if lag is not None else "",
        too_old_from=_time(standing.runs_out),
        arrives_at=_time(standing.arrives),
        tier=slo.tier,
        owner=slo.owner,
        runbook=slo.runbook,
        where=slo.where,
    )


def incident_facts(incident: Incident, now: Instant) -> IncidentFacts:
    """An incident as facts."""
    return IncidentFacts(
        id=incident.id,
        severity=incident.severity,
        title=incident.title,
        root=incident.root.id,
        root_label=incident.root.label,
        suspected=incident.root.suspected,
        since=time_of(incident.since),
        owner=incident.owner,
        runbook=incident.runbook,
        affected=incident.affected,
        alerts=tuple(alert_facts(alert, now) for alert in incident.alerts),
    )


def alert_facts(alert: Alert, now: Instant) -> AlertFacts:
    """An alert as facts."""
    return AlertFacts(
        rule=alert.rule,
        kind=alert.kind.value,
        severity="page" if alert.page else "ticket",
        subject=alert.subject,
        node=alert.node,
        job=alert.job,
        objective=alert.slo,
        since=time_of(alert.since),
        owner=alert.owner,
        cause=alert.cause,
        sentence=alert.sentence(now),
    )


def _time(instant: Instant | None) -> datetime | None:
    try:
        return None if instant is None else time_of(instant)
    except OverflowError:  # a table without rows: dbt writes the first day of the year 1
        return None


def _share(share: Fraction | None) -> float | None:
    return None if share is None else float(share)


def _seconds(length: int | None) -> float | None:
    return None if length is None else length / 1e6
