"""The same folder in object storage gives the same answers, and is never written to."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from upath import UPath

from analyticsops.cli import cli
from analyticsops.errors import HistoryError
from analyticsops.history.compact import compact
from analyticsops.history.record import pack
from analyticsops.history.store import Store
from analyticsops.history.verify import verify
from analyticsops.recording import open_store
from tests.history.maker import made_up

ADDRESS = "memory:///bucket/history"


@pytest.fixture
def local(tmp_path: Path) -> Store:
    """A closed month as Parquet, and runs of the next as files of their own."""
    store = Store(tmp_path / "history")
    for number in (0, 1, 2, 24 * 31, 24 * 31 + 1):
        store.put(made_up(number))
    compact(store, datetime(2026, 2, 10, tzinfo=UTC))
    assert (len(store.listing().packs), len(store.listing().loose)) == (1, 2)
    return store


@pytest.fixture
def remote(local: Store) -> Store:
    """The same files there."""
    there = UPath(ADDRESS)
    if there.exists():
        there.fs.rm(there.path, recursive=True)
    for path in sorted(local.folder.rglob("*")):
        if path.is_file():
            target = there / path.parent.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return open_store(ADDRESS)


def _aops(place: object, *words: str) -> Result:
    return CliRunner().invoke(cli, [*words, "--history", str(place)])


@pytest.mark.parametrize(
    "words",
    [
        ("runs",),
        ("runs", "show", "latest"),
        ("runs", "slow"),
        ("runs", "flapping"),
        ("history", "list"),
        ("history", "verify"),
    ],
)
def test_answers_are_the_same(local: Store, remote: Store, words: tuple[str, ...]) -> None:
    here, there = _aops(local.folder, *words), _aops(ADDRESS, *words)
    assert here.exit_code == there.exit_code == 0, there.output
    assert there.stdout == here.stdout


def test_its_state_is_the_same(local: Store, remote: Store) -> None:
    assert verify(remote) == verify(local)
    assert verify(remote).records == 5


def test_a_damaged_file_is_told(remote: Store) -> None:
    one = remote.listing().loose[0].path
    one.write_bytes(pack(b"{}")[1])
    done = _aops(ADDRESS, "history", "verify")
    assert done.exit_code == 1
    assert one.name in done.output


def test_nothing_is_written_there(remote: Store) -> None:
    before = remote.listing()
    with pytest.raises(HistoryError, match="only read"):
        remote.put(made_up(9))
    done = _aops(ADDRESS, "history", "compact")
    assert isinstance(done.exception, HistoryError)
    assert "only read" in str(done.exception)
    assert remote.listing() == before


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(HistoryError, match=r"s3fs|nosuch"):
        open_store("nosuch://bucket/history")
    monkeypatch.setitem(sys.modules, "upath", None)
    with pytest.raises(HistoryError, match=r"analyticsops\[cloud\]"):
        open_store(ADDRESS)
