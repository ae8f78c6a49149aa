"""What a template could write at all: its own text, and those of all macros that it calls.

Most hooks grant, set or comment; those need no rendering, and one that cannot be rendered
matters only if it could touch columns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from analyticsops.project.model import Macro
from analyticsops.project.render.macros import MacroIndex

_CALLED = re.compile(r"([A-Za-z_][\w.]*)\s*\(")
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_WRITES = re.compile(
    r"\b(?:insert|update(?!\s*\()|delete|merge|truncate|overwrite|clone|upsert)\b"
    r"|\bcreate\b(?:\W+\w+){0,6}?\W+(?:table|view)\b",
    re.IGNORECASE,
)
_READS = re.compile(r"\b(?:from|join)\s+((?:\{\{.*?\}\}|[^\s(),;])+)", re.IGNORECASE | re.DOTALL)
_CATALOGS = ("information_schema", "account_usage", "pg_catalog", "svv_", "system.")
"""In the names of tables that hold no data of the project."""

_OURS = "analyticsops"
"""Our own dbt package, whose hooks write the history and no table of the project."""

_ELSEWHERE = re.compile(r"\b(?:var|env_var|render|context)\s*[(\[]")
"""Where SQL may come from that stands in no macro."""


class Reachable(NamedTuple):
    """What could come out of a template: statements that write tables, that read them."""

    writes: bool
    reads: bool


class ReachableTexts:
    """Answers by template, each once.

    Args:
        macros: all by ``unique_id``.
    """

    def __init__(self, index: MacroIndex, macros: Mapping[str, Macro]) -> None:
        self._index = index
        self._macros = macros
        self._found: dict[tuple[str, str], Reachable] = {}

    def of(self, template: str, package: str) -> Reachable:
        """What a template of a package could write."""
        key = (template, package)
        if key not in self._found:
            self._found[key] = self._look(template, package)
        return self._found[key]

    def _look(self, template: str, package: str) -> Reachable:
        waiting = self._called(template, package)
        seen = {macro.unique_id for macro in waiting}
        texts = [template]
        while waiting:
            macro = waiting.pop()
            texts.append(macro.sql)
            known = [self._macros[name] for name in macro.macros if name in self._macros]
            waiting += [found for found in known if found.unique_id not in seen]
            seen.update(found.unique_id for found in known)
        text = _COMMENT.sub(" ", "\n".join(texts))
        anything = _ELSEWHERE.search(text) is not None
        read = (found[1].lower() for found in _READS.finditer(text))
        return Reachable(
            writes=anything or _WRITES.search(text) is not None,
            reads=anything or any(not any(c in name for c in _CATALOGS) for name in read),
        )

    def _called(self, template: str, package: str) -> list[Macro]:
        found: list[Macro] = []
        for name in dict.fromkeys(_CALLED.findall(template)):
            above, _, last = name.rpartition(".")
            scope = self._index.find(above or last, package)
            macro = scope.get(last) if above and isinstance(scope, Mapping) else scope
            if isinstance(macro, Macro) and macro.package != _OURS:
                found.append(macro)
        return found
