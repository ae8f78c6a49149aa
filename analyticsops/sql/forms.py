"""Canonical texts as trees of ``(how part part)``, and what can be read off them."""

from __future__ import annotations

import re
from hashlib import blake2b

_ATOM = re.compile(r"[\w.$*-]+")

_CONDITION = re.compile(r"\((?:eq|neq|lt|lte|and|or|not|in|exists|is|like|ilike) ")

_LONG = 120
"""Characters. Longer parts stand as their digests, so that texts stay short however
often a CTE uses the one before it."""


def form(how: str, *parts: str) -> str:
    """``(how part part)``. Every part is an atom, a quoted text, a digest or a form
    itself, so that no two different trees have one text."""
    return f"({' '.join((how, *map(short, parts)))})"


def short(part: str) -> str:
    """The part itself, or its digest if it is long."""
    return part if len(part) <= _LONG else f"#{digest(part)}"


def digest(text: str) -> str:
    """24 hex digits; empty for an empty text."""
    if not text:
        return ""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def atom(text: str) -> str:
    """A name as part of a form."""
    return text if _ATOM.fullmatch(text) else quoted(text)


def quoted(text: str) -> str:
    """A text as part of a form."""
    return "'" + text.replace("'", "''") + "'"


def is_condition(text: str) -> bool:
    """True if a canonical text can only be true, false or NULL."""
    return _CONDITION.match(text) is not None
