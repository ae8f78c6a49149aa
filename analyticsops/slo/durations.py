"""Lengths of time as people write them, and as they read them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

_UNITS = {
    unit: seconds
    for units, seconds in (
        ("s second seconds", 1),
        ("m min minute minutes", 60),
        ("h hour hours", 3_600),
        ("d day days", 86_400),
        ("w week weeks", 604_800),
    )
    for unit in units.split()
}

_MICROSECOND = timedelta(microseconds=1)


def duration(text: Any) -> timedelta | None:
    """``26h``, ``40d``, ``90 minutes`` -> timedelta; None if it cannot be read."""
    written = str(text or "").strip().lower()
    number = written.rstrip("abcdefghijklmnopqrstuvwxyz ")
    unit = written[len(number) :].strip()
    try:
        seconds = float(number) * _UNITS[unit]
    except (ValueError, KeyError):
        return None
    return in_seconds(seconds) if seconds >= 0 else None


def in_seconds(number: float | None) -> timedelta | None:
    """None for what is no duration: not a number, or longer than time itself."""
    try:
        return None if number is None else timedelta(seconds=number)
    except (OverflowError, ValueError):
        return None


def spoken(age: timedelta | int | None) -> str:
    """A duration for people: its largest unit and the next smaller one, if there is any
    of it: ``1d 4h``, ``7h`` (and eight seconds), ``35m``.

    Args:
        age: a number is microseconds.
    """
    if age is None:
        return "unknown"
    length = timedelta(microseconds=age) if isinstance(age, int) else age
    seconds = round(length.total_seconds())
    sign = "-" if seconds < 0 else ""
    counts: list[tuple[int, str]] = []
    rest = abs(seconds)
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count or counts:
            counts.append((count, unit))
    return sign + (" ".join(f"{n}{unit}" for n, unit in counts[:2] if n) or "0s")


def written(length: int) -> str:
    """Microseconds as :func:`duration` reads them, without loss down to the second: ``26h``,
    ``90m``, ``40d``."""
    seconds = length // 1_000_000
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def microseconds(length: timedelta) -> int:
    """A length as a whole number."""
    return length // _MICROSECOND
