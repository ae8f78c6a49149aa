"""The public face: what the command line can do, in one call each.

>>> import analyticsops as ao
>>> shop = ao.load("target")                                  # doctest: +SKIP
>>> ao.lineage(shop, "fct_orders.net_revenue").upstream       # doctest: +SKIP
>>> ao.diff(ao.load("main/target"), shop).failed              # doctest: +SKIP

Results are plain immutable data. Only :func:`load` reads files; the clock is an
argument wherever one is needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from analyticsops import __version__
from analyticsops.artifacts.catalog import Catalog
from analyticsops.changes import rules as change_rules
from analyticsops.changes.compare import compare
from analyticsops.changes.rules.context import Locate
from analyticsops.changes.version import Version
from analyticsops.config import accepts_of_meta
from analyticsops.errors import NotFoundError
from analyticsops.findings import Finding, Location, order_key
from analyticsops.lineage import rules as lineage_rules
from analyticsops.lineage.build import Progress
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Link, Reached, Status
from analyticsops.metrics import rules as metric_rules
from analyticsops.metrics.registry import MetricEntry, find_metric, list_metrics
from analyticsops.project import rules as project_rules
from analyticsops.project.model import TABLES, Node, Project
from analyticsops.project.selection import Context, parse_selection, select_nodes
from analyticsops.project.stale import stale_nodes
from analyticsops.report.model import Coverage, ProjectFacts, Report, Verdict
from analyticsops.slo import rules as slo_rules
from analyticsops.slo.freshness import Objective, SourceFreshness, objectives, source_freshness
from analyticsops.sql.facts import Kind
from analyticsops.suppression import (
    Accept,
    apply_accepts,
    apply_baseline,
    apply_severities,
    failed,
    read_baseline,
)
from analyticsops.workspace import Workspace, load_workspace


def load(
    target: str | Path = "target",
    *,
    project_dir: str | Path | None = None,
    config: str | Path | None = None,
    base: Workspace | None = None,
    progress: Progress | None = None,
) -> Workspace:
    """Read a dbt target folder (or a manifest file) and the project around it.

    Args:
        project_dir: root of the dbt project; by default the target's parent.
        config: settings; by default analyticsops.yml in the project.
        base: another version of the project, whose catalog also tells the columns of
            sources and seeds here if there is no catalog here.
        progress: told (done, total) while models are analysed.

    Raises:
        ArtifactError: there is no usable manifest.
        ConfigError: the settings are wrong.
    """
    borrowed: Catalog | None = base.catalog if base else None
    return load_workspace(
        Path(target),
        project_dir=Path(project_dir) if project_dir is not None else None,
        config_path=Path(config) if config is not None else None,
        borrow_catalog=borrowed,
        progress=progress,
    )


# -- lineage -------------------------------------------------------------------


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A column on the way, how it takes part, and how many steps away it is.

    ``next`` is the column one step nearer to the one asked for.
    """

    node: str
    name: str
    column: str
    kind: str
    distance: int
    next: str
    node_kind: str
    owner: str = ""


class ColumnAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Where a column comes from and goes to.

    Attributes:
        column: as ``model.column``.
        node: ``unique_id`` of its node.
        status: ``proven``, ``partial`` or ``unknown``.
        problems: why it is not proven.
        upstream: nearest first.
        downstream: nearest first; ends (metrics, exposures, tests) included.
    """

    column: str
    node: str
    status: str
    problems: tuple[str, ...]
    upstream: tuple[Step, ...]
    downstream: tuple[Step, ...]


def lineage(
    workspace: Workspace, column: str, *, depth: int | None = None, direct: bool = False
) -> ColumnAnswer:
    """Where ``model.column`` comes from and goes to.

    Args:
        column: ``orders.amount``, ``orders.v2.amount``, ``source.table.column`` or
            ``unique_id.column``; case does not matter.
        depth: at most so many steps in each direction.
        direct: only edges through which values flow.

    Raises:
        NotFoundError: no such model or column; names the closest ones.
    """
    graph, project = workspace.graph, workspace.project
    ref = find_column(workspace, column)
    found = graph.nodes[ref.node].columns[ref.column]
    upstream = graph.upstream(ref, depth=depth, direct=direct)
    downstream = graph.downstream(ref, depth=depth, direct=direct)
    return ColumnAnswer(
        column=_label(project, ref),
        node=ref.node,
        status=found.status.value,
        problems=tuple(str(problem) for problem in found.problems),
        upstream=tuple(_step(project, step, towards="target") for step in upstream),
        downstream=tuple(_step(project, step, towards="source") for step in downstream),
    )


def find_column(workspace: Workspace, text: str) -> ColumnRef:
    """The column that ``model.column`` means.

    Raises:
        NotFoundError: with the closest names.
    """
    graph, project = workspace.graph, workspace.project
    name, _, column = text.strip().rpartition(".")
    wanted = name.lower()
    nodes = [n for n in project.nodes.values() if n.has_columns and wanted in _names(n)]
    if not nodes:
        labels = [n.label for n in project.nodes.values() if n.has_columns]
        raise NotFoundError("model", name or text.strip(), labels, where="MODEL.COLUMN")
    for node in sorted(nodes, key=_preference):
        for known in graph.nodes[node.unique_id].columns:
            if known.lower() == column.lower():
                return ColumnRef(node.unique_id, known)
    node = min(nodes, key=_preference)
    raise NotFoundError("column", column, graph.nodes[node.unique_id].columns, where=node.label)


def _names(node: Node) -> set[str]:
    return {node.unique_id.lower(), node.label.lower(), node.name.lower()}


def _preference(node: Node) -> tuple[bool, bool, str]:
    """Of several nodes with one name: models first, of versions the latest."""
    older = bool(node.version) and node.version != node.latest_version
    return node.kind == "source", older, node.unique_id


def _label(project: Project, ref: ColumnRef) -> str:
    node = project.nodes.get(ref.node)
    name = node.label if node else ref.node
    return f"{name}.{ref.column}" if ref.column else name


def _step(project: Project, step: Reached, *, towards: str) -> Step:
    node = project.nodes.get(step.ref.node)
    edge = step.edge
    return Step(
        node=step.ref.node,
        name=node.label if node else step.ref.node,
        column=step.ref.column,
        kind=edge.kind.value if edge else "",
        distance=step.distance,
        next=_label(project, getattr(edge, towards)) if edge else "",
        node_kind=node.kind if node else "external",
        owner=node.owner.name if node and node.owner else "",
    )


# -- reports -------------------------------------------------------------------


def diff(
    base: Workspace,
    head: Workspace,
    *,
    select: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    fail_on: str = "",
    baseline: Path | None = None,
    now: datetime | None = None,
) -> Report:
    """What the change from ``base`` to ``head`` breaks, and for whom.

    Args:
        select: only findings about these nodes, in dbt's selection syntax.
        exclude: not these.
        fail_on: overrides the setting: ``error``, ``warning``, ``info``, ``never``.
        baseline: overrides the setting.
        now: for the expiry of acceptances; by default the present.

    Raises:
        AnalyticsOpsError: of whatever is wrong with the input.
    """
    comparison = compare(_version(base), _version(head))
    context = change_rules.Context(
        comparison=comparison,
        locate_base=_locate(base),
        locate_head=_locate(head),
    )
    found = _selected(head, change_rules.findings(context), select, exclude, previous=base)
    return _report(
        "diff",
        head,
        found,
        base=base,
        fail_on=fail_on,
        baseline=baseline,
        now=now,
        notes=[*head.notes, *_differences(base, head)],
        verdicts=[
            Verdict(
                node=change.head.unique_id,
                name=change.head.label,
                verdict=change.verdict,
                reason=str(change.unknown[0]) if change.unknown else "",
            )
            for change in comparison.nodes.values()
            if change.defined
        ]
        + [
            Verdict(node=node.unique_id, name=node.label, verdict=verdict)
            for verdict, nodes in (("removed", comparison.removed), ("added", comparison.added))
            for node in nodes
            if node.kind in TABLES
        ],
    )


def check(
    workspace: Workspace,
    *,
    select: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    fail_on: str = "",
    baseline: Path | None = None,
    now: datetime | None = None,
) -> Report:
    """Everything that can be said about one version: lineage, metrics, freshness,
    stale artifacts. Arguments as for :func:`diff`."""
    project, locate = workspace.project, _locate(workspace)
    found: list[Finding] = [*lineage_rules.findings(project, workspace.graph, locate)]
    found += metric_rules.findings(project, metrics(workspace), locate)
    if workspace.freshness is not None:
        sources = source_freshness(project, workspace.freshness)
        held = objectives(project, sources, now or datetime.now(UTC))
        found += slo_rules.findings(project, sources, held, locate)
    if workspace.project_dir is not None:
        found += project_rules.findings(project, stale_nodes(project, workspace.project_dir))
    chosen = _selected(workspace, found, select, exclude)
    notes = [*workspace.notes, *workspace.run_notes]
    declared = [node.source for node in project.of_kind("source") if node.source]
    if workspace.freshness is None and any(source.freshness for source in declared):
        notes.append("freshness was not measured: run `dbt source freshness`")
    return _report(
        "check", workspace, chosen, fail_on=fail_on, baseline=baseline, now=now, notes=notes
    )


def metrics(workspace: Workspace) -> tuple[MetricEntry, ...]:
    """The metrics of the project, by name."""
    return list_metrics(workspace.project, workspace.graph)


def metric(workspace: Workspace, name: str) -> MetricEntry:
    """One metric, by name, label or synonym.

    Raises:
        NotFoundError: with the closest names.
    """
    return find_metric(metrics(workspace), name)


class FreshnessAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Sources as dbt measured them, and the objectives as they stand at ``now``."""

    now: datetime
    sources: tuple[SourceFreshness, ...]
    objectives: tuple[Objective, ...]
    measured: bool


def freshness(workspace: Workspace, *, now: datetime | None = None) -> FreshnessAnswer:
    """Freshness of the sources, and of what is built from them."""
    moment = now or datetime.now(UTC)
    sources = source_freshness(workspace.project, workspace.freshness)
    return FreshnessAnswer(
        now=moment,
        sources=sources,
        objectives=objectives(workspace.project, sources, moment),
        measured=workspace.freshness is not None,
    )


def _version(workspace: Workspace) -> Version:
    return Version(
        project=workspace.project,
        graph=workspace.graph,
        code=workspace.code,
        dialect=workspace.dialect,
    )


def _locate(workspace: Workspace) -> Locate:
    def locate(node: Node, column: str) -> Location | None:
        if node.package != workspace.project.name:
            return None
        return workspace.locator.locate(node, column or None)

    return locate


def _differences(base: Workspace, head: Workspace) -> list[str]:
    """What makes two versions hard to compare, and is no change of the project."""
    pairs = (
        ("project", base.project.name, head.project.name),
        ("adapter", base.project.adapter, head.project.adapter),
        ("dbt version", base.project.dbt_version, head.project.dbt_version),
    )
    return [f"{what} differs: base {a}, head {b}" for what, a, b in pairs if a != b]


def selected_nodes(
    workspace: Workspace,
    select: str | Sequence[str],
    exclude: str | Sequence[str],
    *,
    previous: Workspace | None = None,
    kinds: Sequence[str] = (),
) -> frozenset[str]:
    """Unique ids that a selection means, ``column:`` included.

    Args:
        previous: what ``state:`` compares with.
        kinds: resource types; by default those that ``dbt ls`` lists.

    Raises:
        SelectionError: what dbt would refuse.
    """
    context = Context(
        previous=previous.project if previous else None,
        run_results=workspace.run_results,
        freshness=workspace.freshness,
        previous_freshness=previous.freshness if previous else None,
        columns=lambda *asked: _column_nodes(workspace, *asked),
    )
    selection = parse_selection(select, exclude, resource_types=kinds)
    return select_nodes(workspace.project, selection, context)


def _column_nodes(
    workspace: Workspace, node: str, column: str, parents: int | None, children: int | None
) -> frozenset[str]:
    """The nodes of ``parents+column:node.column+children``."""
    graph: ColumnGraph = workspace.graph
    ref = find_column(workspace, f"{node}.{column}")
    found = {ref.node}
    if parents != 0:
        found |= {step.ref.node for step in graph.upstream(ref, depth=parents, direct=False)}
    if children != 0:
        found |= {step.ref.node for step in graph.downstream(ref, depth=children)}
    return frozenset(found & set(workspace.project.nodes))


def _selected(
    workspace: Workspace,
    found: Iterable[Finding],
    select: str | Sequence[str],
    exclude: str | Sequence[str],
    previous: Workspace | None = None,
) -> list[Finding]:
    if not select and not exclude:
        return list(found)
    chosen = selected_nodes(workspace, select, exclude, previous=previous, kinds=("all",))
    return [finding for finding in found if finding.node in chosen]


def _report(
    command: str,
    workspace: Workspace,
    found: Iterable[Finding],
    *,
    base: Workspace | None = None,
    fail_on: str,
    baseline: Path | None,
    now: datetime | None,
    notes: Iterable[str],
    verdicts: Iterable[Verdict] = (),
) -> Report:
    config = workspace.config
    today = (now or datetime.now(UTC)).date()
    marked = apply_accepts(found, [*config.accepts, *_meta_accepts(workspace)], today)
    known = baseline or config.baseline
    if known is not None:
        marked = apply_baseline(marked, read_baseline(known))
    final = apply_severities(marked, config.rules)
    limit = fail_on or config.fail_on
    codes = {finding.rule for finding in final}
    from analyticsops.catalogue import RULES

    return Report(
        command=command,
        version=__version__,
        project=_facts(workspace),
        base=_facts(base) if base else None,
        coverage=coverage(workspace),
        findings=tuple(sorted(final, key=order_key)),
        rules=tuple(rule for rule in RULES if rule.code in codes),
        verdicts=tuple(sorted(verdicts, key=lambda verdict: (verdict.name, verdict.node))),
        notes=tuple(dict.fromkeys(notes)),
        fail_on=limit,
        failed=failed(final, limit),
    )


def _meta_accepts(workspace: Workspace) -> list[Accept]:
    found: list[Accept] = []
    for node in workspace.project.nodes.values():
        entries = node.settings.get("accept")
        if entries is not None:
            path = node.patch_path or node.path
            found += accepts_of_meta(entries, node=node.unique_id, path=path)
    return found


def _facts(workspace: Workspace) -> ProjectFacts:
    project = workspace.project
    return ProjectFacts(
        name=project.name,
        dbt_version=project.dbt_version,
        adapter=project.adapter,
        generated_at=project.generated_at,
        models=len(project.of_kind("model")),
        columns=sum(len(node.columns) for node in workspace.graph.nodes.values()),
    )


def coverage(workspace: Workspace) -> Coverage:
    """How many models are proven, partial and unknown, and why."""
    counts: Counter[Status] = Counter()
    reasons: Counter[str] = Counter()
    for unique_id, found in workspace.graph.nodes.items():
        if workspace.project.nodes[unique_id].kind in ("model", "snapshot"):
            counts[found.status] += 1
            reasons.update({problem.reason for problem in found.problems})
    return Coverage(
        proven=counts[Status.PROVEN],
        partial=counts[Status.PARTIAL],
        unknown=counts[Status.UNKNOWN],
        reasons=tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
    )


__all__ = [
    "ColumnAnswer",
    "FreshnessAnswer",
    "Kind",
    "Link",
    "Step",
    "Workspace",
    "check",
    "coverage",
    "diff",
    "find_column",
    "freshness",
    "lineage",
    "load",
    "metric",
    "metrics",
    "selected_nodes",
]
