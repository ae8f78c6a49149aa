"""dbt as a subprocess: which one it is, how it is called, and what it said last."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from analyticsops.errors import ProcessError, UsageError

DEFAULT_COMMAND = "dbt compile"

TIMEOUT = 3600.0
"""Seconds after which a dbt that does not end is stopped."""

_WORDS_SHOWN = 400
_DECIDED_HERE = ("--target-path", "--project-dir", "--log-path")
# dbt would write to, or compare with, places that belong to the other version.
_LEFT_OUT = ("DBT_PROJECT_DIR", "DBT_STATE", "DBT_DEFER", "DBT_DEFER_STATE", "DBT_FAVOR_STATE")


def parse_command(text: str) -> tuple[str, ...]:
    """A command as a person writes it; it is run without a shell.

    Raises:
        UsageError: it is empty, is not closed, or sets a folder that is decided here.
    """
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"{text!r} is no command: {error}", where="--base-command") from error
    if not words:
        raise UsageError("the command is empty", where="--base-command", hint=DEFAULT_COMMAND)
    for word in words:
        if word.split("=")[0] in _DECIDED_HERE:
            raise UsageError(
                f"{word.split('=')[0]} is set for you",
                where=f"--base-command {text!r}",
                hint="leave it out: the commit is compiled in a folder of its own",
            )
    return words


def command_like(args: Mapping[str, Any]) -> tuple[str, ...]:
    """The default command, with the target, vars and full refresh of another run, so that
    the two versions are compiled alike.

    Args:
        args: how dbt was called then, as it wrote them to run_results.json.
    """
    words = [*shlex.split(DEFAULT_COMMAND)]
    for option in ("target", "profile"):
        if isinstance(args.get(option), str) and args[option]:
            words += [f"--{option}", args[option]]
    variables = args.get("vars")
    if isinstance(variables, Mapping) and variables:
        words += ["--vars", msgspec.json.encode(variables, order="sorted").decode()]
    if args.get("full_refresh") is True:
        words.append("--full-refresh")
    return tuple(words)


def environment(profiles: Path | None) -> dict[str, str]:
    """The environment of a dbt that works in its current folder and nowhere else.

    Args:
        profiles: folder of profiles.yml; None if dbt finds it by itself.
    """
    environ = {key: value for key, value in os.environ.items() if key not in _LEFT_OUT}
    environ |= {"DBT_TARGET_PATH": "target", "DBT_LOG_PATH": "logs", "DBT_USE_COLORS": "false"}
    environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
    if profiles is not None:
        environ["DBT_PROFILES_DIR"] = str(profiles)
    return environ


def run(command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> str:
    """Run a command in a folder; what it printed.

    Raises:
        ProcessError: it is missing, fails or does not end; with its last words.
    """
    shown = shlex.join(command)
    try:
        done = subprocess.run(  # noqa: S603 - a list, no shell
            [executable(command[0]), *command[1:]],
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
        )
    except subprocess.TimeoutExpired as error:
        raise ProcessError(
            f"`{shown}` did not end within {TIMEOUT / 60:.0f} minutes", where="dbt"
        ) from error
    except OSError as error:
        raise ProcessError(
            f"`{shown}` cannot be run: {error.strerror or error}", where="dbt"
        ) from error
    if done.returncode:
        raise ProcessError(
            f"`{shown}` failed with exit code {done.returncode}: {last_words(done.stdout)}",
            where="dbt",
        )
    return done.stdout


_HOW_TO_CALL = "activate the environment that holds it, or say how to call it with --base-command"


def executable(name: str, *, hint: str = _HOW_TO_CALL) -> str:
    """Where a command is: on the PATH, or beside the Python that runs this.

    Args:
        hint: what to do if it is nowhere.

    Raises:
        ProcessError: nowhere.
    """
    beside = Path(sys.executable).parent
    found = shutil.which(name) or shutil.which(name, path=str(beside))
    if found is None:
        raise ProcessError(
            f"{name!r} is not installed, or not on the PATH",
            where="dbt",
            hint=hint,
        )
    return found


def identity(command: str) -> str:
    """What tells one installed dbt from another, without running it: the packages of its
    environment, else size and age of its file."""
    file = Path(executable(command)).resolve()
    packages = sorted(
        entry.name
        for folder in (file.parent.parent / "lib").glob("python*/site-packages")
        for entry in folder.glob("dbt_*.dist-info")
    )
    if packages:
        return " ".join(packages)
    facts = file.stat()
    return f"{file} {facts.st_size} {facts.st_mtime_ns}"


def last_words(output: str) -> str:
    """The end of what dbt printed, from its last heading about an error, on one line."""
    lines = [re.sub(r"^\d\d:\d\d:\d\d\s*", "", line).strip() for line in output.splitlines()]
    said = [line for line in lines if line]
    starts = [number for number, line in enumerate(said) if line == "Encountered an error:"]
    starts = starts or [n for n, line in enumerate(said) if re.search(r"\bError\b", line)]
    text = " ".join(said[starts[-1] :] if starts else said[-3:])
    text = text.removeprefix("Encountered an error: ")
    return text if len(text) <= _WORDS_SHOWN else f"{text[: _WORDS_SHOWN - 1]}…"
