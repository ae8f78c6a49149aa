"""A breaking change carries its way out, or brings it along and is only told."""

from __future__ import annotations

from typing import Any

import pytest

from analyticsops import api
from analyticsops.findings import Finding, Migration, Severity
from tests.project_maker import project, workspace

RAW = {"raw.payments": "id, amount, method"}
STG = "select id, amount, method from @raw.payments"


def _diff(base: dict[str, Any], head: dict[str, Any]) -> tuple[Finding, ...]:
    sides = [workspace(project(sources=RAW, models=models)) for models in (base, head)]
    return api.diff(*sides).findings


def _steps(finding: Finding, step: str) -> list[Migration]:
    return [one for one in finding.migration if one.step == step]


READER = {"fct": "select id, amount\nfrom @stg"}


def _removed() -> Finding:
    found = _diff({"stg": STG, **READER}, {"stg": "select id from @raw.payments", **READER})
    return next(finding for finding in found if finding.column == "amount")


def test_a_new_version_keeps_the_old_sql_beside_the_new() -> None:
    old, new, yaml = _steps(_removed(), "new-version")
    assert (old.path, new.path, yaml.path) == (
        "models/stg.sql",
        "models/stg_v2.sql",
        "models/_models.yml",
    )
    assert old.text == "select id, amount, method from {{ source('raw', 'payments') }}\n"
    assert new.text == "select id from {{ source('raw', 'payments') }}\n"
    assert yaml.text == (
        "models:\n  - name: stg\n    latest_version: 1\n    versions:\n      - v: 1\n"
        "        defined_in: stg\n        # deprecation_date: the day on which it ends\n"
        "      - v: 2\n"
    )


def test_each_reader_is_pinned() -> None:
    (pin,) = _steps(_removed(), "pin")
    assert pin.path == "models/fct.sql"
    assert pin.text == "- from {{ ref('stg') }}\n+ from {{ ref('stg', v=1) }}\n"


def test_the_next_number_follows_the_latest() -> None:
    def models(sql: str) -> dict[str, Any]:
        v1 = {"sql": sql, "latest_version": 2}
        return {"stg.v1": v1, "stg.v2": {"sql": STG, "latest_version": 2}}

    found = _diff(models(STG), models("select id from @raw.payments"))
    (finding,) = [f for f in found if f.column == "amount"]
    assert [one.path for one in _steps(finding, "new-version")] == [
        "models/stg_v1.sql",
        "models/stg_v3.sql",
        "models/_models.yml",
    ]
    assert "defined_in" not in _steps(finding, "new-version")[2].text


def test_a_renamed_column_has_a_view_with_both_names() -> None:
    head = {"stg": "select id, amount, method as paid_by from @raw.payments"}
    (finding,) = _diff({"stg": STG}, head)
    (shim,) = _steps(finding, "shim-view")
    assert shim.path == "models/stg_as_before.sql"
    assert "select *, paid_by as method\nfrom {{ ref('stg') }}\n" in shim.text


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (
            {"stg": {"sql": STG, "alias": "new", "config": {"alias": "new"}}},
            "{{ config(materialized='view', alias='stg') }}",
        ),
        ({"payments": STG}, "from {{ ref('payments') }}"),
    ],
)
def test_a_moved_or_renamed_model_has_a_view_under_its_old_name(
    head: dict[str, Any], said: str
) -> None:
    (finding,) = _diff({"stg": STG}, head)
    (shim,) = _steps(finding, "shim-view")
    assert said in shim.text


def test_incremental_models_behind_it_are_listed() -> None:
    def models(sql: str) -> dict[str, Any]:
        out = {"sql": "select amount from @stg", "materialized": "incremental"}
        return {"stg": {"sql": sql, "materialized": "incremental"}, "out": out}

    found = _diff(models(STG), models(STG.replace("amount,", "amount / 100 as amount,")))
    (finding,) = [f for f in found if f.name == "history-not-restated"]
    (command,) = _steps(finding, "full-refresh")
    assert command.text == "dbt build --full-refresh --select out stg\n"


def test_what_is_harmless_or_brings_its_migration_has_none() -> None:
    (added,) = _diff({"stg": STG}, {"stg": f"{STG.replace('id,', 'id, 1 as one,')}"})
    assert added.migration == ()
    versions = {"stg.v1": {"sql": STG, "latest_version": 1}}
    (removed,) = _diff({"stg": STG}, versions)
    assert removed.severity is Severity.INFO
    assert removed.migration == ()
