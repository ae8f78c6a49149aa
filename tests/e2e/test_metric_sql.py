"""Metrics as SQL give the rows that MetricFlow's queries give, on the example as dbt built it.

metricflow.json holds what `mf query --explain` printed for these questions (dbt-metricflow
0.15.0, comments left out); `make metricflow` asks MetricFlow itself, about other projects.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

import analyticsops as ao
from analyticsops.errors import UsageError
from analyticsops.workspace import Workspace
from bench.metrics.metricflow.compare import rows_of
from tests.cli.shell import run_process

QUESTIONS = json.loads(Path(__file__).with_name("metricflow.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def base(shop: Path) -> Workspace:
    return ao.load(shop / "base" / "target")


@pytest.fixture(scope="module")
def database(shop: Path) -> Any:
    with duckdb.connect(str(shop / "base" / "shop.duckdb"), read_only=True) as connection:
        yield connection


def test_every_metric_is_asked_about(base: Workspace) -> None:
    asked = {name for question in QUESTIONS for name in question["metrics"]}
    assert asked >= {metric.name for metric in ao.list_metrics(base) if metric.type != "sql"}


def _sql(base: Workspace, question: dict[str, Any]) -> str:
    """Empty if it is refused for the one reason there may be."""
    try:
        return ao.metric_sql(base, question["metrics"], by=question["by"], where=question["where"])
    except UsageError as refusal:
        return "" if "a filter mixes time and others" in str(refusal) else str(refusal)


def test_the_same_rows_as_metricflow(base: Workspace, database: Any) -> None:
    answers = [(sql, question["sql"]) for question in QUESTIONS if (sql := _sql(base, question))]
    for ours, theirs in answers:
        assert rows_of(database, ours) == rows_of(database, theirs), ours
    assert len(answers) >= len(QUESTIONS) * 0.98


def test_what_a_person_gets(shop: Path) -> None:
    words = [
        "metrics",
        "query",
        "average_order_value",
        "Orders",
        "--by",
        "metric_time__month",
        "--limit",
        "2",
    ]
    done = run_process(*words, "--database", "shop.duckdb", cwd=shop / "base")
    assert done.code == 0, done.err
    first, second = (line.split("\t") for line in done.out.splitlines())
    assert [first[0], second[0]] == ["2026-01-01", "2026-02-01"]
    assert int(first[2]) > 0


def test_as_objects(shop: Path) -> None:
    words = ["metrics", "query", "orders", "--database", "shop.duckdb", "--format", "json"]
    done = run_process(*words, cwd=shop / "base")
    (row,) = json.loads(done.out)
    assert row.keys() == {"orders"}


def test_a_database_without_the_tables(shop: Path, tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    words = ["metrics", "query", "orders", "--database", str(tmp_path / "empty.duckdb")]
    done = run_process(*words, cwd=shop / "base")
    assert done.code == 2
    assert "`dbt build` makes what the metrics read" in done.err
    assert len(done.err.strip().splitlines()) == 1
