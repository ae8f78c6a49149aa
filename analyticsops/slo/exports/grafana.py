"""A dashboard of Grafana over the metrics of this package: for executives, on call, debugging.

Plain JSON of Grafana's schema version 39, which newer ones migrate on load.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

_M = "analyticsops_slo_"
_CHOSEN = 'project=~"$project",environment=~"$environment"'
_SLO = f'{_CHOSEN},slo=~"$slo"'
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_GOOD_BAD: Sequence[dict[str, Any]] = [
    {"color": "red", "value": None},
    {"color": "orange", "value": 0.25},
    {"color": "green", "value": 0.5},
]
_BAD_ABOVE_0: Sequence[dict[str, Any]] = [
    {"color": "green", "value": None},
    {"color": "red", "value": 1},
]


class Shown(NamedTuple):
    """A panel.

    Attributes:
        title: of it.
        kind: stat, table, timeseries or bargauge.
        width: of 24.
        queries: (expression, legend).
        unit: Grafana's name for it.
        steps: colours of thresholds.
    """

    title: str
    kind: str
    width: int
    queries: Sequence[tuple[str, str]]
    unit: str = "short"
    steps: Sequence[dict[str, Any]] = ()


ROWS: dict[str, tuple[Shown, ...]] = {
    "Executive": (
        Shown(
            "Objectives met now",
            "stat",
            6,
            [(f"avg({_M}met{{{_CHOSEN}}})", "")],
            "percentunit",
            _GOOD_BAD,
        ),
        Shown(
            "Budgets used up",
            "stat",
            6,
            [(f"count({_M}budget_remaining_ratio{{{_CHOSEN}}} < 0) or vector(0)", "")],
            "short",
            _BAD_ABOVE_0,
        ),
        Shown(
            "Nobody knows",
            "stat",
            6,
            [(f"sum({_M}unknown{{{_CHOSEN}}})", "")],
            "short",
            _BAD_ABOVE_0,
        ),
        Shown(
            "Last evaluation",
            "stat",
            6,
            [(f"time() - max({_M}evaluated_timestamp_seconds{{{_CHOSEN}}})", "")],
            "s",
        ),
        Shown(
            "Error budget left",
            "bargauge",
            12,
            [(f"sort({_M}budget_remaining_ratio{{{_SLO}}})", "{{slo}}")],
            "percentunit",
            _GOOD_BAD,
        ),
        Shown(
            "Error budget left over time",
            "timeseries",
            12,
            [(f"{_M}budget_remaining_ratio{{{_SLO}}}", "{{slo}}")],
            "percentunit",
        ),
    ),
    "On call": (
        Shown(
            "Open incidents",
            "stat",
            4,
            [(f"sum by (severity) ({_M}open_incidents{{{_CHOSEN}}})", "{{severity}}")],
            "short",
            _BAD_ABOVE_0,
        ),
        Shown(
            "Not met, and what is behind it",
            "table",
            20,
            [
                (
                    f"({_M}met{{{_SLO}}} == 0) + on (slo, project, environment)"
                    f" group_left (root, runbook) 0 * {_M}root_info",
                    "",
                )
            ],
        ),
        Shown(
            "Time until data is too old",
            "timeseries",
            12,
            [(f"{_M}expires_timestamp_seconds{{{_SLO}}} - time()", "{{slo}}")],
            "s",
        ),
        Shown(
            "Burn rate over an hour",
            "timeseries",
            12,
            [(f"analyticsops_slo:burn_rate:1h{{{_SLO}}}", "{{slo}}")],
        ),
    ),
    "Debug": (
        Shown(
            "Age of data, and threshold",
            "timeseries",
            12,
            [
                (f"time() - {_M}data_timestamp_seconds{{{_SLO}}}", "{{slo}}"),
                (f"{_M}threshold_seconds{{{_SLO}}}", "{{slo}} allowed"),
            ],
            "s",
        ),
        Shown(
            "What was good, and the target",
            "timeseries",
            12,
            [
                (f"{_M}sli_ratio{{{_SLO}}}", "{{slo}}"),
                (f"{_M}target_ratio{{{_SLO}}}", "{{slo}} target"),
            ],
            "percentunit",
        ),
        Shown(
            "Since a node was last built well",
            "timeseries",
            12,
            [(f"time() - {_M}node_last_success_timestamp_seconds{{{_CHOSEN}}}", "{{node}}")],
            "s",
        ),
        Shown(
            "Since a job last ended well",
            "timeseries",
            12,
            [(f"time() - {_M}job_last_success_timestamp_seconds{{{_CHOSEN}}}", "{{dbt_job}}")],
            "s",
        ),
        Shown(
            "Missed in a row",
            "timeseries",
            12,
            [(f"{_M}missed_in_a_row{{{_SLO}}}", "{{slo}}")],
        ),
        Shown(
            "Objectives that cannot be read",
            "stat",
            12,
            [(f"sum({_M}invalid_objectives{{{_CHOSEN}}})", "")],
            "short",
            _BAD_ABOVE_0,
        ),
    ),
}
"""Panels by row."""


def dashboard() -> dict[str, Any]:
    """The dashboard, to be imported or provisioned."""
    panels: list[dict[str, Any]] = []
    y = 0
    for title, shown in ROWS.items():
        place = {"h": 1, "w": 24, "x": 0, "y": y}
        row = {"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": place}
        panels.append({"id": len(panels) + 1, **row})
        y, x, height = y + 1, 0, 0
        for one in shown:
            if x + one.width > 24:
                x, y = 0, y + height
            height = 8 if one.width > 6 else 4
            panels.append(
                _panel(one, len(panels) + 1, {"h": height, "w": one.width, "x": x, "y": y})
            )
            x += one.width
        y += height
    return {
        "uid": "analyticsops-slo",
        "title": "Data objectives (analyticsops)",
        "tags": ["analyticsops", "slo", "dbt"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "1m",
        "time": {"from": "now-7d", "to": "now"},
        "templating": {"list": _variables()},
        "annotations": {"list": []},
        "panels": panels,
    }


def _panel(shown: Shown, number: int, place: dict[str, int]) -> dict[str, Any]:
    instant = shown.kind != "timeseries"
    defaults: dict[str, Any] = {"unit": shown.unit}
    if shown.steps:
        defaults["thresholds"] = {"mode": "absolute", "steps": list(shown.steps)}
    return {
        "id": number,
        "type": shown.kind,
        "title": shown.title,
        "datasource": _SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {},
        "targets": [
            {
                "refId": chr(ord("A") + index),
                "datasource": _SOURCE,
                "expr": expr,
                "legendFormat": legend,
                "instant": instant,
                "range": not instant,
                "format": "table" if shown.kind == "table" else "time_series",
            }
            for index, (expr, legend) in enumerate(shown.queries)
        ],
    }


def _variables() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}
    ]
    found += [
        {
            "name": name,
            "type": "query",
            "datasource": _SOURCE,
            "query": f"label_values({_M}target_ratio, {name})",
            "includeAll": True,
            "allValue": ".*",
            "multi": True,
            "current": {"text": "All", "value": "$__all"},
            "refresh": 2,
        }
        for name in ("project", "environment", "slo")
    ]
    return found
