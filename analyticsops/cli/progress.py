"""What a command is doing, on standard error, if it takes a while and a person is watching.

There is one line for all of it, since there is one terminal: :func:`working` says what goes on
between two moments, and :func:`progress_bar` counts the steps of something within. The line
appears after two seconds and goes away without a trace.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

PATIENCE = 2.0
"""Seconds of silence before the line appears."""

_KEY = "analyticsops.progress"


class Display:
    """The line. It is drawn by a thread of rich's, ten times a second."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._doing: list[str] = []
        self._timer: threading.Timer | None = None
        self._since: float | None = None
        self._drawn: Any = None
        self._task: Any = None

    def begin(self, doing: str) -> None:
        """From now on this is being done; it is shown if it takes long."""
        with self._lock:
            self._doing.append(doing)
            self._since = self._since or time.monotonic()
            if self._drawn is not None:
                self._show(doing)
            elif self._timer is None:
                self._timer = threading.Timer(PATIENCE, self._appear)
                self._timer.daemon = True
                self._timer.start()

    def step(self, doing: str, done: int, total: int) -> None:
        """So much of something is done; with the last step it is what was done before."""
        with self._lock:
            self._since = self._since or time.monotonic()
            if done < total:
                if self._drawn is None and time.monotonic() - self._since > PATIENCE:
                    self._appear()
                self._show(doing, done, total)
            elif self._doing:
                self._show(self._doing[-1])
            else:
                self.close()

    def end(self) -> None:
        """What was begun last is done."""
        with self._lock:
            if self._doing:
                self._doing.pop()
            if self._doing:
                self._show(self._doing[-1])
            else:
                self.close()

    def say(self, line: str) -> None:
        """A line that stays, above what is being done."""
        with self._lock:
            if self._drawn is None:
                click.echo(line, err=True)
            else:
                self._drawn.console.print(line, soft_wrap=True, highlight=False, markup=False)

    def close(self) -> None:
        """Nothing is being done: the line goes away, and the cursor is there again."""
        with self._lock:
            self._doing.clear()
            self._since = None
            timer, self._timer = self._timer, None
            drawn, self._drawn = self._drawn, None
        if timer is not None:
            timer.cancel()
        if drawn is not None:
            drawn.stop()

    def _appear(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        with self._lock:
            self._timer = None
            if self._drawn is not None or self._since is None:
                return
            self._drawn = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TextColumn("{task.fields[count]}"),
                TimeElapsedColumn(),
                console=Console(file=sys.stderr),
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._task = self._drawn.add_task("", total=None, count="")
            self._drawn.tasks[0].start_time = self._since
            self._show(self._doing[-1] if self._doing else "working")
            self._drawn.start()

    def _show(self, doing: str, done: int = 0, total: int | None = None) -> None:
        if self._drawn is not None:
            count = f"{done:,} of {total:,}" if total else ""
            self._drawn.update(
                self._task, description=doing, completed=done, total=total, count=count
            )


def _display() -> Display | None:
    """That of the command that runs; None if nobody watches."""
    context = click.get_current_context(silent=True)
    if context is None or not sys.stderr.isatty():
        return None
    found = context.meta.get(_KEY)
    if not isinstance(found, Display):
        found = context.meta[_KEY] = Display()
        context.find_root().call_on_close(found.close)
    return found


@contextmanager
def working(doing: str) -> Iterator[None]:
    """Say what is being done meanwhile, if that takes long; the command must print nothing."""
    display = _display()
    if display is None:
        yield
        return
    display.begin(doing)
    try:
        yield
    finally:
        display.end()


def progress_bar(doing: str = "analysing models") -> Callable[[int, int], None] | None:
    """To be told (done, total); None if nobody watches."""
    display = _display()
    if display is None:
        return None

    def step(done: int, total: int) -> None:
        display.step(doing, done, total)

    return step


def tell(line: str) -> None:
    """What takes long goes to where progress goes."""
    from analyticsops.report.encode import one_line

    text = f"... {one_line(line)}"
    display = _display()
    if display is None:
        click.echo(text, err=True)
    else:
        display.say(text)
