"""What dbt writes both on a node or column and in its config, brought together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from analyticsops.project.model import EMPTY


def merged(*parts: Any) -> Mapping[str, Any]:
    """Later parts win; anything that is not a mapping is ignored."""
    real = [part for part in parts if part and isinstance(part, dict)]
    if not real:
        return EMPTY
    return real[0] if len(real) == 1 else {k: v for part in real for k, v in part.items()}


def tags_of(*parts: Any) -> tuple[str, ...]:
    """All tags, each once; a part is one tag or several."""
    flat: list[str] = []
    for part in parts:
        if not part:
            continue
        if isinstance(part, str):
            flat.append(part)
        elif isinstance(part, Iterable):
            flat.extend(str(tag) for tag in part)
    return tuple(dict.fromkeys(flat)) if flat else ()
