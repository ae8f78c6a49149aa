"""SQL of any size in the ways that break parsers: deep, long, wide, doubling, odd.

Tables are ``t`` (a, b) and the wide ``w`` (c0, c1, ...), in every dialect.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

DIALECTS = ("duckdb", "snowflake", "bigquery", "postgres", "spark", "tsql")


class Generator(NamedTuple):
    """A way to make SQL that is as large as one likes.

    Attributes:
        make: (n, dialect) -> SQL.
        tokens: of which one more makes n larger by one, roughly.
    """

    make: Callable[[int, str], str]
    tokens: int

    def of_tokens(self, tokens: int, dialect: str) -> str:
        """SQL of about so many tokens."""
        return self.make(max(1, tokens // self.tokens), dialect)


GENERATORS: dict[str, Generator] = {}


def _generator(tokens: int) -> Callable[[Callable[[int, str], str]], Callable[[int, str], str]]:
    def known(make: Callable[[int, str], str]) -> Callable[[int, str], str]:
        GENERATORS[make.__name__] = Generator(make, tokens)
        return make

    return known


# -- deep ----------------------------------------------------------------------------


@_generator(2)
def parens(n: int, _: str = "") -> str:
    return f"select {'(' * n}a{')' * n} as v from t"


@_generator(7)
def subqueries(n: int, _: str = "") -> str:
    return "select a from (" * n + "select a from t" + ") s" * n


@_generator(5)
def scalar_subqueries(n: int, _: str = "") -> str:
    return "select (" * n + "select max(a) from t" + ") as v" * n


@_generator(8)
def exists_in_exists(n: int, _: str = "") -> str:
    return "select a from t where exists (" * n + "select a from t" + ")" * n


@_generator(7)
def cases(n: int, _: str = "") -> str:
    return f"select {'case when a > 1 then ' * n}1{' end' * n} as v from t"


@_generator(7)
def cases_in_else(n: int, _: str = "") -> str:
    return f"select {'case when a > 1 then 2 else ' * n}1{' end' * n} as v from t"


@_generator(5)
def long_case(n: int, _: str = "") -> str:
    return f"select case a {' '.join(f'when {k} then b' for k in range(n))} end as v from t"


@_generator(1)
def nots(n: int, _: str = "") -> str:
    return f"select {'not ' * n}(a > 1) as v from t"


@_generator(1)
def minuses(n: int, _: str = "") -> str:
    return f"select {'- ' * n}a as v from t"


@_generator(3)
def calls(n: int, _: str = "") -> str:
    return f"select {'abs(' * n}a{')' * n} as v from t"


@_generator(6)
def casts(n: int, dialect: str = "") -> str:
    kind = "string" if dialect in ("bigquery", "spark") else "varchar"
    return f"select {'cast(' * n}a{f' as {kind})' * n} as v from t"


@_generator(2)
def postfix_casts(n: int, _: str = "") -> str:
    return f"select a{'::int' * n} as v from t"


@_generator(2)
def brackets(n: int, _: str = "") -> str:
    return f"select {'[' * n}a{']' * n} as v from t"


@_generator(3)
def subscripts(n: int, _: str = "") -> str:
    return f"select a{'[0]' * n} as v from t"


@_generator(4)
def struct_fields(n: int, _: str = "") -> str:
    return f"select a{'.f' * n} as v from t"


@_generator(2)
def lambdas(n: int, _: str = "") -> str:
    return f"select list_transform([1], {'x -> ' * n}a) as v from t"


@_generator(2)
def json_paths(n: int, dialect: str = "") -> str:
    if dialect == "snowflake":
        return f"select a{':k' * n} as v from t"
    return "select a" + " -> 'k'" * n + " as v from t"


@_generator(6)
def bracketed_unions(n: int, _: str = "") -> str:
    return "(" * n + "select a from t" + " union all select a from t)" * n


@_generator(6)
def types_in_types(n: int, _: str = "") -> str:
    return f"select cast(a as {'array<' * n}int{'>' * n}) as v from t"


@_generator(9)
def windows_in_windows(n: int, _: str = "") -> str:
    return (
        "select v from ("
        + "select sum(v) over (partition by v) as v from (" * n
        + ("select a as v from t" + ") s" * n + ") s")
    )


# -- long ----------------------------------------------------------------------------


@_generator(4)
def conjunction(n: int, _: str = "") -> str:
    return f"select a from t where {' and '.join(f'a <> {k}' for k in range(n))}"


@_generator(4)
def disjunction(n: int, _: str = "") -> str:
    return f"select a from t where {' or '.join(f'a = {k}' for k in range(n))}"


@_generator(10)
def mixed_logic(n: int, _: str = "") -> str:
    return f"select a from t where {' and '.join(f'(a = {k} or not b = {k})' for k in range(n))}"


@_generator(2)
def concatenation(n: int, _: str = "") -> str:
    return f"select {' || '.join(['a'] * n)} as v from t"


@_generator(2)
def sum_of(n: int, _: str = "") -> str:
    return f"select {' + '.join(['a'] * n)} as v from t"


@_generator(8)
def unions(n: int, _: str = "") -> str:
    return " union all ".join(f"select a, {k} as n from t" for k in range(n))


@_generator(5)
def mixed_set_operations(n: int, _: str = "") -> str:
    words = ("union", "except", "union all", "intersect")
    return "select a from t" + "".join(f" {words[k % 4]} select b from t" for k in range(n))


@_generator(15)
def chained_ctes(n: int, _: str = "") -> str:
    steps = [f"c{k} as (select a, b + {k} as b from c{k - 1})" for k in range(1, n)]
    return f"with {', '.join(['c0 as (select * from t)', *steps])} select * from c{n - 1}"


@_generator(23)
def doubling_ctes(n: int, _: str = "") -> str:
    """Each CTE reads the one before it twice: 2 to the power of n paths, a diamond each."""
    steps = [
        f"c{k} as (select l.a, r.b from c{k - 1} l join c{k - 1} r on l.a = r.b)"
        for k in range(1, n)
    ]
    return f"with {', '.join(['c0 as (select * from t)', *steps])} select * from c{n - 1}"


@_generator(20)
def doubling_values(n: int, _: str = "") -> str:
    """Each CTE names a column of the one before it twice: the text of the last is endless."""
    steps = [f"c{k} as (select a + a as a, b from c{k - 1})" for k in range(1, n)]
    return f"with {', '.join(['c0 as (select * from t)', *steps])} select a from c{n - 1}"


@_generator(2)
def in_list(n: int, _: str = "") -> str:
    return f"select a from t where a in ({', '.join(str(k) for k in range(n))})"


@_generator(6)
def values(n: int, _: str = "") -> str:
    return f"select v.x from (values {', '.join(f'({k}, 2)' for k in range(n))}) v(x, y), t"


@_generator(6)
def values_of_columns(n: int, _: str = "") -> str:
    return (
        f"select v.x from t, lateral (values {', '.join(f'({k}, t.a)' for k in range(n))}) v(x, y)"
    )


@_generator(6)
def aliases(n: int, _: str = "") -> str:
    chain = [f"x{k - 1} + 1 as x{k}" for k in range(1, n)]
    return f"select {', '.join(['a as x0', *chain])} from t"


@_generator(12)
def joins(n: int, _: str = "") -> str:
    return "select t0.a from t t0 " + " ".join(
        f"left join t t{k} on t{k}.a = t{k - 1}.b" for k in range(1, n)
    )


@_generator(2)
def cross_joins(n: int, _: str = "") -> str:
    return "select a from " + ", ".join(f"t t{k}" for k in range(n))


@_generator(14)
def windows(n: int, _: str = "") -> str:
    return "select {} from t".format(
        ", ".join(f"sum(a) over (partition by b order by a + {k}) as s{k}" for k in range(n))
    )


@_generator(2)
def group_by(n: int, _: str = "") -> str:
    return f"select sum(a) as v from t group by {', '.join(f'a + {k}' for k in range(n))}"


@_generator(2)
def chained_calls(n: int, _: str = "") -> str:
    return f"select coalesce({', '.join(['a'] * n)}) as v from t"


@_generator(40)
def recursion(n: int, _: str = "") -> str:
    n = min(n, 20_000)
    columns = ", ".join(f"c{k}" for k in range(n))
    shifted = ", ".join(f"c{(k + 1) % n}" for k in range(n))
    first = ", ".join("a" for _ in range(n))
    anchor, step = f"select {first} from t", f"select {shifted} from r"
    return f"with recursive r({columns}) as ({anchor} union all {step}) select * from r"


# -- wide ----------------------------------------------------------------------------


@_generator(20)
def wide_stars(n: int, dialect: str = "") -> str:
    """A star of 2,000 columns, passed on again and again."""
    word = "except" if dialect in ("bigquery", "spark") else "exclude"
    star = "*" if dialect in ("postgres", "tsql") else f"* {word} (c0)"
    steps = [f"s{k} as (select {star if k == 1 else '*'} from s{k - 1})" for k in range(1, n)]
    ctes = ", ".join(["s0 as (select * from w)", *steps])
    return f"with {ctes} select x.*, y.* from s{n - 1} x join s0 y on x.c1 = y.c1"


@_generator(2)
def many_columns(n: int, _: str = "") -> str:
    return f"select {', '.join(f'a as v{k}' for k in range(n))} from t"


@_generator(6)
def many_stars(n: int, _: str = "") -> str:
    return f"select {', '.join(['t.*'] * n)} from t"


@_generator(12)
def pivots(n: int, _: str = "") -> str:
    return f"select * from t pivot (sum(a) for b in ({', '.join(str(k) for k in range(n))}))"


# -- odd -----------------------------------------------------------------------------


@_generator(1)
def comments(n: int, _: str = "") -> str:
    return "select a /* " + "/* " * n + "*/ from t -- " + "x" * n


@_generator(1)
def open_comment(n: int, _: str = "") -> str:
    return "select a from t /*" + " /* -- '" * n


@_generator(1)
def unicode_names(n: int, _: str = "") -> str:
    return (
        "select "
        + ", ".join(f'a as "ñ{chr(0x4E00 + k % 20_000)}\u202e{k}"' for k in range(n // 4 + 1))
        + " from t"
    )


@_generator(1)
def escapes(n: int, _: str = "") -> str:
    return "select '" + "''\\\\" * n + "' as v, a from t"


@_generator(1)
def open_string(n: int, _: str = "") -> str:
    return "select a from t where b = '" + "it\\'s " * n


@_generator(1)
def long_name(n: int, _: str = "") -> str:
    return f"select a as {'x' * n} from t"


@_generator(1)
def long_number(n: int, _: str = "") -> str:
    return f"select a + {'9' * n} as v from t"


@_generator(4)
def jinja(n: int, _: str = "") -> str:
    return "select a from t " + "{% if x %} {{ ref('t') }} {# c #} " * n


@_generator(1)
def null_bytes(n: int, _: str = "") -> str:
    return "select a \x00" + "\x00 " * n + " from t"


@_generator(1)
def half_characters(n: int, _: str = "") -> str:
    return "select '" + "\ud83c" * n + "' as v, a from t"


@_generator(1)
def semicolons(n: int, _: str = "") -> str:
    return "select a from t" + ";" * n


@_generator(5)
def statements(n: int, _: str = "") -> str:
    return "; ".join(["select a from t"] * n)


@_generator(1)
def open_brackets(n: int, _: str = "") -> str:
    return "select " + "([{" * n


@_generator(1)
def commas(n: int, _: str = "") -> str:
    return "select a" + "," * n + " from t"


@_generator(1)
def spaces(n: int, _: str = "") -> str:
    return "select a" + " \n\t\u00a0" * n + "from t"


@_generator(1)
def dollars(n: int, _: str = "") -> str:
    return "select $x$" + "$ $$ $y$ " * n + "$x$ as v, a from t"
