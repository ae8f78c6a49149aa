"""All objectives of a project, from everywhere they may be written.

Later entries about the same thing under the same name add to earlier ones, key by key: dbt's own
``freshness``; ``config.meta.analyticsops.slo`` of a group, then of a node; `slos/*.yml`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec

from analyticsops.decoding import Place, at
from analyticsops.errors import ConfigError, SelectionError, UsageError
from analyticsops.project.model import Node, Project
from analyticsops.project.selection import parse_selection, select_nodes
from analyticsops.slo.budget import Missing
from analyticsops.slo.calendar import Calendar
from analyticsops.slo.objective import PROJECT, Maintenance, Slo, Window
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spec import openslo
from analyticsops.slo.spec.entries import (
    CalendarEntry,
    CountryEntry,
    MaintenanceEntry,
    ScheduleEntry,
    SloEntry,
    TargetEntry,
)
from analyticsops.slo.spec.indicators import Deadline, Freshness, Success
from analyticsops.slo.spec.reading import SharedSettings, Written, read_entry

KINDS = ("source", "model", "seed", "snapshot", "exposure", "metric", "saved_query")
"""What an objective can be about."""

PlaceOf = Callable[[Node], Place]
"""Where the entries under ``config.meta.analyticsops`` of a node stand."""

_YEARS = range(2000, 2051)


class Invalid(msgspec.Struct, frozen=True, kw_only=True):
    """An objective that cannot be read.

    Attributes:
        subject: what it is about.
        node: ``unique_id``; empty if it is about no node.
        name: of the objective, as far as it is known.
        what: what is wrong, and where.
    """

    subject: str
    name: str
    what: str
    node: str = ""


class Maintained(NamedTuple):
    """Planned work, and what it is done on.

    Attributes:
        nodes: unique ids; None for everything.
    """

    work: Maintenance
    nodes: frozenset[str] | None


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """The objectives of a project, by subject and name.

    Attributes:
        slos: those that can be evaluated.
        invalid: the others.
        shared: what the files say besides.
        maintenance: planned work.
    """

    slos: tuple[Slo, ...]
    invalid: tuple[Invalid, ...]
    shared: SharedSettings
    maintenance: tuple[Maintained, ...] = ()


class _Subject(NamedTuple):
    name: str
    node: str = ""
    job: str = ""


class _Said(NamedTuple):
    """What was written about one objective so far."""

    subject: _Subject
    data: Mapping[str, Any]
    place: Place
    steps: tuple[Any, ...]
    origin: str


def declare(project: Project, shared: SharedSettings, place_of: PlaceOf) -> Declared:
    """All objectives of a project.

    Raises:
        ConfigError: a file in `slos/` is wrong. What is wrong in a node's own YAML is told as
            an invalid objective, so that one mistake does not hide all others.
    """
    said: dict[tuple[str, str], _Said] = {}
    invalid: list[Invalid] = []
    for one in _everything(project, shared, place_of, invalid):
        key = (one.subject.name, _name(one.data))
        before = said.get(key)
        said[key] = one if before is None else one._replace(data={**before.data, **one.data})
    works = _maintenance(project, shared)
    found: list[Slo] = []
    for (subject, name), one in said.items():
        try:
            found.append(_slo(one, project, shared, works))
        except ConfigError as error:
            if one.origin in ("file", "openslo"):
                raise
            invalid.append(
                Invalid(subject=subject, name=name, what=str(error), node=one.subject.node)
            )
    return Declared(
        slos=tuple(sorted(_without_replaced(found), key=lambda slo: (slo.subject, slo.name))),
        invalid=tuple(sorted(invalid, key=lambda one: (one.subject, one.name))),
        shared=shared,
        maintenance=tuple(works),
    )


def _without_replaced(slos: Sequence[Slo]) -> Iterator[Slo]:
    """Without dbt's own freshness where somebody wrote another objective about it."""
    own = {slo.node for slo in slos if isinstance(slo.indicator, Freshness) and slo.origin != "dbt"}
    return (slo for slo in slos if slo.origin != "dbt" or slo.node not in own)


def _name(data: Mapping[str, Any]) -> str:
    indicator = data.get("indicator")
    kind = indicator.get("type") if isinstance(indicator, dict) else ""
    return str(data.get("name") or kind or "")


# -- what is written where -----------------------------------------------------


def _everything(
    project: Project, shared: SharedSettings, place_of: PlaceOf, invalid: list[Invalid]
) -> Iterator[_Said]:
    for node in project.of_kind(*KINDS):
        subject = _Subject(node.label, node.unique_id)
        place = place_of(node)
        yield from _of_dbt(node, subject, place)
        group = project.groups.get(node.group)
        if group is not None and node.has_columns:
            listed = _listed(group.settings.get("slo"))
            yield from _of_meta(listed, subject, group.path or group.name, invalid)
        goal = node.settings.get("freshness") if node.kind == "metric" else None
        if isinstance(goal, dict) and goal.get("slo"):
            yield _Said(subject, _freshness(goal["slo"]), place, ("freshness",), "meta")
        yield from _of_meta(_listed(node.settings.get("slo")), subject, place, invalid)
    for entry in shared.written:
        for subject in _subjects(entry, project):
            data = {key: value for key, value in entry.data.items() if key != "target"}
            yield _Said(subject, data, entry.place, entry.steps, "file")
    for entry in openslo.read_documents(shared.openslo):
        for subject in _subjects(entry, project):
            data = {key: value for key, value in entry.data.items() if key != "target"}
            yield _Said(subject, data, entry.place, entry.steps, "openslo")


def _freshness(threshold: str, scope: str | None = None) -> dict[str, Any]:
    indicator = {"type": "freshness", "threshold": threshold}
    return {"name": "freshness", "indicator": indicator | ({"scope": scope} if scope else {})}


def _of_dbt(node: Node, subject: _Subject, place: Place) -> Iterator[_Said]:
    """dbt's own criterion: what it calls an error is a breach, or a warning if that is all."""
    criteria = node.source.freshness if node.source else node.config.get("freshness")
    if not isinstance(criteria, Mapping):
        return
    for key in ("error_after", "warn_after"):
        limit = criteria.get(key)
        if isinstance(limit, Mapping) and limit.get("count") and limit.get("period"):
            threshold = f"{limit['count']} {limit['period']}"
            yield _Said(subject, _freshness(threshold, "own"), place, (), "dbt")
            return


def _listed(entries: Any) -> Sequence[Any]:
    if entries is None:
        return ()
    return entries if isinstance(entries, list) else [entries]


def _of_meta(
    entries: Sequence[Any], subject: _Subject, place: Place, invalid: list[Invalid]
) -> Iterator[_Said]:
    for number, entry in enumerate(entries):
        steps = ("slo", number)
        if isinstance(entry, dict):
            yield _Said(subject, entry, place, steps, "meta")
        else:
            what = f"{at(place, steps)}: an objective that is no mapping"
            invalid.append(Invalid(subject=subject.name, name="", what=what, node=subject.node))


def _subjects(entry: Written, project: Project) -> Iterator[_Subject]:
    """What an objective of a file is about.

    Raises:
        ConfigError: it does not say, or there is no such node.
    """
    steps = (*entry.steps, "target")
    if entry.data.get("target") is None:
        where = at(entry.place, entry.steps)
        hint = "write `target: {select: ...}`, `{job: ...}` or `{project: true}`"
        raise ConfigError("'target' is missing", where=where, hint=hint)
    target = read_entry(entry.data["target"], TargetEntry, steps, entry.place)
    if target.job:
        yield _Subject(target.job, job=target.job)
    elif target.project:
        yield _Subject(PROJECT)
    elif target.node:
        if target.node not in project.nodes:
            where = at(entry.place, (*steps, "node"))
            raise ConfigError(f"there is no node {target.node!r}", where=where)
        yield _Subject(project.nodes[target.node].label, target.node)
    else:
        where = at(entry.place, (*steps, "select"))
        nodes = selected(project, target.select, where)
        if not nodes:
            hint = "`analyticsops select` lists what a selection means"
            raise ConfigError(f"{target.select!r} selects nothing", where=where, hint=hint)
        for unique_id in nodes:
            yield _Subject(project.nodes[unique_id].label, unique_id)


def selected(project: Project, select: str, where: str) -> tuple[str, ...]:
    """The nodes that a selection means and that can have an objective, in the manifest's order.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        found = select_nodes(project, parse_selection(select, resource_types=KINDS))
    except SelectionError as error:
        raise ConfigError(error.what, where=where, hint=error.hint) from error
    return tuple(sorted(found, key=project.places.__getitem__))


# -- what it means -------------------------------------------------------------


def _slo(said: _Said, project: Project, shared: SharedSettings, works: Sequence[Maintained]) -> Slo:
    place, steps = said.place, said.steps
    entry = read_entry(said.data, SloEntry, steps, place)
    node = project.nodes.get(said.subject.node)
    schedule = _named(entry.schedule, shared.schedules, "schedule", said)
    calendar = _named(entry.calendar, shared.calendars, "calendar", said)
    if isinstance(entry.indicator, Deadline) and schedule is None:
        raise ConfigError("a deadline needs a schedule", where=at(place, steps))
    window = entry.window
    here = schedule_of(schedule, at(place, (*steps, "schedule"))) if schedule else None
    counted = calendar_of(calendar, at(place, (*steps, "calendar"))) if calendar else None
    missing = entry.missing or _missing(entry, here)
    return Slo(
        name=entry.name or entry.indicator.type,
        subject=said.subject.name,
        node=said.subject.node,
        job=said.subject.job,
        indicator=_scoped(entry, node),
        target=entry.objective,
        window=Window(
            rolling=window.rolling or 0,
            calendar=window.calendar or "",
            timezone=str(window.timezone),
        ),
        schedule=here,
        calendar=counted,
        pauses_age=calendar is not None and calendar.mode == "pause_age",
        maintenance=_planned(entry, said.subject, works),
        missing=Missing(missing),
        tier=entry.tier,
        owner=entry.owner or (node.owner.name if node and node.owner else ""),
        group=node.group if node else "",
        runbook=entry.runbook or str(node.settings.get("runbook") or "" if node else ""),
        description=entry.description,
        alerting=entry.alerting or shared.alerting.preset,
        origin=said.origin,
        where=at(place, steps),
    )


def _planned(
    entry: SloEntry, subject: _Subject, works: Sequence[Maintained]
) -> tuple[Maintenance, ...]:
    shared = (one.work for one in works if one.nodes is None or subject.node in one.nodes)
    return tuple(dict.fromkeys((*shared, *map(_work, entry.maintenance))))


def _missing(entry: SloEntry, schedule: Schedule | None) -> str:
    """A run that was due and did not come is a failure, whoever looks at it; of data nobody can
    say how old it is."""
    return "bad" if isinstance(entry.indicator, Success) and schedule else "unknown"


def _scoped(entry: SloEntry, node: Node | None) -> Any:
    """The indicator, with the scope that it has by default."""
    indicator = entry.indicator
    if isinstance(indicator, Freshness | Deadline) and indicator.scope is None:
        scope = "own" if node is not None and node.kind == "source" else "end_to_end"
        return msgspec.structs.replace(indicator, scope=scope)
    return indicator


def _named(value: Any, known: Mapping[str, Any], key: str, said: _Said) -> Any:
    if not isinstance(value, str):
        return value
    if value not in known:
        hint = f"known: {', '.join(sorted(known))}" if known else f"no file has `{key}s:`"
        where = at(said.place, (*said.steps, key))
        raise ConfigError(f"no {key} named {value!r}", where=where, hint=hint)
    return known[value]


def schedule_of(entry: ScheduleEntry, where: str) -> Schedule:
    """A schedule as it is evaluated.

    Raises:
        ConfigError: its holidays are not known.
    """
    return Schedule(
        cron=str(entry.cron),
        timezone=str(entry.timezone),
        grace=entry.grace,
        holidays=_holidays(entry.holidays, where),
    )


def calendar_of(entry: CalendarEntry, where: str) -> Calendar:
    """A calendar as it is evaluated.

    Raises:
        ConfigError: its holidays are not known.
    """
    return Calendar(
        timezone=str(entry.timezone),
        days=frozenset(entry.days),
        hours=tuple(entry.hours),
        holidays=_holidays(entry.holidays, where),
    )


def _holidays(entry: tuple[date, ...] | CountryEntry, where: str) -> frozenset[date]:
    if not isinstance(entry, CountryEntry):
        return frozenset(entry)
    try:
        import holidays
    except ImportError:
        hint = "pip install 'analyticsops[slo]', or list the days"
        raise UsageError(
            "holidays of countries need a package that is not installed", where=where, hint=hint
        ) from None
    try:
        days = holidays.country_holidays(
            entry.country, subdiv=entry.subdivision or None, years=_YEARS
        )
    except NotImplementedError as error:
        raise ConfigError(str(error).rstrip("."), where=where) from None
    return frozenset(days)


def _maintenance(project: Project, shared: SharedSettings) -> list[Maintained]:
    found: list[Maintained] = []
    for number, entry in enumerate(shared.maintenance):
        where = shared.places[("maintenance", number)]
        nodes = selected(project, entry.applies_to, where) if entry.applies_to else None
        found.append(Maintained(_work(entry), None if nodes is None else frozenset(nodes)))
    return found


def _work(entry: MaintenanceEntry) -> Maintenance:
    once = entry.start is not None and entry.end is not None
    return Maintenance(
        reason=entry.reason,
        span=(int(entry.start or 0), int(entry.end or 0)) if once else None,
        schedule=Schedule(cron=str(entry.cron), timezone=str(entry.timezone))
        if entry.cron
        else None,
        lasts=int(entry.lasts or 0),
        counts=entry.budget == "count",
    )
