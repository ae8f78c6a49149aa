"""Cases that stand in a text file: a name, what is given, and what comes of it.

A case is a block between empty lines. Its first line is its name; lines with ``>`` in front are
what comes out, all others are given.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.golden import is_written_anew

CASES = Path(__file__).parents[1] / "cases" / "slo"


class Case(NamedTuple):
    """One of them.

    Attributes:
        given: its lines without the name.
        expected: likewise, without the ``>``.
    """

    name: str
    given: str
    expected: tuple[str, ...]

    def text(self, said: Iterable[str]) -> str:
        """The block, if this is what comes out."""
        return "\n".join((self.name, *self.given.splitlines(), *(f"> {line}" for line in said)))


def read_cases(file: Path) -> list[Case]:
    """The cases of a file; a block whose first line begins with # is a remark."""
    found = []
    for block in file.read_text(encoding="utf-8").strip().split("\n\n"):
        name, *lines = block.splitlines()
        if not name.startswith("#"):
            given = "\n".join(line for line in lines if not line.startswith("> "))
            said = tuple(line[2:] for line in lines if line.startswith("> "))
            found.append(Case(name, given, said))
    assert len({case.name for case in found}) == len(found), "two cases of one name"
    return found


def check(file: Path, case: Case, said: Iterable[str]) -> None:
    """That this comes out; with ``GOLDEN=write`` write it into the file."""
    lines = tuple(line.rstrip() for line in said)
    if is_written_anew():
        blocks = file.read_text(encoding="utf-8").strip().split("\n\n")
        new = [case.text(lines) if b.split("\n")[0] == case.name else b for b in blocks]
        file.write_text("\n\n".join(new) + "\n", encoding="utf-8")
    else:
        assert lines == case.expected, case.name
