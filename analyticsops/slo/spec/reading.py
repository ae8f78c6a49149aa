"""`slos/*.yml` -> entries, each with the place at which it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from analyticsops.decoding import Place, check_keys, convert
from analyticsops.errors import ConfigError
from analyticsops.slo.spec.entries import (
    AlertingEntry,
    CalendarEntry,
    MaintenanceEntry,
    PolicyEntry,
    PricesEntry,
    ReceiverEntry,
    RouteEntry,
    ScheduleEntry,
    SloFile,
)
from analyticsops.slo.spec.words import read_word
from analyticsops.yaml_files import Lines, Step, load_documents

FOLDER = "slos"

HINTS = {
    "tier": "critical or standard",
    "type": "freshness, deadline, success, duration, quality, volume, null_rate, "
    "schema_stability, cost, lineage_coverage, deployment_frequency, alert_latency or custom_sql",
    "missing": "bad, unknown or exclude",
    "calendar": "week, month, quarter or year",
    "scope": "own or end_to_end",
    "mode": "evaluate_only or pause_age",
    "alerting": "batch, google, seed4x or off",
}
_T = TypeVar("_T")


class Written(NamedTuple):
    """An objective as it was written.

    Attributes:
        data: not validated, since a later entry may add to it.
        place: for errors.
        steps: to it, from the top of the file.
    """

    data: Mapping[str, Any]
    place: Place
    steps: tuple[Step, ...] = ()


class SharedSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the files in `slos/` say besides objectives, taken together.

    Attributes:
        environment: whose runs count; empty if nobody says.
        schedules: by name; likewise the others.
        places: ``file:line`` of each route, receiver and maintenance: by key, and its name or
            number.
        written: the objectives, in order of files and lines.
        openslo: documents in OpenSLO's format, with the file of each.
    """

    environment: str = ""
    schedules: Mapping[str, ScheduleEntry] = {}
    calendars: Mapping[str, CalendarEntry] = {}
    maintenance: tuple[MaintenanceEntry, ...] = ()
    alerting: AlertingEntry = msgspec.field(default_factory=AlertingEntry)
    receivers: Mapping[str, ReceiverEntry] = {}
    routes: tuple[RouteEntry, ...] = ()
    prices: PricesEntry = PricesEntry()
    policy: PolicyEntry = msgspec.field(default_factory=PolicyEntry)
    places: Mapping[tuple[Step, ...], str] = {}
    written: tuple[Written, ...] = ()
    openslo: tuple[tuple[Any, Lines], ...] = ()


def read_entry(data: object, kind: type[_T], steps: tuple[Step, ...], place: Place) -> _T:
    """Something that was written, as a struct.

    Raises:
        ConfigError: with the place and what was expected there.
    """
    if issubclass(kind, msgspec.Struct):
        check_keys(data, kind, steps, place)
    return convert(data, kind, steps, place, read_word, HINTS)


def read_files(project_dir: Path | None) -> SharedSettings:
    """All files in `slos/` of a project as one.

    Raises:
        ConfigError: one of them cannot be read, or two give one name.
    """
    folder = project_dir / FOLDER if project_dir else None
    if folder is None or not folder.is_dir():
        return SharedSettings()
    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".yml", ".yaml"))
    return together(document for path in paths for document in load_documents(path))


def together(documents: Iterable[tuple[Any, Lines]]) -> SharedSettings:
    """Documents as one.

    Raises:
        ConfigError: one of them is wrong, or two give one name.
    """
    found: dict[str, Any] = {}
    places: dict[tuple[Step, ...], str] = {}
    written: list[Written] = []
    openslo: list[tuple[Any, Lines]] = []
    for data, lines in documents:
        if data is None:
            continue
        if isinstance(data, dict) and "apiVersion" in data:
            openslo.append((data, lines))
            continue
        check_keys(data, SloFile, (), lines)
        listed = data.get("slos") or []
        file = read_entry({**data, "slos": []}, SloFile, (), lines)
        for field in msgspec.structs.fields(file):
            value = getattr(file, field.name)
            if field.name in _PLACED and value:
                before = len(found.get(field.name, ()))
                places |= _places(field.name, value, before, lines)
            _add(found, field.name, value, lines)
        if not isinstance(listed, list):
            raise ConfigError("expected a list", where=lines.at(("slos",)))
        for number, entry in enumerate(listed):
            if not isinstance(entry, dict):
                raise ConfigError("expected a mapping", where=lines.at(("slos", number)))
            written.append(Written(entry, lines, ("slos", number)))
    return SharedSettings(**found, places=places, written=tuple(written), openslo=tuple(openslo))


_PLACED = ("maintenance", "receivers", "routes")
"""Of these findings may speak."""


def _places(key: str, value: Any, before: int, lines: Lines) -> dict[tuple[Step, ...], str]:
    """Where the entries of one key stand, counted on after those of the files before."""
    if isinstance(value, Mapping):
        return {(key, name): lines.at((key, name)) for name in value}
    return {(key, before + number): lines.at((key, number)) for number in range(len(value))}


_ONE = ("environment", "alerting", "prices", "policy")
"""Of these there can be one in all files."""


def _add(found: dict[str, Any], key: str, value: Any, lines: Lines) -> None:
    """Add what one file says to what others said."""
    if key in ("version", "slos") or not value:
        return
    if key in _ONE:
        if key in found and found[key] != value:
            raise ConfigError(
                f"{key} is also said by another file", where=lines.at((key,)), hint="keep one"
            )
        found[key] = value
    elif isinstance(value, dict):
        taken = found.setdefault(key, {})
        for name in value:
            if name in taken:
                raise ConfigError(
                    f"{name!r} is also in another file",
                    where=lines.at((key, name)),
                    hint="keep one of them, or give it another name",
                )
        found[key] = {**taken, **value}
    else:
        found[key] = (*found.get(key, ()), *value)
