"""Characters that nobody sees, or that turn the direction of writing."""

from __future__ import annotations

import re

# Explicit ranges rather than `unicodedata`, whose answer differs between Pythons.
INVISIBLE = re.compile(
    "["
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ufdd0-\ufdef"
    "\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "]"
)
"""What no output holds as it is."""

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""What a terminal acts on."""

_NOT_IN_CODE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f]|{INVISIBLE.pattern}")


def code_point(match: re.Match[str]) -> str:
    """``\\u{202e}`` of a character."""
    return f"\\u{{{ord(match[0]):x}}}"


def all_seen(text: str) -> str:
    """The text with each of these characters as ``\\u{202e}``."""
    return INVISIBLE.sub(code_point, CONTROLS.sub(code_point, text))


def hidden_in_code(text: str) -> str | None:
    """The first of these characters but for line breaks and tabs, as ``U+202E``; None if all
    of the text can be seen."""
    found = _NOT_IN_CODE.search(text)
    return f"U+{ord(found[0]):04X}" if found else None
