"""Which of several tasks can be done next: parents before children, in a stable order."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence


class Schedule:
    """Tasks by name, each after its parents.

    Args:
        parents: of every task, in the order in which ready tasks are handed out; names
            that are no tasks are ignored.
    """

    def __init__(self, parents: Mapping[str, Sequence[str]]) -> None:
        self._children: dict[str, list[str]] = {name: [] for name in parents}
        self._waiting: dict[str, int] = {}
        for name, above in parents.items():
            known = [parent for parent in above if parent in self._children and parent != name]
            self._waiting[name] = len(known)
            for parent in known:
                self._children[parent].append(name)
        self._ready = deque(name for name, count in self._waiting.items() if not count)
        self.left = len(self._waiting)
        """The number of tasks that are not finished."""

    def next(self) -> str | None:
        """A task whose parents are all finished, each once; None if there is none now."""
        return self._ready.popleft() if self._ready else None

    def children(self, name: str) -> Sequence[str]:
        """The tasks that wait for a task."""
        return self._children[name]

    def finish(self, name: str) -> None:
        """Say that a task is done."""
        del self._waiting[name]
        self.left -= 1
        for child in self._children[name]:
            if child in self._waiting:
                self._waiting[child] -= 1
                if self._waiting[child] == 0:
                    self._ready.append(child)

    def break_cycle(self) -> None:
        """Let the first unfinished task go ahead, although it waits for itself. To be called
        when nothing is ready and nothing under way."""
        name = next(iter(self._waiting), None)
        if name is not None:
            self._waiting[name] = -1
            self._ready.append(name)
