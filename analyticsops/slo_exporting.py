"""Objectives in the formats of other tools."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analyticsops.slo.evaluation import Evaluation
    from analyticsops.workspace import Workspace


def exported(
    to: str, evaluate: Callable[[], tuple[Workspace, Evaluation]], namespace: str = ""
) -> str:
    """A file for a tool.

    Args:
        to: openslo, prometheus, prometheus-rules, alertmanager, grafana or openlineage.
        evaluate: asked where the file says anything of this project.
        namespace: of OpenLineage's datasets.

    Raises:
        UsageError: what it needs is not installed.
    """
    if to == "grafana":
        from analyticsops.slo.exports.grafana import dashboard

        return json.dumps(dashboard(), indent=2) + "\n"
    workspace, evaluation = evaluate()
    if to == "openslo":
        from analyticsops.slo.exports.openslo import render

        return render(evaluation.declared.slos, evaluation.project, evaluation.at)
    if to == "prometheus":
        from analyticsops.slo.exports.prometheus import exposition

        return exposition(evaluation)
    if to == "prometheus-rules":
        from analyticsops.slo.exports.prometheus_rules import rules

        return rules(evaluation.declared.shared.alerting.every)
    if to == "alertmanager":
        from analyticsops.slo.exports.alertmanager import config

        return config(evaluation)
    from analyticsops.slo.exports import openlineage

    return openlineage.render(evaluation, workspace.project, namespace)
