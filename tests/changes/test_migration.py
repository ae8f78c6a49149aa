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


def _pins(finding: Finding) -> dict[str, str]:
    return {one.path: one.text.splitlines()[1] for one in _steps(finding, "pin")}


def test_a_reader_that_changed_with_the_model_is_pinned_to_the_new_version() -> None:
    """One that names the old column and one that names the new cannot read one version."""
    old, new = "select id, method from @stg", "select id, paid_by as method from @stg"
    stg = STG.replace("method", "method as paid_by")
    found = _diff(
        {"stg": STG, "adapted": old, "forgotten": old},
        {"stg": stg, "adapted": new, "forgotten": old, "added": "select paid_by from @stg"},
    )
    (finding,) = [one for one in found if one.name == "column-renamed"]
    assert _pins(finding) == {
        "models/adapted.sql": "+ select id, paid_by as method from {{ ref('stg', v=2) }}",
        "models/added.sql": "+ select paid_by from {{ ref('stg', v=2) }}",
        "models/forgotten.sql": "+ select id, method from {{ ref('stg', v=1) }}",
    }


def test_a_changed_reader_that_the_change_breaks_is_pinned_to_the_old_version() -> None:
    found = _diff(
        {"stg": STG, "fct": "select amount from @stg"},
        {"stg": "select id from @raw.payments", "fct": "select amount as total from @stg"},
    )
    (finding,) = [one for one in found if one.subject == "stg.amount"]
    assert _pins(finding) == {
        "models/fct.sql": "+ select amount as total from {{ ref('stg', v=1) }}"
    }


def test_nothing_is_pinned_to_a_version_that_nobody_is_told_to_write() -> None:
    """Only the declared type is another: there is no other SQL to keep."""
    sql = "select id from @raw.payments"
    base, head = (
        {"stg": {"sql": sql, "columns": {"id": kind}}, "out": "select id from @stg"}
        for kind in ("integer", "varchar")
    )
    (finding,) = _diff(base, head)
    assert finding.name == "type-incompatible"
    assert finding.migration == ()


def test_a_coming_version_is_not_overwritten() -> None:
    def models(sql: str) -> dict[str, Any]:
        texts = {"stg.v1": sql, "stg.v2": STG, "stg.v3": f"{STG} where amount > 0"}
        return {name: {"sql": text, "latest_version": 2} for name, text in texts.items()}

    found = _diff(models(STG), models("select id from @raw.payments"))
    (finding,) = [f for f in found if f.column == "amount"]
    _, new, yaml = _steps(finding, "new-version")
    assert new.path == "models/stg_v4.sql"
    assert [line.strip() for line in yaml.text.splitlines() if " v:" in line] == [
        "- v: 1", "- v: 2", "- v: 3", "- v: 4",
    ]  # fmt: skip


def test_a_version_that_is_no_number_is_quoted_in_jinja() -> None:
    base = {"stg.vold": {"sql": STG, "latest_version": "old"}}
    head = {"stg.vold": {"sql": STG.replace("method", "method as kind"), "latest_version": "old"}}
    found = _diff(base, head)
    (finding,) = [one for one in found if one.name == "column-renamed"]
    (shim,) = _steps(finding, "shim-view")
    assert "from {{ ref('stg', v='old') }}" in shim.text
    assert shim.path == "models/stg_vold_as_before.sql"


def test_the_view_in_place_of_a_seed_is_a_model() -> None:
    """dbt looks for nothing but CSV among the seeds."""
    one, other = (
        workspace(
            project(
                seeds={name: {"columns": "day", "checksum": "x"}},
                models={"m": {"sql": "select 1 as x", "path": "sql/marts/m.sql"}},
            )
        )
        for name in ("rates", "fx")
    )
    (finding,) = api.diff(one, other).findings
    (shim,) = _steps(finding, "shim-view")
    assert shim.path == "sql/rates_as_before.sql"
