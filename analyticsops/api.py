"""The public face: what the command line can do, in one call each.

>>> import analyticsops as ao
>>> shop = ao.load("target")                                  # doctest: +SKIP
>>> ao.trace(shop, "fct_orders.net_revenue").upstream       # doctest: +SKIP
>>> ao.diff(ao.load("main/target"), shop).failed              # doctest: +SKIP

Results are plain immutable data. Only :func:`load` and :func:`load_ref` read files; the clock is an
argument wherever one is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from analyticsops.approving import approve
from analyticsops.artifacts.catalog import Catalog
from analyticsops.checking import (
    FreshnessAnswer,
    check,
    check_lock,
    check_tags,
    locator_of,
    read_freshness,
)
from analyticsops.collecting import collected_rarely
from analyticsops.comparing import differences, select_changed, verdicts_of, versions_of
from analyticsops.evaluating import evaluate
from analyticsops.executed import Counterexample, Execution
from analyticsops.executing import Execute, execute_changes
from analyticsops.findings import Perspective, Strictness
from analyticsops.lineage.build import Progress
from analyticsops.lineage.graph import Link
from analyticsops.lookup.index import Found
from analyticsops.measuring import MetricRows, metric_sql, query_metrics
from analyticsops.metric_cards import MetricCard
from analyticsops.metric_exporting import export_metrics
from analyticsops.metric_verification import MetricVerification, verify_metrics
from analyticsops.metrics import entries
from analyticsops.metrics.checks.result import MetricCheck
from analyticsops.metrics.entries import MetricEntry
from analyticsops.metrics.exports.portable import Exported, Loss
from analyticsops.recording import existing_store
from analyticsops.registering import (
    LockAnswer,
    lock_metrics,
    meaning_changes,
)
from analyticsops.report.model import Report
from analyticsops.reporting import chosen, coverage, make_report, read_report
from analyticsops.searching import Lookup, lookup_of, open_lookup, search
from analyticsops.selecting import selected_findings, selected_nodes
from analyticsops.slo.evaluation import Evaluation
from analyticsops.sql.facts import Kind
from analyticsops.surveying import (
    ColumnType,
    CoverageAnswer,
    TaggedColumn,
    TagsAnswer,
    export_lineage,
    find_unused,
    follow_tags,
    infer_types,
    measure_coverage,
    namespace_note,
)
from analyticsops.tracing import (
    ColumnAnswer,
    ImpactAnswer,
    Step,
    WaysAnswer,
    WhyAnswer,
    explain_column,
    find_column,
    find_impact,
    find_ways,
    trace,
)
from analyticsops.verify.report import ModelResult, VerifyReport
from analyticsops.verifying import verify_lineage
from analyticsops.workspace import Workspace, load_commit, load_workspace, project_of


def load(
    target: str | Path = "target",
    *,
    project_dir: str | Path | None = None,
    config: str | Path | None = None,
    base: Workspace | None = None,
    also: Sequence[str | Path] = (),
    progress: Progress | None = None,
) -> Workspace:
    """Read a dbt target folder (or a manifest file) and the project around it.

    Args:
        project_dir: root of the dbt project; by default the target's parent.
        config: settings; by default analyticsops.yml in the project.
        also: target folders or manifests of other projects whose models this one reads,
            beside those that the settings name.
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
        also=[Path(path) for path in also],
        progress=progress,
    )


def load_ref(
    ref: str,
    head: Workspace,
    *,
    commands: Sequence[str] = (),
    progress: Progress | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Workspace:
    """The commit at which the current git branch left ``ref``, compiled by dbt and kept.

    >>> head = ao.load("target")                                  # doctest: +SKIP
    >>> ao.diff(ao.load_ref("origin/main", head), head).failed    # doctest: +SKIP

    Args:
        ref: a branch, tag or commit. Of a branch that went on since, the common commit.
        head: the version in the working tree; dbt is called as it was called for it.
        commands: how to call dbt instead, for instance ``dbt compile --target ci``; the
            second is tried if the first fails, and so on.
        progress: told (done, total) while models are analysed.
        tell: told, in a line, what takes long.

    Raises:
        ProcessError: git or dbt is missing or fails.
        ArtifactError: what dbt wrote cannot be used.
    """
    return load_commit(ref, head, commands=commands, progress=progress, tell=tell)


# -- reports -------------------------------------------------------------------


@collected_rarely()
def diff(
    base: Workspace,
    head: Workspace,
    *,
    select: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    fail_on: str = "",
    strictness: str = "",
    perspective: str = "",
    baseline: Path | None = None,
    execute: Execute | None = None,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> Report:
    """What the change from ``base`` to ``head`` breaks, and for whom.

    Args:
        select: only findings about these nodes, in dbt's selection syntax.
        exclude: not these.
        fail_on: overrides the setting: ``error``, ``warning``, ``info``, ``never``.
        strictness: overrides the setting: ``relation``, ``schema``, ``data``, ``kpi``,
            ``strict``; each tells what those before it tell, and more.
        perspective: overrides the setting: ``consumer`` or ``producer``.
        baseline: overrides the setting.
        execute: how to run both versions of what changed on the same data; None not to.
        now: for deprecations and the expiry of acceptances; by default the present.
        progress: told how many models were executed, of how many; by default as by ``head``.

    Raises:
        AnalyticsOpsError: of whatever is wrong with the input.
    """
    from analyticsops.changes import compare, rules  # not for every command

    comparison = compare.compare(*versions_of(base, head))
    context = rules.Context(
        comparison=comparison,
        locate_base=locator_of(base),
        locate_head=locator_of(head),
        strictness=chosen(Strictness, strictness, head.config.strictness),
        perspective=chosen(Perspective, perspective, head.config.perspective),
        today=(now or datetime.now(UTC)).date(),
    )
    changes = [*rules.findings(context), *meaning_changes(base, head, context.strictness, now)]
    found = selected_findings(head, changes, select, exclude, previous=base)
    found, executions = execute_changes(
        comparison, base, head, found, execute, context.locate_head, select, exclude, progress
    )
    return make_report(
        "diff",
        head,
        found,
        base=base,
        fail_on=fail_on,
        baseline=baseline,
        now=now,
        notes=[*head.notes, *(base.notes if base.commit else ()), *differences(base, head)],
        verdicts=verdicts_of(comparison),
        executions=executions,
        whole=not (select or exclude),
    )


def evaluate_objectives(
    workspace: Workspace,
    history: str | Path | None = None,
    *,
    environment: str = "",
    now: datetime | None = None,
) -> Evaluation:
    """How all objectives stand by the history, and what is wrong, by what caused it. Nothing is
    written and nobody told; :func:`analyticsops.slo.facts.facts_of` makes plain facts of it.

    Args:
        history: folder of the history, or its address; by default that in the project.
        environment: whose runs count; by default that of `slos/*.yml`, else the only one.
        now: the moment; by default the present.

    Raises:
        UsageError: there is no history, or it is not clear whose runs count.
        ConfigError: a file in `slos/` is wrong.
        HistoryError: the history cannot be read.
    """
    store = existing_store(history, workspace.project_dir)
    return evaluate(workspace, store, environment=environment, now=now)


def write_report(
    workspace: Workspace,
    output: str | Path,
    *,
    history: str | Path | None = None,
    incidents: str | Path | None = None,
    environment: str = "",
    review: Report | None = None,
    title: str = "",
    sql: bool = False,
    now: datetime | None = None,
) -> int:
    """Write the page to look at, as ``analyticsops report`` does, and return its bytes.

    Args:
        output: a folder, or a file if it ends in ``.html``: everything in one.
        history: folder or address of the history; None for none.
        incidents: folder of what was told; by default beside the history.
        environment: whose runs count.
        review: what :func:`diff` found between another version and this one.
        title: of the site; by default the project's name.
        sql: True to show SQL and expressions, with the literals that are written there.
        now: the moment; by default the present.

    Raises:
        UsageError: somebody else's files are there, or it cannot be written.
        AnalyticsOpsError: of whatever is wrong with the input.
    """
    # Few programs want a page, and it takes what few others need.
    from analyticsops.publishing import Past, publish
    from analyticsops.responding import incidents_folder
    from analyticsops.site.folder import write_file, write_site

    past = None
    if history is not None:
        past = Past(
            store=existing_store(history, workspace.project_dir),
            incidents=Path(incidents) if incidents is not None else incidents_folder(history),
            environment=environment,
        )
    site = publish(workspace, past=past, review=review, title=title, sql=sql, now=now)
    path = Path(output)
    return write_file(site, path) if path.suffix == ".html" else write_site(site, path)


def read_mentions(config: str | Path | None = None) -> Mapping[str, str]:
    """Whom a comment mentions for which owner, by the settings.

    Raises:
        ConfigError: they are wrong.
    """
    from analyticsops.config import load_config

    path = Path(config) if config is not None else None
    return load_config(path, Path.cwd()).review.mentions


def list_metrics(workspace: Workspace) -> tuple[MetricEntry, ...]:
    """The metrics of the project, by name."""
    return workspace.registry.entries


def find_metric(workspace: Workspace, name: str) -> MetricEntry:
    """One metric, by name, label or synonym.

    Raises:
        NotFoundError: with the closest names.
    """
    return entries.find_metric(list_metrics(workspace), name)


__all__ = [
    "ColumnAnswer",
    "ColumnType",
    "Counterexample",
    "CoverageAnswer",
    "Evaluation",
    "Execute",
    "Execution",
    "Exported",
    "Found",
    "FreshnessAnswer",
    "ImpactAnswer",
    "Kind",
    "Link",
    "LockAnswer",
    "Lookup",
    "Loss",
    "MetricCard",
    "MetricCheck",
    "MetricRows",
    "MetricVerification",
    "ModelResult",
    "Step",
    "TaggedColumn",
    "TagsAnswer",
    "VerifyReport",
    "WaysAnswer",
    "WhyAnswer",
    "Workspace",
    "approve",
    "check",
    "check_lock",
    "check_tags",
    "coverage",
    "diff",
    "evaluate_objectives",
    "explain_column",
    "export_lineage",
    "export_metrics",
    "find_column",
    "find_impact",
    "find_metric",
    "find_unused",
    "find_ways",
    "follow_tags",
    "infer_types",
    "list_metrics",
    "load",
    "load_ref",
    "lock_metrics",
    "lookup_of",
    "measure_coverage",
    "metric_sql",
    "namespace_note",
    "open_lookup",
    "project_of",
    "query_metrics",
    "read_freshness",
    "read_mentions",
    "read_report",
    "search",
    "select_changed",
    "selected_nodes",
    "trace",
    "verify_lineage",
    "verify_metrics",
    "write_report",
]
