"""OpenSLO v1 documents -> objectives (https://github.com/OpenSLO/OpenSLO).

Indicators are questions to our own data source (``type: analyticsops``): the history of a dbt
project answers no others. What a document asks that cannot be done is an error, never left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from analyticsops.slo.budget import FOUR_TIMES, GOOGLE, BurnRule
from analyticsops.slo.durations import duration, microseconds
from analyticsops.slo.spans import DAY
from analyticsops.slo.spec.entries import WindowEntry
from analyticsops.slo.spec.indicators import TYPES
from analyticsops.slo.spec.part import Part
from analyticsops.slo.spec.reading import HINTS, Written, read_entry
from analyticsops.slo.spec.words import Target
from analyticsops.yaml_files import Lines

API = "openslo/v1"
SOURCE = "analyticsops"
"""Type of the data source."""

ANNOTATION = "analyticsops.dev/"
"""Before the names of annotations."""

CALENDARS = {"1w": "week", "1M": "month", "1Q": "quarter", "1Y": "year"}
"""Durations of windows of the calendar."""

CALENDAR_START = "2024-01-01 00:00:00"
"""A Monday, and the first of a year."""

_ALERTING = ("AlertPolicy", "AlertCondition", "AlertNotificationTarget")
_KINDS = ("SLO", "SLI", "Service", "DataSource", *_ALERTING)
_NOTED = (
    "name",
    "missing",
    "tier",
    "owner",
    "runbook",
    "alerting",
    "description",
    "objective",
    "maintenance",
    "window",
    "schedule",
    "calendar",
)
_TIMED = ("freshness", "deadline")
_LENGTH = re.compile(r"([1-9][0-9]*)([mhdw])")
_STARTS = {
    "1w": lambda at: at.weekday() == 0,
    "1M": lambda at: at.day == 1,
    "1Q": lambda at: at.day == 1 and at.month % 3 == 1,
    "1Y": lambda at: at.day == 1 and at.month == 1,
}


_Known = Mapping[tuple[str, str], Part]


def read_documents(documents: Iterable[tuple[Any, Lines]]) -> Iterator[Written]:
    """The objectives in OpenSLO documents.

    Raises:
        ConfigError: a document cannot be read, or asks for what is not supported.
    """
    known: dict[tuple[str, str], Part] = {}
    for data, lines in documents:
        part = Part(data, lines, ())
        if part.get("apiVersion").value != API:
            raise part.get("apiVersion").fault(f"only {API} is read")
        kind, name = part.get("kind"), part.get("metadata", "name")
        if kind.value not in _KINDS:
            raise kind.fault(f"no kind {kind.value!r}", f"one of {', '.join(_KINDS)}")
        if not isinstance(name.value, str) or not name.value:
            raise name.fault("metadata.name is missing")
        if (kind.value, name.value) in known:
            raise name.fault(f"a second {kind.value} named {name.value!r}", "keep one of them")
        known[kind.value, name.value] = part
    for (kind_name, _), part in known.items():
        if kind_name == "SLO":
            yield from _objectives(part, known)


def _objectives(part: Part, known: _Known) -> Iterator[Written]:
    spec = part.get("spec")
    spec.only(
        *("description", "service", "indicator", "indicatorRef", "timeWindow"),
        *("budgetingMethod", "objectives", "alertPolicies"),
    )
    noted = _annotations(part)
    said, counted = _indicator(spec, known)
    listed = spec.get("objectives").items()
    if not listed:
        raise spec.get("objectives").fault("'objectives' is missing")
    for objective in listed:
        data: dict[str, Any] = {
            "name": _name(part, objective, several=len(listed) > 1),
            "target": said["target"],
            "window": _window(spec),
            "objective": _target(objective),
            "indicator": dict(said["indicator"]),
            "description": spec.get("description").value or "",
        }
        _judge_method(spec, objective, data["indicator"], counted=counted)
        _labels(part, data)
        data.update(noted)
        if len(listed) > 1:
            data["name"] = _name(part, objective, several=True)
        # Before policies are compared with them: what cannot be read is said of it, not of these.
        target = read_entry(data["objective"], Target, objective.steps, part.lines)
        window = read_entry(data["window"], WindowEntry, objective.steps, part.lines)
        found = _alerting(spec, known, target, _lengths(window))
        if found and "alerting" not in noted:
            data["alerting"] = found
        yield Written(data, part.lines, objective.steps)


def _name(part: Part, objective: Part, *, several: bool) -> str:
    name = str(part.get("metadata", "name").value)
    if not several:
        return name
    own = objective.get("displayName").value
    return f"{name}-{own}" if own else f"{name}-{int(objective.steps[-1]) + 1}"


def _labels(part: Part, data: dict[str, Any]) -> None:
    """Owner and tier from labels where somebody else's tool wrote them."""
    for key in ("owner", "tier"):
        value = part.get("metadata", "labels", key).value
        if isinstance(value, str) and (key == "owner" or value in ("critical", "standard")):
            data[key] = value


def _annotations(part: Part) -> dict[str, Any]:
    found: dict[str, Any] = {}
    place = part.get("metadata", "annotations")
    for key, text in place.mapping().items():
        if not key.startswith(ANNOTATION):
            continue
        name = key.removeprefix(ANNOTATION)
        if name not in _NOTED:
            raise place.get(key).fault(f"no annotation {key!r}", f"one of {', '.join(_NOTED)}")
        try:
            found[name] = json.loads(text)
        except (ValueError, TypeError):
            found[name] = text  # a plain word, as a person writes it
    return found


# -- indicators ----------------------------------------------------------------


def _indicator(spec: Part, known: _Known) -> tuple[Mapping[str, Any], bool]:
    """(indicator and target, whether it is about events)."""
    reference = spec.get("indicatorRef")
    holder = spec.get("indicator")
    if reference.value is not None:
        if ("SLI", reference.word()) not in known:
            raise reference.fault(f"there is no SLI named {reference.value!r}")
        holder = known["SLI", reference.word()]
    elif holder.value is None:
        hint = "composite SLOs are not supported: write one SLO for each"
        raise spec.fault("'indicator' or 'indicatorRef' is missing", hint)
    asked = holder.get("spec")
    asked.only("description", "thresholdMetric", "ratioMetric")
    if asked.get("thresholdMetric").value is not None:
        return _source(asked.get("thresholdMetric"), known), False
    ratio = asked.get("ratioMetric")
    if ratio.value is None:
        raise asked.fault("'thresholdMetric' or 'ratioMetric' is missing")
    ratio.only("counter", "good", "total")
    good, total = _source(ratio.get("good"), known), _source(ratio.get("total"), known)
    if good != total:
        raise ratio.fault("good and total ask about different things")
    return total, True


def _source(part: Part, known: _Known) -> Mapping[str, Any]:
    """What our data source is asked."""
    part.only("metricSource")
    source = part.get("metricSource")
    reference, kind = source.get("metricSourceRef"), source.get("type").value
    if ("DataSource", reference.word()) in known:
        kind = known["DataSource", reference.word()].get("spec", "type").value
    if kind != SOURCE:
        hint = (
            f"write `type: {SOURCE}`, with `indicator` and `target` as in slos/*.yml under `spec`"
        )
        raise source.fault(f"a data source of type {kind!r} cannot be asked", hint)
    asked = source.get("spec")
    asked.only("indicator", "target", "count")
    if "type" not in asked.get("indicator").mapping():
        raise asked.get("indicator").fault("'indicator' with its 'type' is missing")
    word = asked.get("indicator", "type")
    if word.value not in TYPES:
        raise word.fault(f"no indicator of type {word.value!r}", HINTS["type"])
    if "target" not in asked.mapping():
        raise asked.fault("'target' is missing", "write `target: {select: ...}` beside `indicator`")
    return {key: value for key, value in asked.mapping().items() if key != "count"}


def _judge_method(spec: Part, objective: Part, indicator: dict[str, Any], *, counted: bool) -> None:
    """That what is counted fits the indicator; the threshold of freshness is the value."""
    timed = indicator["type"] in _TIMED
    method, wanted = spec.get("budgetingMethod"), "Timeslices" if timed else "Occurrences"
    if method.value != wanted or counted == timed:
        metric = "thresholdMetric" if timed else "ratioMetric"
        what = f"{indicator['type']} needs {metric} and budgetingMethod {wanted}"
        raise method.fault(what)
    objective.only(
        *("displayName", "op", "value", "target", "targetPercent"),
        *("timeSliceTarget", "timeSliceWindow"),
    )
    if not timed:
        for key in ("op", "value", "timeSliceTarget", "timeSliceWindow"):
            if objective.get(key).value is not None:
                raise objective.get(key).fault(f"{key!r} says nothing about events")
        return
    if objective.get("op").value != "lte":
        raise objective.get("op").fault(
            "data of exactly the greatest age is fresh: write `op: lte`"
        )
    if objective.get("timeSliceTarget").value != 1:
        raise objective.get("timeSliceTarget").fault("every instant is judged: write 1.0")
    if objective.get("timeSliceWindow").value not in ("1m", 1):
        raise objective.get("timeSliceWindow").fault("time is not sampled: write 1m")
    value = _number(objective.get("value"))
    if indicator["type"] == "freshness":
        indicator["threshold"] = f"{_decimal(value)}s"
    elif value:
        raise objective.get("value").fault("a deadline has no value but 0; grace is the schedule's")


def _number(part: Part) -> Fraction:
    if isinstance(part.value, bool) or not isinstance(part.value, int | float):
        raise part.fault("expected a number")
    try:
        return Fraction(repr(part.value))
    except ValueError:
        raise part.fault("expected a number") from None


def _decimal(value: Fraction) -> str:
    whole, rest = divmod(round(value * 1_000_000), 1_000_000)
    return f"{whole}.{rest:06}" if rest else str(whole)


def _target(objective: Part) -> str:
    share, percent = objective.get("target"), objective.get("targetPercent")
    if (share.value is None) == (percent.value is None):
        raise objective.fault("write target or targetPercent")
    return str(_number(share) if percent.value is None else _number(percent) / 100)


# -- windows -------------------------------------------------------------------


def _window(spec: Part) -> dict[str, Any]:
    windows = spec.get("timeWindow").items()
    if len(windows) != 1:
        raise spec.get("timeWindow").fault("exactly one window is needed")
    window = windows[0]
    window.only("duration", "isRolling", "calendar")
    length, calendar = window.get("duration"), window.get("calendar")
    if calendar.value is None and window.get("isRolling").value is not False:
        if not isinstance(length.value, str) or not _LENGTH.fullmatch(length.value):
            what = f"a rolling window of {length.value!r} has no fixed length"
            raise length.fault(what, "write it in m, h, d or w, as in 28d")
        return {"rolling": length.value}
    if not isinstance(length.value, str) or length.value not in CALENDARS:
        what = f"a calendar window of {length.value!r} is not supported"
        raise length.fault(what, f"one of {', '.join(CALENDARS)}")
    calendar.only("startTime", "timeZone")
    start = calendar.get("startTime")
    try:
        at = datetime.fromisoformat(str(start.value))
    except ValueError:
        raise start.fault("expected a time such as 2024-01-01 00:00:00") from None
    if (at.hour, at.minute, at.second) != (0, 0, 0) or not _STARTS[length.value](at):
        word = CALENDARS[length.value]
        raise start.fault(f"a {word} begins at midnight of its first day, not then")
    zone = calendar.get("timeZone").value
    return {"calendar": CALENDARS[length.value], **({"timezone": zone} if zone else {})}


# -- alerts --------------------------------------------------------------------


def _alerting(spec: Part, known: _Known, target: Fraction, lengths: tuple[int, int]) -> str:
    """The preset whose rules the policies are; empty if there are none.

    Args:
        lengths: shortest and longest of the window, in microseconds.
    """
    conditions = [_condition(part, known) for part in spec.get("alertPolicies").items()]
    names = {_preset_rule(one, target, lengths).name for one in conditions}
    for preset, listed in (("seed4x", FOUR_TIMES), ("google", GOOGLE)):
        if names and names <= {rule.name for rule in listed}:
            return preset
    if names:
        raise spec.get("alertPolicies").fault("policies of two presets together")
    return ""


def _condition(part: Part, known: _Known) -> Part:
    policy = _resolved(part, "alertPolicyRef", "AlertPolicy", known)
    conditions = policy.get("spec", "conditions").items()
    if len(conditions) != 1:
        raise policy.get("spec", "conditions").fault("exactly one condition is needed")
    targets = policy.get("spec", "notificationTargets").items()
    for target in targets:
        told = _resolved(target, "targetRef", "AlertNotificationTarget", known)
        if told.get("spec", "target").value != SOURCE:
            hint = f"write `target: {SOURCE}`, and receivers and routes in slos/*.yml"
            raise told.get("spec", "target").fault("notifications go by `routes`", hint)
    if policy.get("spec", "alertWhenNoData").value:
        what = "alertWhenNoData is not supported"
        raise policy.get("spec", "alertWhenNoData").fault(what, "`missing: bad` counts it as bad")
    condition = _resolved(conditions[0], "conditionRef", "AlertCondition", known)
    return condition.get("spec", "condition")


def _resolved(part: Part, key: str, kind: str, known: _Known) -> Part:
    reference = part.get(key)
    if reference.value is None:
        return part
    if (kind, reference.word()) not in known:
        raise reference.fault(f"there is no {kind} named {reference.value!r}")
    return known[kind, reference.word()]


def _preset_rule(condition: Part, target: Fraction, lengths: tuple[int, int]) -> BurnRule:
    condition.only("kind", "op", "threshold", "lookbackWindow", "alertAfter")
    if condition.get("kind").value not in (None, "burnrate"):
        raise condition.get("kind").fault("only burnrate is supported")
    if condition.get("op").value not in ("gte", "gt"):
        hint = "write `op: gte`: `lte` alerts while nothing burns"
        raise condition.get("op").fault("a burn rate alerts from a threshold on", hint)
    threshold = _number(condition.get("threshold"))
    length = duration(condition.get("lookbackWindow").value)
    if length is not None:
        for rule in (*FOUR_TIMES, *GOOGLE):
            bounds: Sequence[Fraction] = [rule.threshold(target, one) for one in lengths]
            near = (
                min(bounds) * Fraction(999, 1000) <= threshold <= max(bounds) * Fraction(1001, 1000)
            )
            if rule.long == microseconds(length) and near:
                return rule
    hint = "seed4x: 4 over 30m; google: 2% of the budget in 1h, 5% in 6h, 10% in 1d, 10% in 3d"
    raise condition.fault("no rule of a preset is like this one", hint)


def _lengths(window: WindowEntry) -> tuple[int, int]:
    """Shortest and longest of a window, in microseconds."""
    if window.calendar is None:
        return window.rolling or 0, window.rolling or 0
    days = {"week": (7, 7), "month": (28, 31), "quarter": (90, 92), "year": (365, 366)}
    low, high = days[window.calendar]
    return low * DAY - DAY // 12, high * DAY + DAY // 12
