"""Rendering: every case of ``cases/render``, and what cases cannot say."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest

from analyticsops.project.model import Node
from analyticsops.project.render import Rendered, Renderer, render_code
from analyticsops.project.render.limits import SOURCE_LIMIT

from .render_project import (
    ENV,
    NODES,
    VARS,
    Case,
    asker,
    cases,
    generic_test,
    model,
    project,
    settings,
    squeezed,
)

CASES = [case for case in cases("*.md") if not case.name.startswith("hostile")]
HOSTILE = list(cases("hostile.md"))


def rendered(case: Case) -> Rendered:
    options = dict(case.options)
    given: dict[str, Any] = {
        "incremental": "incremental" in options,
        "target": {"name": options["target.name"]} if "target.name" in options else {},
    }
    if options.get("dispatch") == "unknown":
        given["dispatch"] = None
    elif "dispatch" in options:
        given["dispatch"] = {"utils": tuple(options["dispatch"].split(","))}
    if "selfvar" in options:
        given["vars"] = {"self": "{{ var('self') }}"}
    template = case.template
    if "deep" in options:
        template = template.replace("DEEP", "(" * 5000 + "1" + ")" * 5000)
    node = asker(template, options.get("kind", "view"), options.get("package", "shop"))
    return Renderer(project(node), settings(**given)).render(node)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case) -> None:
    result = rendered(case)
    if case.sql is not None:
        assert result.sql is not None, result.problems
        assert squeezed(result.sql) == squeezed(case.sql)
    expected = [] if case.problems == ("none",) else list(case.problems)
    for text in expected:
        assert any(text in problem for problem in result.problems), result.problems
    if not expected:
        assert result.problems == ()
    for text in case.assumptions:
        assert text in result.assumptions


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.name)
def test_hostile(case: Case) -> None:
    before = project()
    start = time.process_time()
    result = rendered(case)
    assert time.process_time() - start < 2.0
    assert any(text in p for text in case.problems for p in result.problems), result.problems
    assert result.sql is None or "__unknown__" in result.sql or case.name.endswith("YAML")
    assert msgspec.json.encode(before.nodes) == msgspec.json.encode(project().nodes)


def test_there_are_cases() -> None:
    assert len(CASES) > 80
    assert len(HOSTILE) > 50


def test_render_code_is_the_short_way() -> None:
    node = asker("{{ var('start') }}{{ env_var('REGION') }}")
    assert render_code(project(node), node, vars=VARS, env=ENV).sql == "2020-01-01eu"


def test_python_models_are_not_sql() -> None:
    node = asker("def model(dbt, session): ...", language="python")
    result = Renderer(project(node)).render(node)
    assert result.sql is None
    assert result.problems == ("python code is not SQL",)


def test_ephemerals_are_told() -> None:
    node = asker("select * from {{ ref('nested') }}")
    result = Renderer(project(node), settings()).render(node)
    assert result.ephemerals == ("model.shop.seen", "model.shop.nested")


def test_a_generic_test() -> None:
    kwargs = {
        "model": "{{ get_where_subquery(ref('raw')) }}",
        "column_name": "id",
        "severity": "warn",
    }
    node = generic_test(kwargs, "{{ not_null(**_dbt_generic_test_kwargs) }}")
    macros = project().macros
    calls = node.raw_code.replace("not_null", "test_not_null")
    node = msgspec.structs.replace(
        node,
        raw_code=calls,
        test=msgspec.structs.replace(node.test, kwargs={**kwargs, "severity": None})
        if node.test
        else None,
    )
    del macros
    result = Renderer(project(node), settings()).render(node)
    assert result.sql is None  # severity is not a parameter of this test
    assert "severity" in result.problems[0]


def test_a_generic_test_with_its_arguments() -> None:
    kwargs = {"model": "{{ get_where_subquery(ref('raw')) }}", "column_name": "id"}
    node = generic_test(kwargs, "{{ test_not_null(**_dbt_generic_test_kwargs) }}")
    result = Renderer(project(node), settings()).render(node)
    assert result.problems == ()
    assert squeezed(result.sql or "") == 'select id from "db"."main"."raw" where id is null'


@pytest.mark.parametrize("value", ["ref('raw')", ["ref('raw')"], {"a": "ref('raw')"}])
def test_arguments_that_look_like_calls_are_calls(value: object) -> None:
    node = generic_test({"x": value}, "{{ _dbt_generic_test_kwargs.x | string }}")
    result = Renderer(project(node), settings()).render(node)
    assert '"db"."main"."raw"' in (result.sql or "")
    assert "ref(" not in (result.sql or "")


def test_a_text_with_several_expressions_stays_a_text() -> None:
    node = generic_test({"x": "{{ 1 }} {{ 2 }}"}, "[{{ _dbt_generic_test_kwargs.x }}]")
    assert Renderer(project(node), settings()).render(node).sql == "[1 2]"


def test_an_operation_has_no_relation() -> None:
    node = Node(
        unique_id="operation.shop.x",
        kind="operation",
        name="x",
        package="shop",
        raw_code="[{{ this }}]",
    )
    assert Renderer(project(node), settings()).render(node).sql == "[None]"


def test_a_function() -> None:
    udf = msgspec.structs.replace(
        model("add"), unique_id="function.shop.add", kind="function", materialized=""
    )
    node = msgspec.structs.replace(asker("{{ function('add') }}"), depends_on=(udf.unique_id,))
    assert Renderer(project(node, udf), settings()).render(node).sql == '"db"."main"."add"'


@pytest.mark.parametrize(
    ("adapter", "template", "sql"),
    [
        ("bigquery", "{{ adapter.quote('x') }}", "`x`"),
        ("bigquery", "{{ api.Column.translate_type('integer') }}", "INT64"),
        ("databricks", "{{ api.Column.translate_type('LONG') }}", "bigint"),
        ("spark", "{{ api.Column.translate_type('string') }}", "string"),
        ("trino", "{{ api.Column.translate_type('string') }}", "VARCHAR"),
        ("trino", "{{ api.Column.string_type(3) }}", "varchar(3)"),
        ("snowflake", "{{ source('raw', 'orders') }}", "db.landing.orders"),
        ("snowflake", "{{ ref('raw') }}", '"db"."main"."raw"'),
        ("nobody", "{{ adapter.quote('x') }}", "__unknown__"),
        ("nobody", "{{ api.Column.translate_type('string') }}", "__unknown__"),
        ("sqlserver", "{{ api.Column.numeric_type('n', 1, 2) }}", "__unknown__"),
    ],
)
def test_adapters_differ(adapter: str, template: str, sql: str) -> None:
    node = asker(template)
    result = Renderer(project(node, adapter=adapter), settings()).render(node)
    assert result.sql == sql
    assert bool(result.problems) == (sql == "__unknown__")


def test_the_schema_of_the_target_is_known_only_if_proven() -> None:
    node = asker("{{ target.schema }}")
    other = model("elsewhere", schema="other", config={"schema": "other"})
    assert Renderer(project(node, other), settings()).render(node).sql == "main"
    third = model("third", schema="third")
    assert Renderer(project(node, third), settings()).render(node).problems


def test_a_project_that_names_schemas_itself_hides_the_target() -> None:
    node = asker("{{ target.schema }}")
    base = project(node)
    macro = msgspec.structs.replace(
        next(iter(base.macros.values())), name="generate_schema_name", package="shop"
    )
    hiding = msgspec.structs.replace(base, macros={**base.macros, "m": macro})
    assert Renderer(hiding, settings()).render(node).problems


def test_the_source_is_limited() -> None:
    node = asker("{{ 1 }}" + " " * SOURCE_LIMIT)
    result = Renderer(project(node), settings()).render(node)
    assert result.sql is None
    assert "longer than" in result.problems[0]


def test_the_same_result_twice_and_nothing_is_changed() -> None:
    node = asker(
        "{% do model.config.update({'a': 1}) %}{% do var('kinds').append('c') %}"
        "{% do config.get('tags').append('z') %}{{ var('kinds') }}{{ config.get('tags') }}"
    )
    renderer = Renderer(project(node), settings())
    first = renderer.render(node)
    assert first == renderer.render(node)
    assert first.sql == "['a', 'b']['x']"
    assert VARS["kinds"] == ["a", "b"]
    assert "a" not in node.config


def test_an_ordinary_model_takes_little_time() -> None:
    node = asker(
        "select {{ cents('a') }}, {{ dbt.type_string() }} from {{ ref('raw') }}\n"
        + "join x using (id) -- and so on\n" * 60
    )
    renderer = Renderer(project(node), settings())
    renderer.render(node)
    start = time.process_time()
    for _ in range(20):
        renderer.render(node)
    assert (time.process_time() - start) / 20 < 0.03  # seconds; a tenth of it on a quiet machine


def test_problems_are_few() -> None:
    node = asker("{% for i in range(50) %}{{ target[i ~ ''] }}{% endfor %}")
    assert len(Renderer(project(node), settings()).render(node).problems) == 20


def test_every_dependency_is_a_node() -> None:
    assert len({node.unique_id for node in NODES}) == len(NODES)
