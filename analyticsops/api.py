"""The public face: what the command line can do, in one call each.

>>> import analyticsops as ao
>>> shop = ao.load("target")                                  # doctest: +SKIP
>>> ao.trace(shop, "fct_orders.net_revenue").upstream       # doctest: +SKIP
>>> ao.diff(ao.load("main/target"), shop).failed              # doctest: +SKIP

Results are plain immutable data. Only :func:`load` and :func:`load_ref` read files; the clock is an
argument wherever one is needed.

Here stands where each name is at home. A module is loaded when one of its names is used, since
a question about a column needs neither the rules nor the history, and they take as long to load
as the question takes to answer.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analyticsops.approving import approve as approve
    from analyticsops.checking import (
        FreshnessAnswer as FreshnessAnswer,
        check as check,
        check_lock as check_lock,
        check_tags as check_tags,
        read_freshness as read_freshness,
    )
    from analyticsops.comparing import select_changed as select_changed
    from analyticsops.errors import AnalyticsOpsError as AnalyticsOpsError
    from analyticsops.evaluating import evaluate_objectives as evaluate_objectives
    from analyticsops.executed import Counterexample as Counterexample, Execution as Execution
    from analyticsops.executing import Execute as Execute
    from analyticsops.findings import Finding as Finding, Severity as Severity
    from analyticsops.lineage.graph import Link as Link
    from analyticsops.loading import (
        load as load,
        load_ref as load_ref,
        read_mentions as read_mentions,
    )
    from analyticsops.looking_back import (
        find_deployments as find_deployments,
        find_flapping as find_flapping,
        find_retries as find_retries,
        find_slow as find_slow,
        list_runs as list_runs,
        show_run as show_run,
        sum_cost as sum_cost,
    )
    from analyticsops.lookup.index import Found as Found
    from analyticsops.measuring import (
        MetricRows as MetricRows,
        metric_sql as metric_sql,
        query_metrics as query_metrics,
    )
    from analyticsops.metric_cards import MetricCard as MetricCard
    from analyticsops.metric_exporting import export_metrics as export_metrics
    from analyticsops.metric_verification import (
        MetricVerification as MetricVerification,
        verify_metrics as verify_metrics,
    )
    from analyticsops.metrics.checks.result import MetricCheck as MetricCheck
    from analyticsops.metrics.exports.portable import Exported as Exported, Loss as Loss
    from analyticsops.publishing import write_report as write_report
    from analyticsops.pulling import Warehouse as Warehouse, pull_runs as pull_runs
    from analyticsops.recording import ingest_target as ingest_target, open_store as open_store
    from analyticsops.registering import (
        LockAnswer as LockAnswer,
        find_metric as find_metric,
        list_metrics as list_metrics,
        lock_metrics as lock_metrics,
    )
    from analyticsops.reporting import coverage as coverage, read_report as read_report
    from analyticsops.reviewing import diff as diff
    from analyticsops.searching import (
        Lookup as Lookup,
        lookup_of as lookup_of,
        open_lookup as open_lookup,
        search as search,
    )
    from analyticsops.selecting import selected_nodes as selected_nodes
    from analyticsops.slo.evaluation import Evaluation as Evaluation
    from analyticsops.sql.facts import Kind as Kind
    from analyticsops.surveying import (
        ColumnType as ColumnType,
        CoverageAnswer as CoverageAnswer,
        TaggedColumn as TaggedColumn,
        TagsAnswer as TagsAnswer,
        export_lineage as export_lineage,
        find_unused as find_unused,
        follow_tags as follow_tags,
        infer_types as infer_types,
        measure_coverage as measure_coverage,
        namespace_note as namespace_note,
    )
    from analyticsops.tracing import (
        ColumnAnswer as ColumnAnswer,
        ImpactAnswer as ImpactAnswer,
        Step as Step,
        WaysAnswer as WaysAnswer,
        WhyAnswer as WhyAnswer,
        explain_column as explain_column,
        find_column as find_column,
        find_impact as find_impact,
        find_ways as find_ways,
        trace as trace,
    )
    from analyticsops.verify.report import ModelResult as ModelResult, VerifyReport as VerifyReport
    from analyticsops.verifying import verify_lineage as verify_lineage
    from analyticsops.workspace import Workspace as Workspace, project_of as project_of

_NAMES = {
    "analyticsops.approving": ("approve",),
    "analyticsops.checking": (
        "FreshnessAnswer",
        "check",
        "check_lock",
        "check_tags",
        "read_freshness",
    ),
    "analyticsops.comparing": ("select_changed",),
    "analyticsops.errors": ("AnalyticsOpsError",),
    "analyticsops.evaluating": ("evaluate_objectives",),
    "analyticsops.executed": ("Counterexample", "Execution"),
    "analyticsops.executing": ("Execute",),
    "analyticsops.findings": ("Finding", "Severity"),
    "analyticsops.lineage.graph": ("Link",),
    "analyticsops.loading": ("load", "load_ref", "read_mentions"),
    "analyticsops.looking_back": (
        "find_deployments",
        "find_flapping",
        "find_retries",
        "find_slow",
        "list_runs",
        "show_run",
        "sum_cost",
    ),
    "analyticsops.lookup.index": ("Found",),
    "analyticsops.measuring": ("MetricRows", "metric_sql", "query_metrics"),
    "analyticsops.metric_cards": ("MetricCard",),
    "analyticsops.metric_exporting": ("export_metrics",),
    "analyticsops.metric_verification": ("MetricVerification", "verify_metrics"),
    "analyticsops.metrics.checks.result": ("MetricCheck",),
    "analyticsops.metrics.exports.portable": ("Exported", "Loss"),
    "analyticsops.publishing": ("write_report",),
    "analyticsops.pulling": ("Warehouse", "pull_runs"),
    "analyticsops.recording": ("ingest_target", "open_store"),
    "analyticsops.registering": ("LockAnswer", "find_metric", "list_metrics", "lock_metrics"),
    "analyticsops.reporting": ("coverage", "read_report"),
    "analyticsops.reviewing": ("diff",),
    "analyticsops.searching": ("Lookup", "lookup_of", "open_lookup", "search"),
    "analyticsops.selecting": ("selected_nodes",),
    "analyticsops.slo.evaluation": ("Evaluation",),
    "analyticsops.sql.facts": ("Kind",),
    "analyticsops.surveying": (
        "ColumnType",
        "CoverageAnswer",
        "TaggedColumn",
        "TagsAnswer",
        "export_lineage",
        "find_unused",
        "follow_tags",
        "infer_types",
        "measure_coverage",
        "namespace_note",
    ),
    "analyticsops.tracing": (
        "ColumnAnswer",
        "ImpactAnswer",
        "Step",
        "WaysAnswer",
        "WhyAnswer",
        "explain_column",
        "find_column",
        "find_impact",
        "find_ways",
        "trace",
    ),
    "analyticsops.verify.report": ("ModelResult", "VerifyReport"),
    "analyticsops.verifying": ("verify_lineage",),
    "analyticsops.workspace": ("Workspace", "project_of"),
}
_HOME = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(_HOME)
