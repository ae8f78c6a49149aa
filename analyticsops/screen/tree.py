"""Trees as aligned tables: names with guides, and beside each what is said of it.

rich's own trees have labels and no columns, and their guides take so much of the width that a
lineage of twelve steps leaves no room for names in 80 cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Text

from analyticsops.screen.fitting import fold
from analyticsops.screen.page import Page

_WIDE = ("│  ", "├─ ", "└─ ", "   ")
_NARROW = ("│ ", "├ ", "└ ", "  ")
_DEEPER = "…"
"""Instead of guides that are left out where a tree is deeper than there is room."""
_GAP = 2
_NAME = 24
"""Cells that a name has at least, however deep it stands."""

_COMFORT = 64
"""Cells up to which the column of names is as wide as the longest."""
_SLACK = 16
"""Cells by which a long name may widen it."""


class Branch(NamedTuple):
    """A line of a tree, and what is below it.

    Attributes:
        name: what it is about.
        beside: what is said of it.
        mark: a word in front of all, such as the number of the step.
    """

    name: Text
    beside: Text
    below: Sequence[Branch] = ()
    mark: str = ""


class _Row(NamedTuple):
    branch: Branch
    ends: tuple[bool, ...]
    """Of each level above and its own: is it the last of its siblings?"""


def write_tree(page: Page, branches: Sequence[Branch], *, indent: int = 0) -> None:
    """Write trees below each other; what is said stands in one column beside the names.

    Args:
        indent: cells that are left free on the left.
    """
    rows = list(_rows(branches))
    marks = max((cell_len(row.branch.mark) for row in rows), default=0)
    left = indent + marks + bool(marks)
    width = page.width - left
    told = max((row.branch.beside.cell_len for row in rows), default=0)
    told = min(told, max(width // 3, 12))
    deepest = max((len(row.ends) - 1 for row in rows), default=0)
    room = width - told - (_GAP if told else 0)
    guides = _WIDE if deepest * 3 + _NAME <= room else _NARROW
    most = max((room - _NAME) // len(guides[0]), 1)
    names = min(room, _comfortable([_name_width(row, guides, most) for row in rows]))
    for row in rows:
        _write(page, row, guides, most, names, marks=marks, indent=indent)


def _comfortable(widths: Sequence[int]) -> int:
    """Of the column of names: wide enough for nine of ten, since a single long one would push
    what is said of the others far away from them."""
    ordered = sorted(widths)
    if not ordered:
        return 0
    usual = max(_COMFORT, ordered[(len(ordered) - 1) * 9 // 10])
    return ordered[-1] if ordered[-1] <= usual + _SLACK else usual


def _rows(branches: Sequence[Branch]) -> Iterator[_Row]:
    """Every branch from top to bottom; with a stack, since a chain may be long."""
    stack = _stacked(branches, ())
    while stack:
        row = stack.pop()
        yield row
        stack += _stacked(row.branch.below, row.ends)


def _stacked(branches: Sequence[Branch], above: tuple[bool, ...]) -> list[_Row]:
    rows = [_Row(one, (*above, number == len(branches))) for number, one in enumerate(branches, 1)]
    return rows[::-1]


def _name_width(row: _Row, guides: Sequence[str], most: int) -> int:
    return len(_prefix(row, guides, most)[0]) + row.branch.name.cell_len


def _prefix(row: _Row, guides: Sequence[str], most: int) -> tuple[str, str]:
    """(guides of the first line, guides of further ones)."""
    down, turn, last, empty = guides
    ends = row.ends[1:]
    if not ends:
        return "", down[:2].ljust(2) if row.branch.below else "  "
    lines = [empty if end else down for end in ends[:-1]]
    first = [*lines, last if ends[-1] else turn]
    further = [*lines, empty if ends[-1] else down]
    if len(first) > most:  # deeper than there is room: what is far on the left is left out
        dots = _DEEPER.ljust(len(down))
        first, further = [dots, *first[1 - most :]], [empty, *further[1 - most :]]
        first, further = first[-most:], further[-most:]
    hang = down[:2].ljust(2) if row.branch.below else "  "
    return "".join(first), "".join(further) + hang


def _write(
    page: Page,
    row: _Row,
    guides: Sequence[str],
    most: int,
    names: int,
    *,
    marks: int,
    indent: int,
) -> None:
    first, further = _prefix(row, guides, most)
    branch = row.branch
    column = " " * indent
    name = fold(branch.name, names - len(first))
    if len(name) > 1:
        name = fold(branch.name, names - max(len(first), len(further)))
    told = page.width - indent - marks - bool(marks) - names - _GAP
    beside = fold(branch.beside, told) if branch.beside.plain else []
    for number in range(max(len(name), len(beside))):
        mark = f"{branch.mark if not number else '':>{marks}} " if marks else ""
        text = Text.assemble((f"{column}{mark}{further if number else first}", "dim"))
        text.append_text(name[number] if number < len(name) else Text())
        if number < len(beside):
            text.append(" " * (indent + len(mark) + names + _GAP - text.cell_len))
            text.append_text(beside[number])
        page.line(text)
