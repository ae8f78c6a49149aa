"""Shares as people read them."""

from __future__ import annotations

from fractions import Fraction


def percent(share: Fraction | None) -> str:
    """``99.5%``, with as many digits as tell it from all; ``-`` for None."""
    if share is None:
        return "-"
    for digits in (1, 2, 3, 4):
        text = f"{float(share) * 100:.{digits}f}"
        if share >= 1 or not text.startswith("100"):
            return f"{text.removesuffix('.0')}%"
    return "<100%"


def whole_percent(share: Fraction | None) -> str:
    """``38%``; ``-`` for None."""
    return "-" if share is None else f"{float(share):.0%}"
