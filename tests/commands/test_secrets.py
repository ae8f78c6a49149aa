"""Secrets that stand wherever one can reach no output and no file, but where SQL is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyticsops.history.masking import recorded_message
from tests.commands.conftest import Show
from tests.commands.secrets import ENVIRONMENT, WORDS, found_in, texts_of
from tests.commands.table import COMMANDS, Command

SQL = {"literal", "filter", "filterx", "comment", "other", "default", "hook"}
"""Those that stand in the code of the project."""

SHOWN = {
    # Somebody asks for the expression.
    "lineage why": {"literal"},
    # A finding quotes the condition that changed (all formats) ...
    "diff": {"other"},
    "render": {"other"},
}
"""Command -> what it shows of the code, as docs/reliability.md lists it."""

MIGRATION = {"json", "markdown", "summary"}
"""... and these hold the files of a migration, which are the changed model's own code."""


def _allowed(command: Command) -> set[str]:
    shown = SHOWN.get(command.path, set())
    written = command.sink in MIGRATION or bool(command.files)
    return SQL if command.path in ("diff", "render") and written else shown


def _said(show: Show, command: Command) -> set[str]:
    played = show.played[command.words]
    found = found_in(played.out + played.err)
    for name in command.files:
        root = show.world / name
        for path in [root] if root.is_file() else root.rglob("*"):
            if path.is_file():
                found |= {word for text in texts_of(path) for word in found_in(text)}
    return found


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.words)
def test_no_command_shows_one(show: Show, command: Command) -> None:
    assert _said(show, command) <= _allowed(command)


def test_what_is_shown_is_no_longer_list_than_it_must_be(show: Show) -> None:
    """What may be shown is shown by somebody: else the exception goes."""
    by_path: dict[str, set[str]] = {}
    for command in COMMANDS:
        by_path.setdefault(command.path, set()).update(_said(show, command))
    for path, words in SHOWN.items():
        assert words <= by_path[path], path


def test_no_file_keeps_one(show: Show) -> None:
    """Of all that was written: the cache beside the manifest, which holds all of the code, knows
    conditions and constants of queries; what `diff` wrote is judged above."""
    kept: dict[str, set[str]] = {}
    for path in show.world.rglob("*"):
        name = path.relative_to(show.world).as_posix()
        if path.is_file() and name not in show.before and not name.startswith("out/"):
            found = {word for text in texts_of(path) for word in found_in(text)}
            if found:
                kept[name] = found
    assert kept.keys() <= {"head/target/analyticsops-lineage.sqlite"} | {
        "base/target/analyticsops-lineage.sqlite",
        "ran/analyticsops-lineage.sqlite",
    }
    assert set().union(*kept.values()) <= SQL


def test_each_was_planted(show: Show) -> None:
    """A test that looks for what is not there cannot fail."""
    planted = {w for text in map(str, show.before.values()) for w in found_in(text)}
    assert {word.removeprefix("kanarie") for word in WORDS.values()} - {"rendered"} <= planted
    assert all(found_in(value) for value in ENVIRONMENT.values())


def test_the_record_of_a_run_was_kept(show: Show) -> None:
    """`ingest` read what is secret, and said of the failure what may be said."""
    runs = next(p.out for words, p in show.played.items() if words.startswith("runs show"))
    assert "Could not convert string '…' to INT#" in runs
    assert Path(show.world / "head/.analyticsops/history").is_dir()


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("Bad int64 value: hunter", "Bad int# value: …"),
        ("Key (email)=(Jane Doe) already exists.", "Key (email)=(…) already exists."),
        ("The duplicate key value is (Jane, Doe).", "The duplicate key value is (…)."),
        ("values: a, b", "values: …"),
        ("null value in column id", "null value in column id"),
    ],
)
def test_values_without_quotes_are_masked(message: str, kept: str) -> None:
    assert recorded_message(message, "masked") == kept
