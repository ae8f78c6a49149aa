"""Reads a log the way a GitHub Actions runner does.

After actions/runner: ``ActionCommand.TryParseV2`` takes a line that starts with
``::``, ``TryParse`` takes ``##[`` anywhere in a line, and ``stop-commands`` holds
until its token comes as a command.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Command:
    """One workflow command, decoded."""

    name: str
    properties: dict[str, str]
    message: str


@dataclass
class Log:
    """What a runner makes of the output of a step."""

    commands: list[Command] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)


def run_log(output: str) -> Log:
    """Read all lines; fails if commands are stopped at the end."""
    log = Log()
    token: str | None = None
    for line in re.split("\r\n|\r|\n", output.removesuffix("\n")):
        command = _version_two(line) or _version_one(line)
        if token is not None:
            if command and command.name == token:
                token = None
            else:
                log.stopped.append(line)
        elif command and command.name == "stop-commands":
            token = command.message
        elif command:
            log.commands.append(command)
        else:
            log.plain.append(line)
    assert token is None, "commands are still stopped at the end of the log"
    return log


def _version_two(line: str) -> Command | None:
    line = line.lstrip()
    if not line.startswith("::") or "::" not in line[2:]:
        return None
    head, message = line[2:].split("::", 1)
    name, _, rest = head.partition(" ")
    properties = {}
    for pair in filter(None, rest.strip().split(",")):
        key, _, value = pair.partition("=")
        properties[key.strip()] = _decode(value, ("%2C", ","), ("%3A", ":"))
    return Command(name, properties, _decode(message))


def _version_one(line: str) -> Command | None:
    found = re.search(r"##\[([^\]]*)\](.*)", line)
    if not found:
        return None
    return Command(found[1].partition(" ")[0], {}, found[2])


def _decode(text: str, *more: tuple[str, str]) -> str:
    for code, char in (*more, ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, char)
    return text
