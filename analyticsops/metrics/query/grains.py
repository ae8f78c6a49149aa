"""Grains of time, from the finest on."""

from __future__ import annotations

GRAINS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
"""dbt's standard granularities as far as they can be truncated to everywhere."""


def rank(grain: str) -> int:
    """Its place among :data:`GRAINS`."""
    return GRAINS.index(grain)
