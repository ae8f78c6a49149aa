"""Choosing formats, reading ``--output`` and writing files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from analyticsops.errors import UsageError
from analyticsops.report import formats
from analyticsops.report.formats import (
    Output,
    append,
    default_format,
    make_folder,
    parse_outputs,
    write,
)
from analyticsops.report.options import terminal_options

from . import sample


def test_default_format() -> None:
    assert default_format({"GITHUB_ACTIONS": "true"}, isatty=False) == "github"
    assert default_format({"GITHUB_ACTIONS": "true"}, isatty=True) == "text"
    assert default_format({"GITHUB_ACTIONS": "false"}, isatty=False) == "text"
    assert default_format({}, isatty=False) == "text"


def test_outputs() -> None:
    assert parse_outputs([]) == ()
    assert parse_outputs(["sarif=a.sarif", "text=-", "json=x=y.json"]) == (
        Output("sarif", Path("a.sarif")),
        Output("text", None),
        Output("json", Path("x=y.json")),
    )


@pytest.mark.parametrize(
    ("specs", "message"),
    [
        (["srif=a"], "did you mean 'sarif'? formats: text, json, markdown, html, github, "),
        (["=a"], "formats: text, json"),
        (["json"], "write json=PATH, or json=- for standard output"),
        (["json="], "does not say where to"),
        (["json=-", "text=-"], "json and text would both be written to standard output"),
        (["json=a", "text=./a"], "json and text would both be written to a"),
    ],
)
def test_bad_outputs(specs: list[str], message: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_outputs(specs)
    assert message in str(error.value)


def test_unknown_format() -> None:
    with pytest.raises(UsageError, match="no format named 'html5'"):
        formats.render(sample.report(), "html5")


@pytest.mark.parametrize(
    ("environ", "isatty", "color"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_colors(environ: dict[str, str], isatty: bool, color: bool) -> None:
    options = terminal_options(environ, isatty=isatty, width=0)
    assert (options.tty, options.color, options.width) == (isatty, color, 40)


def test_write_replaces_the_whole_file(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    write(target, "first, and longer\n")
    write(target, "größe\n")
    assert target.read_bytes() == "größe\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    umask = os.umask(0)
    os.umask(umask)
    assert target.stat().st_mode & 0o777 == 0o666 & ~umask


def test_write_keeps_a_link(tmp_path: Path) -> None:
    real = tmp_path / "real.txt"
    link = tmp_path / "link.txt"
    link.symlink_to(real)
    write(link, "x")
    assert link.is_symlink()
    assert real.read_text() == "x"


def test_write_to_a_pipe_does_not_replace_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = [sys.executable, "-c", "import sys; print(open(sys.argv[1]).read())", str(pipe)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as reader:
        write(pipe, "through")
        assert reader.communicate()[0] == b"through\n"
    assert pipe.is_fifo()


def test_write_needs_the_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist") as error:
        write(tmp_path / "none" / "report.json", "x")
    assert str(tmp_path / "none" / "report.json") in error.value.where
    assert error.value.hint == "make it first; analyticsops makes no folders for reports"
    assert not (tmp_path / "none").exists()


def test_gitlab_loses_no_finding_that_is_there_twice() -> None:
    """It drops an issue whose fingerprint it has seen."""
    twice = [finding for finding in sample.findings() if not finding.accepted] * 2
    report = msgspec.structs.replace(sample.report(), findings=tuple(twice))
    issues = json.loads(formats.render(report, "gitlab"))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == len(twice)


def test_write_into_a_folder_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot write: Is a directory"):
        write(tmp_path, "x")


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "report.json"
    target.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left on device"):
        write(target, "new")
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_what_is_appended_stands_behind_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "summary.md"
    append(target, "größe\n")
    append(target, "zwei\n")
    assert target.read_bytes() == "größe\nzwei\n".encode()


def test_a_folder_is_made_with_those_above_it_or_is_there_already(tmp_path: Path) -> None:
    for _ in range(2):
        make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda place: append(place / "x", "text"), "cannot write: Not a directory"),
        (lambda place: make_folder(place / "x"), "cannot be made: Not a directory"),
        (lambda place: write(place / "x", "text"), "does not exist"),
        (lambda place: write(place.parent, "text"), "cannot write: Is a directory"),
    ],
)
def test_what_cannot_be_written_is_one_line_with_the_place(
    tmp_path: Path, act: Callable[[Path], None], said: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=said) as error:
        act(tmp_path / "file")
    assert error.value.where in {str(tmp_path / "file" / "x"), str(tmp_path)}


def test_a_pipe_does_not_pay_for_rich() -> None:
    code = (
        "import sys; from analyticsops.report import formats; import analyticsops.report.text;"
        "assert 'rich' not in sys.modules; assert 'yaml' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
