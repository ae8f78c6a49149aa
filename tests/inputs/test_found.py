"""What mutated artifacts and hostile SQL found, each as the smallest project that shows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analyticsops import api
from analyticsops.changes.types import TypeChange, compare_types
from analyticsops.errors import UnsupportedError
from analyticsops.findings import Strictness
from analyticsops.sql.facts import Problem
from analyticsops.sql.fragments import expression_of, parse_expression, parse_type
from analyticsops.sql.time_functions import transpiled, truncated
from analyticsops.workspace import Workspace
from tests.cli.shell import run
from tests.project_maker import project, workspace

from .seeds import smallest

ORDERS = {"raw.orders": "id, amount"}
DEEP = 20_000


def shop(**more: Any) -> Workspace:
    """A project of one source and what is said."""
    return workspace(project(sources=ORDERS, **more))


def test_a_model_that_became_something_else_is_gone_and_new() -> None:
    """One id, a table in one version and a test in the other: nothing to pair."""
    models = {"stg": "select id from @raw.orders", "fct": "select id from @stg"}
    before = shop(models=models)
    made = project(sources=ORDERS, models=models)
    made.manifest["nodes"]["model.shop.stg"]["resource_type"] = "test"
    after = workspace(made)
    for one, other in ((before, after), (after, before)):
        found = api.diff(one, other, strictness=Strictness.STRICT).findings
        assert {f.node for f in found if f.node == "model.shop.stg"}


@pytest.mark.parametrize("tests", [["unique stg.id"], []])
def test_a_hook_that_reads_a_table_is_no_model(tests: list[str]) -> None:
    """Who relies on a test, and where a change arrives, is asked of nodes; hooks are none."""
    models = {
        "stg": {"sql": "select id, amount from @raw.orders", "access": "public"},
        "fct": {
            "sql": "select id, amount from @stg",
            "access": "public",
            "post_hook": "update fct set amount = s.amount from @stg s where s.id = 1",
        },
    }
    before = shop(models=models, tests=["unique stg.id"])
    changed = {**models, "stg": {"sql": "select id, amount * 2 as amount from @raw.orders"}}
    report = api.diff(before, shop(models=changed, tests=tests), strictness=Strictness.STRICT)
    assert report.findings


def _measured(**more: Any) -> dict[str, Any]:
    return {
        "models": {"stg": "select id, amount, id as at from @raw.orders"},
        "semantic_models": {
            "orders": {
                "model": "stg",
                "defaults": {"agg_time_dimension": "day"},
                "entities": {"order": {"type": "primary", "expr": "id"}},
                "dimensions": {
                    "day": {
                        "type": "time",
                        "expr": "at",
                        "type_params": {"time_granularity": "day"},
                        **more,
                    }
                },
                "measures": {"revenue": "sum(amount)"},
            }
        },
    }


def _shifted(**window: Any) -> dict[str, Any]:
    earlier = {"name": "revenue", "alias": "a", "offset_window": window}
    simple = {"type": "simple", "type_params": {"measure": {"name": "revenue"}}}
    derived = {"type": "derived", "type_params": {"expr": "a", "metrics": [earlier]}}
    return {"revenue": simple, "before": derived}


def test_a_grain_that_is_none_of_the_standard_is_refused() -> None:
    """A custom calendar, or a wrong word."""
    asked = shop(**_measured(), metrics=_shifted(count=1, granularity="fiscal_year"))
    with pytest.raises(UnsupportedError, match="fiscal_year"):
        api.metric_sql(asked, ["before"], by=["metric_time__day"])


@pytest.mark.parametrize("count", ["x", [1], {}, 1e300, "9" * 5_000, "²"])
def test_a_window_without_a_number(count: Any) -> None:
    found = shop(**_measured(), metrics=_shifted(count=count, granularity="day"))
    assert [metric.name for metric in api.list_metrics(found)] == ["before", "revenue"]
    in_words = _shifted()
    in_words["before"]["type_params"]["metrics"][0]["offset_window"] = f"{count} days"
    assert len(api.list_metrics(shop(**_measured(), metrics=in_words))) == 2


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("conversion", "nothing that it is computed from"),
        ("ratio", "nothing that it is computed from"),
        ("derived", "nothing that it is computed from"),
        ("simple", "nothing that it is computed from"),
        ("cumulative", "nothing that it is computed from"),
        ("quantum", "is not known"),
    ],
)
def test_a_metric_without_its_parts_is_not_exported_and_said(kind: str, why: str) -> None:
    found = api.export_metrics(shop(metrics={"odd": {"type": kind}}), "metricflow")
    (loss,) = found.losses
    assert loss.subject == "metric odd"
    assert why in loss.what


@pytest.mark.parametrize("expr", ["", "(", "select (((", "a b c", "1; drop table x", "'open"])
def test_a_time_that_is_no_expression_is_refused(expr: str) -> None:
    with pytest.raises(UnsupportedError, match="not understood"):
        truncated(expr or " ", "day", "duckdb")
    found = shop(**_measured(expr=expr or "("), metrics=_shifted(count=1, granularity="day"))
    with pytest.raises(UnsupportedError):
        api.metric_sql(found, ["before"], by=["metric_time__day"])


@pytest.mark.parametrize(
    "text",
    [
        "(" * DEEP + "a" + ")" * DEEP,
        "abs(" * DEEP + "a" + ")" * DEEP,
        "not " * DEEP + "a",
        "- " * DEEP + "a",
        "case when a then " * DEEP + "a" + " end" * DEEP,
    ],
    ids=["parens", "calls", "nots", "minuses", "cases"],
)
def test_deep_expressions_are_refused_before_they_are_parsed(text: str) -> None:
    """They are read in the process that asks: compiled sqlglot would take it along."""
    assert isinstance(parse_expression(text, "duckdb"), Problem)
    with pytest.raises(UnsupportedError, match="not understood"):
        expression_of(text, "duckdb")
    with pytest.raises(UnsupportedError):
        transpiled(f"select {text}", "duckdb", "snowflake")


@pytest.mark.parametrize(
    "text", ["array<" * DEEP + "int" + ">" * DEEP, "struct<a " * DEEP, "int" + "[]" * DEEP]
)
def test_deep_types_are_refused_before_they_are_parsed(text: str) -> None:
    """A catalog holds them, and two versions are compared in the process that asks."""
    assert parse_type(text, "duckdb") is None
    assert compare_types(text, "int", "duckdb") is TypeChange.INCOMPATIBLE
    assert parse_type("struct(a int, b struct(c int[]))", "duckdb") is not None


def test_a_struct_of_many_fields_is_wide_and_not_deep() -> None:
    fields = ", ".join(f"f{n} decimal(10, 2)" for n in range(500))
    assert parse_type(f"struct({fields})", "duckdb") is not None


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"conversion_type_params": {"base_measure": "revenue"}}, "no conversion"),
        ({"conversion_type_params": {"conversion_measure": "revenue"}}, "no base"),
    ],
)
def test_half_a_conversion_is_not_exported(params: dict[str, Any], why: str) -> None:
    half = {"odd": {"type": "conversion", "type_params": params}}
    (loss,) = api.export_metrics(shop(**_measured(), metrics=half), "metricflow").losses
    assert (loss.subject, loss.what) == ("metric odd", f"it has {why}")


def test_a_macro_that_calls_itself_something_else() -> None:
    """Its package was cut out of its name; the manifest says it."""
    model = {
        "sql": "select id from @raw.orders",
        "materialized": "incremental",
        "raw_code": "{{ cents() }}",
        "macros": ["cents"],
    }
    before, after = (
        project(sources=ORDERS, models={"fct": model}, macros={"cents": text}) for text in "ab"
    )
    for made in (before, after):
        made.manifest["macros"]["macro.shop.cents"]["unique_id"] = "\x00"
    (built,) = api.select_changed(workspace(before), workspace(after))
    assert (built.name, built.reason) == ("fct", "a macro of it changed")


def _densest(folder: Path, name: str, edit: Callable[[Any], None]) -> Path:
    """The densest project with one artifact that is edited."""
    (folder / "target").mkdir()
    for artifact, data in smallest().artifacts.items():
        document = json.loads(data)
        if artifact == name:
            edit(document)
        (folder / "target" / artifact).write_text(json.dumps(document), encoding="utf-8")
    return folder


def test_a_command_with_controls_in_it(tmp_path: Path) -> None:
    """What is recorded is told to a terminal."""

    def edit(results: Any) -> None:
        results["args"]["which"] = "build\x1bPdevice\x1b\\control"

    folder = _densest(tmp_path, "run_results.json", edit)
    done = run("ingest", "--history", "history", cwd=folder)
    assert done.out.startswith("recorded dbt build")
    assert "\x1b" not in done.out


@pytest.mark.parametrize("elapsed", [1e11, 1e300, -1e300])
def test_a_run_that_took_longer_than_there_is_time(elapsed: float, tmp_path: Path) -> None:
    """Before 1.10 dbt says when a run ended, and how long it took."""

    def edit(results: Any) -> None:
        results["elapsed_time"] = elapsed
        results["metadata"].pop("invocation_started_at", None)

    folder = _densest(tmp_path, "run_results.json", edit)
    assert run("ingest", "--history", "history", cwd=folder).code == 0
    for looked in ("list", "verify"):
        assert run("history", looked, "--history", "history", cwd=folder).code == 0
    assert run("runs", "--history", "history", cwd=folder).code == 0


def test_an_operation_whose_name_looks_like_one_of_a_hook(tmp_path: Path) -> None:
    """Behind a # stands which hook of a model it is."""

    def edit(manifest: Any) -> None:
        (operation,) = [n for n in manifest["nodes"].values() if n["resource_type"] == "operation"]
        operation["unique_id"] += "#4"

    folder = _densest(tmp_path, "manifest.json", edit)
    done = run("lineage", "show", "raw.orders.id", "--format", "json", cwd=folder)
    assert (done.code, done.err) == (0, "")


def test_a_key_whose_name_cannot_stand_in_sql() -> None:
    """It is lost, and so are joins by it; the metric is not."""
    made = project(sources=ORDERS, **_measured(), metrics=_shifted())
    (model,) = made.manifest["semantic_models"].values()
    model["entities"][0]["name"] = "</script>"
    for target in ("cube", "snowflake", "databricks", "osi"):
        found = api.export_metrics(workspace(made), target)
        assert {loss.subject for loss in found.losses} >= {"dimension orders.</script>"}
        assert any("revenue" in text for text in found.files.values())


def test_a_derived_metric_of_nothing_is_not_exported() -> None:
    """An expression of no names matched everywhere."""
    for params in ({"expr": "1"}, {"metrics": [], "expr": "a"}):
        odd = {"odd": {"type": "derived", "type_params": params}}
        for target in ("metricflow", "cube", "snowflake", "databricks", "osi"):
            (loss,) = api.export_metrics(shop(metrics=odd), target).losses
            assert loss.subject == "metric odd"
