"""A configuration of Alertmanager: routes, inhibition by root cause, times that are quiet.

No secret stands in it: every address and key is read from a file that is named after the
environment variable that :mod:`analyticsops.telling` reads it from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from analyticsops.metrics.exports.yaml_text import yaml_text
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.exports.times import times_of
from analyticsops.slo.objective import Slo
from analyticsops.slo.spans import DAY, MINUTE, Instant, time_of
from analyticsops.slo.spec.entries import MatchEntry, ReceiverEntry, RouteEntry

SECRETS = "secrets"
"""Folder beside the configuration, for addresses and keys."""

_AHEAD = 35 * DAY
_HOLIDAYS_AHEAD = 400
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NOBODY = "nobody"


def config(evaluation: Evaluation) -> str:
    """The configuration as YAML, by the routes and receivers of `slos/*.yml`."""
    shared = evaluation.declared.shared
    quiet: dict[str, Slo] = {}
    for slo in evaluation.declared.slos:
        name = times_of(evaluation, slo)
        if name:
            quiet.setdefault(name, slo)
    times: list[dict[str, Any]] = []
    inner: list[dict[str, Any]] = []
    for name, slo in sorted(quiet.items()):
        active, muted = _times(name, slo, evaluation.at)
        times += active + muted
        if active or muted:
            inner.append(
                {
                    "matchers": [f'times="{name}"'],
                    "active_time_intervals": [one["name"] for one in active],
                    "mute_time_intervals": [one["name"] for one in muted],
                }
            )
    return yaml_text(
        {
            "route": {
                "receiver": _NOBODY,
                "group_by": ["project", "environment", "root", "severity"],
                "group_wait": "30s",
                "group_interval": "5m",
                "repeat_interval": "12h",
                "routes": [*_routes(shared.routes, shared.receivers, inner)],
            },
            "inhibit_rules": _inhibitions(),
            "time_intervals": times,
            "receivers": [
                {"name": _NOBODY},
                *(_receiver(name, one) for name, one in sorted(shared.receivers.items())),
            ],
        }
    )


def _inhibitions() -> list[dict[str, Any]]:
    """What is behind it silences what it reaches, and a page the ticket about the same; a ticket
    never silences a page."""
    equal = ["project", "environment", "root"]
    return [
        {
            "source_matchers": ['is_root="true"', f'severity="{severity}"'],
            "target_matchers": ['is_root="false"', f'severity=~"{lesser}"'],
            "equal": equal,
        }
        for severity, lesser in (("page", "page|ticket"), ("ticket", "ticket"))
    ] + [
        {
            "source_matchers": ['severity="page"', 'slo!=""'],
            "target_matchers": ['severity="ticket"', 'slo!=""'],
            "equal": ["project", "environment", "slo"],
        }
    ]


def _routes(
    routes: Sequence[RouteEntry],
    receivers: Mapping[str, ReceiverEntry],
    inner: Sequence[dict[str, Any]],
) -> Iterator[dict[str, Any]]:
    beats = [name for name, one in sorted(receivers.items()) if one.type == "heartbeat"]
    for name in beats:
        yield {
            "receiver": name,
            "matchers": ['alertname="AnalyticsopsWatchdog"'],
            "group_wait": "0s",
            "repeat_interval": "5m",
            "continue": True,
        }
    # The watchdog is for nobody else.
    yield {"receiver": _NOBODY, "matchers": ['alertname="AnalyticsopsWatchdog"']}
    for route in routes:
        for name in route.to:
            if name in receivers and receivers[name].type != "heartbeat":
                yield {
                    "receiver": name,
                    "matchers": [*_matchers(route.match)],
                    "continue": True,
                    "routes": list(inner),
                }


def _matchers(match: MatchEntry) -> Iterator[str]:
    for label, pattern in (
        ("severity", match.severity or ""),
        ("owner", match.owner),
        ("group", match.group),
        ("tier", match.tier or ""),
        ("subject", match.node),
    ):
        if pattern:
            quoted = _regex(pattern).replace("\\", "\\\\").replace('"', '\\"')
            yield f'{label}=~"{quoted}"'


def _regex(pattern: str) -> str:
    """A pattern of file names as a regular expression; Alertmanager anchors it."""
    known = {"*": ".*", "?": "."}
    return "".join(known.get(char) or re.escape(char).replace("\\ ", " ") for char in pattern)


def _receiver(name: str, entry: ReceiverEntry) -> dict[str, Any]:
    address = f"{SECRETS}/{entry.url_env}"
    authorization: dict[str, Any] = {}
    if entry.token_env:
        token = {"credentials_file": f"{SECRETS}/{entry.token_env}"}
        authorization = {"http_config": {"authorization": token}}
    if entry.type == "slack":
        one = {
            "api_url_file": address,
            "send_resolved": True,
            "title": "{{ .CommonLabels.severity }}: {{ .CommonLabels.root }}",
            "text": "{{ range .Alerts }}{{ .Annotations.summary }}\n{{ end }}",
        }
        return {"name": name, "slack_configs": [{**one, **authorization}]}
    if entry.type == "pagerduty":
        one = {
            "routing_key_file": f"{SECRETS}/{entry.key_env}",
            "severity": '{{ if eq .CommonLabels.severity "page" }}critical'
            "{{ else }}warning{{ end }}",
        }
        return {"name": name, "pagerduty_configs": [{**one, **authorization}]}
    resolved = entry.type != "heartbeat"
    hook = {"url_file": address, "send_resolved": resolved, **authorization}
    return {"name": name, "webhook_configs": [hook]}


# -- times ---------------------------------------------------------------------


def _times(name: str, slo: Slo, at: Instant) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(when it is told, when it is not), as named intervals. Of holidays those of the next 400
    days and of planned work that of the next 35 is written: export again every month."""
    active: list[dict[str, Any]] = []
    muted: list[dict[str, Any]] = []
    calendar = slo.calendar
    if calendar is not None:
        zone = {"location": calendar.timezone}
        spans = [{"start_time": _clock(a), "end_time": _clock(b)} for a, b in calendar.hours]
        days = [_WEEK[day] for day in sorted(calendar.days)]
        active.append(
            {
                "name": f"{name}-hours",
                "time_intervals": [{"weekdays": days, "times": spans, **zone}],
            }
        )
        today = time_of(at).date()
        coming = [
            {**_day(day), **zone}
            for day in sorted(calendar.holidays)
            if timedelta(days=-1) <= day - today <= timedelta(days=_HOLIDAYS_AHEAD)
        ]
        if coming:
            muted.append({"name": f"{name}-holidays", "time_intervals": coming})
    planned = [
        piece
        for work in slo.maintenance
        for start, end in work.spans((at, at + _AHEAD))
        if end > at and start < at + _AHEAD
        for piece in _days_of(start, end)
    ]
    if planned:
        muted.append({"name": f"{name}-planned", "time_intervals": planned})
    return active, muted


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _day(day: date) -> dict[str, Any]:
    return {
        "days_of_month": [str(day.day)],
        "months": [str(day.month)],
        "years": [str(day.year)],
    }


def _days_of(start: Instant, end: Instant) -> Iterator[dict[str, Any]]:
    """A time of planned work, a piece for each day, to the minute outwards."""
    start, end = start // MINUTE * MINUTE, -(-end // MINUTE) * MINUTE
    while start < end:
        midnight = start // DAY * DAY
        until = min(end, midnight + DAY)
        first, last = (start - midnight) // MINUTE, (until - midnight) // MINUTE
        yield {
            **_day(time_of(start).date()),
            "times": [{"start_time": _clock(first), "end_time": _clock(last)}],
            "location": "UTC",
        }
        start = until
