"""`history pull` with a dbt that prints what it is told; tests/engines has the real ones."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from analyticsops.errors import AnalyticsOpsError, ProcessError, UsageError
from analyticsops.history.layout import INVOCATIONS, NODE_RESULTS
from analyticsops.history.pulled import read_heads, read_results
from analyticsops.history.record import Invocation, NodeResult
from analyticsops.history.store import Store
from analyticsops.pulling import Warehouse, pull_runs, words_of
from tests.cli.shell import run

DBT = """
import json, sys
args = json.loads(sys.argv[sys.argv.index("--args") + 1])
print("12:00:00  Running with dbt=1.11.16")
tables = json.load(open("tables.json"))
open("calls", "a").write(json.dumps(sys.argv[1:]) + "\\n")
if "groups" in args:
    ids = {name for group in args["groups"] for name in group}
    rows = [row for row in tables["node_results"] if row[0] in ids]
    print("analyticsops node_results " + json.dumps(rows))
elif tables.get("fails"):
    sys.exit("Encountered an error:\\n  " + tables["fails"])
else:
    print("analyticsops invocations " + json.dumps(tables["invocations"]))
"""


def _texts(columns: Any, **told: Any) -> list[str | None]:
    return [None if told.get(c.name) is None else str(told[c.name]) for c in columns]


def head(number: int, results: int, **told: Any) -> list[str | None]:
    """A row of invocations."""
    start = 1_795_000_000_000_000 + number * 3_600_000_000
    given = {
        "invocation_id": f"id-{number}",
        "started_at": start,
        "state": "finished",
        "manifest": "own",
        "results": results,
        "door": "hook",
        "retries": "false",
        **told,
    }
    return _texts(INVOCATIONS, **given)


def result(number: int, name: str, **told: Any) -> list[str | None]:
    """A row of node_results."""
    given = {"unique_id": name, "status": "success", "execution_time": "0.25", **told}
    return [f"id-{number}", *_texts(NODE_RESULTS, **given)]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    project = tmp_path / "project"
    project.mkdir()
    (project / "dbt.py").write_text(DBT)
    return Warehouse(project_dir=project, command=(sys.executable, "dbt.py"))


def _holds(warehouse: Warehouse, **tables: Any) -> None:
    (warehouse.project_dir / "tables.json").write_text(json.dumps(tables))


def test_what_is_there_is_recorded_once(tmp_path: Path, warehouse: Warehouse) -> None:
    store = Store(tmp_path / "history")
    started = head(1, 0, state="started")
    rows = [result(1, "model.s.b"), result(1, "model.s.a", failures="3"), result(2, "model.s.a")]
    heads = [started, head(1, 2), head(2, 1), head(3, 0)]
    _holds(warehouse, invocations=heads, node_results=rows)
    first = pull_runs(store, warehouse)
    assert [one.invocation_id for one in first.new] == ["id-1", "id-2", "id-3"]
    records = {r.invocation.invocation_id: r for r in map(store.read, _paths(store))}
    assert [row.unique_id for row in records["id-1"].results] == ["model.s.a", "model.s.b"]
    assert records["id-1"].results[0].failures == 3
    assert records["id-1"].invocation.state == "finished"
    _holds(warehouse, invocations=list(reversed(heads)), node_results=rows[::-1])
    again = pull_runs(store, warehouse)
    assert (again.new, again.known) == ((), 3)
    calls = (warehouse.project_dir / "calls").read_text().splitlines()
    assert len(calls) == 3  # the second time nothing is asked but which there are
    assert all('"--log-level-file", "none"' in call for call in calls)


def _paths(store: Store) -> list[Path]:
    return [one.path for one in store.listing().loose]


def test_what_is_not_whole_is_named_and_not_recorded(tmp_path: Path, warehouse: Warehouse) -> None:
    store = Store(tmp_path / "history")
    _holds(warehouse, invocations=[head(1, 2)], node_results=[result(1, "model.s.a")])
    assert pull_runs(store, warehouse).partial == ("id-1: 1 of 2",)
    assert _paths(store) == []
    rows = [result(1, "model.s.a"), result(1, "model.s.b")]
    _holds(warehouse, invocations=[head(1, 2)], node_results=rows)
    assert len(pull_runs(store, warehouse).new) == 1


def test_rows_that_are_no_run_are_counted(tmp_path: Path, warehouse: Warehouse) -> None:
    wrong = [
        head(1, 0, invocation_id=None),
        head(1, 0, invocation_id="../x"),
        head(1, 0, started_at="soon"),
        head(1, 0, started_at=-1),
        head(1, 0, state=None),
        head(1, 0, retries="perhaps"),
        ["id-1"],
    ]
    _holds(warehouse, invocations=[*wrong, head(2, 0)], node_results=[])
    found = pull_runs(Store(tmp_path / "history"), warehouse)
    assert (len(found.new), found.foreign) == (1, len(wrong))


def test_many_runs_are_asked_for_in_parts(tmp_path: Path, warehouse: Warehouse) -> None:
    heads = [head(number, 1) for number in range(4_500)]
    rows = [result(number, "model.s.a") for number in range(4_500)]
    _holds(warehouse, invocations=heads, node_results=rows)
    said: list[str] = []
    assert len(pull_runs(Store(tmp_path / "history"), warehouse, tell=said.append).new) == 4_500
    assert said == ["reading 4,500 runs, 0 are done", "reading 4,500 runs, 4,000 are done"]
    calls = (warehouse.project_dir / "calls").read_text().splitlines()
    assert max(map(len, calls)) < 100_000


def test_a_dbt_that_fails_is_one_line(tmp_path: Path, warehouse: Warehouse) -> None:
    store = Store(tmp_path / "history")
    _holds(warehouse, fails="dbt could not find a macro with the name 'print_history'")
    with pytest.raises(ProcessError, match="could not find a macro") as caught:
        pull_runs(store, warehouse)
    assert "install the dbt package" in str(caught.value)
    assert not store.folder.exists()
    nowhere = msgspec.structs.replace(warehouse, command=("no-such-dbt",))
    with pytest.raises(ProcessError, match=r"not installed.*--dbt"):
        pull_runs(store, nowhere)


@pytest.mark.parametrize("command", ["", "dbt 'x"])
def test_a_command_that_is_none(command: str) -> None:
    with pytest.raises(UsageError):
        words_of(command)


@pytest.mark.parametrize("rows", ["", "[[1]]", "{}", "[[null, "])
def test_a_line_that_is_broken(rows: str) -> None:
    with pytest.raises(AnalyticsOpsError, match="print_history") as caught:
        read_heads(f"analyticsops invocations {rows}")
    assert (caught.value.where, caught.value.hint) == (
        "dbt",
        "is the dbt package of the same version as this one?",
    )
    with pytest.raises(AnalyticsOpsError, match="print_history"):
        read_results(f"analyticsops node_results {rows}")


def test_every_field_comes_back() -> None:
    told = {"text": "x", "timestamp": "1795000000000001", "double": "0.1", "bigint": "7"}
    line = [{**told, "boolean": "true"}[column.type] for column in INVOCATIONS]
    found = read_heads(f"analyticsops invocations {json.dumps([line])}").invocations["x"]
    values = {"text": "x", "timestamp": 1795000000000001, "double": 0.1, "bigint": 7}
    expected = {c.name: {**values, "boolean": True}[c.type] for c in INVOCATIONS}
    assert found == msgspec.convert(expected, Invocation)
    line = ["id", *(told[column.type] for column in NODE_RESULTS)]
    rows = read_results(f"analyticsops node_results {json.dumps([line])}")
    expected = {c.name: values[c.type] for c in NODE_RESULTS}
    assert rows == {"id": {"x": msgspec.convert(expected, NodeResult)}}


def test_the_command(tmp_path: Path, warehouse: Warehouse) -> None:
    rows = [result(1, "model.s.a")]
    _holds(warehouse, invocations=[head(1, 1), head(2, 9), ["x"]], node_results=rows)
    words = ["history", "pull", "--history", str(tmp_path / "history")]
    words += ["--project-dir", str(warehouse.project_dir), "--dbt", f"{sys.executable} dbt.py"]
    words += ["--target", "prod", "--since", "2026-11-01"]
    done = run(*words, cwd=tmp_path)
    assert done.code == 0, done.err
    assert done.out == "1 runs recorded, 0 were there\n"
    assert "not recorded: id-2: 0 of 9 results are in the warehouse" in done.err
    assert "not read: 1 rows that are no run" in done.err
    call = (warehouse.project_dir / "calls").read_text()
    assert '"--target", "prod", "--args", "{\\"since\\":\\"2026-11-01 00:00:00\\"}"' in call
    said = json.loads(run(*words, "--format", "json", cwd=tmp_path).out)
    assert (said["new"], said["known"], said["foreign"]) == ([], 1, 1)
