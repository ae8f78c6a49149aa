"""Everything about one metric on one card: what it is, where it comes from, who may be asked,
how it is held, how it changed. Plain data, so that it can be kept and looked up at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from analyticsops.errors import AnalyticsOpsError
from analyticsops.findings import Finding
from analyticsops.measuring import metric_sql
from analyticsops.metrics.definitions import Aggregation, Definition
from analyticsops.metrics.entries import MetricEntry
from analyticsops.metrics.registry import Registry
from analyticsops.metrics.rules import findings
from analyticsops.metrics.semantic_layer import grain_of
from analyticsops.metrics.settings import MetricSettings
from analyticsops.project.model import Project
from analyticsops.registering import metric_context
from analyticsops.slo.freshness import source_freshness
from analyticsops.workspace import Workspace

_DEEPEST = 20


class MetricVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a metric, as its change record tells it.

    Attributes:
        version: from which on it holds.
        kind: fix, redefine, rename or deprecate.
        why: the reason.
        release_note: what readers were told.
        approved_by: who decided.
    """

    version: str
    kind: str
    why: str
    release_note: str
    approved_by: str


class MetricCard(msgspec.Struct, frozen=True, kw_only=True):
    """A metric, ready to be looked up.

    Attributes:
        metric: what it is, where it comes from, who uses it.
        sql: the query that computes it over all time, or by day where it needs one.
        refused: why there is no such query.
        times: the times it is shown by, as ``semantic_model.dimension (grain)``.
        tests: of the columns that it is computed from or decided by, as ``name: column``.
        promised: of its numbers, as `metrics verify` checks it.
        golden: file of values that are known to be right, relative to the project.
        freshness: of its sources as dbt measured it, as ``source.table: status``.
        versions: the newest first.
        missing: what it lacks for its tier, as findings say it.
    """

    metric: MetricEntry
    sql: str = ""
    refused: str = ""
    times: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    promised: tuple[str, ...] = ()
    golden: str = ""
    freshness: tuple[str, ...] = ()
    versions: tuple[MetricVersion, ...] = ()
    missing: tuple[str, ...] = ()


def metric_cards(workspace: Workspace) -> tuple[MetricCard, ...]:
    """A card of each metric, by name."""
    registry = workspace.registry
    measured = {
        found.name: found.status
        for found in source_freshness(workspace.project, workspace.freshness)
    }
    tests = dict(_tests(workspace.project))
    lacking: dict[str, list[Finding]] = {}
    for finding in findings(metric_context(workspace, None)):
        lacking.setdefault(finding.node, []).append(finding)
    return tuple(
        _card(workspace, entry, tests, measured, lacking.get(entry.node, []))
        for entry in registry.entries
    )


def _card(
    workspace: Workspace,
    entry: MetricEntry,
    tests: Mapping[str, list[str]],
    measured: Mapping[str, str],
    lacking: list[Finding],
) -> MetricCard:
    registry = workspace.registry
    columns = dict.fromkeys((*entry.columns, *entry.decided_by, *entry.sources))
    sources = dict.fromkeys(column.rpartition(".")[0] for column in entry.sources)
    sql, refused = _sql(workspace, entry.name)
    return MetricCard(
        metric=entry,
        sql=sql,
        refused=refused,
        times=tuple(dict.fromkeys(_times(registry, entry.name, 0))),
        tests=tuple(f"{test}: {c}" for c in columns for test in tests.get(c.lower(), ())),
        promised=tuple(_promised(registry.settings[entry.name])),
        golden=registry.settings[entry.name].golden,
        freshness=tuple(f"{name}: {measured[name]}" for name in sources if name in measured),
        versions=tuple(_versions(registry, entry.name)),
        missing=tuple(dict.fromkeys(f"{f.rule} {f.message}" for f in lacking)),
    )


def _promised(settings: MetricSettings) -> Iterator[str]:
    if settings.golden:
        yield f"golden values of {settings.golden}"
    bounds = settings.bounds
    if bounds is not None:
        ends = (("at least", bounds.min), ("at most", bounds.max))
        yield " and ".join(f"{words} {end:g}" for words, end in ends if end is not None)
    yield from settings.invariants
    said = settings.additivity
    if said is not None:
        along = said.dimensions if isinstance(said.dimensions, str) else ", ".join(said.dimensions)
        time = "adds up over time" if said.time else "does not add up over time"
        yield f"{time}, by dimensions: {along or 'none'}"
    for equal in settings.equals:
        by = f" by {', '.join(equal.by)}" if equal.by else ""
        yield f"equals {equal.agg} of {equal.column}{by}"


def _sql(workspace: Workspace, name: str) -> tuple[str, str]:
    """(the query, why there is none)."""
    refused = ""
    for by in ((), ("metric_time__day",)):
        try:
            return metric_sql(workspace, [name], by=by), ""
        except AnalyticsOpsError as refusal:
            refused = str(refusal)
    return "", refused


def _times(registry: Registry, name: str, depth: int) -> Iterator[str]:
    definition = registry.definitions.get(name)
    if definition is None or depth > _DEEPEST:
        return
    if definition.type == "sql":
        yield f"{definition.model}.{definition.time}" if definition.time else definition.model
    for aggregation in _aggregations(registry, definition):
        model = registry.layer.models.get(aggregation.semantic_model)
        time = model.time_of(aggregation) if model is not None else ""
        if model is not None and time in model.dimensions:
            yield f"{model.name}.{time} ({grain_of(model.dimensions[time]) or 'day'})"
    for part in definition.inputs:
        if part.name in registry.definitions and "measure" not in part.role:
            yield from _times(registry, part.name, depth + 1)


def _aggregations(registry: Registry, definition: Definition) -> Iterator[Aggregation]:
    if definition.aggregation is not None:
        yield definition.aggregation
    for part in definition.inputs:
        found = registry.layer.measure(part.name) if "measure" in part.role else None
        if found is not None:
            yield found


def _tests(project: Project) -> Iterator[tuple[str, list[str]]]:
    """The tests of each column, by ``model.column`` in lower case."""
    found: dict[str, list[str]] = {}
    for node in project.of_kind("test"):
        info = node.test
        tested = project.nodes.get(info.tested) if info is not None else None
        if info is not None and tested is not None and info.column:
            found.setdefault(f"{tested.label}.{info.column}".lower(), []).append(info.name)
    yield from found.items()


def _versions(registry: Registry, name: str) -> Iterator[MetricVersion]:
    records = {version: r for (metric, version), r in registry.records.items() if metric == name}
    for version in sorted(records, key=_numbers, reverse=True):
        record = records[version]
        yield MetricVersion(
            version=version,
            kind=record.kind,
            why=record.why,
            release_note=record.release_note,
            approved_by=record.approved_by,
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
