"""The line that says what goes on: there when it takes long and somebody looks, and gone after."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from unittest import mock

import click
import pyte
import pytest

from analyticsops.cli import progress
from analyticsops.cli.progress import progress_bar, tell, working


class _Emulated(TextIOWrapper):
    """Standard error on a terminal that can be looked at."""

    def __init__(self) -> None:
        super().__init__(BytesIO(), encoding="utf-8", write_through=True)
        self._screen = pyte.Screen(80, 6)
        self._stream = pyte.Stream(self._screen)
        self.written = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.written += text
        self._stream.feed(text.replace("\n", "\r\n"))
        return len(text)

    def shown(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display).strip()

    def has_cursor(self) -> bool:
        return not self._screen.cursor.hidden


@contextlib.contextmanager
def _watched(patience: float = 0.05) -> Iterator[_Emulated]:
    """A command that runs on a terminal, and whoever looks at it is impatient."""
    screen = _Emulated()
    variables = {"COLUMNS": "80", "TERM": "xterm"}
    with (
        contextlib.redirect_stderr(screen),
        mock.patch.object(progress, "PATIENCE", patience),
        mock.patch.dict(os.environ, variables),
        click.Context(click.Command("test")),
    ):
        yield screen
    assert screen.has_cursor()


def _wait_for(screen: _Emulated, text: str) -> None:
    end = time.monotonic() + 10
    while text not in screen.shown():
        assert time.monotonic() < end, screen.shown()
        time.sleep(0.02)


def test_work_that_takes_long_is_told_and_leaves_no_trace() -> None:
    with _watched() as screen:
        with working("reading the history"):
            _wait_for(screen, "reading the history")
            assert not screen.has_cursor()
            step = progress_bar("judging objectives")
            assert step is not None
            step(3, 1800)
            _wait_for(screen, "judging objectives")
            _wait_for(screen, "3 of 1,800")
            step(1800, 1800)
            _wait_for(screen, "reading the history")
        assert screen.shown() == ""


def test_quick_work_is_not_told() -> None:
    with _watched(patience=60.0) as screen:
        with working("reading"):
            step = progress_bar()
            assert step is not None
            step(1, 2)
            step(2, 2)
        assert screen.written == ""


def test_steps_alone_are_told_until_the_last() -> None:
    with _watched() as screen:
        step = progress_bar("running [bold]models[/bold]")
        assert step is not None
        step(1, 3)
        time.sleep(0.1)
        step(2, 3)
        _wait_for(screen, "running [bold]models[/bold]")
        step(3, 3)
        assert screen.shown() == ""


def test_a_fault_gives_the_terminal_back() -> None:
    with _watched() as screen:

        def fail() -> None:
            with working("reading"):
                _wait_for(screen, "reading")
                raise OSError("gone")

        with pytest.raises(OSError, match="gone"):
            fail()
        assert screen.shown() == ""
        assert screen.has_cursor()


def test_a_line_stays_above_the_work() -> None:
    with _watched() as screen:
        with working("comparing"):
            _wait_for(screen, "comparing")
            tell("a commit is compiled")
            _wait_for(screen, "... a commit is compiled")
        assert screen.shown() == "... a commit is compiled"


def test_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with click.Context(click.Command("test")):
        assert progress_bar() is None
        with working("reading"):
            tell("a \x1b[31mline\x07")
    assert capsys.readouterr().err == "... a line\n"
