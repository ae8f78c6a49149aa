"""Canonical texts that the analysis of another query made."""

from __future__ import annotations

from analyticsops.sql.forms import FALSE, NULL, TRUE, Forms, atom, read_form

_CONSTANTS = (TRUE, FALSE, NULL)


class ForeignForms(Forms):
    """Forms of which some were made by the analysis of another query: what they are made of
    is read off their texts, and a digest stands for anything over the same tables."""

    def __init__(self) -> None:
        super().__init__()
        self._foreign: dict[str, tuple[str, ...]] = {}

    def adopt(self, text: str, bases: tuple[str, ...]) -> str:
        """A text that came from elsewhere, over these tables."""
        if text not in self._parts and text not in _CONSTANTS and text[:1] in ("(", "#"):
            self._foreign.setdefault(text, bases)
        return text

    def how(self, text: str) -> str:
        """The first word of a form; empty for an atom."""
        return super().how(text) if self._settle(text) else ""

    def parts(self, text: str) -> tuple[str, ...]:
        """What a form is made of; empty for an atom."""
        return super().parts(text) if self._settle(text) else ()

    def _settle(self, text: str) -> bool:
        """Read a text when somebody looks; False if there is nothing to know."""
        if text in self._parts:
            return True
        bases = self._foreign.get(text)
        if bases is None:
            return False
        found = read_form(text) if text.startswith("(") else None
        if found is None:
            columns = [self.form("column", atom(base), "*") for base in bases]
            found = ("sealed", (*columns, self.form("over", "*")))
        for part in found[1]:
            self.adopt(part, bases)
        self._parts[text] = found
        return True
