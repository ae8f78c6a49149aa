"""The commands that look back: what they print, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from analyticsops.cli import cli
from analyticsops.history.store import Store
from tests.history.test_answers import node, run
from tests.history.test_store import HOSTILE


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A run that failed, its retry, a good one, and one with a hostile name."""
    store = Store(tmp_path / "history")
    names = ("model.shop.a", "model.shop.b")
    store.put(run(0, node(names[0], "error", message="Got #"), node(names[1], "skipped")))
    store.put(run(1, *(node(name, "success") for name in names), retries=True))
    store.put(run(2, *(node(name, "success") for name in names), git_sha="a" * 40))
    store.put(run(3, node(f"model.shop.{HOSTILE}", "error", message=HOSTILE), job=HOSTILE))
    return store.folder


def _aops(history: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, [*words, "--history", str(history)])


def test_the_timeline(history: Path) -> None:
    done = _aops(history, "runs")
    assert done.exit_code == 0, done.output
    assert [line.split("\t")[1:5] for line in done.stdout.splitlines()] == [
        ["build", "failed", "1/1", "-"],
        ["build", "ok", "2", "-"],
        ["retry (build)", "ok", "2", "-"],
        ["build", "failed", "1/1", "-"],
    ]
    assert len(_aops(history, "runs", "--last", "1").stdout.splitlines()) == 1


def test_one_run(history: Path) -> None:
    done = _aops(history, "runs", "show", "latest")
    assert done.exit_code == 0, done.output
    assert "state        finished, failed" in done.stdout
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    missing = _aops(history, "runs", "show", "nobody")
    assert "no run named 'nobody'" in str(missing.exception)


def test_retries(history: Path) -> None:
    done = _aops(history, "runs", "retries")
    assert done.stdout.splitlines()[:4] == [
        "runs, with retries     3",
        "good at the first try  1 (33%)",
        "good in the end        2 (67%)",
        "masked by a retry      1 (33%)",
    ]
    assert done.stdout.splitlines()[-1] == "model.shop.a\t2\t1\t1"


@pytest.mark.parametrize(
    "words",
    [
        ("runs",),
        ("runs", "show", "latest"),
        ("runs", "flapping", "--at-least", "1"),
        ("runs", "slow"),
        ("runs", "cost", "--by", "day", "--price-hour", "3"),
        ("runs", "retries"),
        ("runs", "deployments"),
        ("history", "verify"),
        ("history", "list"),
        ("history", "compact"),
    ],
)
def test_every_answer_is_text_and_json(words: tuple[str, ...], history: Path) -> None:
    text = _aops(history, *words)
    assert text.exit_code == 0, text.output
    assert text.stdout
    answer = _aops(history, *words, "--format", "json")
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout) is not None


@pytest.mark.parametrize("format_", ["parquet", "csv"])
def test_export(format_: str, history: Path, tmp_path: Path) -> None:
    folder = tmp_path / "it's tables"
    done = _aops(history, "history", "export", str(folder), "--format", format_)
    assert done.exit_code == 0, done.output
    path = str(folder / f"results.{format_}").replace("'", "''")
    found = duckdb.execute(f"select count(*), count_if(is_load) from '{path}'").fetchall()
    assert found == [(5 + 2, 4)]


def test_a_damaged_history_is_exit_code_1(history: Path) -> None:
    one = Store(history).listing().loose[0].path
    one.write_bytes(one.read_bytes()[:-5])
    done = _aops(history, "history", "verify")
    assert done.exit_code == 1
    assert one.name in done.stdout
