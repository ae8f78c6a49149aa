"""Objectives as OpenSLO v1 documents (https://github.com/OpenSLO/OpenSLO), without loss.

What OpenSLO has words for is said in them; the question to our own data source stands in
``metricSource.spec``, and the rest in annotations under ``analyticsops.dev/``.
:func:`analyticsops.slo.spec.openslo.read_documents` reads all of it back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import msgspec

from analyticsops.metrics.exports.yaml_text import yaml_text
from analyticsops.slo.budget import BurnRule
from analyticsops.slo.calendar import Calendar
from analyticsops.slo.exports.times import slug
from analyticsops.slo.objective import Maintenance, Slo
from analyticsops.slo.spans import MINUTE, Instant, time_of
from analyticsops.slo.spec.indicators import ABOUT_TIME, Freshness
from analyticsops.slo.spec.openslo import ANNOTATION, API, CALENDAR_START, CALENDARS, SOURCE
from analyticsops.slo.spec.words import Age, Duration
from analyticsops.slo.standing import PRESETS

_LONGEST = 1050
"""Characters of a description."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def render(slos: Sequence[Slo], project: str, now: Instant) -> str:
    """The documents, separated by ``---``.

    Args:
        now: for the length of windows of the calendar, from which burn rates follow.
    """
    return "---\n".join(yaml_text(one) for one in documents(slos, project, now))


def documents(slos: Sequence[Slo], project: str, now: Instant) -> Iterator[dict[str, Any]]:
    """A Service, a DataSource, what alerts need, and the SLOs."""
    service = slug(project)
    yield _document(
        "DataSource", SOURCE, {"type": SOURCE, "connectionDetails": {"project": project}}
    )
    yield _document("Service", service, {"description": f"dbt project {project}"})
    target = {"target": SOURCE, "description": "By `routes` of slos/*.yml"}
    yield _document("AlertNotificationTarget", SOURCE, target)
    policies: dict[str, dict[str, Any]] = {}
    found: list[dict[str, Any]] = []
    for slo in slos:
        names: list[str] = []
        for rule in _rules(slo):
            threshold = rule.threshold(slo.target, slo.window.length(now))
            name = slug(f"{rule.name}-{float(threshold):.6g}")
            policies[name] = _policy(name, rule, float(threshold))
            names.append(name)
        found.append(_slo(slo, service, names))
    yield from policies.values()
    yield from found


def _document(kind: str, name: str, spec: Mapping[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": API, "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}


def _rules(slo: Slo) -> tuple[BurnRule, ...]:
    return PRESETS[slo.alerting] if slo.is_about_time or slo.alerting != "batch" else ()


def _policy(name: str, rule: BurnRule, threshold: float) -> dict[str, Any]:
    condition = {
        "kind": "AlertCondition",
        "metadata": {"name": name, "annotations": {f"{ANNOTATION}short": shorthand(rule.short)}},
        "spec": {
            "description": rule.name,
            "severity": "page" if rule.page else "ticket",
            "condition": {
                "kind": "burnrate",
                "op": "gte",
                "threshold": threshold,
                "lookbackWindow": shorthand(rule.long),
                "alertAfter": "0m",
            },
        },
    }
    spec = {
        "description": rule.name,
        "alertWhenNoData": False,
        "alertWhenResolved": True,
        "alertWhenBreaching": True,
        "conditions": [condition],
        "notificationTargets": [{"targetRef": SOURCE}],
    }
    return _document("AlertPolicy", name, spec)


def _slo(slo: Slo, service: str, policies: Sequence[str]) -> dict[str, Any]:
    name = slug(slo.full_name)
    said = unsaid(slo)
    spec = {
        "description": slo.description[:_LONGEST],
        "service": service,
        "indicator": {"metadata": {"name": name}, "spec": _indicator(slo)},
        "timeWindow": [_window(slo)],
        "budgetingMethod": "Timeslices" if slo.is_about_time else "Occurrences",
        "objectives": [_objective(slo)],
        "alertPolicies": [{"alertPolicyRef": policy} for policy in policies],
    }
    labels = {"tier": slo.tier, "owner": slo.owner, "group": slo.group}
    noted = {f"{ANNOTATION}{key}": json.dumps(value) for key, value in said.items()}
    return _document(
        "SLO", name, spec, displayName=slo.full_name[:63], labels=labels, annotations=noted
    )


def _indicator(slo: Slo) -> dict[str, Any]:
    asked: dict[str, Any] = {"indicator": plain_indicator(slo)}
    if isinstance(slo.indicator, Freshness):
        asked["indicator"].pop("threshold")  # it is the objective's value
    target: dict[str, Any] = {"project": True}
    if slo.node:
        target = {"node": slo.node}
    elif slo.job:
        target = {"job": slo.job}
    asked["target"] = target

    def source(**more: str) -> dict[str, Any]:
        spec = {**asked, **more}
        return {"metricSource": {"metricSourceRef": SOURCE, "type": SOURCE, "spec": spec}}

    if isinstance(slo.indicator, ABOUT_TIME):
        return {"thresholdMetric": source()}
    return {
        "ratioMetric": {
            "counter": False,
            "good": source(count="good"),
            "total": source(count="total"),
        }
    }


def plain_indicator(slo: Slo) -> dict[str, Any]:
    """The indicator as it is written in `slos/*.yml`."""
    found = {"type": slo.indicator.type}
    for field in msgspec.structs.fields(slo.indicator):
        value = getattr(slo.indicator, field.name)
        if value is not None and value != field.default:
            found[field.name] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Age):
        return "static" if value.is_static else length_text(value)
    if isinstance(value, Duration):
        return length_text(value)
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return value


def _window(slo: Slo) -> dict[str, Any]:
    window = slo.window
    if window.rolling:
        return {"duration": shorthand(window.rolling), "isRolling": True}
    calendar = {"startTime": CALENDAR_START, "timeZone": window.timezone}
    duration = next(short for short, word in CALENDARS.items() if word == window.calendar)
    return {"duration": duration, "isRolling": False, "calendar": calendar}


def _objective(slo: Slo) -> dict[str, Any]:
    found: dict[str, Any] = {"displayName": slo.name, "target": float(slo.target)}
    if not slo.is_about_time:
        return found
    age = (
        Fraction(slo.indicator.threshold, 1_000_000) if isinstance(slo.indicator, Freshness) else 0
    )
    value = int(age) if age == int(age) else float(age)
    return {
        **found,
        "op": "lte",
        "value": value,
        "timeSliceTarget": 1.0,
        "timeSliceWindow": "1m",
    }


def unsaid(slo: Slo) -> dict[str, Any]:
    """What OpenSLO has no words for, in those of `slos/*.yml`."""
    window, target = slo.window, slo.target
    found: dict[str, Any] = {
        "name": slo.name,
        "missing": str(slo.missing),
        "tier": slo.tier,
        "owner": slo.owner,
        "runbook": slo.runbook,
        "alerting": slo.alerting,
        "description": slo.description if _is_changed(slo.description) else "",
        "objective": "" if Fraction(repr(float(target))) == target else str(target),
        "maintenance": [_maintenance(one) for one in slo.maintenance],
    }
    if window.rolling and (window.rolling % MINUTE or window.timezone != "UTC"):
        found["window"] = {
            "rolling": length_text(window.rolling),
            "timezone": window.timezone,
        }
    if slo.schedule is not None:
        found["schedule"] = {
            "cron": slo.schedule.cron,
            "timezone": slo.schedule.timezone,
            **({"grace": length_text(slo.schedule.grace)} if slo.schedule.grace else {}),
            "holidays": _dates(slo.schedule.holidays),
        }
    if slo.calendar is not None:
        mode = "pause_age" if slo.pauses_age else "evaluate_only"
        found["calendar"] = {**_calendar(slo.calendar), "mode": mode}
    return {key: value for key, value in found.items() if value not in ("", [], None)}


def _is_changed(text: str) -> bool:
    """True if YAML would not give it back."""
    return len(text) > _LONGEST or text != text.strip() or not text.isprintable()


def _calendar(calendar: Calendar) -> dict[str, Any]:
    hours = [
        f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
        for start, end in calendar.hours
    ]
    return {
        "days": ",".join(_DAYS[day] for day in sorted(calendar.days)),
        "hours": ",".join(hours),
        "timezone": calendar.timezone,
        "holidays": _dates(calendar.holidays),
    }


def _dates(days: frozenset[date]) -> list[str]:
    return [day.isoformat() for day in sorted(days)]


def _maintenance(work: Maintenance) -> dict[str, Any]:
    found: dict[str, Any] = {
        "reason": work.reason,
        "budget": "count" if work.counts else "exclude",
    }
    if work.span is not None:
        start, end = (time_of(instant).isoformat() for instant in work.span)
        return {**found, "from": start, "to": end}
    assert work.schedule is not None, "once or by a schedule"
    again = {"cron": work.schedule.cron, "timezone": work.schedule.timezone}
    return {**found, **again, "lasts": length_text(work.lasts)}


def length_text(length: int) -> str:
    """Microseconds as a duration of `slos/*.yml`, without loss."""
    seconds, rest = divmod(length, 1_000_000)
    if rest:
        return f"{seconds}.{rest:06}s"
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def shorthand(length: int) -> str:
    """Microseconds as a duration of OpenSLO, whose smallest unit is a minute."""
    minutes = -(-length // MINUTE)
    for unit, size in (("d", 1_440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"
