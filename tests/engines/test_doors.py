"""Two doors, one history: what the hook wrote into the warehouse is what `ingest` reads."""

from __future__ import annotations

import json

import msgspec
import pytest

from analyticsops import looking_back
from analyticsops.history import retries, timeline
from analyticsops.history.chosen import Known, choose
from analyticsops.history.layout import INVOCATIONS, NODE_RESULTS
from analyticsops.history.record import Record
from analyticsops.history.store import Store
from analyticsops.history.verify import verify
from analyticsops.looking_back import Scope
from tests.engines import synthetic
from tests.engines.doors import Doors
from tests.engines.macros import Package


def _records(store: Store) -> dict[str, Record]:
    """By invocation, those that count."""
    loose = store.listing().loose
    chosen = choose(Known(one.name, one.path, store.read_head(one.path)) for one in loose)
    return {one.name.invocation_id: store.read(one.path) for one in chosen}


def test_dbt_ended_as_without_us(doors: Doors) -> None:
    assert [one.code for one in doors.played] == [0, 1, 0, 0, 1, 0, 1, 0, 1]
    assert "the last hook of the project ran" in doors.played[1].output


def test_every_run_of_the_target_is_there_and_no_other(doors: Doors) -> None:
    known = _records(doors.files)
    hooked = {
        name
        for name, record in known.items()
        if record.invocation.command not in ("run-operation", None)
        and record.invocation.target == "prod"
    }
    # A hook of the user failed before ours: dbt skipped the rest, and only the start is there.
    last = json.loads((doors.played[-1].folder / "run_results.json").read_text())
    pulled = [one for one in doors.first.new if one.project == "shop"]
    assert {one.invocation_id for one in pulled} == hooked
    (started,) = [one for one in pulled if one.state == "started"]
    assert started.invocation_id == last["metadata"]["invocation_id"]
    assert started.job == "nightly"
    assert (doors.first.partial, doors.first.foreign, doors.first.known) == ((), 0, 0)


def test_results_are_equal_field_by_field(doors: Doors, engine: str) -> None:
    files, hook = _records(doors.files), _records(doors.hook)
    compared = 0
    for name, record in hook.items():
        if record.invocation.state == "started" or name not in files:
            continue
        theirs = [r for r in files[name].results if not r.unique_id.startswith("operation.")]
        assert list(record.results) == theirs
        compared += len(theirs)
    assert compared > 30
    shop = [record for name, record in hook.items() if name in files]
    kinds = {field for record in shop for row in record.results for field in _given(row)}
    assert engine == "spark" or {"batches_ok", "batches_failed"} <= kinds
    assert {"message", "max_loaded_at", "measured_at", "tested", "checksum"} <= kinds


def _given(row: msgspec.Struct) -> set[str]:
    return {name for name in row.__struct_fields__ if getattr(row, name) is not None}


EQUAL = [
    *("command", "retries", "project", "target", "location", "adapter", "dbt_version"),
    *("selected", "full_refresh", "empty", "sample", "defer", "event_time_start"),
    *("event_time_end", "manifest"),
]


def test_invocations_are_equal_but_for_what_only_files_say(doors: Doors) -> None:
    files = _records(doors.files)
    for name, record in _records(doors.hook).items():
        if record.invocation.project == synthetic.PROJECT:
            continue
        ours, theirs = record.invocation, files[name].invocation
        fields = EQUAL
        if ours.command == "source freshness":  # sources.json has no arguments
            fields = [field for field in EQUAL if getattr(theirs, field) is not None]
        assert {f: getattr(ours, f) for f in fields} == {f: getattr(theirs, f) for f in fields}
        assert abs(ours.started_at - theirs.started_at) < 5_000_000
        assert ours.door == "hook"
        if ours.state == "finished":
            assert ours.state == theirs.state
            assert 0 <= (theirs.ended_at or 0) - (ours.ended_at or 0) < 60_000_000


Said = tuple[object, ...]
Linked = tuple[tuple[str, ...], bool, bool]


def _answers(store: Store, only: set[str]) -> tuple[dict[str, Said], list[Linked]]:
    """What is said about each of those runs, and their chains."""
    with looking_back.open_runs(store, Scope(project="shop")) as connection:
        runs = timeline.timeline(connection)
        linked = retries.find_retries(connection)
    said = {
        run.invocation_id: tuple(getattr(run, field) for field in SAID)
        for run in runs
        if run.invocation_id in only
    }
    return said, [(c.attempts, c.first_ok, c.final_ok) for c in linked.retried]


SAID = [
    *("command", "retry", "environment", "project", "state", "verdict", "built", "failed"),
    *("skipped", "tests", "tests_failed", "tests_warned", "loads"),
]


def test_the_same_answers(doors: Doors) -> None:
    pulled = [one for one in doors.first.new if one.project == "shop"]
    finished = {one.invocation_id for one in pulled if one.state == "finished"}
    ours, chains = _answers(doors.hook, finished)
    assert (ours, chains) == _answers(doors.files, finished)
    assert {said[SAID.index("verdict")] for said in ours.values()} == {"ok", "failed"}
    assert [(first, final) for _, first, final in chains] == [(False, True)]


def test_pulling_again_changes_nothing(doors: Doors) -> None:
    if doors.again is None:
        pytest.skip("tried on DuckDB")
    assert (doors.again.new, doors.again.known) == ((), len(doors.first.new))


def test_both_doors_count_once(doors: Doors) -> None:
    found = verify(doors.both)
    assert (found.faults, found.disputed) == ((), ())
    names = set(_records(doors.files)) | set(_records(doors.hook))
    assert found.invocations == len(names)
    ours = set(_records(doors.files))
    assert _answers(doors.both, ours) == _answers(doors.files, ours)


def test_the_layout_of_the_macros_is_ours() -> None:
    package = Package("duckdb")
    columns = package.call("history_columns", "invocations")
    assert columns == [[c.name, c.type] for c in INVOCATIONS]
    columns = package.call("history_columns", "node_results")
    assert columns == [["invocation_id", "text"], *([c.name, c.type] for c in NODE_RESULTS)]
