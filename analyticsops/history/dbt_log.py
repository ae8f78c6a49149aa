"""dbt.log: what the artifacts do not say.

The artifacts of an invocation that died are those of an earlier one, a run that was
interrupted looks like a short one, and the target's name stands in neither. dbt's own log
has all of it, as text or as JSON, whichever was asked for. It is evidence and no
artifact: where it is missing or cut, nothing is concluded.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from analyticsops.artifacts.times import instant

READ = 32 * 1024 * 1024
"""Bytes read from the end of a log; dbt starts a new one after 10 MB."""


class LoggedNode(msgspec.Struct, frozen=True):
    """A node that was done, as a JSON log tells it; see
    :class:`analyticsops.artifacts.run_results.NodeResult`."""

    unique_id: str
    status: str
    started_at: datetime | None
    completed_at: datetime | None
    execution_time: float
    failures: int | None
    message: str
    adapter_response: dict[str, Any]
    materialized: str


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """What a log says about one invocation; None for what it does not say.

    Attributes:
        command: dbt's command without options, such as ``build`` or ``source freshness``.
        selected: true if a part of the project was selected.
        target: name of the target.
        started_at: of its first line, in a JSON log.
        ended: true if its end is there.
        success: as dbt said at its end.
        interrupted: true if a person or a scheduler interrupted it.
        nodes: that were done; only in a JSON log.
    """

    command: str | None = None
    selected: bool | None = None
    target: str | None = None
    started_at: datetime | None = None
    ended: bool = False
    success: bool | None = None
    interrupted: bool = False
    nodes: tuple[LoggedNode, ...] = ()


def read_log(path: Path, invocation_id: str) -> Logged | None:
    """What the log says about an invocation; None if it does not know it or is not there."""
    text = _tail(path)
    wanted = invocation_id.encode()
    if wanted not in text:
        return None
    lines = [line for line in text.split(b"\n") if wanted in line and line.startswith(b"{")]
    if lines:
        return _from_events(_events(lines))
    return _from_text(text, wanted)


def last_logged(path: Path) -> tuple[str, datetime] | None:
    """The invocation that wrote into the log last, and when it began.

    A text log has the time of day of wherever it was, and no date: the age of the file
    says when its last line was written.
    """
    text = _tail(path)
    begin, event = text.rfind(_BEGIN), text.rfind(_EVENT_ID)
    if event > begin:
        found = _ID.match(text, event + len(_EVENT_ID))
        logged = read_log(path, _words(found[0])) if found else None
        return (
            (_words(found[0]), logged.started_at)
            if found and logged and logged.started_at
            else None
        )
    head = _SECTION.match(text, begin + 1) if begin >= 0 else None
    if head is None:
        return None
    name, part = _words(head[1]), text[head.end() :]
    moments = [_seconds(match) for match in _CLOCK.finditer(part)]
    took = (moments[-1] - moments[0]) % 86_400 if moments else 0.0
    try:
        ended = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None
    return name, ended - timedelta(seconds=took)


def command_words(invocation_command: str) -> tuple[str, bool]:
    """(command, selected): ``dbt --debug source freshness -s raw`` -> source freshness, True."""
    words = invocation_command.split()
    place = next((n for n, word in enumerate(words) if word in _COMMANDS), None)
    if place is None:
        return "", False
    after = words[place + 1 :]
    command = words[place]
    if command in ("source", "docs"):
        command = " ".join([command, *after[:1]])
    return command, any(word.split("=")[0] in _SELECTING for word in after)


_COMMANDS = frozenset(
    [
        "build",
        "clean",
        "clone",
        "compile",
        "debug",
        "deps",
        "docs",
        "freshness",
        "init",
        "list",
        "ls",
        "parse",
        "retry",
        "run",
        "run-operation",
        "seed",
        "show",
        "snapshot",
        "source",
        "test",
    ]
)
_SELECTING = frozenset(
    [
        "--select",
        "--models",
        "--model",
        "--exclude",
        "--selector",
        "--resource-type",
        "--exclude-resource-type",
        "--resource-types",
        "--exclude-resource-types",
        "-s",
        "-m",
    ]
)


def _tail(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - READ))
            return b"\n" + file.read()
    except OSError:
        return b""


# -- as text -------------------------------------------------------------------

_BEGIN = b"\n" + b"=" * 30 + b" "
_EVENT_ID = b'"invocation_id": "'
_SECTION = re.compile(rb"=+ [^|\n]* \| ([0-9A-Za-z-]+) =+$", re.MULTILINE)
_ID = re.compile(rb"[0-9A-Za-z-]{1,64}")
_CLOCK = re.compile(rb"^(?:\x1b\[0m)?(\d\d):(\d\d):(\d\d\.\d{6}) \[", re.MULTILINE)
_CALLED = re.compile(rb"\[debug\] \[MainThread\]: running dbt with arguments \{(.*)\}")
_CALLED_AS = re.compile(rb"'invocation_command': (?:'((?:[^'\\]|\\.)*)'|\"([^\"]*)\")")
_TARGET = re.compile(rb"\]: Concurrency: \d+ threads? \(target='([^'\n]*)'\)")
_END = re.compile(rb"\[debug\] \[MainThread\]: Command `[^\n]*` (succeeded|failed) at ")
# "Exited because of keyboard interrupt" says dbt also where an on-run-end hook raised, and
# it cancels queries with --fail-fast as well.
_INTERRUPTED = re.compile(rb"^KeyboardInterrupt$|\]: ctrl-c$", re.MULTILINE)


def _from_text(text: bytes, invocation_id: bytes) -> Logged | None:
    part = _section(text, invocation_id)
    if part is None:
        return None
    called = _CALLED.search(part)
    spelled = _CALLED_AS.search(called[1]) if called else None
    command, selected = None, None
    if spelled:
        command, selected = command_words(_words(spelled[1] or spelled[2] or b""))
    target, end = _TARGET.search(part), _END.search(part)
    return Logged(
        command=command or None,
        selected=selected,
        target=_words(target[1]) if target else None,
        ended=end is not None,
        success=end[1] == b"succeeded" if end else None,
        interrupted=_INTERRUPTED.search(part) is not None,
    )


def _section(text: bytes, invocation_id: bytes) -> bytes | None:
    """What stands between the line that begins an invocation and the next such line."""
    at = text.rfind(b" | " + invocation_id + b" =")
    begin = text.rfind(b"\n", 0, at) + 1
    head = _SECTION.match(text, begin) if at >= 0 else None
    if head is None:
        return None
    end = text.find(_BEGIN, head.end())
    return text[head.end() : end if end >= 0 else len(text)]


def _seconds(clock: re.Match[bytes]) -> float:
    return int(clock[1]) * 3_600 + int(clock[2]) * 60 + float(clock[3])


def _words(text: bytes) -> str:
    return text.decode("utf-8", "replace")


# -- as JSON -------------------------------------------------------------------


class _Info(msgspec.Struct):
    name: str = ""
    ts: str = ""


class Event(msgspec.Struct):
    """One line of a JSON log."""

    info: _Info
    data: msgspec.Raw = msgspec.Raw(b"{}")

    def read(self) -> dict[str, Any]:
        """What it is about; empty if that cannot be read."""
        try:
            found = msgspec.json.decode(self.data)
        except msgspec.MsgspecError:
            return {}
        return found if isinstance(found, dict) else {}


def _events(lines: list[bytes]) -> Iterator[Event]:
    decoder = msgspec.json.Decoder(Event)
    for line in lines:
        try:
            yield decoder.decode(line)
        except msgspec.MsgspecError:  # the last line of a process that was killed
            continue


def _from_events(events: Iterator[Event]) -> Logged:
    facts: dict[str, Any] = {}
    nodes: dict[str, LoggedNode] = {}
    ending = False
    for event in events:
        facts.setdefault("started_at", instant(event.info.ts))
        name = event.info.name
        if name == "MainReportArgs":
            args = event.read().get("args")
            spelled = args.get("invocation_command") if isinstance(args, dict) else None
            command, facts["selected"] = command_words(str(spelled or ""))
            facts["command"] = command or None
        elif name == "ConcurrencyLine":
            facts["target"] = str(event.read().get("target_name") or "") or None
        elif name == "NodeFinished":
            node = _node(event.read())
            if node is not None:
                nodes[node.unique_id] = node
        elif name == "EndOfRunSummary":
            ending = event.read().get("keyboard_interrupt") is True
        elif name == "MainEncounteredError":
            # Of an on-run-end hook that raised dbt says the same, and then what it was.
            facts["interrupted"] = ending and event.read().get("exc") in ("", "KeyboardInterrupt")
        elif name == "MainKeyboardInterrupt":
            facts["interrupted"] = True
        elif name == "CommandCompleted":
            facts["ended"], facts["success"] = True, event.read().get("success") is True
    return Logged(**facts, nodes=tuple(nodes.values()))


def _node(data: dict[str, Any]) -> LoggedNode | None:
    info, result = data.get("node_info"), data.get("run_result")
    if not isinstance(info, dict) or not isinstance(result, dict) or not info.get("unique_id"):
        return None
    timing = [t for t in result.get("timing_info") or [] if isinstance(t, dict)]
    moments = [[instant(t.get(key)) for t in timing] for key in ("started_at", "completed_at")]
    begun, done = ([m for m in found if m is not None] for found in moments)
    response, failures = result.get("adapter_response"), result.get("num_failures")
    seconds = result.get("execution_time")
    return LoggedNode(
        unique_id=str(info["unique_id"]),
        status=str(result.get("status") or info.get("node_status") or ""),
        started_at=min(begun, default=None),
        completed_at=max(done, default=None),
        execution_time=float(seconds) if isinstance(seconds, int | float) else 0.0,
        failures=failures if isinstance(failures, int) else None,
        message=str(result.get("message") or ""),
        adapter_response=response if isinstance(response, dict) else {},
        materialized=str(info.get("materialized") or ""),
    )
