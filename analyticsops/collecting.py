"""Python's cycle collector kept away from what is large and has no cycles.

Artifacts and graphs of a large project are hundreds of thousands of objects. They are made
once and stay; scanning them again and again for cycles is most of the time of reading them.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_RARELY = (100_000, 20, 1000)
_OF_PYTHON = 1_000
"""Python 3.12 sets 375 objects aside when it starts; whoever else does has many more."""

_lock = threading.Lock()
_inside: list[tuple[int, int, int]] = []
"""Thresholds as they were before each that is inside of :func:`collected_rarely`."""


def _is_aside() -> bool:
    """True if somebody else set objects aside, and not only Python 3.12 its own."""
    return gc.get_freeze_count() > _OF_PYTHON


@contextmanager
def uncollected() -> Iterator[None]:
    """Switch the collector off while things are made that have no cycles.

    What was made counts as old afterwards. As young it would be walked through three times, at
    whatever moment the next objects are made: 0.2 s in the middle of a question about 5,000 models.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            # Counting what is set aside takes as long as it is much: not where we did it.
            if not _inside and not _is_aside():
                gc.freeze()
                gc.unfreeze()
            gc.enable()


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Set aside what there is, and look seldom at what is made meanwhile.

    What somebody else set aside stays there.
    """
    with _lock:
        ours = not _inside and not _is_aside()
        _inside.append(gc.get_threshold())
        if ours:
            gc.freeze()
        gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        with _lock:
            before = _inside[0]
            _inside.pop()
            if not _inside:
                gc.set_threshold(*before)
        if ours:
            gc.unfreeze()
