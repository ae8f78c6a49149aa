"""AnalyticsOps: the discipline of software and SRE for dbt projects.

Reads the files that dbt already writes and answers four questions: where does
this column come from and go to, what does this change break, is this metric
what we agreed it is, is the data as fresh as promised.

>>> import analyticsops as ao
>>> project = ao.load("target")            # doctest: +SKIP
>>> ao.trace(project, "orders.amount").upstream     # doctest: +SKIP

The names below are the public interface; everything else may change between
minor versions. Functions are verbs, because a function ``lineage`` would be hidden by
the subpackage of that name as soon as that is imported. They are loaded on first use,
so that importing the package (and ``analyticsops --version``) costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from analyticsops.api import (
        Execute,
        approve,
        check,
        check_lock,
        check_tags,
        diff,
        evaluate_objectives,
        explain_column,
        export_lineage,
        export_metrics,
        find_impact,
        find_metric,
        find_unused,
        find_ways,
        follow_tags,
        infer_types,
        list_metrics,
        load,
        load_ref,
        lock_metrics,
        lookup_of,
        measure_coverage,
        metric_sql,
        query_metrics,
        read_freshness,
        read_report,
        search,
        select_changed,
        trace,
        verify_lineage,
        verify_metrics,
        write_report,
    )
    from analyticsops.errors import AnalyticsOpsError
    from analyticsops.findings import Finding, Severity
    from analyticsops.looking_back import (
        find_deployments,
        find_flapping,
        find_retries,
        find_slow,
        list_runs,
        show_run,
        sum_cost,
    )
    from analyticsops.pulling import Warehouse, pull_runs
    from analyticsops.recording import ingest_target, open_store

__all__ = [
    "AnalyticsOpsError",
    "Execute",
    "Finding",
    "Severity",
    "Warehouse",
    "__version__",
    "approve",
    "check",
    "check_lock",
    "check_tags",
    "diff",
    "evaluate_objectives",
    "explain_column",
    "export_lineage",
    "export_metrics",
    "find_deployments",
    "find_flapping",
    "find_impact",
    "find_metric",
    "find_retries",
    "find_slow",
    "find_unused",
    "find_ways",
    "follow_tags",
    "infer_types",
    "ingest_target",
    "list_metrics",
    "list_runs",
    "load",
    "load_ref",
    "lock_metrics",
    "lookup_of",
    "measure_coverage",
    "metric_sql",
    "open_store",
    "pull_runs",
    "query_metrics",
    "read_freshness",
    "read_report",
    "search",
    "select_changed",
    "show_run",
    "sum_cost",
    "trace",
    "verify_lineage",
    "verify_metrics",
    "write_report",
]

_HOME = {
    "AnalyticsOpsError": "analyticsops.errors",
    "Finding": "analyticsops.findings",
    "Severity": "analyticsops.findings",
    "find_deployments": "analyticsops.looking_back",
    "find_flapping": "analyticsops.looking_back",
    "find_retries": "analyticsops.looking_back",
    "find_slow": "analyticsops.looking_back",
    "list_runs": "analyticsops.looking_back",
    "show_run": "analyticsops.looking_back",
    "sum_cost": "analyticsops.looking_back",
    "Warehouse": "analyticsops.pulling",
    "pull_runs": "analyticsops.pulling",
    "ingest_target": "analyticsops.recording",
    "open_store": "analyticsops.recording",
}
"""What has another home than :mod:`analyticsops.api`, which is not loaded for it."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'analyticsops' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME.get(name, "analyticsops.api")), name)


def __dir__() -> list[str]:
    return __all__
