"""One process: its CPU seconds with those of its children, its peak memory, what it said."""

from __future__ import annotations

import json
import os
import platform
import signal
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

PAGE = os.sysconf("SC_PAGE_SIZE")

_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"


class Measured(NamedTuple):
    """A process that ended.

    Attributes:
        cpu: seconds, user and system, of it and of its children.
        user: seconds, user alone.
        wall: seconds from start to end.
        peak: the largest resident memory that any one of the processes had, in MB.
        tree: the largest sum of their resident memories, in MB; 0 if not sampled.
        said: its last line, decoded; None if it failed or was stopped.
        failure: its last words, if it failed.
    """

    cpu: float
    user: float
    wall: float
    peak: float
    tree: float
    said: Any
    failure: str


def measure(
    command: Sequence[str],
    environment: Mapping[str, str],
    limit: float = 3600,
    sampled: bool = False,
) -> Measured:
    """Run a command to its end, or for ``limit`` wall seconds.

    Args:
        sampled: look at the memory of all its processes a hundred times a second.
    """
    with tempfile.TemporaryDirectory() as folder:
        output, errors = Path(folder, "output"), Path(folder, "errors")
        start = time.monotonic()
        child = _spawn(command, environment, output, errors)
        tree = 0.0
        while True:
            ended, status, usage = os.wait4(child, os.WNOHANG)
            if ended:
                break
            if time.monotonic() - start > limit:
                os.killpg(child, signal.SIGKILL)
            tree = max(tree, _resident(child)) if sampled else tree
            time.sleep(0.01)
        wall = time.monotonic() - start
        code = os.waitstatus_to_exitcode(status)
        said = output.read_text("utf-8").strip().rpartition("\n")[2] if code == 0 else ""
        return Measured(
            cpu=usage.ru_utime + usage.ru_stime,
            user=usage.ru_utime,
            wall=wall,
            peak=usage.ru_maxrss / 1000,
            tree=tree,
            said=json.loads(said) if said else None,
            failure=_failure(code, errors.read_text("utf-8", "replace")),
        )


def machine() -> str:
    """What it ran on, and how busy that was."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{os.cpu_count()} cores of {names[0] if names else 'an unknown processor'}, "
        f"Python {platform.python_version()}; load average {load}"
    )


def _spawn(command: Sequence[str], environment: Mapping[str, str], out: Path, err: Path) -> int:
    """Start it in a process group of its own. It is spawned and not forked, so that it does
    not begin with this process's memory as its peak. It may keep its bytecode, as whoever
    installs it does: else each run compiles those sources that a package manager did not."""
    write = os.O_WRONLY | os.O_CREAT
    kept = {name: value for name, value in os.environ.items() if name != _NO_BYTECODE}
    return os.posix_spawnp(
        command[0],
        list(command),
        {**kept, **environment},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, str(out), write, 0o600),
            (os.POSIX_SPAWN_OPEN, 2, str(err), write, 0o600),
        ],
        setpgroup=0,
    )


def _failure(code: int, errors: str) -> str:
    if code == 0:
        return ""
    words = errors.strip().rpartition("\n")[2]
    return f"stopped by signal {-code}" if code < 0 else f"exit code {code}: {words}"


def _resident(root: int) -> float:
    """MB of resident memory of a process and its descendants, shared pages counted once
    for each: an upper bound."""
    total, found = 0.0, [root]
    while found:
        process = found.pop()
        try:
            total += int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1]) * PAGE
            for task in Path(f"/proc/{process}/task").iterdir():
                found += map(int, (task / "children").read_text("ascii").split())
        except (OSError, IndexError):
            continue  # it ended while we looked
    return total / 1e6
