"""What dbt really writes, classified right: see situations.txt."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from analyticsops.history.ingest import ingest
from analyticsops.history.query import open_history
from analyticsops.history.reading import Circumstances
from analyticsops.history.store import Store
from tests.history.make_fixtures import SITUATIONS
from tests.history.situations import FIXTURES, ingest_steps, names, steps, told

EXPECTED = {
    part.partition("\n")[0]: f"## {part}".strip()
    for part in (Path(__file__).parent / "situations.txt").read_text().split("## ")
    if part.strip()
}


@pytest.mark.parametrize("name", names())
def test_a_situation(name: str) -> None:
    assert told(name) == EXPECTED[name]


def test_there_are_enough() -> None:
    assert len(EXPECTED) == len(names()) >= 40
    assert set(SITUATIONS) <= set(names())
    versions = Counter(name.partition("_dbt_")[2] for name in names())
    assert set(versions) >= {"1.8", "1.9", "1.10", ""}


@pytest.mark.parametrize("name", names())
def test_nothing_is_counted_twice(name: str, tmp_path: Path) -> None:
    """A node has one result in a run, and run_results.json that stays is one run."""
    store = Store(tmp_path)
    for _ in range(2):
        ingest_steps(store, steps(name))
    with open_history(store) as connection:
        (most,) = connection.execute(
            "select coalesce(max(n), 1) from (select count(*) as n from node_results "
            "group by invocation_id, unique_id)"
        ).fetchall()[0]
        runs = connection.execute("select invocation_id from invocations").fetchall()
    assert most == 1
    assert len(runs) == len(set(runs))


def test_a_source_that_was_not_measured_is_bad_but_not_one_that_was_not_asked_for(
    tmp_path: Path,
) -> None:
    found = []
    for name in ("source_freshness", "freshness_of_some"):
        store = Store(tmp_path / name)
        ingest_steps(store, steps(name))
        (one,) = store.listing().loose
        results = store.read(one.path).results
        found.append({row.unique_id.split(".")[-1]: row.status for row in results})
    assert found == [
        {"fresh": "pass", "stale": "error", "missing": "unmeasured"},
        {"fresh": "pass"},
    ]


def test_batches_are_counted(tmp_path: Path) -> None:
    (step, *_) = steps("microbatch_partial")
    store = Store(tmp_path)
    ingest_steps(store, [step])
    (one,) = store.listing().loose
    record = store.read(one.path)
    (daily,) = [row for row in record.results if row.unique_id == "model.shop.daily"]
    assert (daily.batches_ok, daily.batches_failed) == (2, 1)
    assert record.invocation.event_time_start is not None


def test_the_exit_code_belongs_to_the_last_command(tmp_path: Path) -> None:
    """Yesterday's run_results.json is not today's failure."""
    _, today = steps("no_profile")
    store = Store(tmp_path)
    ingest(store, today, today / "dbt.log", Circumstances(exit_code=2, git_sha="new"))
    found = {
        one.invocation.state: (one.invocation.exit_code, one.invocation.git_sha)
        for one in (store.read(each.path) for each in store.listing().loose)
    }
    assert found == {"finished": (None, None), "failed": (2, "new")}


def test_a_second_sight_with_another_commit_is_no_news(tmp_path: Path) -> None:
    (step,) = steps("success")
    store = Store(tmp_path)
    for sha in ("first", "second"):
        (one,) = ingest(store, step, step / "dbt.log", Circumstances(git_sha=sha))
    assert (one.new, one.invocation.git_sha) == (False, "first")
    (one,) = ingest(store, step, step / "dbt.log", Circumstances(git_sha="third", job="nightly"))
    assert (one.new, one.invocation.job) == (True, "nightly")


def test_the_value_that_failed_is_in_no_record(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for name in names():
        ingest_steps(store, steps(name))
    assert "secret-4711" in (FIXTURES / "retry" / "1" / "run_results.json").read_text()
    stored = b"".join(store.document(one.path) for one in store.listing().loose)
    assert b"secret" not in stored
    assert "Could not convert string '…' to INT#" in stored.decode()


def test_fixtures_name_no_machine() -> None:
    for path in FIXTURES.rglob("*"):
        if path.is_file():
            # Absolute paths begin where the situations say that the project lies.
            roots = set(re.findall(r"(?<![\w.:/<>{}*-])/[\w.-]+/", path.read_text()))
            assert roots <= {"/shop/"}, path
