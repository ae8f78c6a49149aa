"""Which formats there are, which one is meant, and where each goes."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path

import msgspec

from analyticsops.errors import UsageError
from analyticsops.report.model import Report
from analyticsops.report.options import PLAIN, Options

# Name on the command line -> module with `render(report, options) -> str`, imported
# when it is used.
FORMATS: Mapping[str, str] = {
    "text": "analyticsops.report.text",
    "json": "analyticsops.report.json",
    "markdown": "analyticsops.report.markdown",
    "html": "analyticsops.report.html",
    "github": "analyticsops.report.github",
    "gitlab": "analyticsops.report.gitlab",
    "sarif": "analyticsops.report.sarif",
    "junit": "analyticsops.report.junit",
    "summary": "analyticsops.report.job_summary",
}
APPENDED = frozenset({"summary"})
"""Formats that are added to what a file holds already."""

STDOUT = "-"


class Output(msgspec.Struct, frozen=True):
    """One format and where it goes.

    Attributes:
        format: a key of :data:`FORMATS`.
        path: the file; None for standard output.
    """

    format: str
    path: Path | None = None


def render(report: Report, name: str, options: Options = PLAIN) -> str:
    """The report in the format called ``name``.

    Raises:
        UsageError: there is no such format.
    """
    module = import_module(FORMATS[known_format(name)])
    text: str = module.render(report, options)
    return text


def known_format(name: str) -> str:
    """``name`` itself if there is such a format.

    Raises:
        UsageError: there is none; names those that there are.
    """
    if name in FORMATS:
        return name
    close = get_close_matches(name, FORMATS, n=1)
    advice = f"did you mean {close[0]!r}? " if close else ""
    raise UsageError(f"no format named {name!r}", hint=f"{advice}formats: {', '.join(FORMATS)}")


def default_format(environ: Mapping[str, str], isatty: bool) -> str:
    """``github`` on a GitHub runner, else ``text``; a terminal always gets text."""
    return "github" if environ.get("GITHUB_ACTIONS") == "true" and not isatty else "text"


def parse_outputs(specs: Iterable[str]) -> tuple[Output, ...]:
    """Read the values of ``--output``, each ``FORMAT=PATH`` or ``FORMAT=-``.

    Raises:
        UsageError: not of that form, an unknown format, two outputs to one place.
    """
    outputs = [_parse(spec) for spec in specs]
    seen: dict[Path | None, str] = {}
    for output in outputs:
        place = output.path and output.path.resolve()
        if place in seen:
            where = "standard output" if output.path is None else str(output.path)
            raise UsageError(
                f"{seen[place]} and {output.format} would both be written to {where}",
                hint="give each output its own file",
            )
        seen[place] = output.format
    return tuple(outputs)


def write(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8, see :func:`write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


def append(path: Path, text: str) -> None:
    """Add ``text`` as UTF-8 to a file, which is made if it is not there.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        with path.open("a", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"cannot write: {reason}", where=str(path)) from error


def make_folder(path: Path) -> None:
    """A folder for what is more than one file, with those above it, if it is not there.

    Raises:
        UsageError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"cannot be made: {reason}", where=str(path)) from error


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` so that a reader sees the old file or the whole new one.

    Raises:
        UsageError: the folder does not exist, or the file cannot be written.
    """
    # A link stays a link: what it points at is replaced.
    target = path.resolve()
    if not target.parent.is_dir():
        raise UsageError(
            f"the folder {str(path.parent)!r} does not exist",
            where=str(path),
            hint="make it first; analyticsops makes no folders for reports",
        )
    try:
        _replace(target, data)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"cannot write: {reason}", where=str(path)) from error


def _parse(spec: str) -> Output:
    name, equals, target = spec.partition("=")
    known = known_format(name)
    if not equals or not target:
        raise UsageError(
            f"--output {spec!r} does not say where to",
            hint=f"write {known}=PATH, or {known}=- for standard output",
        )
    return Output(known, None if target == STDOUT else Path(target))


def _replace(target: Path, data: bytes) -> None:
    if target.exists() and not target.is_file():
        # /dev/stderr or a named pipe: renaming onto it would take it away. A folder
        # raises IsADirectoryError here.
        target.write_bytes(data)
        return
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
