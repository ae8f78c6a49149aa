"""Grains of time, from the finest on."""

from __future__ import annotations

GRAINS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
"""dbt's standard granularities as far as they can be truncated to everywhere."""


def rank(grain: str) -> int:
    """Its place among :data:`GRAINS`."""
    return GRAINS.index(grain)


def rolls_up(fine: str, coarse: str) -> bool:
    """True if every period of the coarse grain is made of whole periods of the fine one."""
    return rank(fine) <= rank(coarse) and not (fine == "week" and coarse != "week")
