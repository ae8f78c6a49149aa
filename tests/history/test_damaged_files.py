"""What cannot be read or written is told in one line: what, where, what to do."""

from __future__ import annotations

import errno
import gzip
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from analyticsops.errors import HistoryError, NotFoundError, UsageError
from analyticsops.history.chosen import Known
from analyticsops.history.disk import Disk
from analyticsops.history.export import _reason
from analyticsops.history.record import decode, name_of
from analyticsops.history.store import Loose, Store, unreadable, unwritable
from analyticsops.history.timeline import show_run
from analyticsops.history.verify import examine
from analyticsops.looking_back import open_runs

from .maker import made_up
from .test_answers import run, store_of


def test_what_is_wrong_with_a_file_is_said_whole(tmp_path: Path) -> None:
    store = Store(tmp_path)
    cut, noise, gone = (tmp_path / name for name in ("cut.json.gz", "noise.json", "gone.json"))
    cut.write_bytes(gzip.compress(b"{}")[:-4])
    noise.write_bytes(b"{}\n")
    hint = "`analyticsops history verify` lists all such files"
    for path, reads, message in (
        (cut, (store.document, store.read), "not whole: "),
        (noise, (store.read_head, store.read), "not a record: "),
        (gone, (store.document, store.read, store.read_head), "cannot be read: No such file"),
    ):
        for read in reads:
            with pytest.raises(HistoryError) as caught:
                read(path)
            assert caught.value.what.startswith(message)
            assert caught.value.where == str(path)
            assert caught.value.hint == ("" if path == gone else hint)
    full = OSError(errno.ENOSPC, "No space left on device")
    told = unwritable(cut, full)
    assert (told.what, told.where, told.hint) == (
        "cannot be written: No space left on device",
        str(cut),
        "nothing was recorded; what was recorded before is as it was",
    )
    assert unwritable(cut, OSError("odd")).what == "cannot be written: odd"
    assert str(unreadable(cut, OSError("odd"))) == f"{cut}: cannot be read: odd"


def test_what_differs_from_its_name_is_said(tmp_path: Path) -> None:
    store = Store(tmp_path)
    name = store.put(made_up(1, results=2))
    (one,) = store.listing().loose
    assert examine(store, one) == Known(name, one.path, store.read(one.path).invocation)
    whole = one.path.read_bytes()

    def says(data: bytes, *, named: bool) -> str:
        """What is wrong, under the name of other data or under its own."""
        own = name_of(decode(data), data) if named else name
        path = one.path.with_name(f"{own}.json")
        path.write_bytes(data)
        found = examine(store, Loose(own, path))
        assert isinstance(found, str)
        return found

    lines = whole.splitlines(keepends=True)
    assert says(b"".join(lines[:-1]), named=False) == "its content is not that of its name"
    assert says(b"".join(lines[:-1]), named=True) == "1 results, expected 2"
    later = whole.replace(b'"state":', b'"mood":"fine","state":')
    assert says(later, named=True) == (
        "it holds what this version does not know: upgrade analyticsops"
    )
    assert says(b"{", named=False).startswith("not a record: ")
    one.path.unlink()
    gone = examine(store, one)
    assert gone == "cannot be read: No such file or directory"


def test_a_folder_that_cannot_be_listed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    store.put(made_up(1))

    def broken(_: Path) -> Iterator[Path]:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "iterdir", broken)
    with pytest.raises(HistoryError) as caught:
        store.listing()
    assert str(caught.value) == f"{tmp_path}: cannot be read: Input/output error"


def test_a_record_is_no_program_and_others_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        Store(tmp_path).put(made_up(1))
    finally:
        os.umask(before)
    (path,) = (one for one in tmp_path.rglob("*") if one.is_file())
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_why_nothing_could_be_exported_is_one_line() -> None:
    """DuckDB says it in JSON where it wrote in the background."""
    full = Exception('{"exception_type":"IO","errno":"28","message":"..."}\nStack')
    assert _reason(full) == os.strerror(errno.ENOSPC)
    assert _reason(Exception("no such column\nLINE 1: select x")) == "no such column"


def test_nothing_is_recorded_in_object_storage(tmp_path: Path) -> None:
    class Elsewhere(Disk):
        filesystem = "s3"

    with pytest.raises(HistoryError) as caught:
        Store(tmp_path, Elsewhere()).put(made_up(1))
    assert str(caught.value) == (
        f"{tmp_path}: a history in object storage is only read "
        "(record into a folder, and copy that there)"
    )


def test_which_run_is_meant_must_be_clear(tmp_path: Path) -> None:
    store = store_of(tmp_path, run(0), run(1), run(12))
    with open_runs(store) as connection:
        assert show_run(connection, "latest").run.invocation_id.startswith("00000012")
        assert show_run(connection, "00000001").run.invocation_id.startswith("00000001")
        with pytest.raises(UsageError) as several:
            show_run(connection, "000000")
        assert str(several.value) == (
            "3 runs begin with '000000' (give more digits of the invocation id)"
        )
        with pytest.raises(NotFoundError) as none:
            show_run(connection, "00000002-0000-4000-8000-000000000000")
        assert str(none.value).startswith("no run ")
