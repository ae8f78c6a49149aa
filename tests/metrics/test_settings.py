"""What people write by hand is checked, and a fault is told with its file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analyticsops.errors import ConfigError
from analyticsops.metrics.change_records import read_change_records
from analyticsops.metrics.definitions import Definition
from analyticsops.metrics.lock import Lock, LockedMetric, read_lock, write_lock
from analyticsops.metrics.registry import Registry, build_registry
from analyticsops.metrics.sql_metrics import read_sql_metrics
from tests.project_maker import project, workspace

METRICS = """\
metrics:
  - name: other
  - name: revenue
    type: simple
    config:
      meta:
        analyticsops:
          tier: {tier}
          freshness:
            slo: {slo}
          approved:
            fingerprint: {fingerprint}
            by: me
            date: {date}
"""
GOOD = {"tier": "certified", "slo": "24h", "fingerprint": "m2:" + "0" * 16, "date": "2026-10-01"}


def _registry(root: Path, meta: dict[str, Any] | None = None) -> Registry:
    made = project(
        models={"fct": "select 1 as amount, upper('x') as status, 2 as at"},
        metrics={"revenue": {"type_params": {}, "meta": {"analyticsops": meta or {}}}},
    )
    found = workspace(made, project_dir=root)
    return build_registry(found.project, found.graph, found.code, "duckdb", root=root)


def _with(root: Path, **values: str) -> Registry:
    told = {**GOOD, **values}
    (root / "models").mkdir()
    (root / "models/_metrics.yml").write_text(METRICS.format(**told), encoding="utf-8")
    meta = {
        "tier": told["tier"],
        "freshness": {"slo": told["slo"]},
        "approved": {"fingerprint": told["fingerprint"], "by": "me", "date": told["date"]},
    }
    return _registry(root, meta)


def test_good_settings(tmp_path: Path) -> None:
    settings = _with(tmp_path).settings["revenue"]
    assert settings.tier == "certified"
    assert settings.approved is not None
    assert settings.approved.by == "me"


@pytest.mark.parametrize(
    ("key", "value", "line", "says"),
    [
        ("tier", "gold", 8, "draft, reviewed, certified or deprecated"),
        ("slo", "soon", 10, "as in 24h"),
        ("fingerprint", "9c41", 12, "m2: and 16 digits"),
        ("date", "2026-13-01", 14, "is no day"),
    ],
)
def test_a_fault_has_its_line(tmp_path: Path, key: str, value: str, line: int, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as fault:
        _with(tmp_path, **{key: value})
    assert fault.value.where == f"models/_metrics.yml:{line} (metric revenue)"


@pytest.mark.parametrize(
    ("meta", "says"),
    [
        ({"teir": "draft"}, "did you mean 'tier'"),
        ({"unit": "bucks"}, "a currency such as USD"),
        ({"version": "2"}, "three numbers as in 2.1.0"),
        ({"version": 2.1}, "three numbers as in 2.1.0"),
        ({"additivity": {"times": True}}, "did you mean 'time'"),
        ({"approved": {"by": "me"}}, "'fingerprint' is missing"),
        ({"deprecation": {"sunset": "2026-02-30"}}, "is no day"),
    ],
)
def test_wrong_settings(tmp_path: Path, meta: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        _registry(tmp_path, meta)


# -- SQL metrics ---------------------------------------------------------------------

SQL = """\
version: 1
metrics:
  - name: taken
    model: fct
    expr: sum(amount)
    filter: "status = 'paid'"
    time: at
    group: finance
    meta: {tier: draft, unit: USD}
"""


def _write(root: Path, path: str, text: str) -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_a_sql_metric(tmp_path: Path) -> None:
    _write(tmp_path, "analyticsops/metrics.yml", SQL)
    (found,) = read_sql_metrics(tmp_path, "shop")
    assert found.definition == Definition(
        name="taken",
        node="sql_metric.shop.taken",
        package="shop",
        type="sql",
        spec="sql",
        path="analyticsops/metrics.yml",
        filters=("status = 'paid'",),
        expr="sum(amount)",
        model="fct",
        time="at",
    )
    assert found.settings.unit == "USD"
    assert str(found.location) == "analyticsops/metrics.yml:3"


def test_a_sql_metric_means_what_its_sql_means(tmp_path: Path) -> None:
    _write(tmp_path, "analyticsops/metrics.yml", SQL)
    before = _registry(tmp_path).meant.metrics["taken"]
    assert before.opaque == ()
    _write(tmp_path, "analyticsops/metrics.yml", SQL.replace("status = 'paid'", "'paid' = status"))
    assert _registry(tmp_path).meant.metrics["taken"].fingerprint == before.fingerprint
    _write(tmp_path, "analyticsops/metrics.yml", SQL.replace("'paid'", "'open'"))
    after = _registry(tmp_path).meant.metrics["taken"].levels
    assert {k for k in after if after[k] != before.levels[k]} == {"definition", "rows"}
    _write(tmp_path, "analyticsops/metrics.yml", SQL.replace("sum", "max"))
    after = _registry(tmp_path).meant.metrics["taken"].levels
    assert {k for k in after if after[k] != before.levels[k]} == {"definition", "value"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("version: 1", "version: 2", r"metrics\.yml:1: .*reads version 1"),
        ("expr: sum(amount)", "sql: x", r"metrics\.yml:5: unknown key 'sql'"),
        ("    expr: sum(amount)\n", "", r"metrics\.yml:3: 'expr' is missing"),
        ("tier: draft", "tier: gold", r"metrics\.yml:9: .*draft, reviewed"),
        ("name: taken", "name: revenue", r"metrics\.yml:3: dbt has a metric 'revenue'"),
    ],
)
def test_a_wrong_file_of_sql_metrics(tmp_path: Path, old: str, new: str, says: str) -> None:
    _write(tmp_path, "analyticsops/metrics.yml", SQL.replace(old, new))
    with pytest.raises(ConfigError, match=says):
        _registry(tmp_path)


# -- change records and the lock ---------------------------------------------------------

RECORD = "kind: fix\nwhy: x\nrelease_note: y\napproved_by: z\n"


def test_a_change_record(tmp_path: Path) -> None:
    _write(tmp_path, "analyticsops/changes/revenue/2.0.0.yml", RECORD)
    assert read_change_records(tmp_path)["revenue", "2.0.0"].release_note == "y"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file is empty"),
        (RECORD.replace("kind: fix", "kind: repair"), ":1: .*fix, redefine"),
        (RECORD.replace("why: x\n", ""), "'why' is missing"),
        (RECORD + "migration: {steps: [a]}\n", ":5: 'backfill' is missing"),
    ],
)
def test_a_wrong_change_record(tmp_path: Path, text: str, says: str) -> None:
    _write(tmp_path, "analyticsops/changes/revenue/2.0.0.yml", text)
    with pytest.raises(ConfigError, match=says):
        read_change_records(tmp_path)


def test_a_lock_is_read_as_it_was_written(tmp_path: Path) -> None:
    digests = dict.fromkeys(("value", "rows"), "12e456789012")  # a number to YAML 1.2
    metric = LockedMetric(type="simple", fingerprint="m2:0", levels=digests, version="1.0.0")
    lock = Lock(version=1, metrics={"no": metric})
    assert read_lock(_write(tmp_path, "lock.yml", write_lock(lock))) == lock
    assert read_lock(tmp_path / "none.yml") is None
    with pytest.raises(ConfigError, match="analyticsops metrics lock"):
        read_lock(_write(tmp_path, "lock.yml", ""))
