"""Macros that look at the columns of a table, when its SQL says what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import pytest

from analyticsops.project.model import Macro
from analyticsops.project.render import Rendered, Renderer
from analyticsops.project.render.filled import fills_gaps, is_whole

from .render_project import asker, project, settings, squeezed

STAR = "{{ utils.star(ref('plain')) }}"
KNOWN = {"model.shop.plain": ("id", "amount")}

UNPIVOT = """{% macro default__unpivot(relation) %}
{%- for column in adapter.get_columns_in_relation(relation) -%}
cast({% if column.data_type == 'boolean' %}text({{ column.name }}){% else %}{{ column.name }}
{%- endif %} as {{ column.data_type }}){{ ", " if not loop.last }}
{%- endfor -%}{% endmacro %}"""


def rendered(template: str, columns: Mapping[str, Sequence[str]] = KNOWN) -> Rendered:
    node = asker(template)
    return Renderer(project(node), settings(), columns.get).render(node)


def test_the_columns_are_those_that_the_sql_yields() -> None:
    result = rendered(f"select {STAR} from {{{{ ref('plain') }}}}")
    assert result.problems == ()
    assert squeezed(result.sql or "") == 'select "id", "amount" from "db"."main"."plain"'
    assert "the columns of plain are those that its SQL yields" in result.assumptions


def test_the_catalog_comes_first() -> None:
    result = rendered("{{ utils.star(ref('raw')) }}", {"model.shop.raw": ("other",)})
    assert result.sql == '"id", "Name"'


def test_columns_that_are_not_known_are_a_problem() -> None:
    result = rendered(STAR, {})
    assert "adapter.get_columns_in_relation()" in result.problems[0]
    assert not is_whole(result)


def test_an_ephemeral_text_is_rendered_again_when_more_is_known() -> None:
    known: dict[str, Sequence[str]] = {}
    node = asker("select * from {{ ref('seen') }}")
    made = project(node)
    seen = msgspec.structs.replace(
        made.nodes["model.shop.seen"], raw_code=STAR, depends_on=("model.shop.plain",)
    )
    made = project(node, seen)
    renderer = Renderer(made, settings(), known.get)
    assert renderer.render(node).problems
    known |= KNOWN
    again = renderer.render(node)
    assert again.problems == ()
    assert '"id", "amount"' in (again.sql or "")


@pytest.mark.parametrize(("package", "whole"), [("dbt_utils", True), ("shop", False)])
def test_a_type_may_be_looked_at_only_to_write_a_cast(package: str, whole: bool) -> None:
    node = asker(f"{{{{ {package}.default__unpivot(ref('plain')) }}}}")
    made = project(node)
    key = f"macro.{package}.default__unpivot"
    macro = Macro(unique_id=key, name="default__unpivot", package=package, sql=UNPIVOT)
    made = msgspec.structs.replace(made, macros={**made.macros, key: macro})
    result = Renderer(made, settings(), KNOWN.get).render(node)
    assert (result.problems == ()) is whole
    assert squeezed(result.sql or "") == "cast(id as unknown), cast(amount as unknown)"


def test_a_parent_exists_when_the_node_is_built() -> None:
    result = rendered("{{ adapter.get_relation('db', 'main', 'plain').type }}")
    assert (result.sql, result.problems) == ("view", ())
    assert "the table of plain exists, it is built before" in result.assumptions


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("select sha2(a || '{{ env_var('SALT') }}') as a from t", True),
        ("select * from {{ env_var('DATABASE') }}.t", False),
        ("{% if env_var('SALT') %}select 1{% endif %}", False),
    ],
)
def test_values_in_quotes_may_be_unknown(text: str, whole: bool) -> None:
    result = rendered(text)
    assert result.problems
    assert is_whole(result) is whole


GAPPED = "select id, /* No columns */ from a.b.c where day > '2026-01-02' and x in ()"


@pytest.mark.parametrize(
    ("text", "fills"),
    [
        ("select id, one, two from d.e.f where day > '2020-09-09' and x in (1, 2)", True),
        (GAPPED, False),
        ("select id, one from a.b.c where x in (1)", False),
        ("select one from a.b.c where day > '2020-09-09' and x in (1)", False),
    ],
    ids=["filled", "the same", "without a condition", "without a column"],
)
def test_a_text_that_fills_the_gaps_of_another(text: str, fills: bool) -> None:
    assert fills_gaps(text, GAPPED) is fills
