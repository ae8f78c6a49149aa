"""What stands in the page itself: the first view, and where everything else lies."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from analyticsops.report.model import ProjectFacts

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
