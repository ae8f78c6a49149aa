"""Commands that are killed at a moment that nobody chose: what was there is there, and whole."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from analyticsops.history.store import Store
from analyticsops.history.verify import verify
from analyticsops.slo.log.files import IncidentLog
from tests.cli.shell import environment, run
from tests.faults.place import INCIDENTS, SLO

HISTORY = ("--history", "history")


class Victim(NamedTuple):
    """A command that writes.

    Attributes:
        harm: what is wrong with what it left; nothing if all is well.
    """

    name: str
    arguments: tuple[str, ...]
    harm: Callable[[Path], str]


class Outcome(msgspec.Struct):
    """What came of killing one command many times.

    Attributes:
        ended: how often it was faster.
        left: processes that lived on.
        harmed: what was wrong afterwards, one line each time.
    """

    killed: int = 0
    ended: int = 0
    left: int = 0
    harmed: list[str] = []


def kill(place: Path, victim: Victim, times: int, seed: int = 1) -> Outcome:
    """Start it so often, and kill it with all that it started knowing nothing of it."""
    chance, outcome = random.Random(f"{victim.name} {seed}"), Outcome()
    taken = max(_run_to_its_end(place, victim), 0.2)
    for _ in range(times):
        child = _start(place, victim)
        time.sleep(chance.random() * taken)
        child.kill()
        code = child.wait()
        outcome.killed += code == -signal.SIGKILL
        outcome.ended += code != -signal.SIGKILL
        outcome.left += _lives_on(child.pid)
        harm = victim.harm(place)
        if harm:
            outcome.harmed.append(harm)
    return outcome


def _start(place: Path, victim: Victim) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "analyticsops", *victim.arguments],
        cwd=place,
        env=environment({"ANALYTICSOPS_CACHE": str(place / "kept")}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _run_to_its_end(place: Path, victim: Victim) -> float:
    begun = time.monotonic()
    assert _start(place, victim).wait() in (0, 1), victim.name
    return time.monotonic() - begun


def _lives_on(group: int) -> bool:
    """True if workers do not notice within five seconds that nobody wants their answers."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    os.killpg(group, signal.SIGKILL)
    return True


# -- what must hold ------------------------------------------------------------


def _history(name: str) -> Callable[[Path], str]:
    def harm(place: Path) -> str:
        found = verify(Store(place / name))
        return "; ".join(map(str, found.faults))

    return harm


def _whole_json(place: Path) -> str:
    try:
        json.loads((place / "written").read_text("utf-8"))
    except ValueError as fault:
        return f"half a file: {fault}"
    return ""


def _incidents(place: Path) -> str:
    known = IncidentLog(place / "incidents").read()
    return "; ".join(map(str, known.damaged))


def _site(place: Path) -> str:
    page = (place / "site" / "index.html").read_text("utf-8")
    missing = [
        name
        for name in set(re.findall(r"data/[\w.-]+\.js", page))
        if not (place / "site" / name).is_file()
    ]
    whole = page.rstrip().endswith("</html>")
    return f"a page without {missing}" if missing else "" if whole else "half a page"


def _cache(place: Path) -> str:
    """What was kept gives the answers that nothing kept gives."""
    kept = run("check", "--format", "json", cwd=place, ANALYTICSOPS_CACHE=str(place / "kept"))
    return "" if kept.out == run("check", "--format", "json", cwd=place).out else "other answers"


def _lock(place: Path) -> str:
    done = run("metrics", "lock", "--check", cwd=place)
    return done.err if done.code == 2 else ""


def _exported(place: Path) -> str:
    import duckdb

    for name in ("runs", "results"):
        try:
            duckdb.execute(f"select count(*) from '{place}/exported/{name}.parquet'").fetchall()
        except duckdb.Error as fault:
            return str(fault)
    return ""


def _compacting(place: Path) -> str:
    """The history is made anew each time, because what is compacted is done with."""
    harm = _history("month")(place)
    shutil.rmtree(place / "month")
    shutil.copytree(place / "history", place / "month")
    return harm


VICTIMS = (
    Victim("ingest", ("ingest", "--history", "recorded"), _history("recorded")),
    Victim("history compact", ("history", "compact", "--history", "month"), _compacting),
    Victim("history export", ("history", "export", "exported", *HISTORY), _exported),
    Victim("slo evaluate", ("slo", "evaluate", *HISTORY, *INCIDENTS), _incidents),
    Victim("report", ("report", *SLO, "--output", "site"), _site),
    Victim("check", ("check", "--output", "json=written"), _whole_json),
    Victim("check, what is kept", ("check",), _cache),
    Victim("metrics lock", ("metrics", "lock"), _lock),
)


def prepare(place: Path) -> Path:
    """What victims write exists before, once."""
    shutil.copytree(place / "history", place / "month")
    return place
