"""How easily a data test fails, by its settings."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping
from typing import Any


class Strength(enum.StrEnum):
    """What became of a test."""

    WEAKER = "weaker"
    STRONGER = "stronger"
    OTHER = "other"


def compare_strength(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[Strength, str]]:
    """(what became of it, setting: old -> new) for each setting that is another."""
    judges = {
        "severity": _by_order(lambda value: str(value or "error").lower() == "error"),
        "error_if": _by_order(lambda value: -_threshold(value)),
        "warn_if": _by_order(lambda value: -_threshold(value)),
        "where": _where,
        "limit": _where,
        "fail_calc": _other,
    }
    for setting, judge in judges.items():
        old, new = before.get(setting), after.get(setting)
        if _plain(setting, old) != _plain(setting, new):
            told = f"{setting}: {_told(setting, old)} -> {_told(setting, new)}"
            yield judge(old, new), told


_DEFAULTS = {"severity": "error", "error_if": "!= 0", "warn_if": "!= 0", "fail_calc": "count(*)"}


def _plain(setting: str, value: Any) -> str:
    text = str(value) if value is not None else _DEFAULTS.get(setting, "")
    return " ".join(text.lower().split()).replace("!=0", "!= 0")


def _told(setting: str, value: Any) -> str:
    """dbt writes its own default in capitals, and people write ``warn``."""
    text = "none" if value is None or value == "" else str(value)
    return text.lower() if setting == "severity" else text


def _by_order(measure: Any) -> Any:
    def judge(old: Any, new: Any) -> Strength:
        before, after = measure(old), measure(new)
        if before == after:
            return Strength.OTHER
        return Strength.STRONGER if after > before else Strength.WEAKER

    return judge


def _threshold(value: Any) -> float:
    """The number of failures from which on a test fails: 1 for ``!= 0``."""
    text = str(value or "!= 0")
    number = re.search(r"\d+", text)
    if number is None:
        return 1.0
    inclusive = "=" in text and "!=" not in text
    return float(number[0]) + (0.0 if inclusive else 1.0)


def _where(old: Any, new: Any) -> Strength:
    """A condition that appears leaves rows out; of two conditions nobody knows."""
    if not old:
        return Strength.WEAKER
    return Strength.OTHER if new else Strength.STRONGER


def _other(old: Any, new: Any) -> Strength:  # noqa: ARG001
    return Strength.OTHER
