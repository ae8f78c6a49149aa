"""Canonical texts as trees of ``(how part part)``, and what can be read off them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set as AbstractSet
from hashlib import blake2b

_ATOM = re.compile(r"[\w.$*-]+")

_CONDITIONS = frozenset(
    {"eq", "neq", "lt", "lte", "and", "or", "not", "in", "exists", "is", "like", "ilike"}
)

_COMPARISONS = frozenset({"eq", "neq", "lt", "lte"})

_LONG = 120
"""Characters. Longer parts stand as their digests, so that texts stay short however
often a CTE uses the one before it."""


class Forms:
    """Makes the texts of one query and remembers what they are made of: a long part is in
    the text of the whole as its digest only."""

    def __init__(self) -> None:
        self._parts: dict[str, tuple[str, tuple[str, ...]]] = {}

    def form(self, how: str, *parts: str) -> str:
        """``(how part part)``. Every part is an atom, a quoted text, a digest or a form
        itself, so that no two different trees have one text."""
        text = f"({' '.join((how, *map(short, parts)))})"
        self._parts[text] = (how, parts)
        return text

    def how(self, text: str) -> str:
        """The first word of a form; empty for an atom."""
        found = self._parts.get(text)
        return found[0] if found else ""

    def parts(self, text: str) -> tuple[str, ...]:
        """What a form is made of; empty for an atom."""
        found = self._parts.get(text)
        return found[1] if found else ()

    def below(self, text: str, closed: AbstractSet[str] = frozenset()) -> Iterator[str]:
        """The text and all that it is made of, each once.

        Args:
            closed: forms of which the parts are left out.
        """
        seen, stack = {text}, [text]
        while stack:
            part = stack.pop()
            yield part
            how, parts = self._parts.get(part, ("", ()))
            fresh = [inner for inner in parts if inner not in seen] if how not in closed else []
            seen.update(fresh)
            stack += fresh

    def is_comparison(self, text: str) -> bool:
        """True for ``a = b``, ``a < b`` and their like, of two values."""
        return self.how(text) in _COMPARISONS

    def is_condition(self, text: str) -> bool:
        """True if the text can only be true, false or NULL."""
        return self.how(text) in _CONDITIONS or text in (TRUE, FALSE, NULL)


TRUE, FALSE, NULL = "(true)", "(false)", "(null)"
"""Texts of constants."""


_LITERAL = re.compile(r"-?\d+(\.\d+)?|'.*'", re.DOTALL)


def is_literal(text: str) -> bool:
    """True for a number or a quoted text, which is never NULL."""
    return _LITERAL.fullmatch(text) is not None


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


_WORD = re.compile(r"'(?:[^']|'')*'|[()]| +|[^()' ]+")


def read_form(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The first word of a form and its parts, read off its text: a part that stands there as
    its digest remains that. None for what is no form."""
    if not (text.startswith("(") and text.endswith(")")):
        return None
    words: list[str] = []
    depth, start, end = 0, 1, len(text) - 1
    for found in _WORD.finditer(text, 1, end):
        first = text[found.start()]
        if first == "(":
            depth += 1
        elif first == ")":
            depth -= 1
        elif first == " " and not depth:
            words.append(text[start : found.start()])
            start = found.end()
    words.append(text[start:end])
    return (words[0], tuple(words[1:])) if words[0] else None
