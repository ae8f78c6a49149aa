"""What a mutant is, and what became of it."""

from __future__ import annotations

from typing import Literal

import msgspec

Fate = Literal["killed", "survived", "slow", "untested", "not made"]
"""A test failed; none did; they did not end, which is noticed as well; none calls the function; the
function could not be changed, which says nothing."""


class Mutant(msgspec.Struct, frozen=True):
    """One change of one function.

    Attributes:
        file: relative to the repository.
        function: its name, behind that of its class.
        line: of the change.
        before, after: the changed lines, without indentation.
        code: the changed function, without indentation.
    """

    file: str
    function: str
    line: int
    before: str
    after: str
    code: str

    @property
    def key(self) -> str:
        """The same for as long as the function has that line."""
        return f"{self.file} {self.function}: {self.before} => {self.after}"


class Hunted(msgspec.Struct, frozen=True):
    """A mutant's fate.

    Attributes:
        tests: how many ran at most.
        by: the test that failed.
    """

    key: str
    line: int
    fate: Fate
    tests: int = 0
    by: str = ""
    seconds: float = 0.0
