"""Runs the command line as a person or a CI job does."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Sequence
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from analyticsops.cli import main
from tests.project_maker import project, write

REPOSITORY = Path(__file__).parent.parent.parent


class Done(NamedTuple):
    """What came of a command."""

    code: int
    out: str
    err: str


def environment(more: dict[str, str]) -> dict[str, str]:
    """That of the tests, without what the command line would listen to."""
    ours = ("DBT_", "ANALYTICSOPS_", "GITHUB_", "NO_COLOR", "COLUMNS", "TERM", "PYTHONIOENCODING")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PYTHONPATH": str(REPOSITORY), "TERM": "xterm", **more}


class _Screen(TextIOWrapper):
    """A buffer that says of itself that a person looks at it."""

    def isatty(self) -> bool:
        return True


def run(*args: str | Path, cwd: Path, **env: str) -> Done:
    """In this process, with its output in buffers: what most tests need, and quick."""
    out, err = (TextIOWrapper(BytesIO(), encoding=env.get("PYTHONIOENCODING")) for _ in "12")
    return _run(args, cwd, env, out, err)


def run_on_screen(*args: str | Path, cwd: Path, columns: int = 100, **env: str) -> Done:
    """The same, as if a person looked at standard output."""
    out, err = _Screen(BytesIO(), encoding="utf-8"), TextIOWrapper(BytesIO(), encoding="utf-8")
    return _run(args, cwd, {"COLUMNS": str(columns), **env}, out, err)


def _run(
    args: Sequence[str | Path],
    cwd: Path,
    env: dict[str, str],
    out: TextIOWrapper,
    err: TextIOWrapper,
) -> Done:
    before, here = dict(os.environ), Path.cwd()
    os.environ.clear()
    os.environ.update(environment(env))
    os.chdir(cwd)
    code: Any = 0
    try:
        with (
            mock.patch.object(sys, "argv", ["analyticsops", *map(str, args)]),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            main()
    except SystemExit as leave:
        code = leave.code
    finally:
        os.environ.clear()
        os.environ.update(before)
        os.chdir(here)
    return Done(int(code or 0), _text(out), _text(err))


def _text(stream: TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, BytesIO)
    return stream.buffer.getvalue().decode(errors="replace")


def run_process(*args: str | Path, cwd: Path, **env: str) -> Done:
    """In a process of its own, with its output in pipes."""
    done = subprocess.run(
        [sys.executable, "-m", "analyticsops", *map(str, args)],
        cwd=cwd,
        env=environment(env),
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def run_on_terminal(
    *args: str | Path, cwd: Path, columns: int = 100, env: dict[str, str] | None = None
) -> Done:
    """In a process of its own, on a terminal; both streams end up in ``out``."""
    chunks: list[bytes] = []
    code = on_terminal(args, cwd, {"COLUMNS": str(columns), **(env or {})}, columns, chunks.append)
    return Done(code, b"".join(chunks).decode().replace("\r\n", "\n"), "")


def on_terminal(
    args: Sequence[str | Path],
    cwd: Path,
    env: dict[str, str],
    columns: int,
    feed: Callable[[bytes], object],
) -> int:
    """In a process of its own; what it writes goes to ``feed``. Its exit code."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "analyticsops", *map(str, args)],
        cwd=cwd,
        env=environment(env),
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        feed(chunk)
    os.close(master)
    return process.wait(timeout=60)


def shop(**more: Any) -> dict[str, Any]:
    """A small project without faults."""
    return {
        "sources": {
            "raw.orders": {"columns": {"id": "integer", "amount": "integer"}, "known": True}
        },
        "models": {
            "stg": "select id, amount from @raw.orders",
            "fct": "select id, sum(amount) as total from @stg group by id",
        },
        "metrics": {
            "revenue": {
                "type_params": {"measure": {"name": "total"}},
                "description": "Money.",
                "meta": {"analyticsops": {"owner": "Finance", "synonyms": ["sales"]}},
            }
        },
        "semantic_models": {"fct_s": {"model": "fct", "measures": {"total": "sum(total)"}}},
        "exposures": {"board": {"depends_on": ["metric revenue"], "owner": "CFO"}},
        **more,
    }


def make(folder: Path, *, broken: bool = False, freshness: Any = None, **more: Any) -> Path:
    """The project on disk; ``broken`` for one whose reader names what is not there."""
    parts = shop(**more)
    if broken:
        parts["models"] = {**parts["models"], "stg": "select id, amount as cents from @raw.orders"}
    return write(project(**parts), folder, freshness=freshness)
