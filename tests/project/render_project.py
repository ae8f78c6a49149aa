"""A small project whose macros show dbt's rules, and the reader of the case files.

A case is a ``##`` heading, prose, a ``jinja`` block and the expected outcome: a ``sql``
block (compared without regard to white space), ``problem`` and ``assumption`` blocks with
one text a line that must occur, or ``problem none``. The words behind ``jinja`` are the
node to render as (``node=``) and settings (``incremental``, ``target.name=prod``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from analyticsops.project.model import (
    Column,
    Macro,
    Node,
    Project,
    Relation,
    SourceInfo,
    TestInfo,
)
from analyticsops.project.render import RenderSettings

CASES = Path(__file__).parent / "cases" / "render"
_FENCE = re.compile(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

MACROS = {
    "dbt": """
{% macro is_incremental() %}
  {% set relation = adapter.get_relation(this.database, this.schema, this.table) %}
  {{ return(relation is not none and relation.type == 'table'
            and model.config.materialized == 'incremental') }}
{% endmacro %}
{% macro run_query(sql) %}{{ 1 / 0 }}{% endmacro %}
{%- macro statement(name=None, fetch_result=False) -%}{{ 1 / 0 }}{%- endmacro -%}
{% macro type_string() %}{{ return(adapter.dispatch('type_string', 'dbt')()) }}{% endmacro %}
{% macro default__type_string() %}{{ return(api.Column.translate_type('string')) }}{% endmacro %}
{% macro right(field) %}{{ return(adapter.dispatch('right', 'dbt')(field)) }}{% endmacro %}
{% macro default__right(field) %}default({{ field }}){% endmacro %}
{% macro shout(word) %}dbt {{ word }}{% endmacro %}
{% macro get_where_subquery(relation) %}{{ return(relation) }}{% endmacro %}
{% test not_null(model, column_name) %}
select {{ column_name }} from {{ model }} where {{ column_name }} is null
{% endtest %}
""",
    "dbt_duckdb": """
{% macro duckdb__right(field) %}duckdb({{ field }}){% endmacro %}
""",
    "utils": """
{% macro greet(name) %}{{ return(adapter.dispatch('greet', 'utils')(name)) }}{% endmacro %}
{% macro default__greet(name) %}hello {{ name }}{% endmacro %}
{% macro star(relation) %}
{%- if relation is mapping and relation.get('metadata', {}).get('type', '').endswith('Relation') -%}
{%- for column in adapter.get_columns_in_relation(relation) -%}
{{ adapter.quote(column.name) }}{{ ", " if not loop.last }}
{%- endfor -%}
{%- else -%}{{ exceptions.raise_compiler_error("star() takes a relation") }}{%- endif -%}
{% endmacro %}
{% macro values_of(column) %}
{%- call statement('values', fetch_result=true) -%}
select {{ column }} from {{ ref('raw') }}
{%- endcall -%}
{{ return(load_result('values')) }}
{% endmacro %}
{% macro who() %}{{ caller_of() }}{% endmacro %}
{% macro caller_of() %}utils{% endmacro %}
{% macro _hidden() %}hidden{% endmacro %}
{% macro pulled_by_config() %}{{ return(adapter.dispatch('pulled', 'utils')()) }}{% endmacro %}
{% macro default__pulled() %}of utils{% endmacro %}
""",
    "addon": """
{% macro default__pulled() %}of addon{% endmacro %}
""",
    "shop": """
{% macro shout(word) %}shop {{ word }}{% endmacro %}
{% macro cents(column, scale=2) %}({{ column }} / 100)::numeric(16, {{ scale }}){% endmacro %}
{% macro typed(a: string, b: list[int] = [1]) %}{{ a }}{{ b }}{% endmacro %}
{% macro listed() %}{{ return([1, 2, 3]) }}{% endmacro %}
{% macro default__greet(name) %}{{ return('bonjour ' ~ name) }}{% endmacro %}
{% macro caller_of() %}shop{% endmacro %}
{% macro around() %}<{{ caller() }}>{% endmacro %}
{% macro around_with(x) %}{{ caller(x, 2) }}{% endmacro %}
{% macro forever(n) %}{{ forever(n + 1) }}{% endmacro %}
{% macro ping(n) %}{{ pong(n) }}{% endmacro %}
{% macro pong(n) %}{{ ping(n) }}{% endmacro %}
{% macro doubled(text, times) %}
{%- if times > 0 %}{{ doubled(text ~ text, times - 1) }}{% else %}{{ text }}{% endif -%}
{% endmacro %}
{% macro checked(x) %}
{%- if x < 0 %}{{ exceptions.raise_compiler_error("negative: " ~ x) }}{% endif -%}{{ x }}
{% endmacro %}
{% materialization odd, adapter='duckdb', supported_languages=['sql'] %}{% endmaterialization %}
{% docs thing %}about it{% enddocs %}
""",
}
"""Texts as dbt keeps them, by package; ``shop`` is the root project."""

_BLOCK = re.compile(
    r"\{%-? *(macro|test|materialization|docs) (\w+).*?\{%-? *end\1 *-?%\}", re.DOTALL
)


def macros() -> dict[str, Macro]:
    """The macros of :data:`MACROS` as a manifest holds them."""
    found: dict[str, Macro] = {}
    for package, text in MACROS.items():
        for block in _BLOCK.finditer(text):
            kind, name = block[1], block[2]
            name = name if kind == "macro" else f"{kind}_{name}"
            key = f"macro.{package}.{name}"
            found[key] = Macro(unique_id=key, name=name, package=package, sql=block[0])
    return found


def model(name: str, sql: str = "", **more: Any) -> Node:
    """A model of the root project."""
    package = more.pop("package", "shop")
    config = {"materialized": more.get("materialized", "view"), **more.pop("config", {})}
    ephemeral = config["materialized"] == "ephemeral"
    version = more.get("version", "")
    unique_id = f"model.{package}.{name}" + (f".v{version}" if version else "")
    alias = more.pop("alias", f"{name}_v{version}" if version else name)
    return Node(
        unique_id=unique_id,
        kind="model",
        name=name,
        package=package,
        path=f"models/{name}.sql",
        relation=Relation("db", more.pop("schema", "main"), alias),
        relation_name=more.pop("relation_name", "" if ephemeral else f'"db"."main"."{alias}"'),
        raw_code=sql,
        config=config,
        **{"materialized": "view", **more},
    )


def source(table: str, **more: Any) -> Node:
    """A table of the source ``raw``."""
    return Node(
        unique_id=f"source.shop.raw.{table}",
        kind="source",
        name=table,
        package="shop",
        relation=Relation("db", "landing", table),
        relation_name=more.pop("relation_name", f'"db"."landing"."{table}"'),
        source=SourceInfo(source_name="raw", **more),
    )


NODES = (
    model("raw", columns={n: Column(name=n, type_from="catalog") for n in ("id", "Name")}),
    model("plain", columns={"id": Column(name="id", declared=True, type="int")}),
    model("steady", materialized="incremental"),
    model("seen", "select 1 as id", materialized="ephemeral", alias="seen_alias"),
    model(
        "nested",
        "with a as (select * from {{ ref('seen') }}) select * from a",
        materialized="ephemeral",
        depends_on=("model.shop.seen",),
    ),
    model(
        "loop_a", "{{ ref('loop_b') }}", materialized="ephemeral", depends_on=("model.shop.loop_b",)
    ),
    model(
        "loop_b", "{{ ref('loop_a') }}", materialized="ephemeral", depends_on=("model.shop.loop_a",)
    ),
    model("broken", "{{ exceptions.raise_compiler_error('no') }}", materialized="ephemeral"),
    model("dim", version="1", latest_version="2"),
    model("dim", version="2", latest_version="2"),
    model("twin"),
    model(
        "twin",
        package="utils",
        relation_name='"db"."utils"."twin"',
        schema="utils",
        config={"schema": "utils"},
    ),
    model("loose", relation_name="db.main.loose"),
    source("orders"),
    source("named", quoting=(("identifier", False),)),
    source("file", relation_name="read_parquet('x.parquet')"),
)

COUNT = len(NODES)
VARS = {
    "start": "2020-01-01",
    "kinds": ["a", "b"],
    "templated": "{{ target.type }}",
    "shared": "global",
    "shop": {"shared": "of shop"},
    "utils": {"shared": "of utils"},
}
ENV = {"REGION": "eu", "DBT_ENV_CUSTOM_ENV_TEAM": "core"}


def asker(sql: str, kind: str = "view", package: str = "shop", **more: Any) -> Node:
    """The node that a case renders; it depends on everything."""
    return model(
        "asker",
        sql,
        package=package,
        materialized=kind,
        config={"materialized": kind, "unique_key": "id", "meta": {"tier": 1}, "tags": ["x"]},
        meta={"tier": 1},
        depends_on=tuple(node.unique_id for node in NODES),
        **more,
    )


def project(*more: Node, adapter: str = "duckdb") -> Project:
    """The project with further nodes."""
    return Project(
        name="shop",
        dbt_version="1.11.0",
        adapter=adapter,
        generated_at="2026-01-01T00:00:00Z",
        invocation_id="i",
        nodes={node.unique_id: node for node in (*NODES, *more)},
        macros=macros(),
        groups={},
    )


def settings(**more: Any) -> RenderSettings:
    """The settings that cases start from."""
    given = {"vars": VARS, "env": ENV, "dispatch": {}, **more}
    return RenderSettings(**given)


def generic_test(kwargs: dict[str, Any], raw_code: str) -> Node:
    """A generic test."""
    return Node(
        unique_id="test.shop.t",
        kind="test",
        name="t",
        package="shop",
        raw_code=raw_code,
        relation=Relation("db", "main", "t"),
        test=TestInfo(name="not_null", kwargs=kwargs),
        depends_on=("model.shop.raw",),
    )


class Case(msgspec.Struct, frozen=True):
    """One section of a case file."""

    name: str
    options: dict[str, str]
    template: str
    sql: str | None
    problems: tuple[str, ...]
    assumptions: tuple[str, ...]


def cases(pattern: str) -> Iterator[Case]:
    """All cases of the files that match."""
    for file in sorted(CASES.glob(pattern)):
        for section in file.read_text(encoding="utf-8").split("\n## ")[1:]:
            title = section.partition("\n")[0]
            blocks = {found[1]: (found[2], found[3]) for found in _FENCE.finditer(section)}
            yield Case(
                name=f"{file.stem}: {title}",
                options=_options(blocks["jinja"][0]),
                template=blocks["jinja"][1].strip("\n"),
                sql=blocks["sql"][1] if "sql" in blocks else None,
                problems=_lines(blocks, "problem"),
                assumptions=_lines(blocks, "assumption"),
            )


def _options(words: str) -> dict[str, str]:
    return {word.partition("=")[0]: word.partition("=")[2] for word in words.split()}


def _lines(blocks: dict[str, tuple[str, str]], name: str) -> tuple[str, ...]:
    return tuple(blocks[name][1].strip().splitlines()) if name in blocks else ()


def squeezed(text: str) -> str:
    """Without regard to white space."""
    return " ".join(text.split())
