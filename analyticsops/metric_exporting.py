"""Definitions of metrics for other tools, with a report of what these do not hold."""

from __future__ import annotations

import re
from typing import TypeAlias

from analyticsops.errors import UsageError
from analyticsops.metrics.exports.portable import Exported
from analyticsops.workspace import Workspace

Target: TypeAlias = str

TARGETS = ("metricflow", "osi", "cube", "lookml", "snowflake", "databricks")
"""Tools that definitions can be exported to."""


def export_metrics(workspace: Workspace, to: Target) -> Exported:
    """The project's semantic models and metrics, written for another tool.

    Args:
        to: one of :data:`TARGETS`.

    Raises:
        UsageError: there is no such target, or what it needs is not installed.
    """
    registry = workspace.registry
    name = registry.project.name
    if not re.fullmatch(r"[\w-]*", name):
        raise UsageError(f"{name} is no name of a project, and files would be named by it")
    if to == "metricflow":
        from analyticsops.metrics.exports.metricflow import export_metricflow

        return export_metricflow(registry)
    from analyticsops.metrics.exports.gathering import gather

    if to == "osi":
        from analyticsops.metrics.exports.osi import export_osi as export
    elif to == "cube":
        from analyticsops.metrics.exports.cube import export_cube as export
    elif to == "snowflake":
        from analyticsops.metrics.exports.snowflake import export_snowflake as export
    elif to == "databricks":
        from analyticsops.metrics.exports.databricks import export_databricks as export
    elif to == "lookml":
        try:
            from analyticsops.metrics.exports.lookml import export_lookml as export
        except ModuleNotFoundError as missing:
            what = f"the package {missing.name!r} is not installed"
            raise UsageError(what, hint="pip install 'analyticsops[lookml]'") from missing
    else:
        raise UsageError(f"no target named {to!r}", hint=f"one of {', '.join(TARGETS)}")
    return export(gather(registry))
