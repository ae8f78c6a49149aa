"""How a column comes about: step by step on small queries, and against the lineage itself."""

from __future__ import annotations

import pytest

from analyticsops.sql.facts import Problem, QueryFacts, TableColumns
from analyticsops.sql.inputs import analyse
from analyticsops.sql.recover import parse_with_gaps
from analyticsops.sql.steps import Step, Steps, steps_of

from .case_files import CaseTables, Section, Table, parse_schema, sections

LINEAGE = list(sections("lineage"))
TABLES = CaseTables(
    [Table("t", (("id", ""), ("x", ""), ("y", "")), complete=True), Table("u", (), complete=False)]
)


def steps(sql: str, column: str, dialect: str = "duckdb") -> list[str]:
    """``depth cte line: column = sql`` of each step, and the sources."""
    found = steps_of(sql, dialect, TABLES, column)
    assert isinstance(found, Steps)
    lines = [_line(step) for step in found.steps]
    lines.append(f"from {', '.join('.'.join(source) for source in found.sources)}")
    return lines + [f"! {problem.reason}" for problem in found.problems]


def _line(step: Step) -> str:
    name = f"{step.column} = " if step.column else ""
    return f"{'  ' * step.depth}{step.query or '-'} {step.line}: {name}{step.sql}"


# -- step by step ----------------------------------------------------------------------


def test_cte_by_cte() -> None:
    sql = """with a as (
        select id, x + y as z from t
    ),
    b as (
        select id, sum(z) as total
        from a group by id
    )
    select b.total / 2 as half from b"""
    assert steps(sql, "half") == [
        "- 8: half = b.total / 2",
        "  b 5: total = SUM(z)",
        "    a 2: z = x + y",
        "from t.x, t.y",
    ]


def test_a_star_is_said() -> None:
    sql = """with a as (select t.* from t),
    b as (select * from a)
    select x, y as why from b"""
    assert steps(sql, "x") == ["- 3: x = x", "  b 0: x = *", "    a 1: x = *", "from t.x"]
    assert steps(sql, "why")[0] == "- 3: why = y"
    assert steps("select * replace (x + 1 as x) from t", "x") == ["- 1: x = x + 1", "from t.x"]


def test_a_star_over_unknown_columns() -> None:
    sql = "with a as (select * from u) select *, 1 as one from a"
    assert steps(sql, "q") == ["- 0: q = *", "  a 0: q = *", "from u.q"]
    assert steps(sql, "one") == ["- 1: one = 1", "from "]


def test_two_columns_of_one_name() -> None:
    assert steps("select a.*, b.* from t as a cross join t as b", "x")[-1] == "from t.x"
    assert steps("select *, x + y as x from t", "x") == [
        "- 0: x = *",
        "- 1: x = x + y",
        "from t.x, t.y",
    ]


def test_both_sides_of_a_union() -> None:
    sql = """with a as (select x as v from t union all select y from t)
    select v from a"""
    assert steps(sql, "v") == ["- 2: v = v", "  a 1: v = x", "  a 1: y = y", "from t.x, t.y"]


def test_subqueries_and_what_decides_about_them() -> None:
    sql = """select (select max(x) from t where y > o.id) as m,
        exists (select 1 from t where x = o.y) as e
    from t as o"""
    assert steps(sql, "m") == [
        "- 1: m = (SELECT MAX(x) FROM t WHERE y > o.id)",
        "  (subquery) 1: MAX(x)",
        "  (subquery) 1: y > o.id",
        "from t.id, t.x, t.y",
    ]
    assert steps(sql, "e")[-1] == "from t.x, t.y"


def test_an_alias_of_the_same_select() -> None:
    assert steps("select x + 1 as a, a * 2 as b from t", "b") == [
        "- 1: b = a * 2",
        "  - 1: a = x + 1",
        "from t.x",
    ]


def test_a_recursive_cte_ends() -> None:
    sql = """with recursive r as (select id, x from t union all select id + 1, x from r)
    select id from r"""
    assert steps(sql, "id")[-1] == "from t.id"
    assert len(steps(sql, "id")) == 4


def test_a_recursive_cte_with_a_star_ends() -> None:
    sql = """with recursive r as (
        select id, x from t union all select r.* from r join t using (id)
    ) select * from r"""
    assert steps(sql, "x") == ["- 0: x = *", "  r 2: x = x", "  r 2: x = *", "from t.x"]


def test_two_stars_over_unions() -> None:
    sql = """with a as (select x as k from t union all select x from t),
    b as (select y as k from t union all select y from t)
    select * from a cross join b"""
    assert steps(sql, "k")[-1] == "from t.x, t.y"


def test_a_field_of_a_struct_comes_from_its_own_part() -> None:
    sql = "with a as (select struct(x as k, y as v) as s from t) select s.k as k from a"
    found = [line.lower() for line in steps(sql, "k", "bigquery")]
    assert found == ["- 1: k = s.k", "  a 1: s = struct(x as k, y as v)", "from t.x"]


def test_derived_tables_have_their_name() -> None:
    sql = "select d.v from (select max(x) as v from t) as d"
    assert steps(sql, "v") == ["- 1: v = d.v", "  d 1: v = MAX(x)", "from t.x"]


def test_the_dialect_is_kept() -> None:
    sql = "select x::int as a, iff(x > 1, y, 0) as b from t"
    assert steps(sql, "b", "snowflake") == ["- 1: b = IFF(x > 1, y, 0)", "from t.x, t.y"]


def test_no_such_column_and_no_query() -> None:
    assert steps_of("select x from t", "duckdb", TABLES, "q") is None
    found = steps_of("select from from", "duckdb", TABLES, "q")
    assert isinstance(found, Problem)


def test_a_doubt_is_said() -> None:
    assert steps("select q from u, v", "q") == ["- 1: q = q", "from u.q, v.q", "! ambiguous column"]


# -- against the lineage ------------------------------------------------------------------


@pytest.mark.parametrize("case", LINEAGE, ids=lambda case: case.name)
def test_steps_end_in_the_columns_that_lineage_has(case: Section) -> None:
    """Two algebras on one walk: each input of a column is a source of its steps."""
    sql = case.block("sql")
    dialect = sql.argument or "duckdb"
    tables = CaseTables(parse_schema(case.block("schema").text))
    parsed = parse_with_gaps(sql.text, dialect)
    if isinstance(parsed, Problem):
        return
    facts = analyse(parsed[0], dialect, tables, parsed[1])
    assert isinstance(facts, QueryFacts)
    names = [column.name for column in facts.columns]
    for column in facts.columns:
        if names.count(column.name) > 1:
            continue
        found = steps_of(sql.text, dialect, tables, column.name)
        assert isinstance(found, Steps), column.name
        inputs = {(item.table, item.column) for item in facts.inputs(column)}
        assert set(found.sources) == inputs, column.name


def test_there_are_cases() -> None:
    assert len(LINEAGE) > 100
    assert TableColumns("t").columns == ()
