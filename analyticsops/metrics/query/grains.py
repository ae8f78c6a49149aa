"""Grains of time, from the finest on."""

from __future__ import annotations

from analyticsops.errors import UnsupportedError

GRAINS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
"""dbt's standard granularities as far as they can be truncated to everywhere."""


def rank(grain: str) -> int:
    """Its place among :data:`GRAINS`.

    Raises:
        UnsupportedError: it is none of them: one that a project made itself, or a wrong word.
    """
    if grain not in GRAINS:
        raise UnsupportedError(f"grain {grain!r} is none of dbt's standard ones")
    return GRAINS.index(grain)
