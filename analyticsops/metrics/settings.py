"""What a team says of a metric beyond dbt's own keys: ``config.meta.analyticsops``."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from analyticsops.decoding import Place, check_keys, convert
from analyticsops.errors import ConfigError

TIERS = ("draft", "reviewed", "certified", "deprecated")

VERSION = r"^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}$"
"""Three numbers as in 2.1.0, each short enough to be one."""

_DAY = r"^\d{4}-\d{2}-\d{2}$"
_FINGERPRINT = r"^m2:[0-9a-f]{16}$"
_COLUMN = r"^[^.\s]+(\.v[^.\s]+)?\.[^.\s]+$"
_DURATION = r"^\d+\s*(m|h|d|w|minutes?|hours?|days?|weeks?)$"


class Additivity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Along what the number may be summed.

    Attributes:
        time: True if days add up to the month.
        dimensions: ``all``, ``none``, or the names of those along which parts add up.
    """

    time: bool = True
    dimensions: Literal["all", "none"] | tuple[str, ...] = "all"


class Bounds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Between what every value of a metric lies, both ends included.

    Attributes:
        min: the least value; without it there is none.
        max: the largest, likewise.
    """

    min: float | None = None
    max: float | None = None


class EqualColumn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A column of a model that holds the same number.

    Attributes:
        column: `model.column`.
        agg: how its rows are put together.
        by: what both are compared by: what the metric is grouped by, and the column of the
            model that is the same, as `customer: customer_id`. Without it the totals are.
        tolerance: how far apart they may be.
    """

    column: Annotated[str, msgspec.Meta(pattern=_COLUMN)]
    agg: Literal["sum", "min", "max", "avg", "count"] = "sum"
    by: dict[str, str] = {}
    tolerance: Annotated[float, msgspec.Meta(ge=0)] = 0.0


class FreshnessGoal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How old the metric may be.

    Attributes:
        slo: for instance `24h` or `2 days`.
    """

    slo: Annotated[str, msgspec.Meta(pattern=_DURATION)]


class Approval(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who approved which meaning of a metric. It is void when the metric means another thing.

    Attributes:
        fingerprint: of the meaning, as `metrics.lock.yml` shows it.
        by: who approved it.
        date: the day, YYYY-MM-DD.
    """

    fingerprint: Annotated[str, msgspec.Meta(pattern=_FINGERPRINT)]
    by: Annotated[str, msgspec.Meta(min_length=1)]
    date: Annotated[str, msgspec.Meta(pattern=_DAY)]


class Deprecation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When and in favour of what a metric goes.

    Attributes:
        sunset: the last day on which it is there, YYYY-MM-DD.
        replaced_by: name of the metric to use instead.
        message: what its users should know.
    """

    sunset: Annotated[str, msgspec.Meta(pattern=_DAY)] = ""
    replaced_by: str = ""
    message: str = ""


class MetricSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`config.meta.analyticsops` of a metric.

    Attributes:
        version: of its meaning, as in semantic versioning: 2.1.0. Another meaning is a new
            major version.
        tier: how far it can be trusted: draft, reviewed, certified or deprecated.
        unit: an ISO 4217 currency such as USD; count, ratio, percent, seconds; or
            `custom:` and a word.
        direction: when it is good: up, down, target or neutral.
        format: how it is shown, as in spreadsheets: `$#,##0.00`.
        owner: who answers for it, if not the owner of its group.
        synonyms: what else people call it.
        why: why it is defined like this.
        additivity: along what it may be summed; if nothing is said, what its definition says.
        bounds: between what it lies.
        invariants: what is always true of it, as SQL over `value`: `value >= 0`.
        golden: path of a CSV file with values that are known to be right: a column for each
            thing that it is grouped by, `value`, and `tolerance` if they may be off.
        equals: columns of models that hold the same number.
        freshness: how old it may be.
        runbook: what to do when it looks wrong: a path or an address.
        rollback: how to go back to the version before.
        approved: who approved which meaning.
        deprecation: when it goes, and what replaces it.
        allow: findings to live with for a while.
        slo: objectives of service level.
        columns: of no use for a metric; kept because exposures have it.
        stability: how firmly others may rely on it.
    """

    version: Annotated[str, msgspec.Meta(pattern=VERSION)] = ""
    tier: Literal["", "draft", "reviewed", "certified", "deprecated"] = ""
    unit: str = ""
    direction: Literal["", "up", "down", "target", "neutral"] = ""
    format: str = ""
    owner: str | dict[str, str] = ""
    synonyms: tuple[str, ...] = ()
    why: str = ""
    additivity: Additivity | None = None
    bounds: Bounds | None = None
    invariants: tuple[str, ...] = ()
    golden: str = ""
    equals: tuple[EqualColumn, ...] = ()
    freshness: FreshnessGoal | None = None
    runbook: str = ""
    rollback: str = ""
    approved: Approval | None = None
    deprecation: Deprecation | None = None
    allow: Any = None
    slo: Any = None
    columns: Any = None
    stability: str = ""


_NESTED: Mapping[str, type[msgspec.Struct]] = {
    "additivity": Additivity,
    "bounds": Bounds,
    "freshness": FreshnessGoal,
    "approved": Approval,
    "deprecation": Deprecation,
}

_UNIT = re.compile(r"[A-Z]{3}|count|ratio|percent|seconds|minutes|hours|days|custom:\S.*")


def read_settings(written: Mapping[str, Any], place: Place) -> MetricSettings:
    """Check what stands under ``config.meta.analyticsops``.

    Args:
        place: where it stands, for errors.

    Raises:
        ConfigError: with the place and what was expected there.
    """
    check_keys(written, MetricSettings, (), place)
    for key, kind in _NESTED.items():
        if written.get(key) is not None:
            check_keys(written[key], kind, (key,), place)
    version = written.get("version")
    if version is not None and not re.fullmatch(VERSION, str(version)):
        what, hint = f"no version {version!r}", "three numbers as in 2.1.0, in quotes"
        raise ConfigError(what, where=_at(place, "version"), hint=hint)
    for number, entry in enumerate(_listed(written.get("equals"))):
        check_keys(entry, EqualColumn, ("equals", number), place)
    settings = convert(_as_text(written), MetricSettings, (), place)
    bounds = settings.bounds
    if bounds and bounds.min is not None and bounds.max is not None and bounds.min > bounds.max:
        what, hint = f"min {bounds.min:g} is above max {bounds.max:g}", "exchange them"
        raise ConfigError(what, where=_at(place, "bounds"), hint=hint)
    if settings.unit and not _UNIT.fullmatch(settings.unit):
        raise ConfigError(
            f"no unit {settings.unit!r}",
            where=_at(place, "unit"),
            hint="a currency such as USD, count, ratio, percent, seconds, or custom:word",
        )
    days = (
        ("approved", "date", settings.approved.date if settings.approved else ""),
        ("deprecation", "sunset", settings.deprecation.sunset if settings.deprecation else ""),
    )
    for section, key, text in days:
        _check_day(text, section, key, place)
    return settings


def schema() -> dict[str, Any]:
    """The JSON Schema of the settings of a metric, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "config.meta.analyticsops of a metric",
        **msgspec.json.schema(MetricSettings),
    }


def day_of(text: str) -> datetime.date | None:
    """A day as YYYY-MM-DD; None if there is none."""
    return datetime.date.fromisoformat(text) if text else None


def major_of(version: str) -> int:
    """The number that counts for meaning; 0 if there is no version."""
    return int(version.partition(".")[0]) if version else 0


def _check_day(text: str, section: str, key: str, place: Place) -> None:
    try:
        day_of(text)
    except ValueError as error:
        where = place if isinstance(place, str) else place.at((section, key))
        hint = "a day as YYYY-MM-DD"
        raise ConfigError(f"{text!r} is no day: {error}", where=where, hint=hint) from error


def _listed(value: Any) -> list[Any]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _at(place: Place, key: str) -> str:
    return place if isinstance(place, str) else place.at((key,))


def _as_text(value: Any) -> Any:
    """YAML reads 2026-10-01 as a day, and dbt hands it on as one or as text."""
    if isinstance(value, dict):
        return {key: _as_text(item) for key, item in value.items()}
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()[:10]
    return value
