"""Putting the CTEs of ephemeral models in front of a query, as dbt does."""

from __future__ import annotations

import re
from collections.abc import Mapping

_TOKEN = re.compile(
    r"(?P<skip>\s+|--[^\r\n]*|\#(?=\s)[^\r\n]*|/\*.*?(?:\*/|\Z))"
    r"|(?P<text>'[^']*(?:'|\Z)|\"[^\"]*(?:\"|\Z)|`[^`]*(?:`|\Z)|\$\$.*?(?:\$\$|\Z))"
    r"|(?P<word>\w+)"
    r"|(?P<mark>.)",
    re.DOTALL,
)
"""Enough SQL to find words outside of texts; what is not closed ends with the query."""


def inject_ctes(sql: str, ctes: Mapping[str, str]) -> tuple[str, str]:
    """A query with CTEs in front of it, and what is doubtful about that.

    dbt's rule: behind the first ``with`` (and ``recursive``) of the query itself if it
    begins with one, else before its first word or comment.

    Args:
        ctes: SQL by name, in the order in which they must stand.

    Returns:
        the query, and a reason why dbt may have put them elsewhere, or empty.
    """
    if not ctes:
        return sql, ""
    texts = ", ".join(f" {name} as (\n{text}\n)" for name, text in ctes.items())
    place, doubt = _place(sql)
    if place:
        place += len(sql[place:]) - len(sql[place:].lstrip())
        return f"{sql[:place]}{texts}, {sql[place:]}", doubt
    begin = len(sql) - len(sql.lstrip())
    return f"{sql[:begin]}with{texts} {sql[begin:]}", doubt


def _place(sql: str) -> tuple[int, str]:
    """Where the query's own ``with`` ends, 0 if it has none; and a doubt."""
    place = depth = seen = 0
    for token in _TOKEN.finditer(sql):
        if token["skip"]:
            continue
        word, mark = (token["word"] or "").lower(), token["mark"]
        if (word == "with" and seen == 0) or (word == "recursive" and seen == 1 and place):
            place = token.end()
        elif word == "with" and depth == 0 and not place:
            return 0, "a `with` inside the query: dbt may put ephemeral models behind it"
        elif mark == ";" and depth == 0 and sql[token.end() :].strip():
            return place, "several statements: dbt keeps only the first with ephemeral models"
        depth += {"(": 1, ")": -1}.get(mark or "", 0)
        seen += 1
    return place, ""
