"""Messages without what they quote: warehouses put failing values into them.

``could not convert 'jane@example.com' at row 17`` becomes ``could not convert '…' at row #``.
"""

from __future__ import annotations

import re

MODES = ("masked", "full", "none")
"""How messages are recorded; ``full`` must be asked for."""

LONGEST = 300
"""Characters kept of a message."""

_QUOTED = re.compile(r"'(?:[^'\\]|\\.|'')*'?|\"(?:[^\"\\]|\\.|\"\")*\"?|`[^`]*`?|\$\$.*?(?:\$\$|$)")
# Values without quotes: BigQuery's `Bad int64 value: abc`, keys in PostgreSQL and SQL Server.
_BARE = re.compile(r"((?:\bvalues?(?: is)?:? ?|=)\()[^)]*(\)?)|(\bvalues?: )\S.*")
_WORDS_WITH_DIGITS = re.compile(r"\S*@\S*|\S*\d\S*")
_DIGITS = re.compile(r"\d+")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def recorded_message(text: str | None, mode: str) -> str | None:
    """What is kept of a message: of ``masked`` the first line that says something, without
    quoted text, numbers and addresses; of ``none`` nothing."""
    if not text or mode == "none":
        return None
    text = _COLOURS.sub("", text)
    if mode == "full":
        return _CONTROLS.sub(" ", text).strip()[:LONGEST] or None
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # dbt's own first line only names the node, which is known.
    said = [line for line in lines if not _ABOUT.match(line)] or lines
    if not said:
        return None
    line = _QUOTED.sub(_quotes, _CONTROLS.sub(" ", said[0][: 4 * LONGEST]))
    line = _BARE.sub(r"\1\3…\2", line)
    line = _WORDS_WITH_DIGITS.sub(_without_value, line)
    return line[:LONGEST].strip() or None


_ABOUT = re.compile(r"(?:Runtime|Database|Compilation|Dependency) Error(?: in [\w ]+ \S+ \(.*\))?$")


def _quotes(match: re.Match[str]) -> str:
    mark = match[0][0]
    return f"{mark}…{mark}"


def _without_value(match: re.Match[str]) -> str:
    word = match[0]
    return "…" if "@" in word else _DIGITS.sub("#", word)
