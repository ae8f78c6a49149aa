"""What must be built again: everything whose data may differ, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from analyticsops import api
from tests.project_maker import project, workspace

SHOP: dict[str, Any] = {
    "sources": {"raw.orders": "id, amount, note, status", "raw.people": "id, name"},
    "models": {
        "stg": "select id, amount, note, status from @raw.orders",
        "people": "select id, name from @raw.people",
        "sums": "select id, sum(amount) as total from @stg group by id",
        "notes": "select id, note from @stg",
        "stars": "select * from @stg",
        "joined": "select s.id, s.total, p.name from @sums s join @people p on s.id = p.id",
    },
    "tests": ["unique stg.id", "not_null notes.note"],
}

WHOLE = {"stg", "sums", "joined"}
BY_NOTE = {"stg", "notes", "stars"}
BY_AMOUNT = {"stg", "sums", "stars", "joined"}


def _changed(head: dict[str, Any], base: dict[str, Any] | None = None) -> dict[str, str]:
    """Name -> reason of what must be built or tested, after models were replaced."""
    found = api.select_changed(
        workspace(project(**(base or SHOP))), workspace(project(**{**(base or SHOP), **head}))
    )
    return {entry.name: entry.reason for entry in found}


def _models(**models: Any) -> dict[str, Any]:
    return {"models": {**SHOP["models"], **models}}


def _names(head: dict[str, Any], base: dict[str, Any] | None = None) -> set[str]:
    return set(_changed(head, base))


@pytest.mark.parametrize(
    ("stg", "built"),
    [
        ("select id, amount, note, status from @raw.orders -- a comment", set()),
        ("with o as (select * from @raw.orders) select id, amount, note, status from o", set()),
        ("select id, amount, lower(note) as note, status from @raw.orders", BY_NOTE),
        ("select id, -amount as amount, note, status from @raw.orders", BY_AMOUNT),
        ("select id, amount, note, upper(status) as status from @raw.orders", {"stg", "stars"}),
        (
            "select id, amount, note, status from @raw.orders where amount > 0",
            {"stg", "sums", "notes", "stars", "joined"},
        ),
        ("select id, amount, note, status, 1 as more from @raw.orders", {"stg", "stars"}),
        ("select id, amount, note from @raw.orders", {"stg", "stars"}),
        ("select id, amount, status from @raw.orders", {"stg", "notes", "stars"}),
    ],
)  # fmt: skip
def test_a_model(stg: str, built: set[str]) -> None:
    assert _names(_models(stg=stg)) == built


def test_parents_come_first_and_reasons_are_told() -> None:
    changed = _changed(_models(stg="select id, -amount as amount, note, status from @raw.orders"))
    assert list(changed) == sorted(changed, key=["stg", "sums", "stars", "joined"].index)
    assert changed["stg"] == "values changed"
    assert changed["sums"] == "reads stg.amount"
    assert changed["joined"] == "reads sums.total"


def test_the_selector_is_the_nodes_own() -> None:
    base = workspace(project(**SHOP))
    upper = _models(people="select id, upper(name) as name from @raw.people")
    head = workspace(project(**{**SHOP, **upper}))
    found = api.select_changed(base, head)
    assert [(e.kind, e.selector) for e in found] == [
        ("model", f"fqn:{'.'.join(head.project.nodes[e.node].fqn)}") for e in found
    ]
    assert [e.name for e in api.select_changed(base, head, exclude="joined")] == ["people"]
    assert [e.name for e in api.select_changed(base, head, select="people+1")] == [
        "people",
        "joined",
    ]
    assert api.select_changed(base, base) == ()


def test_a_rename_that_readers_follow() -> None:
    head = _models(
        stg="select id, amount, note as remark, status from @raw.orders",
        notes="select id, remark as note from @stg",
    )
    assert _names(head) == {"stg", "stars"}


def test_new_and_removed_models() -> None:
    assert _names(_models(more="select id from @people")) == {"more"}
    models = {name: sql for name, sql in SHOP["models"].items() if name != "joined"}
    assert _names({"models": models}) == set()


def test_what_is_not_understood_counts_as_changed() -> None:
    python = {"language": "python", "sql": "def model(dbt, session): ...", "raw": "ref('stg')"}
    models = {**SHOP["models"], "py": {**python, "reads": ["stg"]}, "end": "select * from @py"}
    base = {**SHOP, "models": models}
    lower = "select id, amount, note, upper(status) as status from @raw.orders"
    head = {**base, "models": {**models, "stg": lower}}
    assert {"py", "end"} <= _names(head, base)
    broken = {
        **base,
        "models": {**models, "stg": "select id, amount, note, ((status from @raw.orders"},
    }
    assert {"stg", "sums", "notes", "stars", "joined", "py", "end"} <= _names(broken, base)


def test_seeds_and_sources() -> None:
    base = {
        "seeds": {"codes": {"columns": "id, name", "checksum": "1"}},
        "sources": SHOP["sources"],
        "models": {"a": "select id from @codes", "b": "select id from @raw.people"},
    }
    head = {**base, "seeds": {"codes": {"columns": "id, name", "checksum": "2"}}}
    assert _names(head, base) == {"codes", "a"}
    there = {"columns": "id, name", "known": True, "identifier": "people_2"}
    moved = {**base, "sources": {**SHOP["sources"], "raw.people": there}}
    assert _names(moved, base) == {"b"}


@pytest.mark.parametrize(
    ("before", "after", "built"),
    [
        ({"materialized": "view"}, {"materialized": "table"}, {"stg"}),
        ({"materialized": "table"}, {"materialized": "incremental"}, WHOLE),
        ({"config": {"unique_key": "id"}}, {"config": {"unique_key": "note"}}, WHOLE),
        ({"config": {"grants": {}}}, {"config": {"grants": {"select": ["x"]}}}, {"stg"}),
        ({"config": {"meta": {"a": 1}}}, {"config": {"meta": {"a": 2}}}, set()),
        ({"config": {"tags": ["a"]}}, {"config": {"tags": ["b"]}}, set()),
        ({"config": {"pre-hook": []}}, {"config": {"pre-hook": [{"sql": "x"}]}}, WHOLE),
    ],
)  # fmt: skip
def test_settings(before: dict[str, Any], after: dict[str, Any], built: set[str]) -> None:
    def version(**spec: Any) -> dict[str, Any]:
        config = spec.get("config", {})
        if "materialized" in spec:
            config = {**config, "materialized": spec["materialized"]}
        spec = {**spec, "config": config, "unrendered_config": config}
        return _models(stg={"sql": SHOP["models"]["stg"], **spec})

    base = {**SHOP, **version(**before)}
    assert _names({**SHOP, **version(**after)}, base) - {"notes", "stars"} == built


def test_the_other_branch_of_an_incremental_model() -> None:
    def version(condition: str) -> dict[str, Any]:
        raw = f"select id, name from people {{% if is_incremental() %}} {condition} {{% endif %}}"
        config = {"materialized": "incremental"}
        spec = {"sql": SHOP["models"]["people"], "raw": raw, "config": config, **config}
        return {**SHOP, **_models(people=spec)}

    assert _names(version("where id > 1"), version("where id > 1")) == set()
    assert _names(version("where id > 1"), version("where id > 2")) == {"people", "joined"}


def test_a_column_that_only_the_other_branch_reads() -> None:
    def version(column: str) -> dict[str, Any]:
        raw = f"select id from stg {{% if is_incremental() %}} where {column} > 1 {{% endif %}}"
        spec = {"sql": "select id from @stg", "raw": raw, "materialized": "incremental"}
        return {**SHOP, **_models(ids=spec)}

    upper = {"stg": "select id, amount, note, upper(status) as status from @raw.orders"}
    for column, built in (("status", {"stg", "stars", "ids"}), ("amount", {"stg", "stars"})):
        base = version(column)
        assert _names({"models": {**base["models"], **upper}}, base) == built


def test_what_is_read_while_jinja_runs() -> None:
    spec = {"sql": "select 1 as one", "reads": ["stg"], "raw": "{% set x = run_query(...) %}"}
    base = {**SHOP, **_models(jinja=spec)}
    upper = {"stg": "select id, amount, note, upper(status) as status from @raw.orders"}
    assert _names({"models": {**base["models"], **upper}}, base) == {"stg", "stars", "jinja"}


def test_views_over_what_moved() -> None:
    models = {
        "a": {"sql": "select id from @raw.people", "alias": "a"},
        "v": {"sql": "select id from @a", "materialized": "view"},
        "t": {"sql": "select id from @a", "materialized": "table"},
    }
    base = {"sources": SHOP["sources"], "models": models}
    moved = {"sql": "select id from @raw.people", "alias": "b", "unrendered_config": {"alias": "b"}}
    changed = _changed({"models": {**models, "a": moved}}, base)
    assert changed == {"a": "it moved", "v": "a moved"}


def test_tests_that_are_new_or_check_something_else() -> None:
    assert _names({"tests": [*SHOP["tests"], "unique people.id"]}) == {"unique_people_id"}
    assert _names({"tests": ["unique stg.id"]}) == set()
    singular = {"name": "positive", "sql": "select * from @sums where total < 0"}
    other = {**singular, "sql": "select * from @sums where total < 1"}
    assert _names({"tests": [other]}, {**SHOP, "tests": [singular]}) == {"positive"}
