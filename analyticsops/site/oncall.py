"""What whoever is on call needs: incidents, jobs, deployments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from analyticsops.history.deployments import DeploymentsAnswer
from analyticsops.history.timeline import Run
from analyticsops.site.model.runs import (
    DeploymentFacts,
    Happening,
    IncidentCase,
    Job,
    JobRun,
    OnCall,
)
from analyticsops.site.runs import seconds
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.facts import alert_facts, incident_facts
from analyticsops.slo.incident import Incident
from analyticsops.slo.log.course import course_of
from analyticsops.slo.log.state import Case, State

MOST_RUNS = 60
"""Runs of a job that are kept."""

MOST_CASES = 50
"""Incidents that ended which are kept."""


def on_call(
    evaluation: Evaluation, state: State, runs: Sequence[Run], deployed: DeploymentsAnswer
) -> OnCall:
    """Everything at one moment.

    Args:
        state: how incidents were told so far.
        runs: of the project, latest first.
    """
    return OnCall(
        incidents=tuple(_cases(evaluation, state)),
        quiet=tuple(incident_facts(one, evaluation.at) for one in evaluation.silent),
        jobs=_jobs(evaluation, runs),
        late=tuple(alert_facts(alert, evaluation.at) for alert in evaluation.alerts if alert.job),
        deployments=tuple(_deployments(deployed)),
        per_week=deployed.per_week,
    )


def _cases(evaluation: Evaluation, state: State) -> Iterator[IncidentCase]:
    """Those of this moment, with what is known of them; then those that ended, latest first."""
    now = {one.id for one in evaluation.incidents}
    for incident in evaluation.incidents:
        yield _case(evaluation, state, incident, state.cases.get(incident.id))
    ours = [
        case
        for case in state.cases.values()
        if case.id not in now
        and case.project == evaluation.project
        and case.environment == evaluation.environment
        and not case.is_open
    ]
    ours.sort(key=lambda case: (-(case.closed or 0), case.id))
    for case in ours[:MOST_CASES]:
        yield _case(evaluation, state, case.incident, case)


def _case(
    evaluation: Evaluation, state: State, incident: Incident, case: Case | None
) -> IncidentCase:
    facts = incident_facts(incident, evaluation.at)
    if case is None:
        began = Happening(at=seconds(incident.since), text="the trouble began; nobody was told yet")
        return IncidentCase(
            incident=facts, state="open", ended=None, acknowledged="", course=(began,)
        )
    return IncidentCase(
        incident=facts,
        state=case.state,
        ended=None if case.closed is None else seconds(case.closed),
        acknowledged=case.acknowledged.by if case.acknowledged is not None else "",
        course=tuple(
            Happening(at=seconds(one.at), text=one.text)
            for one in course_of(case, state)
            if one.at <= evaluation.at  # a report of the past knows nothing of later
        ),
    )


def _jobs(evaluation: Evaluation, runs: Sequence[Run]) -> tuple[Job, ...]:
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(run.job or "", []).append(run)
    jobs = [_job(evaluation, name, listed) for name, listed in found.items()]
    return tuple(sorted(jobs, key=lambda job: (job.runs[0].verdict == "ok", job.name)))


def _job(evaluation: Evaluation, name: str, runs: Sequence[Run]) -> Job:
    took = [run.seconds for run in runs if run.seconds is not None and run.verdict == "ok"]
    return Job(
        name=name,
        usual=median(took) if took else None,
        runs=tuple(_job_run(evaluation, run) for run in runs[:MOST_RUNS]),
    )


def _job_run(evaluation: Evaluation, run: Run) -> JobRun:
    return JobRun(
        at=run.started_at.timestamp(),
        seconds=run.seconds,
        verdict=run.verdict,
        command=run.command or "",
        commit=(run.git_sha or "")[:12],
        built=run.built,
        failed=run.failed,
        skipped=run.skipped,
        tests_failed=run.tests_failed,
        tests_warned=run.tests_warned,
        problems=tuple(_problems(evaluation, run)) if run.verdict != "ok" else (),
    )


def _problems(evaluation: Evaluation, run: Run) -> Iterator[str]:
    """What failed in a run, for people; the first few."""
    failed = [
        f"{node.split('.')[-1]}: {build.message or build.outcome}"
        for node, builds in evaluation.observed.builds.items()
        for build in builds
        if build.run == run.invocation_id and build.outcome in ("bad", "partial")
    ]
    yield from failed[:5]
    if len(failed) > 5:
        yield f"and {len(failed) - 5} more"


def _deployments(deployed: DeploymentsAnswer) -> Iterator[DeploymentFacts]:
    for one in deployed.deployments[:50]:
        lead = one.lead_time
        yield DeploymentFacts(
            at=one.deployed_at.timestamp(),
            commit=one.git_sha[:12],
            environment=one.environment,
            failed=one.failed_runs,
            lead=None if lead is None else lead.total_seconds(),
        )
