"""What ran: nodes, jobs, deployments, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from analyticsops.slo.facts import AlertFacts, IncidentFacts


class NodeRuns(msgspec.Struct, frozen=True, kw_only=True):
    """The runs of a node, or of a test of it, the oldest first.

    Attributes:
        name: of a test of it; empty for the node itself.
        kind: build, test, freshness, ...
        at: when it began, in whole seconds.
        seconds: how long it took; null if nobody said.
        rows: affected; null if the adapter does not say.
        outcomes: place in ``words`` of each outcome.
        jobs: likewise of each job.
        commits: likewise of each commit.
        definitions: places, in ``at``, of runs before which its file was changed.
        messages: of what was not good, by place.
        data: of a source, its newest data when it was measured.
    """

    name: str
    kind: str
    at: tuple[int, ...]
    seconds: tuple[float | None, ...]
    rows: tuple[int | None, ...]
    outcomes: tuple[int, ...]
    jobs: tuple[int, ...]
    commits: tuple[int, ...]
    definitions: tuple[int, ...]
    messages: Mapping[int, str]
    data: tuple[int | None, ...]
    words: tuple[str, ...]


class JobRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run of a job."""

    at: float
    seconds: float | None
    verdict: str
    command: str
    commit: str
    built: int
    failed: int
    skipped: int
    tests_failed: int
    tests_warned: int
    problems: tuple[str, ...] = ()


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job, its last runs first.

    Attributes:
        name: as named; empty for runs that nobody named a job for.
        usual: median seconds of its runs.
    """

    name: str
    usual: float | None
    runs: tuple[JobRun, ...]


class DeploymentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A commit that arrived.

    Attributes:
        lead: from commit to deployment; null if not known.
    """

    at: float
    commit: str
    environment: str
    failed: int
    lead: float | None


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to an incident."""

    at: float
    text: str


class IncidentCase(msgspec.Struct, frozen=True, kw_only=True):
    """An incident over time.

    Attributes:
        state: open, acknowledged, resolved or merged.
        ended: null while it is open.
        acknowledged: by whom.
        course: what happened, in order.
    """

    incident: IncidentFacts
    state: str
    ended: float | None
    acknowledged: str
    course: tuple[Happening, ...]


class OnCall(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever is on call needs.

    Attributes:
        incidents: open ones first, the worst first, then those that ended, latest first.
        quiet: incidents whose cause is in maintenance.
        jobs: those whose last run failed first.
        late: alerts about jobs that are late, stuck or silent.
        per_week: deployments; null if that is not known.
    """

    incidents: tuple[IncidentCase, ...]
    quiet: tuple[IncidentFacts, ...]
    jobs: tuple[Job, ...]
    late: tuple[AlertFacts, ...]
    deployments: tuple[DeploymentFacts, ...]
    per_week: float | None
