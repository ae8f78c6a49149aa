"""Answers for an agent: plain, capped, and without characters that hide or steer.

Names, descriptions and SQL are other people's words. They stay words: control characters,
escape sequences and invisible ones go, and nothing is longer than it need be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from analyticsops.report.encode import lines, shorten

T = TypeVar("T")

MAX_TEXT = 2_000
"""Characters of one text."""

MAX_ITEMS = 200
"""Items of one list."""


def plain(value: Any) -> Any:
    """Any answer as JSON: structs become objects without their empty fields."""
    return _clean(msgspec.to_builtins(value))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return shorten("\n".join(lines(value)), MAX_TEXT)
    if isinstance(value, dict):
        # Keys may be names, too: of owners, for one.
        cleaned = ((_clean(key), _clean(item)) for key, item in value.items())
        return {key: item for key, item in cleaned if _tells(item)}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value


def _tells(value: Any) -> bool:
    return value not in ("", None, [], {})


def capped(items: Sequence[T], limit: int = MAX_ITEMS) -> tuple[list[T], int]:
    """The first of them, and how many are left out."""
    limit = max(1, min(limit, MAX_ITEMS))
    return list(items[:limit]), max(0, len(items) - limit)
