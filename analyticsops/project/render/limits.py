"""How much work one template may do. A template is code that somebody else wrote.

Work is counted in units: one for a character or an element that is made, fifty for
a loop's turn or a call. Counting gives the same verdict on every machine; the clock
is only the second net, for what counting does not see.
"""

from __future__ import annotations

import time
from typing import Any

from jinja2.exceptions import SecurityError

UNITS = 30_000_000
"""For one node. The heaviest of the 3,500 real models that we met needs a twentieth."""

SECONDS = 1.5
"""Processor seconds of the rendering thread, for one node."""

HOOK_UNITS = 1_000_000
"""For one hook. The heaviest of the real ones that come to an end need a thirtieth."""

HOOK_SECONDS = 0.2
"""Likewise; a project has thousands of hooks."""

STEP = 50
"""Units for a turn of a loop, a call or a filter."""

LOOK = 10
"""Units for an element that is looked at, which takes Python longer than copying it."""

COMPILE = 10_000
"""Units for a template that is compiled, whatever its length."""

SOURCE_LIMIT = 2_000_000
"""Characters in one template."""

DEPTH = 60
"""Macros that call one another. Jinja needs about six Python frames for each."""

WIDTH = 10_000
"""Largest number for padding, indenting and the like."""

_BITS = 4096
_CONTAINERS = (list, tuple, dict, set, frozenset)


def size(value: Any) -> int:
    """Length of a plain value, 0 for anything that must not be asked."""
    return len(value) if isinstance(value, (str, range, *_CONTAINERS)) else 0


class LimitError(SecurityError):
    """The template does more than its :class:`Budget` allows."""


class Budget:
    """What is left to spend for one node, or one hook."""

    __slots__ = ("deadline", "earliest", "left", "seconds", "units")

    def __init__(self, units: int = UNITS, seconds: float = SECONDS) -> None:
        self.left = self.units = units
        self.seconds = seconds
        self.deadline = time.thread_time() + seconds
        # A thread never has more processor time than time goes by, which is told faster.
        self.earliest = time.monotonic() + seconds

    def spend(self, units: int) -> None:
        """Pay for work before it is done.

        Raises:
            LimitError: the template is too expensive.
        """
        self.left -= units
        if self.left < 0:
            raise LimitError(f"the template does more work than {self.units:,} units allow")
        if time.monotonic() > self.earliest and time.thread_time() > self.deadline:
            raise LimitError(f"the template runs longer than {self.seconds} seconds")

    def weigh(self, value: Any) -> Any:
        """Pay for everything in ``value``, as often as it occurs, and return it.

        A list that holds itself twice, forty levels deep, is small in memory and
        endless for ``str``, ``==`` and ``hash``, which cannot be interrupted.
        """
        if not isinstance(value, _CONTAINERS):
            return value
        stack: list[Any] = [value]
        while stack:
            item = stack.pop()
            children = [*item, *item.values()] if isinstance(item, dict) else item
            units = 2 * STEP + LOOK * len(children)
            for child in children:
                if type(child) is str:
                    units += len(child)
                elif isinstance(child, _CONTAINERS):
                    stack.append(child)
            self.spend(units)
        return value

    def width(self, *values: Any) -> None:
        """Refuse a number that would blow up a text.

        Raises:
            LimitError: one is larger than :data:`WIDTH`.
        """
        for value in values:
            if isinstance(value, int) and value > WIDTH:
                raise LimitError(f"a width of {value:,} is more than the limit of {WIDTH:,}")

    def product(self, left: Any, right: Any) -> None:
        """Pay for ``left * right`` before it is computed."""
        if isinstance(left, int) and isinstance(right, int):
            if left.bit_length() + right.bit_length() > _BITS:
                raise LimitError(f"a number of more than {_BITS:,} bits")
            return
        for sequence, times in ((left, right), (right, left)):
            if isinstance(sequence, (str, list, tuple)) and isinstance(times, int):
                self.spend(len(sequence) * max(times, 0))

    def power(self, left: Any, right: Any) -> None:
        """Refuse ``left ** right`` if it is too large to compute."""
        whole = isinstance(left, int) and isinstance(right, int)
        if whole and left.bit_length() * max(right, 0) > _BITS:
            raise LimitError(f"a number of more than {_BITS:,} bits")
