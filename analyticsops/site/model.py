"""The data of a site. The page's TypeScript types are generated from these structs.

Instants are seconds since 1970 (UTC), lengths are seconds, shares are numbers from 0 to 1.
A node is named by its place in :class:`Nodes`, a column by its *slot*: a node with n columns has
n + 1 slots in a row, the first of which is its rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from analyticsops.executed import Execution
from analyticsops.findings import Finding, Rule
from analyticsops.metric_cards import MetricCard
from analyticsops.report.model import ProjectFacts, Verdict
from analyticsops.slo.facts import AlertFacts, IncidentFacts, StandingFacts

FORMAT = 1
"""Number of this format; a page reads only data of its own."""


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """Where a part of the data lies.

    Attributes:
        file: its name in the folder of the data; empty if it stands in the page itself.
        bytes: of its JSON, before it is compressed.
    """

    file: str
    bytes: int


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How many there are of something."""

    name: str
    count: int


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """An objective in a list.

    Attributes:
        left: share of its budget that is left, negative if more was spent; null without one.
        sli: share that was good; null if nothing counted.
        trend: what was left of the budget at the end of each day of its window.
    """

    objective: str
    subject: str
    indicator: str
    state: str
    tier: str
    owner: str
    target: float
    sli: float | None
    left: float | None
    trend: tuple[float, ...]


class OpenIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident in a list.

    Attributes:
        affected: marts, metrics and exposures that are hit.
    """

    id: str
    severity: str
    title: str
    root: str
    since: float
    owner: str
    affected: int


class OwnerTodo(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for somebody.

    Attributes:
        owner: empty for what nobody owns.
        incidents: open ones.
        objectives: that are not met.
        findings: of `check`, by severity: error, warning, info.
        readiness: checks of data products that are not passed.
    """

    owner: str
    incidents: int
    objectives: int
    errors: int
    warnings: int
    infos: int
    readiness: int


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Something that changed recently.

    Attributes:
        kind: ``deployment``, ``definition`` or ``metric``.
        at: when; null if only the day is known, see ``text``.
        node: ``unique_id``, if it is about one.
        failed: runs that failed before it arrived.
    """

    kind: str
    at: float | None
    text: str
    node: str = ""
    failed: int = 0


class CoverageFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the column lineage is proven.

    Attributes:
        percent: of the columns of models and snapshots, rounded down.
        reasons: why columns are not proven, the most frequent first.
    """

    models: int
    columns: int
    proven: int
    partial: int
    unknown: int
    percent: float
    reasons: tuple[Count, ...]


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """The first view.

    Attributes:
        objectives: how many are in which state; null without a history.
        budgets: all objectives, the worst first.
        incidents: those that are open, the worst first; null without a history.
        metrics: how many of which tier.
        changes: of the last seven days, latest first.
        owners: those with the most to do first.
        products: data products, and how many are ready.
    """

    coverage: CoverageFacts
    objectives: tuple[Count, ...] | None
    budgets: tuple[Budget, ...]
    incidents: tuple[OpenIncident, ...] | None
    metrics: tuple[Count, ...]
    changes: tuple[Change, ...]
    owners: tuple[OwnerTodo, ...]
    products: int
    ready: int
    findings: tuple[Count, ...]


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the page itself.

    Attributes:
        at: moment of the report: everything is as it was known then.
        version: of analyticsops.
        environment: whose runs the history's are; empty without one.
        notes: what a reader must know about the artifacts, one line each.
        chunks: where the data lies, by name.
        details: nodes in each chunk of details, ``details/0`` and so on; likewise of runs.
        has: sections that there are data for.
    """

    format: int
    title: str
    project: ProjectFacts
    at: float
    version: str
    environment: str
    notes: tuple[str, ...]
    chunks: Mapping[str, Chunk]
    details: int
    has: tuple[str, ...]
    overview: Overview


# -- the graph -----------------------------------------------------------------


class Nodes(msgspec.Struct, frozen=True, kw_only=True):
    """All nodes, column by column of this table. Places refer to the lists at its end.

    Attributes:
        id: ``unique_id``.
        label: what people call it.
        kind: place in ``kinds``; likewise ``folder``, ``owner``, ``materialized``.
        status: 0 proven, 1 partial, 2 unknown, 3 has no lineage of its own.
        tags: places in ``tag_names``.
        parents: places of the nodes that it reads, as far as dbt or its SQL knows.
        columns: names, in order.
        column_tags: by slot, places in ``tag_names`` of tags that columns carry; those that
            travelled there are negative, less one: tag 3 arrives as -4.
        kinds: dbt's resource types, ``hook`` and ``external``.
    """

    id: tuple[str, ...]
    label: tuple[str, ...]
    kind: tuple[int, ...]
    folder: tuple[int, ...]
    owner: tuple[int, ...]
    materialized: tuple[int, ...]
    status: tuple[int, ...]
    tags: tuple[tuple[int, ...], ...]
    parents: tuple[tuple[int, ...], ...]
    columns: tuple[tuple[str, ...], ...]
    column_tags: Mapping[int, tuple[int, ...]]
    kinds: tuple[str, ...]
    folders: tuple[str, ...]
    owners: tuple[str, ...]
    materializations: tuple[str, ...]
    tag_names: tuple[str, ...]


class Edges(msgspec.Struct, frozen=True, kw_only=True):
    """All edges between slots, by their target.

    Attributes:
        counts: how many edges end in each slot.
        sources: slots in which they begin, in the order of their targets.
        kinds: place in ``names`` of each, times four, plus how sure it is: 0 exact, 1 inferred,
            2 ambiguous, 3 partial.
        names: of kinds; with ``classes`` that say what they are: ``value``, ``control``,
            ``rows``, ``depends`` or ``tests``.
    """

    counts: tuple[int, ...]
    sources: tuple[int, ...]
    kinds: tuple[int, ...]
    names: tuple[str, ...]
    classes: tuple[str, ...]


class ColumnDetail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What there is to say about a column.

    Attributes:
        steps: how it comes about: SQL from the final SELECT inwards, each with the name of the
            CTE that it stands in.
        problems: why its lineage is not proven.
    """

    name: str
    type: str = ""
    description: str = ""
    tests: tuple[str, ...] = ()
    steps: tuple[tuple[str, str], ...] = ()
    note: str = ""
    problems: tuple[str, ...] = ()
    inferred: bool = False


class NodeDetail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What there is to say about a node.

    Attributes:
        path: of its file; ``line`` if known.
        relation: name of its table in the warehouse.
        sql: compiled, else as written; empty without one, or if SQL is left out.
        compiled: False if ``sql`` is as written.
        promises: contract, access, version, group, what was deprecated.
        tests: of the node as a whole.
        statistics: of the catalog, as (name, value).
        rows_problems: why which rows it has is not proven.
    """

    description: str = ""
    path: str = ""
    line: int = 0
    relation: str = ""
    owner: str = ""
    language: str = "sql"
    sql: str = ""
    compiled: bool = True
    promises: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    statistics: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()
    columns: tuple[ColumnDetail, ...] = ()


# -- runs ----------------------------------------------------------------------


class NodeRuns(msgspec.Struct, frozen=True, kw_only=True):
    """The runs of a node, the oldest first.

    Attributes:
        kind: build, test, freshness, ...
        at: when it began.
        seconds: how long it took; null if nobody said.
        rows: affected; null if the adapter does not say.
        outcomes: place in ``words`` of each outcome.
        jobs: likewise of each job.
        commits: likewise of each commit.
        definitions: places, in ``at``, of runs before which its file was changed.
        messages: of what was not good, by place.
        data: of a source, its newest data when it was measured.
    """

    kind: str
    at: tuple[float, ...]
    seconds: tuple[float | None, ...]
    rows: tuple[int | None, ...]
    outcomes: tuple[int, ...]
    jobs: tuple[int, ...]
    commits: tuple[int, ...]
    definitions: tuple[int, ...]
    messages: Mapping[int, str]
    data: tuple[float | None, ...]
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


# -- objectives ----------------------------------------------------------------


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of straight pieces; null where nothing is known."""

    at: tuple[float, ...]
    values: tuple[float | None, ...]


class LagPart(msgspec.Struct, frozen=True, kw_only=True):
    """What a node on the way adds to the age of the data.

    Attributes:
        node: ``unique_id``.
        data: up to when it has the source's data; null if nothing is known.
        added: seconds by which it is behind what it reads.
    """

    node: str
    label: str
    kind: str
    data: float | None
    added: float


class BadSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A time that counted as bad, or of which nothing is known."""

    start: float
    end: float
    known: bool


class ObjectiveEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is marked on a plot.

    Attributes:
        kind: ``load``, ``failed``, ``event``, ``release``.
        good: of events, how many; likewise bad.
    """

    at: float
    kind: str
    text: str
    good: int = 0
    bad: int = 0


class Objective(msgspec.Struct, frozen=True, kw_only=True):
    """An objective, whole.

    Attributes:
        unit: ``seconds`` or ``events``: what its budget is counted in.
        window_until: end of its window.
        budget: share that is left, over its window.
        allowed: a straight use of the whole budget, for comparison: as long as the window.
        age: of its data in seconds, as old as it may have been; of objectives about freshness.
        youngest: as young as it may have been, where that differs.
        threshold: seconds that it may be old.
        events: loads, failures, releases.
        lag: from the source to the node.
        alerts: that are raised now.
        about: how it is computed, in words.
        declared: as it holds, every default written out, as YAML.
    """

    standing: StandingFacts
    unit: str
    window_until: float
    timezone: str
    budget: Line
    age: Line | None
    youngest: Line | None
    bad: tuple[BadSpan, ...]
    events: tuple[ObjectiveEvent, ...]
    lag: tuple[LagPart, ...]
    alerts: tuple[AlertFacts, ...]
    declared: str


class Objectives(msgspec.Struct, frozen=True, kw_only=True):
    """All objectives.

    Attributes:
        standings: of each, the worst first; what is drawn of one stands in a chunk of its own,
            ``objectives/0`` and so on, by its place here.
        per_chunk: objectives in each.
        invalid: objectives that cannot be judged, and why.
    """

    standings: tuple[StandingFacts, ...]
    per_chunk: int
    invalid: tuple[str, ...]


# -- metrics, changes, readiness -----------------------------------------------


class MetricShadow(msgspec.Struct, frozen=True, kw_only=True):
    """A column that computes what a metric computes."""

    metric: str
    node: str
    column: str
    likeness: str


class Duplicate(msgspec.Struct, frozen=True, kw_only=True):
    """Metrics that mean the same, and in what they do."""

    metrics: tuple[str, ...]
    text: str


class Metrics(msgspec.Struct, frozen=True, kw_only=True):
    """The registry.

    Attributes:
        problem: why there is none, if it cannot be read.
    """

    cards: tuple[MetricCard, ...]
    duplicates: tuple[Duplicate, ...]
    shadows: tuple[MetricShadow, ...]
    problem: str = ""


class ChangedColumn(msgspec.Struct, frozen=True, kw_only=True):
    """What a change does to a column: ``broken``, ``changed``, ``added``, ``removed`` or
    ``unknown``; ``reached`` if its own SQL did not change."""

    name: str
    change: str
    reached: bool


class ChangedNode(msgspec.Struct, frozen=True, kw_only=True):
    """What a change does to a node.

    Attributes:
        change: the worst of what is done to it, in the words of :class:`ChangedColumn`, or
            ``proven equal``.
        rows: True if which rows it has may differ.
        place: of the node in :class:`Nodes`; -1 if it was removed.
        findings: places of the findings about it.
        reached: its own definition did not change.
    """

    node: str
    label: str
    kind: str
    change: str
    verdict: str
    reason: str
    rows: bool
    place: int
    columns: tuple[ChangedColumn, ...]
    findings: tuple[int, ...]
    reached: bool


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """A change, reviewed.

    Attributes:
        base: the version before.
        title: of the change, as somebody named it.
        failed: True if a finding that nobody accepted reaches what fails a check.
    """

    base: ProjectFacts
    title: str
    failed: bool
    fail_on: str
    findings: tuple[Finding, ...]
    rules: tuple[Rule, ...]
    verdicts: tuple[Verdict, ...]
    executions: tuple[Execution, ...]
    nodes: tuple[ChangedNode, ...]
    notes: tuple[str, ...]


class ReadinessCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A question to a data product.

    Attributes:
        code: of the check.
        state: ``passed``, ``failed``, ``unknown`` or ``not applicable``.
        said: what was found.
        fix: what to do; empty if nothing.
    """

    code: str
    state: str
    said: str
    fix: str


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A data product and its scorecard.

    Attributes:
        score: share of the checks that apply that are passed.
        place: of its node in :class:`Nodes`.
    """

    node: str
    label: str
    kind: str
    owner: str
    place: int
    score: float
    checks: tuple[ReadinessCheck, ...]


class CheckFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A check, for all products."""

    code: str
    name: str
    why: str


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """All scorecards, the worst first; checks in their order."""

    checks: tuple[CheckFacts, ...]
    products: tuple[Product, ...]


def schema() -> dict[str, Any]:
    """The JSON Schema of all parts of a site's data, each under its name in ``$defs``."""
    shown = (Metrics, Review, Readiness, OnCall, Objectives, Objective)
    parts = (Index, Nodes, Edges, NodeDetail, NodeRuns, *shown)
    _, definitions = msgspec.json.schema_components(parts, ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "analyticsops site, version 1",
        "$defs": definitions,
    }
