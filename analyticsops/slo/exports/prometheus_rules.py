"""Rules for Prometheus: what burns, is late, or is silent, from the metrics of this package.

They name no objective: thresholds, windows and tiers come as series, so that new objectives need
no new rules. What is bad is sampled, once in the interval of the group; our own evaluation is
exact (see :mod:`analyticsops.slo.budget`).
"""

from __future__ import annotations

from typing import Any

from analyticsops.metrics.exports.yaml_text import yaml_text
from analyticsops.slo.budget import FOUR_TIMES, GOOGLE, BurnRule
from analyticsops.slo.durations import spoken, written

_M = "analyticsops_slo_"
# One of them where two exporters, or a root that just changed, give several.
_ROOT = (
    " * on (slo, project, environment) group_left (root, is_root, times)"
    f" topk by (slo, project, environment) (1, {_M}root_info)"
)
_BY_TIER = '{{ if eq $labels.tier "critical" }}page{{ else }}ticket{{ end }}'
# The first: two exporters, or a root that just changed, give several.
_RUNBOOK = (
    '{{ with printf "' + _M + 'root_info{slo=%q,project=%q,environment=%q}" $labels.slo'
    ' $labels.project $labels.environment | query }}{{ . | first | label "runbook" }}{{ end }}'
)
_OWNER = "{{ with $labels.owner }}owner {{ . }}{{ else }}nobody owns it{{ end }}"
_INTERVAL = "30s"
_BURN_RULES = (*GOOGLE, *FOUR_TIMES)


def rules(every: int) -> str:
    """The rules as YAML.

    Args:
        every: microseconds between two evaluations; silence for twice as long is an alert.
    """
    return yaml_text(
        {
            "groups": [
                {"name": "analyticsops-slo-recorded", "interval": _INTERVAL, "rules": _recorded()},
                {
                    "name": "analyticsops-slo-alerts",
                    "interval": _INTERVAL,
                    "rules": [
                        _late(),
                        _missed(),
                        *map(_burns, _BURN_RULES),
                        _exhausted(),
                        _unknown(),
                    ],
                },
                {
                    "name": "analyticsops-slo-silence",
                    "interval": _INTERVAL,
                    "rules": _silence(every),
                },
            ]
        }
    )


def _recorded() -> list[dict[str, Any]]:
    bad = f"({_M}expires_timestamp_seconds < bool time()) and {_M}counts == 1"
    found = [{"record": "analyticsops_slo:bad:bool", "expr": bad}]
    lengths = {length for rule in _BURN_RULES for length in (rule.long, rule.short)}
    for length in sorted(lengths):
        name = written(length)
        found.append(
            {
                "record": f"analyticsops_slo:burn_rate:{name}",
                "expr": f"avg_over_time(analyticsops_slo:bad:bool[{name}]) / (1 - {_M}target_ratio)"
                f' or max without (window) ({_M}burn_rate{{window="{name}"}})',
            }
        )
    return found


def _alert(
    name: str, expr: str, summary: str, *, severity: str = _BY_TIER, wait: str = ""
) -> dict[str, Any]:
    return {
        "alert": name,
        "expr": expr,
        "for": wait,
        "labels": {"severity": severity},
        "annotations": {"summary": summary, "runbook_url": _RUNBOOK},
    }


def _late() -> dict[str, Any]:
    """Also where the exporter has not said so: the clock goes on without it."""
    return _alert(
        "AnalyticsopsDataLate",
        f"(analyticsops_slo:bad:bool == 1){_ROOT}",
        "{{ $labels.slo }} is not met: its data is too old or overdue, behind it "
        "{{ $labels.root }}; " + _OWNER,
    )


def _missed() -> dict[str, Any]:
    return _alert(
        "AnalyticsopsMissed",
        f"({_M}missed_in_a_row >= 2){_ROOT}",
        "{{ $labels.slo }} was missed {{ $value }} times in a row; " + _OWNER,
    )


def _burns(rule: BurnRule) -> dict[str, Any]:
    long, short = written(rule.long), written(rule.short)
    threshold = f'ignoring (rule) {_M}burn_threshold{{rule="{rule.name}"}}'
    name = "".join(part.capitalize() for part in rule.name.split("-"))
    return _alert(
        f"AnalyticsopsBudget{name}",
        f"(analyticsops_slo:burn_rate:{long} >= {threshold}"
        f" and analyticsops_slo:burn_rate:{short} >= {threshold}){_ROOT}",
        "{{ $labels.slo }} burns its error budget {{ $value | humanize }} times as fast as it "
        f"lasts, over {spoken(rule.long)}; " + _OWNER,
        severity=_BY_TIER if rule.page else "ticket",
    )


def _exhausted() -> dict[str, Any]:
    return _alert(
        "AnalyticsopsBudgetExhausted",
        f"({_M}budget_remaining_ratio < 0){_ROOT}",
        "The error budget of {{ $labels.slo }} is used up; " + _OWNER,
        severity="ticket",
    )


def _unknown() -> dict[str, Any]:
    return _alert(
        "AnalyticsopsUnknown",
        f"({_M}unknown == 1){_ROOT}",
        "Nobody knows whether {{ $labels.slo }} is met; " + _OWNER,
        severity="ticket",
        wait="1h",
    )


def _silence(every: int) -> list[dict[str, Any]]:
    """Of our own: its last evaluation is old, or its metrics are gone; and a signal that always
    fires, whose absence a dead man's switch notices."""
    seconds = 2 * every // 1_000_000
    evaluated = f"{_M}evaluated_timestamp_seconds"
    return [
        {
            "alert": "AnalyticsopsSilent",
            "expr": f"time() - {evaluated} > {seconds}",
            "labels": {"severity": "page"},
            "annotations": {
                "summary": "Objectives were not evaluated for {{ $value | humanizeDuration }}"
            },
        },
        {
            "alert": "AnalyticsopsAbsent",
            "expr": f"absent({evaluated})",
            "for": "10m",
            "labels": {"severity": "page"},
            "annotations": {"summary": "There are no metrics of objectives"},
        },
        {
            "alert": "AnalyticsopsWatchdog",
            "expr": "vector(1)",
            "labels": {"severity": "none"},
            "annotations": {"summary": "Always fires: its absence means that nobody is told"},
        },
    ]
