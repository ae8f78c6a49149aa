"""Exported definitions mean what they mean here: dbt parses its own YAML again, and what
Apache Ossie, Snowflake, Databricks and LookML would compute is run on the example's database.
(`make cube` asks Cube's own compiler.)"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest
import yaml

import analyticsops as ao
from analyticsops.errors import UsageError
from analyticsops.metric_exporting import TARGETS
from analyticsops.workspace import Workspace
from tests.cli.shell import run_process
from tests.e2e import exported
from tests.metrics.planted import opened, shop as planted_shop

DBT = Path(sys.executable).parent / "dbt"
SCHEMA = Path(__file__).parents[1] / "export" / "schemas" / "ossie-0.2.0.dev0.json"

SQL_METRICS = """
version: 1
metrics:
  - name: kept_share
    model: fct_orders
    expr: 1 - sum(refunded_amount) / nullif(sum(gross_amount), 0)
    time: ordered_at
  - name: web_orders
    model: fct_orders
    expr: count(*)
    filter: sales_channel = 'web'
    time: ordered_at
    group: finance
    meta: {tier: draft, unit: count, synonyms: [online orders]}
  - {name: smallest, model: fct_orders, expr: min(gross_amount)}
  - {name: odd, model: fct_orders, expr: "string_agg(sales_channel, ',')", time: ordered_at}
"""


@pytest.fixture(scope="module")
def project(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with metrics as SQL, too."""
    folder = tmp_path_factory.mktemp("exported") / "base"
    shutil.copytree(shop / "base", folder, symlinks=True)
    (folder / "analyticsops" / "metrics.yml").write_text(SQL_METRICS, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def base(project: Path) -> Workspace:
    return ao.load(project / "target")


def test_dbt_reads_its_own_again(project: Path, base: Workspace) -> None:
    found = ao.export_metrics(base, "metricflow")
    assert [(loss.subject, loss.what[:16]) for loss in found.losses] == [
        ("metric odd", "dbt has no measu"),
        ("metric smallest", "it has no `time`"),
        ("semantic model fct_orders_by_ordered_at", "units, gross_amo"),
    ]
    layer = project / "models" / "semantic_layer"
    for name in ("_metrics.yml", "_semantic_models.yml", "_saved_queries.yml"):
        (layer / name).unlink()
    (project / "analyticsops" / "metrics.yml").unlink()
    for name, text in found.files.items():
        (layer / name).write_text(text, encoding="utf-8")
    environ = {**os.environ, "DBT_PROFILES_DIR": str(project), "DBT_TARGET_PATH": "target_again"}
    done = subprocess.run(
        [str(DBT), "parse"], cwd=project, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    again = ao.load(project / "target_again")
    for name, definition in base.registry.definitions.items():
        by = ["metric_time__month"]
        if definition.type != "sql":
            assert ao.metric_sql(again, [name], by=by) == ao.metric_sql(base, [name], by=by)
            assert again.registry.settings[name] == base.registry.settings[name]
    for name in ("kept_share", "web_orders"):
        rows = [
            ao.query_metrics(w, [name], project / "shop.duckdb", by=["metric_time__month"]).rows
            for w in (again, base)
        ]
        assert rows[0] == rows[1]
        assert len(rows[0]) == 6
    assert again.registry.settings["web_orders"].synonyms == ("online orders",)
    queries = [w.project.of_kind("saved_query")[0].saved_query for w in (again, base)]
    shown = [
        (q.query_params, [(part["name"], part["config"]) for part in q.exports])
        for q in queries
        if q is not None
    ]
    assert len(shown) == 2
    assert shown[0] == shown[1]


def test_the_newer_spec_in_words_that_every_dbt_reads(tmp_path: Path) -> None:
    """Metrics that aggregate columns themselves become measures; the queries are the same."""
    before = opened(planted_shop(), "metrics")
    (text,) = ao.export_metrics(before, "metricflow").files.values()
    layer = yaml.safe_load(text)
    days = {"name": "days", "time_spine": {"standard_granularity_column": "day"},
            "columns": [{"name": "day", "granularity": "day"}]}  # fmt: skip
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "all.yml").write_text(yaml.safe_dump({**layer, "models": [days]}))
    for name in ("fct_orders", "dim_customers", "fct_visits", "days"):
        (tmp_path / "models" / f"{name}.sql").write_text("select 1 as day")
    (tmp_path / "dbt_project.yml").write_text("name: shop\nprofile: shop\nversion: '1.0'\n")
    profile = "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: x, schema: dev}\n"
    (tmp_path / "profiles.yml").write_text(profile)
    environ = {**os.environ, "DBT_PROFILES_DIR": str(tmp_path)}
    done = subprocess.run(
        [str(DBT), "parse"], cwd=tmp_path, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    after = ao.load(tmp_path / "target")
    for name in before.registry.definitions:
        assert _asked(after, name) == _asked(before, name).replace('"db"', '"x"')


def _asked(made: Workspace, name: str) -> str:
    try:
        return ao.metric_sql(made, [name], by=["metric_time__month"])
    except UsageError as refusal:
        return str(refusal)


READERS: Mapping[str, Callable[..., dict[str, exported.Values]]] = {
    "osi": exported.of_osi,
    "snowflake": exported.of_snowflake,
    "databricks": exported.of_databricks,
    "lookml": exported.of_lookml,
}


@pytest.mark.parametrize("target", READERS)
def test_the_numbers_are_ours(target: str, project: Path, base: Workspace) -> None:
    if target == "lookml":
        pytest.importorskip("lkml")
    database = project / "shop.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        theirs = READERS[target](
            ao.export_metrics(base, target).files, lambda sql: connection.execute(sql).fetchall()
        )
    own = base.registry.definitions
    checked = 0
    for name, values in theirs.items():
        if own.get(name) is None or own[name].type == "sql":
            continue  # a part of others, or by columns of its model
        by = [] if list(values) == ["all"] else ["customer__country_code"]
        rows = ao.query_metrics(base, [name], database, by=by).rows
        ours = {row[0] if by else "all": row[-1] for row in rows}
        assert ours.keys() <= values.keys()  # a filter leaves out groups, CASE does not
        for group, value in values.items():
            assert float(value or 0) == pytest.approx(float(ours.get(group) or 0)), (name, group)
            checked += 1
    assert checked > 60, theirs.keys()


def test_osi_is_valid(base: Workspace) -> None:
    (text,) = ao.export_metrics(base, "osi").files.values()
    document = yaml.safe_load(text)
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    metrics = {metric["name"]: metric for metric in document["semantic_model"][0]["metrics"]}
    data = json.loads(metrics["revenue"]["custom_extensions"][0]["data"])
    assert (data["tier"], data["owner"], data["unit"]) == (
        "certified", "cfo-office@shop.example", "USD",
    )  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_left_out_silently(target: str, base: Workspace) -> None:
    if target == "lookml":
        pytest.importorskip("lkml")
    found = ao.export_metrics(base, target)
    text = "\n".join(found.files.values())
    lost = {loss.subject.removeprefix("metric ") for loss in found.losses if loss.whole}
    for name in base.registry.definitions:
        there = f"name: {name}\n" in text or f"measure: {name} {{" in text
        assert there != (name in lost), name
    more = {loss.subject for loss in found.losses if not loss.whole}
    holds_all = target in ("metricflow", "osi", "cube")
    assert ("metric revenue" in more) == (not holds_all)


def test_what_a_person_gets(shop: Path, tmp_path: Path) -> None:
    words = ["metrics", "export", "--to", "databricks", "-o", str(tmp_path / "views")]
    done = run_process(*words, cwd=shop / "base")
    assert done.code == 0
    assert (tmp_path / "views" / "orders.metric_view.yml").is_file()
    assert "metric revenue_growth left out: it takes revenue 1 month earlier" in done.err
    words = ["metrics", "export", "--to", "snowflake", "--format", "json"]
    answer: dict[str, Any] = json.loads(run_process(*words, cwd=shop / "base").out)
    assert answer.keys() == {"files", "losses"}
    assert yaml.safe_load(answer["files"]["shop.snowflake.yml"])["name"] == "shop"


def test_a_library_that_is_not_installed(base: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lkml", None)
    monkeypatch.delitem(sys.modules, "analyticsops.metrics.exports.lookml", raising=False)
    with pytest.raises(UsageError, match=r"pip install 'analyticsops\[lookml\]'"):
        ao.export_metrics(base, "lookml")
