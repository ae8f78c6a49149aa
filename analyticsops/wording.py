"""How messages say numbers and lists."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: object, thing: str) -> str:
    """``1 hour``, ``2 hours``."""
    return f"{number} {thing}{'' if str(number) == '1' or thing.endswith('s') else 's'}"


def listed(names: Sequence[str], most: int = 5) -> str:
    """``a, b and c``; of very many the first, and how many more."""
    shown = [*names] if len(names) <= most else [*names[:most], f"{len(names) - most} more"]
    return " and ".join(part for part in (", ".join(shown[:-1]), *shown[-1:]) if part)
