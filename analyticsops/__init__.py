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
        AnalyticsOpsError,
        Execute,
        Finding,
        Severity,
        Warehouse,
        approve,
        check,
        check_lock,
        check_tags,
        diff,
        evaluate_objectives,
        explain_column,
        export_lineage,
        export_metrics,
        find_deployments,
        find_flapping,
        find_impact,
        find_metric,
        find_retries,
        find_slow,
        find_unused,
        find_ways,
        follow_tags,
        infer_types,
        ingest_target,
        list_metrics,
        list_runs,
        load,
        load_ref,
        lock_metrics,
        lookup_of,
        measure_coverage,
        metric_sql,
        open_store,
        pull_runs,
        query_metrics,
        read_freshness,
        read_report,
        search,
        select_changed,
        show_run,
        sum_cost,
        trace,
        verify_lineage,
        verify_metrics,
        write_report,
    )

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


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'analyticsops' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("analyticsops.api"), name)


def __dir__() -> list[str]:
    return __all__
