"""Numbers as a row of blocks, an eighth of a line high each step."""

from __future__ import annotations

from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
NOBODY_KNOWS = "·"
"""Stands for None: it is neither low nor high."""


def shares(values: Sequence[float | None]) -> str:
    """Shares from 0 to 1: only 0 is ``▁``, only 1 is ``█``, however near to them a share is."""
    steps = len(BLOCKS) - 1
    return "".join(
        NOBODY_KNOWS
        if value is None
        else BLOCKS[0]
        if value <= 0
        else BLOCKS[steps]
        if value >= 1
        else BLOCKS[1 + int(value * (steps - 1))]
        for value in values
    )


def levels(values: Sequence[float | None]) -> str:
    """Numbers between the least of them, ``▁``, and the greatest, ``█``; all the same is ``▄``."""
    known = [value for value in values if value is not None]
    if not known:
        return NOBODY_KNOWS * len(values)
    low, span = min(known), max(known) - min(known)
    steps = len(BLOCKS) - 1
    return "".join(
        NOBODY_KNOWS
        if value is None
        else BLOCKS[round((value - low) / span * steps)]
        if span
        else BLOCKS[steps // 2]
        for value in values
    )
