"""Numbers as a row of blocks, an eighth of a line high each step."""

from __future__ import annotations

from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
NOBODY_KNOWS = "·"
"""Stands for what is not known: it is neither low nor high."""


def of_share(share: float) -> str:
    """A share from 0 to 1: only 0 is ``▁``, only 1 is ``█``, however near to them it is."""
    if share <= 0:
        return BLOCKS[0]
    return BLOCKS[-1] if share >= 1 else BLOCKS[1 + int(share * (len(BLOCKS) - 2))]


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
