"""Words in the cells that there are for them: folded where a reader would break them.

Widths are cells of a terminal: wide characters take two, combining marks none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len
from rich.text import Text

_WORD = re.compile(r"\S+\s*|\s+")
_PIECE = re.compile(r"_*[^/._:@\-]*(?:[/.:@\-]+|_+)?")
"""Names break after what separates their parts; an underscore in front belongs to what follows."""
_JOINT = re.compile(r"[/.](?=[^/.])")
"""A table and its column, or a folder and its file, are parted there first."""


def fold(text: Text, width: int) -> list[Text]:
    """The text in lines of at most ``width`` cells, broken between words; a name that is longer
    than a line is broken after ``/``, ``.``, ``_``, ``:`` or ``-``, else where the line ends.
    Nothing of it is lost but the blanks at the ends of lines."""
    if cell_len(text.plain) <= width:
        return [text]
    parts = list(text.divide(list(_breaks(text.plain, max(width, 2)))))
    for part in parts:
        part.rstrip()
    return parts


def _taken(text: str, room: int) -> str:
    taken = 0
    for position, character in enumerate(text):
        taken += cell_len(character)
        if taken > room:
            return text[:position]
    return text


def _breaks(text: str, width: int) -> Iterator[int]:
    """Where lines begin, but for the first."""
    used = 0
    for word in _WORD.finditer(text):
        size = cell_len(word[0].rstrip())
        if used and used + size > width:
            yield word.start()
            used = 0
        if size <= width - used:
            used += cell_len(word[0])
            continue
        joint = _joint(word[0].rstrip(), width - used, width)
        if joint:
            yield word.start() + joint
            used = cell_len(word[0][joint:])
            continue
        for begin, piece in _pieces(word[0], word.start(), width):
            if used and used + cell_len(piece.rstrip()) > width:
                yield begin
                used = 0
            used += cell_len(piece)


def _joint(word: str, room: int, width: int) -> int:
    """Where a word falls into two parts that fit into what is left of a line and into the next
    one; 0 if it does not."""
    ends = [found.end() for found in _JOINT.finditer(word)]
    fitting = (n for n in ends if cell_len(word[:n]) <= room and cell_len(word[n:]) <= width)
    return max(fitting, default=0)


def _pieces(word: str, start: int, width: int) -> Iterator[tuple[int, str]]:
    """Parts of a long word, none of them wider than a line."""
    for part in _PIECE.finditer(word):
        begin, rest = start + part.start(), part[0]
        while rest and cell_len(rest.rstrip()) > width:
            piece = _taken(rest, width)
            yield begin, piece
            begin, rest = begin + len(piece), rest[len(piece) :]
        if rest:
            yield begin, rest
