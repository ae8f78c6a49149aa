"""Every option that names a file or folder to write: what cannot be written is one line and exit
code 2, never a traceback, and nothing half-written stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from analyticsops.cli import cli
from tests.cli.shell import run
from tests.faults.place import INCIDENTS, SLO, make_place

FILES: dict[tuple[str, str], tuple[str, ...]] = {
    ("approve", "--to"): ("--report", "findings.json", "--reason", "agreed", "--until",
                          "2999-01-01", "--by", "you", "SCH202:stg.amount", "--to", "{}"),
    ("baseline write", "--to"): ("--to", "{}"),
    ("check", "--output"): ("--output", "json={}"),
    ("diff", "--output"): ("--state", "before/target", "--output", "json={}"),
    ("incidents timeline", "--output"): ("latest", *INCIDENTS, "--output", "{}"),
    ("lineage export", "--output"): ("--output", "{}"),
    ("lineage tags", "--output"): ("--check", "--output", "json={}"),
    ("metrics lock", "--output"): ("--check", "--output", "json={}"),
    ("metrics verify", "--output"): ("--database", "shop.duckdb", "--output", "json={}"),
    ("render", "--output"): ("findings.json", "--output", "markdown={}"),
    ("report", "--single-file"): ("--single-file", "{}"),
    ("slo export", "--output"): ("--to", "prometheus", *SLO, "--output", "{}"),
    ("slo lint", "--output"): ("--output", "json={}"),
    ("slo report", "--output"): (*SLO, "--output", "{}"),
}  # fmt: skip
"""(command, option that names a file) -> arguments, with a place for it."""

FOLDERS: dict[tuple[str, str], tuple[str, ...]] = {
    ("history export", "FOLDER"): ("{}", "--history", "history"),
    ("ingest", "--history"): ("--history", "{}", "--exit-code", "1"),
    ("metrics export", "--output-dir"): ("--to", "osi", "--output-dir", "{}"),
    ("report", "--output"): ("--output", "{}"),
    ("slo evaluate", "--incidents"): (*SLO, "--incidents", "{}"),
}
"""The same of folders."""

WRITE = {"--output", "--output-dir", "--single-file", "--to", "FOLDER"}
ALSO = {("ingest", "--history"), ("slo evaluate", "--incidents")}
"""Options of these names are read by other commands."""


def test_every_option_that_writes_is_here() -> None:
    assert set(_writing(cli, ())) | ALSO == FILES.keys() | FOLDERS.keys()


def _writing(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from _writing(found, (*path, name))
        return
    for option in command.params:
        is_argument = isinstance(option, click.Argument)
        name = option.name.upper() if is_argument and option.name else max(option.opts, key=len)
        if name in WRITE and not isinstance(option.type, click.Choice):
            yield " ".join(path), name


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which every command has something to write."""
    folder = make_place(tmp_path_factory.mktemp("place"))
    (folder / "file").write_text("what was there")
    # By a link, because whoever may write devices would replace it.
    (folder / "full").symlink_to("/dev/full")
    return folder


@pytest.mark.parametrize("key", [*FILES, *FOLDERS], ids=" ".join)
def test_below_a_file(place: Path, key: tuple[str, str]) -> None:
    _refused(place, key, "file/below")
    assert (place / "file").read_text() == "what was there"


@pytest.mark.parametrize("key", FILES, ids=" ".join)
def test_on_a_full_disk(place: Path, key: tuple[str, str]) -> None:
    before = sorted(place.rglob("*"))
    _refused(place, key, "full")
    assert sorted(place.rglob("*")) == before


def _refused(place: Path, key: tuple[str, str], where: str) -> None:
    words = FILES.get(key) or FOLDERS[key]
    done = run(*key[0].split(), *(word.replace("{}", where) for word in words), cwd=place)
    assert done.code == 2, done
    assert "Traceback" not in done.err
    assert done.err.splitlines()[-1].startswith("error: "), done.err
    assert where.partition("/")[0] in done.err
