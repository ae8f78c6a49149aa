"""Statements that neither read nor write columns, told by their first words, without a parser:
most hooks grant, set or comment."""

from __future__ import annotations

import re

_DATA = frozenset(
    {
        *("copy", "delete", "export", "from", "insert", "merge", "replace", "select"),
        *("truncate", "unload", "update", "upsert", "values", "with", "("),
    }
)
"""First words of statements that read or write columns."""

_SCRIPTS = frozenset({"begin", "declare", "do", "execute", "for", "if", "loop", "while"})
"""First words of statements that hold others, unless nothing follows."""

_SCRIPT = re.compile(r"\w+\s+(?!transaction\b|work\b|tran\b)\S", re.IGNORECASE)

_TABLE = re.compile(r"create\s+(?:or\s+\w+\s+)?(?:\w+\s+){0,3}?(?:table|view)\b", re.IGNORECASE)
"""``CREATE`` of something that has columns."""

_MUTATION = re.compile(
    r"alter\s+table\s+\S+\s+(?:on\s+cluster\s+\S+\s+)?(?:update|delete)\b", re.IGNORECASE
)
"""The UPDATE and DELETE of ClickHouse."""

_COMMENTS = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)
_FIRST = re.compile(r"\w+|\S")


def silent_word(text: str) -> str:
    """The first word of a statement that has no columns; empty if it may have some."""
    bare = _COMMENTS.sub(" ", text).strip()
    word = first_word(bare)
    if word in _DATA or script_word(bare) or (word == "create" and _TABLE.match(bare)):
        return ""
    return "" if _MUTATION.match(bare) else word


def script_word(text: str) -> str:
    """The first word of a statement that holds others: ``begin``; empty if it is none."""
    bare = _COMMENTS.sub(" ", text).strip()
    word = first_word(bare)
    return word if word in _SCRIPTS and _SCRIPT.match(bare) else ""


def first_word(text: str) -> str:
    """The first word, or other character, in lower case; empty if there is none."""
    found = _FIRST.search(text)
    return found[0].lower() if found else ""
