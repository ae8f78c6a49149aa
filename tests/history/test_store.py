"""The store: nothing lost, nothing half, whatever happens."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from analyticsops.errors import HistoryError
from analyticsops.history import layout
from analyticsops.history.compact import STALE, compact
from analyticsops.history.query import Window, open_history
from analyticsops.history.record import (
    DocumentError,
    Invocation,
    NodeResult,
    decode,
    encode,
    make_record,
    name_of,
    pack,
    unpack,
)
from analyticsops.history.store import Store
from analyticsops.history.verify import verify
from tests.history import campaign
from tests.history.child import LATER
from tests.history.disks import STEPS, FailingDisk
from tests.history.maker import made_up

HOSTILE = "a'b\"c\\d\n$$ {{ x }} {% y %} \u0001 -- /* 🦆 é \u202e ; drop table x"


def test_layout_and_structs_are_one() -> None:
    assert [c.name for c in layout.INVOCATIONS] == list(Invocation.__struct_fields__[:1]) + [
        c.name for c in layout.INVOCATIONS[1:]
    ]
    assert {c.name for c in layout.INVOCATIONS} == set(Invocation.__struct_fields__)
    assert [c.name for c in layout.NODE_RESULTS] == list(NodeResult.__struct_fields__)
    assert {c.type for c in (*layout.INVOCATIONS, *layout.NODE_RESULTS)} <= set(layout.SQL_TYPES)


def test_twice_is_as_good_as_once(tmp_path: Path) -> None:
    store = Store(tmp_path / "deep" / "history")
    first = store.put(made_up(1))
    assert store.put(made_up(1)) == first
    assert len(store.listing().loose) == 1
    assert store.read(store.listing().loose[0].path) == made_up(1)


def test_order_and_copies_do_not_matter(tmp_path: Path) -> None:
    one, two, both = (Store(tmp_path / name) for name in ("one", "two", "both"))
    for number in range(6):
        both.put(made_up(number))
    for number in (4, 1, 2):
        one.put(made_up(number))
    for number in (5, 0, 1, 3):
        two.put(made_up(number))
    shutil.copytree(two.folder, one.folder, dirs_exist_ok=True)
    assert verify(one) == verify(both)
    assert verify(one).invocations == 6


def test_which_record_counts_does_not_depend_on_the_order(tmp_path: Path) -> None:
    whole = made_up(1)
    started = make_record(
        msgspec.structs.replace(whole.invocation, state="started", manifest="none"), ()
    )
    other = make_record(msgspec.structs.replace(whole.invocation, manifest="other"), whole.results)
    states = set()
    for number, order in enumerate([(whole, started, other), (other, started, whole)]):
        store = Store(tmp_path / str(number))
        for record in order:
            store.put(record)
        found = verify(store)
        assert (found.invocations, found.records, found.results) == (1, 3, 20)
        states.add(found.state)
        with open_history(store) as connection:
            told = connection.execute("select state, manifest, results from invocations").fetchall()
            (count,) = connection.execute("select count(*) from node_results").fetchall()
        assert told == [("finished", "own", 20)]
        assert count == (20,)
    assert len(states) == 1


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
NUMBERS = st.none() | st.integers(0, 2**63 - 1)
RESULTS = st.builds(
    NodeResult,
    unique_id=TEXTS,
    status=TEXTS,
    started_at=st.none() | st.integers(0, 4 * 10**15),
    execution_time=st.none() | st.floats(0, 1e9),
    failures=NUMBERS,
    message=st.none() | TEXTS,
)


@given(st.lists(RESULTS, max_size=5), st.randoms())
@settings(max_examples=50, deadline=None)
def test_a_document_is_its_record(results: list[NodeResult], chance: object) -> None:
    record = make_record(made_up(1, 0).invocation, results)
    data = encode(record)
    assert decode(unpack(pack(data)[1])) == record
    assert encode(make_record(record.invocation, reversed(record.results))) == data


@given(st.binary(max_size=80), st.integers(0, 10**6))
@settings(max_examples=80, deadline=None)
def test_no_bytes_are_read_as_another_record(noise: bytes, place: int) -> None:
    data = pack(encode(made_up(3, 200)))[1]
    at = place % len(data)
    changed = data[:at] + noise + data[at + len(noise) :]
    try:
        document = unpack(changed)
        record = decode(document)
    except DocumentError:
        return
    same = document == encode(made_up(3, 200))
    assert same or name_of(record, document) != name_of(made_up(3, 200), encode(made_up(3, 200)))


def test_a_later_version_is_refused_with_one_line(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put(made_up(1, 0))
    (one,) = store.listing().loose
    one.path.write_bytes(one.path.read_bytes().replace(b'{"v":1,', b'{"v":2,'))
    with pytest.raises(HistoryError, match="later analyticsops"), open_history(store):
        pass
    assert "later analyticsops" in verify(store).faults[0]


# -- packs -----------------------------------------------------------------------


def _filled(folder: Path, numbers: range) -> Store:
    store = Store(folder)
    for number in numbers:
        store.put(made_up(number, number % 40))
    hostile = NodeResult(unique_id=HOSTILE, status=HOSTILE, message=HOSTILE, failures=2**63 - 1)
    store.put(make_record(msgspec.structs.replace(made_up(5).invocation, job=HOSTILE), [hostile]))
    return store


def _tables(store: Store, window: Window | None = None) -> list[list[tuple[object, ...]]]:
    with open_history(store, window or Window()) as connection:
        return [
            connection.execute(f"select * from {table} order by all").fetchall()
            for table in ("invocations", "node_results")
        ]


def test_compacting_changes_nothing_but_the_files(tmp_path: Path) -> None:
    store = _filled(tmp_path / "it's [a] *folder*", range(0, 2_000, 45))
    before, tables = verify(store), _tables(store)
    done = compact(store, datetime(2026, 3, 10, tzinfo=UTC))
    assert [one.month for one in done] == ["2026-01", "2026-02"]
    assert {one.path.parent.name for one in store.listing().loose} == {"2026-03"}
    after = verify(store)
    assert (after.state, after.faults, after.records) == (before.state, (), before.records)
    assert _tables(store) == tables
    assert compact(store, datetime(2026, 3, 10, tzinfo=UTC)) == ()
    # Late, again, and merged: still the same.
    store.put(made_up(45, 45 % 40))
    shutil.copytree(
        _filled(tmp_path / "other", range(90, 900, 90)).folder, store.folder, dirs_exist_ok=True
    )
    assert verify(store).state == before.state
    assert verify(store).twice > 1
    assert _tables(store) == tables
    compact(store, LATER)
    assert (verify(store).state, verify(store).twice) == (before.state, 0)
    assert _tables(store) == tables


def test_packs_keep_texts_that_look_alike(tmp_path: Path) -> None:
    store = _filled(tmp_path, range(3))
    names = ("", "\0", "a", "a\0", "a\0b", "A", " ", "null", "\u00e9", "e\u0301", "\u202e")
    results = [NodeResult(unique_id=name, status=name) for name in names]
    store.put(make_record(made_up(50).invocation, results))
    before, tables = verify(store).state, _tables(store)
    for late in (60, 61):  # into a pack, and from a pack into another
        compact(store, LATER)
        assert (verify(store).state, verify(store).faults) == (before, ())
        assert _tables(store) == tables
        store.put(made_up(late))
        before, tables = verify(store).state, _tables(store)


def test_only_the_time_that_is_asked_about(tmp_path: Path) -> None:
    store = _filled(tmp_path, range(0, 2_000, 45))
    window = Window(datetime(2026, 1, 20, tzinfo=UTC), datetime(2026, 2, 20, tzinfo=UTC))
    loose = _tables(store, window)
    assert 10 < len(loose[0]) < 20
    compact(store, LATER)
    assert _tables(store, window) == loose


def test_a_damaged_file_is_named_and_never_packed(tmp_path: Path) -> None:
    store = _filled(tmp_path, range(3))
    broken = store.listing().loose[1].path
    broken.write_bytes(broken.read_bytes()[:-9])
    (fault,) = verify(store).faults
    assert broken.name in fault
    (done,) = compact(store, LATER)
    assert broken.name in done.damaged[0]
    assert [one.path for one in store.listing().loose] == [broken]


def test_a_damaged_pack_is_named(tmp_path: Path) -> None:
    store = _filled(tmp_path, range(30))
    compact(store, LATER)
    (pack_file,) = store.listing().packs
    data = bytearray(pack_file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    pack_file.write_bytes(data)
    assert verify(store).faults


def test_a_pack_of_before_a_column_was_added(tmp_path: Path) -> None:
    store = _filled(tmp_path, range(9))
    before, tables = verify(store).state, _tables(store)
    compact(store, LATER)
    (pack_file,) = store.listing().packs
    without = "exclude (run_event_time_end, slot_ms, query_id)"
    _rewrite(pack_file, f"* {without}")
    assert (verify(store).state, verify(store).faults) == (before, ())
    assert _tables(store) == tables
    store.put(made_up(20))
    compact(store, LATER)
    assert verify(store).invocations == 10


def test_what_a_later_version_wrote_is_not_lost(tmp_path: Path) -> None:
    store = _filled(tmp_path, range(9))
    compact(store, LATER)
    (pack_file,) = store.listing().packs
    _rewrite(pack_file, "*, 1 as colour")
    tables = _tables(store)
    store.put(made_up(20))
    with pytest.raises(HistoryError, match="later analyticsops wrote colour"):
        compact(store, LATER)
    assert len(_tables(store)[0]) == len(tables[0]) + 1
    # And a single file with a field that is not known.
    document = encode(made_up(30, 3)).replace(
        b'"v":1,"invocation":{', b'"v":1,"invocation":{"x":1,'
    )
    name = name_of(decode(document), document)
    other = Store(tmp_path / "other")
    (other.folder / name.month).mkdir(parents=True)
    (other.folder / name.month / f"{name}.json").write_bytes(document)
    (done,) = compact(other, LATER)
    assert "upgrade" in done.damaged[0]
    assert len(_tables(other)[1]) == 3
    assert (other.folder / name.month / f"{name}.json").read_bytes() == document


def _rewrite(path: Path, columns: str) -> None:
    changed = path.with_name("changed")
    duckdb.execute(f"copy (select {columns} from '{path}') to '{changed}' (format parquet)")
    changed.replace(path)


# -- faults ----------------------------------------------------------------------


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EIO, errno.EDQUOT])
def test_an_error_at_each_call_leaves_what_was_there(tmp_path: Path, error: int) -> None:
    calls = 1
    number = 0
    while number < calls:
        number += 1
        folder = tmp_path / str(number)
        Store(folder).put(made_up(0))
        before = verify(Store(folder))
        disk = FailingDisk(number, error)
        with pytest.raises(HistoryError, match="cannot be written") as caught:
            Store(folder, disk).put(made_up(900))  # in another month
        assert "\n" not in str(caught.value)
        counting = FailingDisk(0, error)
        Store(tmp_path / "count", counting).put(made_up(900))
        calls = counting.calls - 3  # the folder of the history itself is there already
        after = verify(Store(folder))
        assert after.faults == ()
        # The last call makes the name durable: the file is there and whole, but not promised.
        assert after.invocations - before.invocations in (0, 1)
        Store(folder).put(made_up(900))
        assert verify(Store(folder)).invocations == 2
        shutil.rmtree(tmp_path / "count")
    assert number >= 7


def test_an_error_at_each_call_of_compacting_loses_nothing(tmp_path: Path) -> None:
    number, done = 0, False
    while not done:
        number += 1
        store = _filled(tmp_path / str(number), range(3))
        before = verify(store).state
        disk = FailingDisk(number, errno.EIO)
        try:
            compact(Store(store.folder, disk), LATER)
            done = disk.calls < number
        except HistoryError:
            pass
        assert (verify(store).state, verify(store).faults) == (before, ())
    assert number > 6


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    """As on a full disk, by the system itself."""
    Store(tmp_path).put(made_up(0))
    code = "import sys; from tests.history.child import main; main(*sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), "record", "1", "1"],
        cwd=campaign.REPO,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500)),
    )
    assert "HistoryError" in done.stderr
    assert "File too large" in done.stderr
    found = verify(Store(tmp_path))
    assert (found.invocations, found.faults, found.temporary) == (1, (), 0)


def test_killed_at_each_step(tmp_path: Path) -> None:
    steps = [(step, 3) for step in STEPS if step not in ("make_folder", "remove")]
    steps += [("make_folder", 1), ("make_folder", 2), ("sync_folder", 2)]
    outcome = campaign.killed_at(tmp_path / "history", steps, each=800)
    assert outcome.killed == len(steps)
    assert outcome.acknowledged >= 10
    assert (outcome.lost, outcome.damaged, outcome.errors) == (0, 0, 0)
    assert campaign.damaged_files(tmp_path / "history") == 0


def test_killed_at_random(tmp_path: Path) -> None:
    outcome = campaign.killed_at_random(tmp_path, times=6, at_a_time=3, seed=1)
    assert outcome.killed == 6
    assert outcome.acknowledged >= 6
    assert (outcome.lost, outcome.damaged, outcome.errors) == (0, 0, 0)


def test_killed_while_compacting(tmp_path: Path) -> None:
    for step in ("sync", "rename", "sync_folder", "remove"):
        store = _filled(tmp_path / step, range(3))
        before = verify(store).state
        child = campaign.start(store.folder, "compact", step, 2 if step == "remove" else 1)
        child.communicate(timeout=60)
        assert child.returncode == -9, step
        assert (verify(store).state, verify(store).faults) == (before, ()), step
        compact(store, LATER)
        assert (verify(store).state, verify(store).twice) == (before, 0), step


def test_writers_at_once(tmp_path: Path) -> None:
    tmp_path.joinpath("2026-01").mkdir()
    beside = [campaign.start(tmp_path, task) for task in ("read", "compact-often")]
    outcome = campaign.at_once(tmp_path, processes=6, each=20, compacted=True)
    (tmp_path / campaign.DONE).touch()
    assert [child.communicate()[1] for child in beside] == ["", ""]
    assert (outcome.acknowledged, outcome.lost, outcome.damaged, outcome.errors) == (120, 0, 0, 0)
    assert verify(Store(tmp_path)).invocations == 120


def test_a_history_read_while_it_is_compacted(tmp_path: Path) -> None:
    store = _filled(tmp_path, range(150))
    expected = len(_tables(store)[1])
    child = campaign.start(store.folder, "compact")
    while child.poll() is None:
        assert len(_tables(store)[1]) == expected
    child.communicate()
    assert store.listing().loose == ()


def test_foreign_and_temporary_files_stay_and_do_not_count(tmp_path: Path) -> None:
    store = _filled(tmp_path, range(2))
    (tmp_path / "2026-01" / "notes.txt").write_text("mine")
    for name, age in ((".tmp-abc", 2 * STALE), (".tmp-def", 0)):
        (tmp_path / "2026-01" / name).write_text("half")
        moment = time.time() - age
        os.utime(tmp_path / "2026-01" / name, (moment, moment))
    compact(store, LATER)
    found = verify(store)
    # What a writer may be busy with stays, whatever moment is asked about.
    assert (found.foreign, found.temporary) == (("2026-01/notes.txt",), 1)
    assert (tmp_path / "2026-01" / "notes.txt").is_file()
