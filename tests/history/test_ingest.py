"""From a target folder to records: whole, masked, and in any order."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from analyticsops.errors import ArtifactError
from analyticsops.history.dbt_log import command_words
from analyticsops.history.ingest import ingest
from analyticsops.history.masking import recorded_message
from analyticsops.history.reading import Circumstances
from analyticsops.history.record import NodeResult, Record
from analyticsops.history.store import Store
from analyticsops.history.verify import verify
from bench.history.target import write_target
from tests.history.situations import TOLD, described, ingest_steps, names, steps

ID = "6b0a4a4e-0000-4000-8000-00000000000a"
BASE = "https://schemas.getdbt.com/dbt"
METADATA = {
    "dbt_version": "1.12.0",
    "generated_at": "2026-11-27T05:00:10.000001Z",
    "invocation_id": ID,
    "invocation_started_at": "2026-11-27T05:00:00.123456789Z",
}


def _write(folder: Path, name: str, kind: str, data: dict[str, Any], **metadata: Any) -> None:
    folder.mkdir(exist_ok=True)
    whole = {**METADATA, "dbt_schema_version": f"{BASE}/{kind}.json", **metadata}
    (folder / name).write_text(json.dumps({"metadata": whole, **data}))


def _ran(folder: Path, *results: dict[str, Any], **args: Any) -> None:
    data = {"results": list(results), "elapsed_time": 10.0, "args": {"which": "build", **args}}
    _write(folder, "run_results.json", "run-results/v6", data)


def _records(store: Store) -> list[Record]:
    return [store.read(one.path) for one in store.listing().loose]


def _only(store: Store) -> Record:
    (record,) = _records(store)
    return record


def _ingest(store: Store, folder: Path, told: Circumstances = TOLD) -> None:
    ingest(store, folder, folder / "dbt.log", told)


# -- shapes that dbt writes only in versions that are not run here ---------------


def test_dbt_1_12_and_2(tmp_path: Path) -> None:
    target, store = tmp_path / "target", Store(tmp_path / "history")
    _ran(
        target,
        {"unique_id": "model.shop.a", "status": "reused", "execution_time": 0.0, "timing": None},
        {"unique_id": "model.shop.b", "status": "Success", "thread_id": None, "message": None},
        {"unique_id": "model.shop.c", "status": "brand new status", "batch_results": None},
        {"unique_id": "function.shop.f", "status": "success", "failures": None, "new_field": [1]},
    )
    _write(target, "manifest.json", "manifest/v12", {"nodes": {}}, project_name="shop")
    _ingest(store, target)
    assert [(row.unique_id, row.status) for row in _only(store).results] == [
        ("function.shop.f", "success"),
        ("model.shop.a", "reused"),
        ("model.shop.b", "success"),
        ("model.shop.c", "brand new status"),
    ]
    (line,) = described(store)
    assert "finished, ok; built 1, failed 0" in line


def test_freshness_of_dbt_2(tmp_path: Path) -> None:
    target, store = tmp_path / "target", Store(tmp_path / "history")
    result = {
        "unique_id": "source.shop.raw.orders",
        "resource_type": "source",
        "status": "Warn",
        "max_loaded_at": "2026-11-26T05:00:00Z",
        "snapshotted_at": "2026-11-27T05:00:00Z",
        "max_loaded_at_time_ago_in_s": 86400.0,
        "execution_time": 0.0,
        "timing": [],
    }
    _write(target, "freshness.json", "freshness/v0", {"results": [result]}, dbt_version="2.0.0")
    _ingest(store, target)
    record = _only(store)
    assert record.invocation.command == "source freshness"
    (row,) = record.results
    assert (row.status, (row.measured_at or 0) - (row.max_loaded_at or 0)) == (
        "warn",
        86400 * 10**6,
    )


def test_start_of_dbt_before_1_10(tmp_path: Path) -> None:
    target, store = tmp_path / "target", Store(tmp_path / "history")
    _ran(target)
    data = json.loads((target / "run_results.json").read_text())
    del data["metadata"]["invocation_started_at"]
    (target / "run_results.json").write_text(json.dumps(data))
    _ingest(store, target)
    run = _only(store).invocation
    assert (run.ended_at or 0) - run.started_at == 10_000_000


def test_only_the_invocation_that_is_asked_for(tmp_path: Path) -> None:
    target = tmp_path / "target"
    _ran(target)
    other = ID[:-1] + "b"
    _write(target, "sources.json", "sources/v3", {"results": []}, invocation_id=other)
    _write(target, "manifest.json", "manifest/v12", {"nodes": {}}, invocation_id=ID[:-1] + "c")
    for number, only in enumerate((ID, other, None)):
        store = Store(tmp_path / str(number))
        ingest(store, target, target / "dbt.log", TOLD, only=only)
        found = {record.invocation.invocation_id for record in _records(store)}
        assert found == ({only} if only else {ID, other, ID[:-1] + "c"})
    store = Store(tmp_path / "none")
    assert ingest(store, target, target / "dbt.log", TOLD, only="elsewhere") == ()
    began = datetime(2026, 11, 27, 5, tzinfo=UTC)
    (died,) = ingest(store, target, target / "dbt.log", TOLD, only="elsewhere", began=began)
    assert (died.new, died.invocation.invocation_id) == (True, "elsewhere")
    (again,) = ingest(store, target, target / "dbt.log", TOLD, only="elsewhere", began=began)
    assert (again.new, again.invocation) == (False, died.invocation)


def test_an_id_that_is_no_name_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "target"
    _ran(target)
    path = target / "run_results.json"
    path.write_text(path.read_text().replace(ID, "../up"))
    with pytest.raises(ArtifactError) as caught:
        _ingest(Store(tmp_path / "history"), target)
    assert "its invocation_id is none: letters, digits and hyphens were expected" in str(
        caught.value
    )
    assert str(path) in str(caught.value)


# -- privacy -----------------------------------------------------------------------


def test_no_secret_is_stored(tmp_path: Path) -> None:
    canary = "canary4711"
    target, store = tmp_path / "target", Store(tmp_path / "history")
    results = [
        {
            "unique_id": f"model.shop.m{number}",
            "status": "error",
            "message": message,
            "compiled_code": f"select '{canary}'",
            "relation_name": canary,
            "adapter_response": {"_message": canary, "code": canary, "rows_affected": 3},
        }
        for number, message in enumerate(
            [
                f"Conversion Error: Could not convert string '{canary}' to INT32",
                f'key ("mail")=("{canary}@example.com") already exists',
                f"mail {canary}@example.com is taken",
                f"Runtime Error in model m (models/m.sql)\n  value '{canary}\nand {canary}' is bad",
            ]
        )
    ]
    _ran(target, *results, vars={"x": canary}, invocation_command=f"dbt build --vars '{canary}'")
    _write(
        target,
        "manifest.json",
        "manifest/v12",
        {"nodes": {"model.shop.m0": {"unique_id": "model.shop.m0", "raw_code": canary}}},
        env={"DBT_ENV_CUSTOM_ENV_X": canary},
    )
    (target / "dbt.log").write_text(f"==== 1 | {ID} ====\n{canary}\n")
    _ingest(store, target)
    stored = b"".join(store.document(one.path) for one in store.listing().loose)
    assert canary.encode() not in stored
    assert _only(store).results[0].rows_affected == 3
    full = Store(tmp_path / "full")
    _ingest(full, target, Circumstances(messages="full"))
    assert canary in (_only(full).results[0].message or "")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Got 3 results, configured to fail if != 0", "Got # results, configured to fail if != #"),
        ("Could not convert 'it''s 5' to INT32", "Could not convert '…' to INT#"),
        ('Database Error in model a (models/a.sql)\n  no such table "b"', 'no such table "…"'),
        ("ask jane.doe@example.com now", "ask … now"),
        ("an 'open quote never ends", "an '…'"),
        ("\x1b[31mactual\x1b[0m differs from expected:\n| 5 |", "actual differs from expected:"),
        ("", None),
        ("\n \n", None),
        ('a "quoted ""inner"" part" of it', 'a "…" of it'),
        (r"an 'escaped \' quote' ends", "an '…' ends"),
        (r'an "escaped \" quote" ends', 'an "…" ends'),
        ("the `secret name` of it", "the `…` of it"),
        ("an `open one", "an `…`"),
        ("$$ body of it $$ ends", "$…$ ends"),
        ("an $$ open body", "an $…$"),
        ("Database Error\n  Compilation Error in macro m (macros/m.sql)\n  told", "told"),
        ("Database Error in model a (models/a.sql)", "Database Error in model a (models/a.sql)"),
        ("one\ntwo", "one"),
        ("a\x00\x07\x85b", "a"),
        ("a\tb", "a b"),
        ("x" * 400, "x" * 300),
        ("x" * 299 + " yy", "x" * 299),
        (f"'{'x' * 1150}' after", "'…' after"),
        (f"'{'x' * 1300}' after", "'…'"),
    ],
)
def test_messages_are_masked(text: str, masked: str | None) -> None:
    assert recorded_message(text, "masked") == masked
    assert recorded_message(text, "none") is None


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("a 'b' 5\nsecond", "a 'b' 5 second"),
        ("\x1b[31mred\x1b[0m\r\n", "red"),
        ("\n", None),
        (None, None),
        ("x" * 301, "x" * 300),
    ],
)
def test_full_messages_are_one_line(text: str | None, full: str | None) -> None:
    assert recorded_message(text, "full") == full


# -- broken and half-written files -------------------------------------------------


def test_a_file_that_is_being_written_is_read_again(tmp_path: Path) -> None:
    target, store = tmp_path / "target", Store(tmp_path / "history")
    write_target(target, 10)
    whole = (target / "run_results.json").read_bytes()
    (target / "run_results.json").write_bytes(whole[:200])
    finish = threading.Timer(0.3, lambda: (target / "run_results.json").write_bytes(whole))
    finish.start()
    _ingest(store, target)
    finish.join()
    assert len(_only(store).results) == 10


def test_a_broken_file_is_one_line_and_nothing_is_stored(tmp_path: Path) -> None:
    target, store = tmp_path / "target", Store(tmp_path / "history")
    _ran(target)
    (target / "run_results.json").write_text('{"metadata"')
    with pytest.raises(ArtifactError, match="ends too early") as caught:
        _ingest(store, target)
    assert "\n" not in str(caught.value)
    assert _records(store) == []
    with pytest.raises(ArtifactError, match="no manifest"):
        _ingest(store, tmp_path / "nowhere")


def test_an_id_that_is_a_path_is_refused(tmp_path: Path) -> None:
    target, store = tmp_path / "target", Store(tmp_path / "history")
    _ran(target)
    text = (target / "run_results.json").read_text().replace(ID, "../../../etc/x")
    (target / "run_results.json").write_text(text)
    with pytest.raises(ArtifactError, match="invocation_id"):
        _ingest(store, target)
    assert list(tmp_path.iterdir()) == [target]


# -- order ------------------------------------------------------------------------


@pytest.mark.parametrize("name", names())
def test_any_order_and_any_number_of_times(name: str, tmp_path: Path) -> None:
    folders = steps(name)
    orders = list(itertools.permutations([*folders, folders[0]]))[:4]
    hashes = set()
    for number, order in enumerate(orders):
        store = Store(tmp_path / str(number))
        ingest_steps(store, list(order))
        hashes.add(verify(store).state)
    assert len(hashes) == 1


def test_words_of_a_command() -> None:
    assert command_words("dbt --debug source freshness -s raw") == ("source freshness", True)
    assert command_words("dbt docs generate") == ("docs generate", False)
    assert command_words("dbt build --exclude-resource-type test") == ("build", True)
    assert command_words("python -m dbt.cli.main retry") == ("retry", False)
    assert command_words("dbt --version") == ("", False)


# -- the command line ----------------------------------------------------------------


def _aops(*words: object, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "analyticsops", *map(str, words)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_ingest_by_the_command_line(tmp_path: Path) -> None:
    write_target(tmp_path / "target", 1_000)
    first = _aops("ingest", "--environment", "prod", folder=tmp_path)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("recorded dbt build of 2026-11-27 00:00:00 UTC: 1,000 results")
    again = _aops("ingest", "--environment", "prod", folder=tmp_path)
    assert again.stdout.startswith("known already: dbt build")
    assert verify(Store(tmp_path / ".analyticsops" / "history")).results == 1_000


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    write_target(tmp_path / "target", 10)
    (tmp_path / "file").write_text("in the way")
    done = _aops("ingest", "--history", "file/history", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "cannot be written" in done.stderr
    assert done.stderr.count("\n") == 1


def test_ingest_loads_neither_duckdb_nor_sqlglot(tmp_path: Path) -> None:
    write_target(tmp_path / "target", 10)
    code = (
        "import sys; from analyticsops.recording import ingest_target; ingest_target(); "
        "print(sorted({'duckdb', 'sqlglot', 'rich', 'jinja2'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_thousand_results_take_no_time(tmp_path: Path) -> None:
    write_target(tmp_path / "target", 1_000)
    store = Store(tmp_path / "history")
    begun = time.process_time()
    _ingest(store, tmp_path / "target")
    assert time.process_time() - begun < 0.3
    assert isinstance(_only(store).results[0], NodeResult)


def test_nothing_is_found_without_a_history(tmp_path: Path) -> None:
    done = _aops("runs", folder=tmp_path)
    assert done.returncode == 2
    assert "there is no history here" in done.stderr
