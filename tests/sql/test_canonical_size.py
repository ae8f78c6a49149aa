"""Canonical forms of queries whose CTEs use the one before them twice: they do not double."""

from __future__ import annotations

import pytest

from analyticsops.sql.forms import Forms
from analyticsops.sql.types.families import type_family

from .case_files import parse_schema
from .test_canonical_cases import fingerprint

_TABLES = parse_schema("t: id, x, y\no: id, x")
_TYPES = {t.name: {n: type_family(kind, "duckdb") for n, kind in t.columns} for t in _TABLES}
_CTES = 24
_MOST_FORMS = 100_000


@pytest.mark.parametrize(
    ("step", "last"),
    [
        ("select id, x + x as x, b from {0}", "select id from o where x in (select x from {0})"),
        ("select id, b, case when b then x else x + x end as x from {0}", "select x from {0}"),
        (
            "select id, x, case when b then b else not b end as b from {0}",
            "select x from {0} where b",
        ),
        (
            "select id, sum(x) over () + x as x, b from {0}",
            "select x from {0} group by x having x > 1",
        ),
        ("select id, x, not b and b as b from {0}", "select x from {0} where b"),
        (
            "select id, nullif(coalesce(x, x + 1), x) as x, b and (b or x > 1) as b from {0}",
            "select x from {0} where b",
        ),
        ("select id, x + x as x, not b as b from {0} order by x limit 10", "select x from {0}"),
        (
            "select id, x + x as x, b from {0} union select id, x + 1, b from {0}",
            "select distinct id, x from {0}",
        ),
        ("select id, max(x) + max(x) as x, b from {0} group by id, b", "select x from {0}"),
        (
            "select a.id, a.x + c.x as x, a.b from {0} a left join {0} c on a.id = c.id",
            "select x from {0} where id = 3",
        ),
        (
            "select a.id, a.x + c.x as x, a.b from {0} a join {0} c on a.id = c.id",
            "select x from {0} where id = 3",
        ),
    ],
)
def test_forms_do_not_double(step: str, last: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0
    form = Forms.form

    def counted(self: Forms, how: str, *parts: str) -> str:
        nonlocal made
        made += 1
        assert made < _MOST_FORMS
        return form(self, how, *parts)

    monkeypatch.setattr(Forms, "form", counted)
    ctes = ["c0 as (select id, x, x > 1 as b from t)"]
    ctes += [f"c{n} as ({step.format(f'c{n - 1}')})" for n in range(1, _CTES)]
    query = f"with {', '.join(ctes)} {last.format(f'c{_CTES - 1}')}"
    keys = {table.name: [(("id",), False)] for table in _TABLES}
    assert fingerprint(query, _TABLES, unique=keys, types=_TYPES).rows
