"""Values of a specification that are text with a form of their own. Each knows how to read itself
and says what is wrong if it cannot; :func:`read_word` is msgspec's hook for all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from analyticsops.artifacts.times import instant
from analyticsops.slo.durations import duration, microseconds
from analyticsops.slo.spans import instant_of


class Duration(int):
    """Microseconds, written ``90m``, ``26h`` or ``3d``."""

    form: ClassVar[Mapping[str, Any]] = {
        "type": "string",
        "pattern": r"^\s*[0-9.]+\s*[A-Za-z]+\s*$",
        "examples": ["26h"],
    }

    @classmethod
    def read(cls, value: Any) -> Self:
        """Raises ValueError if it cannot be read."""
        length = duration(value) if isinstance(value, str) else None
        if length is None or not length:
            raise ValueError(f"{value!r} is no duration: write 90m, 26h or 3d")
        return cls(microseconds(length))


class Age(Duration):
    """How old the data of a source may be: a duration, or ``static`` if it never ages."""

    form: ClassVar[Mapping[str, Any]] = {"type": "string", "examples": ["48h", "static"]}

    @classmethod
    def read(cls, value: Any) -> Self:
        """Raises ValueError if it cannot be read."""
        return cls(NEVER) if value == "static" else super().read(value)

    @property
    def is_static(self) -> bool:
        """True if the source never ages."""
        return self == NEVER


NEVER = 1 << 62


class Share(Fraction):
    """A share, written ``99.5%`` or ``0.995``."""

    form: ClassVar[Mapping[str, Any]] = {
        "anyOf": [
            {"type": "string", "pattern": r"^\s*[0-9.]+\s*%?\s*$"},
            {"type": "number", "minimum": 0, "maximum": 1},
        ],
        "examples": ["99%"],
    }

    @classmethod
    def read(cls, value: Any) -> Self:
        """Raises ValueError if it cannot be read, or is not between nothing and all."""
        found = _share(value)
        if found is None or not 0 <= found <= 1:
            raise ValueError(f"{value!r} is no share: write 99%, 99.5% or 0.995")
        return cls(found)


class Target(Share):
    """The share of what counts that has to be good. All of it would leave no error budget."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """Raises ValueError if it cannot be read, or is none or all."""
        found = super().read(value)
        if not 0 < found < 1:
            raise ValueError(f"{value!r} leaves no error budget: write less than 100%, as in 99%")
        return found


def _share(value: Any) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    percent = text.endswith("%")
    try:
        number = Fraction(text.rstrip("%").strip())
    except (ValueError, ZeroDivisionError):
        return None
    return number / 100 if percent else number


class Cron(str):
    """Five fields of cron."""

    __slots__ = ()
    form: ClassVar[Mapping[str, Any]] = {"type": "string", "examples": ["0 5 * * 1-5"]}

    @classmethod
    def read(cls, value: Any) -> Self:
        """Raises ValueError if it cannot be read."""
        try:
            CronSim(value, datetime(2026, 1, 1))
        except (CronSimError, TypeError, AttributeError) as error:
            raise ValueError(f"{value!r} is no cron expression: {error}") from None
        return cls(value)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    """It asks the file system about each of hundreds of files."""
    return frozenset(available_timezones())


class Zone(str):
    """A time zone by its name in the IANA database."""

    __slots__ = ()
    form: ClassVar[Mapping[str, Any]] = {"type": "string", "examples": ["Europe/Berlin"]}

    @classmethod
    def read(cls, value: Any) -> Self:
        """Raises ValueError if there is none of that name."""
        if value not in _zones():
            raise ValueError(f"{value!r} is no time zone: write a name such as Europe/Berlin")
        ZoneInfo(value)
        return cls(value)


class Moment(int):
    """Microseconds since 1970, written as an ISO time; without a zone it is UTC."""

    form: ClassVar[Mapping[str, Any]] = {"type": "string", "examples": ["2026-12-01T00:00Z"]}

    @classmethod
    def read(cls, value: Any) -> Self:
        """Raises ValueError if it cannot be read."""
        found = instant(value) if isinstance(value, str) else None
        if found is None:
            raise ValueError(f"{value!r} is no time: write 2026-12-01T00:00Z")
        return cls(instant_of(found))


class Days(frozenset[int]):
    """Days of the week, 0 is Monday: ``mon-fri``, ``sat, sun``."""

    form: ClassVar[Mapping[str, Any]] = {"type": "string", "examples": ["mon-fri"]}

    @classmethod
    def read(cls, value: Any) -> Self:
        """Raises ValueError if it cannot be read."""
        found: set[int] = set()
        for part in str(value).lower().replace(" ", "").split(","):
            first, _, last = part.partition("-")
            try:
                start, end = _DAYS.index(first[:3]), _DAYS.index((last or first)[:3])
            except ValueError:
                raise ValueError(f"{value!r} are no days: write mon-fri or sat,sun") from None
            found.update((start + step) % 7 for step in range((end - start) % 7 + 1))
        return cls(found)


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Hours(tuple[tuple[int, int], ...]):
    """Hours of a day, in minutes after midnight: ``07:00-19:00``, ``8-12, 13-17``."""

    __slots__ = ()
    form: ClassVar[Mapping[str, Any]] = {"type": "string", "examples": ["07:00-19:00"]}

    @classmethod
    def read(cls, value: Any) -> Self:
        """Raises ValueError if it cannot be read; what ends before it begins goes past midnight."""
        found: list[tuple[int, int]] = []
        for part in str(value).split(","):
            match = _HOURS.fullmatch(part)
            start, end = _minutes(match, 1), _minutes(match, 3)
            if start is None or end is None or start == end or start == 1_440:
                raise ValueError(f"{value!r} are no hours: write 07:00-19:00")
            found += [(start, end)] if start < end else [(0, end), (start, 1_440)]
        return cls(sorted(span for span in found if span[0] < span[1]))


_HOURS = re.compile(r"\s*(\d{1,2})(?::(\d\d))?\s*-\s*(\d{1,2})(?::(\d\d))?\s*")


def _minutes(match: re.Match[str] | None, group: int) -> int | None:
    if match is None:
        return None
    hours, minutes = int(match[group]), int(match[group + 1] or 0)
    found = hours * 60 + minutes
    return found if minutes < 60 and found <= 1_440 else None


Word = Duration | Share | Cron | Zone | Moment | Days | Hours


def read_word(kind: type[Any], value: Any) -> Any:
    """msgspec's hook: a value of one of these types.

    Raises:
        ValueError: it cannot be read.
    """
    if issubclass(kind, Word):
        return kind.read(value)
    raise NotImplementedError(kind)


def word_form(kind: type[Any]) -> dict[str, Any]:
    """msgspec's hook for JSON Schema."""
    if issubclass(kind, Word):
        return dict(kind.form)
    raise NotImplementedError(kind)
