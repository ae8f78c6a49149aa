"""How messages say numbers and lists."""

from __future__ import annotations

from collections.abc import Sequence

_PLURALS = {"analysis": "analyses", "saved query": "saved queries"}
"""What people call dbt's resource types, where the plural is not the word with an s."""


def quantity(number: object, noun: str) -> str:
    """``1 model``, ``1,304 models``; a noun that is a plural already stays as it is."""
    shown = f"{number:,}" if isinstance(number, int) else str(number)
    if shown == "1":
        return f"1 {noun}"
    return f"{shown} {_PLURALS.get(noun) or (noun if noun.endswith('s') else f'{noun}s')}"


def listed(names: Sequence[str], most: int = 5) -> str:
    """``a, b and c``; of very many the first, and how many more."""
    shown = [*names] if len(names) <= most else [*names[:most], f"{len(names) - most} more"]
    return " and ".join(part for part in (", ".join(shown[:-1]), *shown[-1:]) if part)
