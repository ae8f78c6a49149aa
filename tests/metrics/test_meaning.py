"""What a metric means: planted changes are found, refactorings are not reported."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from analyticsops.metrics.comparison import compare_locks
from analyticsops.metrics.lock import Lock, make_lock, write_lock
from tests.metrics.planted import cases, changed, lock_of, opened, shop
from tests.project_maker import project, workspace

CHANGES, REFACTORINGS = cases("changes.yml"), cases("refactorings.yml")


@pytest.fixture(autouse=True, scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache for all of them: most models are the same each time."""
    before = os.environ.get("ANALYTICSOPS_CACHE")
    os.environ["ANALYTICSOPS_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    del os.environ["ANALYTICSOPS_CACHE"]
    if before is not None:
        os.environ["ANALYTICSOPS_CACHE"] = before


@cache
def _base(spec: str) -> Lock:
    return lock_of(shop(), spec)[1]


def _ids(found: list[tuple[dict[str, Any], str]]) -> list[str]:
    return [f"{case['why']} ({spec})" for case, spec in found]


def test_there_are_enough() -> None:
    assert len(CHANGES) >= 60
    assert len(REFACTORINGS) >= 40
    types = {shop()["measures"][name].get("type", "simple") for name in shop()["measures"]}
    assert types == {"simple", "ratio", "derived", "cumulative", "conversion"}


@pytest.mark.parametrize("spec", ["measures", "metrics"])
def test_every_metric_of_the_shop_is_understood(spec: str) -> None:
    assert {
        name: metric.opaque for name, metric in _base(spec).metrics.items() if metric.opaque
    } == {}
    assert len({metric.fingerprint for metric in _base(spec).metrics.values()}) == len(
        _base(spec).metrics
    )


@pytest.mark.parametrize(("case", "spec"), CHANGES, ids=_ids(CHANGES))
def test_a_change_is_found_and_traced(case: dict[str, Any], spec: str) -> None:
    made, lock = lock_of(changed(shop(), case), spec)
    found = {c.name: c for c in compare_locks(_base(spec), lock, made.registry).changed}
    assert found
    assert case["spares"] not in found
    if case["hits"] in lock.metrics and spec == (("spec" in case and case["spec"]) or spec):
        change = found[case["hits"]]
        assert change.opaque is case.get("opaque", False)
        assert set(change.levels) & set(case["levels"].split(" and "))
        assert any(cause.subject.startswith(case["cause"]) for cause in change.causes)
        assert all(cause.location is not None for cause in change.causes)


@pytest.mark.parametrize(("case", "spec"), REFACTORINGS, ids=_ids(REFACTORINGS))
def test_a_refactoring_changes_nothing(case: dict[str, Any], spec: str) -> None:
    made, lock = lock_of(changed(shop(), case), spec)
    assert compare_locks(_base(spec), lock, made.registry).changed == ()


def test_the_lock_does_not_depend_on_target_schema_or_order() -> None:
    """Another database, schema and order of the manifest: the same bytes."""

    def text(**more: Any) -> str:
        data = shop()
        names = sorted(data["models"], reverse=bool(more))
        made = project(
            sources=data["sources"],
            seeds=data["seeds"],
            models={name: data["models"][name] for name in names},
            semantic_models=data["semantic_models"],
            tests=data["tests"],
            metrics={"revenue": {"type_params": {"measure": {"name": "amount"}}}},
            **more,
        )
        return write_lock(make_lock(workspace(made).registry))

    assert text() == text(schema="prod", database="warehouse")


def test_what_is_not_understood_is_opaque_and_never_unchanged() -> None:
    data = shop()
    data["models"]["stg_orders"] = {"language": "python", "sql": "", "raw": "def model(): ..."}
    before = make_lock(opened(data, "measures").registry)
    reasons = before.metrics["revenue"].opaque
    assert "stg_orders: python model: known at table level only" in reasons
    data["models"]["stg_orders"]["raw"] = "def model(): return 1"
    made = opened(data, "measures")
    after = make_lock(made.registry)
    found = {c.name: c for c in compare_locks(before, after, made.registry).changed}
    assert found["revenue"].opaque
    assert "visits" not in found


def test_incremental_models_mean_both_branches() -> None:
    data = shop()
    later = "{% if is_incremental() %} where visited_at > '2026-01-01' {% endif %}"
    incremental = {
        "materialized": "incremental",
        "sql": data["models"]["fct_visits"],
        "raw": "select id as visit_id, customer_id, visited_at, channel "
        "from {{ source('raw', 'visits') }} " + later,
        "macros": ["is_incremental"],
    }
    there = "adapter.get_relation(this.database, this.schema, this.table) is not none"
    text = "{% macro is_incremental() %}{{ return(" + there + ") }}{% endmacro %}"
    data["macros"] = {"is_incremental": text}
    data["models"]["fct_visits"] = incremental
    before = make_lock(opened(data, "measures").registry).metrics
    incremental["raw"] = incremental["raw"].replace("2026", "2025")
    after = make_lock(opened(data, "measures").registry).metrics
    assert before["visits"].levels["rows"] != after["visits"].levels["rows"]
    assert before["visits"].levels["value"] == after["visits"].levels["value"]
    assert before["revenue"] == after["revenue"]
