"""Whether our rendering says what dbt would have compiled, had there been a warehouse to ask."""

from __future__ import annotations

import re
from collections import Counter

from analyticsops.project.render.engine import Rendered
from analyticsops.project.render.values import UNKNOWN_TEXT

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_LITERAL = re.compile(r"'[^']*'")
_RELATION = re.compile(r"[\w\"`]+\.[\w\"`]+\.[\w\"`]+")
_NAME = re.compile(r"\b[^\W\d]+\b")


def is_whole(rendered: Rendered) -> bool:
    """True if all that is unknown in a text are values in quotes: a salt, a version. They
    say nothing about where a column comes from."""
    if rendered.sql is None:
        return False
    if not all(problem.startswith("writes ") for problem in rendered.problems):
        return False
    return UNKNOWN_TEXT not in _LITERAL.sub(" ", rendered.sql)


def fills_gaps(text: str, gapped: str) -> bool:
    """True if a text has all the words of another, and more: it was rendered with the
    same settings and fills the other's gaps."""
    missing = _names(gapped) - _names(text)
    return not missing and words(text) != words(gapped)


def _names(sql: str) -> Counter[str]:
    """The words of a text, less those that may differ: comments, values in quotes, clocks
    and ids, which have digits, and names of relations, which a project may choose by what
    is in the warehouse."""
    for pattern in (_COMMENT, _LITERAL, _RELATION):
        sql = pattern.sub(" ", sql)
    return Counter(_NAME.findall(sql))


def words(sql: str) -> str:
    """The text without differences of white space."""
    return " ".join(sql.split())
