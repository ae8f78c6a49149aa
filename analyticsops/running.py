"""`analyticsops run -- dbt build`: dbt as it is, and a record of it, also if it dies.

dbt inherits the terminal, so nothing of its output passes through here. Its file log is
asked for as JSON, unless somebody asked for another form: from it come the invocation's id
as soon as there is one, and after a crash the nodes that were done. Whatever goes wrong
with the history is said and changes nothing: the exit code is dbt's.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NamedTuple, TypeVar

import msgspec

from analyticsops.artifacts.files import read_artifact
from analyticsops.commits.dbt import executable
from analyticsops.errors import AnalyticsOpsError, ArtifactError
from analyticsops.history.dbt_log import command_words
from analyticsops.history.ingest import RUNNING, Ingested, ingest
from analyticsops.history.reading import Circumstances
from analyticsops.history.record import Invocation, make_record, microseconds
from analyticsops.history.store import Store

POLL = 0.2
"""Seconds between looks at the log, until the invocation has an id."""

_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_FROM_THE_TERMINAL = (signal.SIGINT, signal.SIGQUIT)

Tell = Callable[[str], None]
_T = TypeVar("_T")


class Places(NamedTuple):
    """Where a dbt command reads and writes.

    Attributes:
        project: root of its project.
        target: its target folder.
        log: its dbt.log.
    """

    project: Path
    target: Path
    log: Path


class Ended(NamedTuple):
    """How it went.

    Attributes:
        code: of the process; negative for a signal, as in :mod:`subprocess`.
        recorded: what is in the history of it; empty if nothing could be recorded.
    """

    code: int
    recorded: tuple[Ingested, ...]


def places_of(words: Sequence[str], environ: Mapping[str, str]) -> Places:
    """Where a command line of dbt reads and writes, as dbt resolves it."""
    project = Path(_option(words, "--project-dir") or environ.get("DBT_PROJECT_DIR") or ".")
    target = _option(words, "--target-path") or environ.get("DBT_TARGET_PATH") or "target"
    log = _option(words, "--log-path") or environ.get("DBT_LOG_PATH") or "logs"
    return Places(project, project / target, project / log / "dbt.log")


def run_and_record(
    words: Sequence[str],
    store: Store,
    told: Circumstances,
    *,
    tell: Tell,
    environ: Mapping[str, str] | None = None,
) -> Ended:
    """Run a dbt command, and record its start and how it ended.

    Args:
        words: the command and its arguments.
        told: what dbt does not say; the exit code is found here.
        tell: told in one line what could not be recorded.

    Raises:
        ProcessError: there is no such command.
    """
    settings = dict(os.environ if environ is None else environ)
    places = places_of(words, settings)
    if not any(word.split("=")[0] in _LOG_FORMATS for word in words):
        settings.setdefault("DBT_LOG_FORMAT_FILE", "json")
    program = executable(words[0], hint="activate the environment that holds it")
    began = datetime.now(UTC)
    log = _Log(places.log)
    process = subprocess.Popen(  # noqa: S603 - a list, no shell
        [program, *words[1:]], env=settings, process_group=None if _on_a_terminal() else 0
    )
    with _forwarding(process):
        invocation_id = _started(process, log, words, store, told, began, tell)
        code = process.wait()
    told = msgspec.structs.replace(told, exit_code=code)
    invocation_id = invocation_id or log.invocation_id(process.pid) or _written(places, began)
    recorded = _told(lambda: _record(words, places, store, told, invocation_id, began), tell)
    return Ended(code, recorded or ())


def leave_as(code: int) -> None:
    """Leave as dbt did: with its exit code, or by the signal that ended it."""
    if code < 0 and -code in _FORWARDED:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code if code >= 0 else 128 - code)


_LOG_FORMATS = ("--log-format-file", "--log-format")


def _option(words: Sequence[str], name: str) -> str:
    """The value of an option, the last one counts."""
    found = ""
    for word, after in zip(words, [*words[1:], ""], strict=True):
        if word == name:
            found = after
        elif word.startswith(f"{name}="):
            found = word.partition("=")[2]
    return found


# -- while it runs ---------------------------------------------------------------


def _on_a_terminal() -> bool:
    """True if Ctrl-C reaches the child by itself: it is in the terminal's group with us."""
    try:
        return os.isatty(0) and os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False


@contextmanager
def _forwarding(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Signals that we get go to dbt, which decides what they mean."""
    terminal = _on_a_terminal()

    def forward(number: int, _frame: FrameType | None) -> None:
        if not (terminal and number in _FROM_THE_TERMINAL):
            process.send_signal(number)

    before = {number: signal.getsignal(number) for number in _FORWARDED}
    for number, handler in before.items():
        if handler != signal.SIG_IGN:  # as of a job in the background: dbt ignores it, too
            signal.signal(number, forward)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Log:
    """What is added to dbt.log from now on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._from = self._size()

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:
            return 0

    def invocation_id(self, pid: int) -> str | None:
        """Of the process, if its log is JSON; else the first that is new."""
        if self._size() < self._from:
            self._from = 0  # dbt began a new file
        try:
            with self._path.open("rb") as file:
                file.seek(self._from)
                text = file.read(1_000_000)
        except OSError:
            return None
        lines = [line for line in text.split(b"\n")[:-1] if line]
        own = [line for line in lines if b'"pid": %d,' % pid in line]
        found = next(filter(None, (_ID.search(line) for line in own or lines)), None)
        return found[1].decode() if found else None


_ID = re.compile(rb"(?:\"invocation_id\": \"|^=+ [^|\n]* \| )([0-9a-f-]{36})(?:\"| =+$)")


def _started(
    process: subprocess.Popen[bytes],
    log: _Log,
    words: Sequence[str],
    store: Store,
    told: Circumstances,
    began: datetime,
    tell: Tell,
) -> str | None:
    """Wait until dbt has an id, and record that it started; None if it ended before."""
    while process.poll() is None:
        found = log.invocation_id(process.pid)
        if found:
            record = make_record(_invocation(found, "started", words, told, began), ())
            _told(partial(store.put, record), tell)
            return found
        try:
            process.wait(POLL)
        except subprocess.TimeoutExpired:
            continue
    return None


# -- after it ended --------------------------------------------------------------


def _record(
    words: Sequence[str],
    places: Places,
    store: Store,
    told: Circumstances,
    invocation_id: str | None,
    began: datetime,
) -> tuple[Ingested, ...]:
    if invocation_id is not None:
        return ingest(store, places.target, places.log, told, only=invocation_id, began=began)
    if not told.exit_code or command_words(" ".join(words))[0] not in RUNNING:
        return ()
    # It failed before dbt gave it an id: a wrong option, no such profile, no memory.
    invocation = _invocation(str(uuid.uuid4()), "failed", words, told, began)
    ended = microseconds(datetime.now(UTC))
    invocation = msgspec.structs.replace(
        invocation, ended_at=ended, exit_code=told.exit_code, success=False
    )
    store.put(make_record(invocation, ()))
    return (Ingested(invocation=invocation, new=True),)


def _invocation(
    invocation_id: str,
    state: str,
    words: Sequence[str],
    told: Circumstances,
    began: datetime,
) -> Invocation:
    command, selected = command_words(" ".join(words))
    return Invocation(
        invocation_id=invocation_id,
        started_at=microseconds(began),
        state=state,
        manifest="none",
        results=0,
        command=command or None,
        retries=command == "retry",
        selected=selected,
        environment=told.environment or None,
        target=_option(words, "--target") or _option(words, "-t") or None,
        job=told.job or None,
        git_sha=told.git_sha or None,
    )


class _Metadata(msgspec.Struct, frozen=True):
    invocation_id: str | None = None


class _Artifact(msgspec.Struct, frozen=True):
    metadata: _Metadata = _Metadata()


def _written(places: Places, since: datetime) -> str | None:
    """The invocation whose files are newer; for a dbt that writes no log that we know."""
    for name in ("run_results.json", "sources.json", "manifest.json"):
        file = places.target / name
        try:
            if file.stat().st_mtime >= since.timestamp():
                found = read_artifact(file, _Artifact, kind="artifact").metadata.invocation_id
                if found:
                    return found
        except (OSError, ArtifactError):
            continue
    return None


def _told(action: Callable[[], _T], tell: Tell) -> _T | None:
    try:
        return action()
    except AnalyticsOpsError as fault:
        tell(f"not recorded: {fault}")
        return None
