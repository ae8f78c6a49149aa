"""DuckDB builds both versions: whatever differs must have been selected."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from typing import Any

import duckdb
import pytest

from analyticsops import api
from tests.project_maker import project, workspace

RAW = {
    "raw.orders": "id, person, amount, note, status",
    "raw.people": "id, name, country",
}
DATA = """
    create schema raw;
    create table raw.orders as select * from (values
        (1, 1, 10, 'a', 'paid'), (2, 1, 20, 'A', 'open'), (3, 2, null, null, 'paid'),
        (4, null, 5, 'b', 'paid'), (5, 3, 5, 'b', 'void'), (5, 3, 5, 'b', 'void'),
        (6, 9, 7, ' c', null)
    ) as t (id, person, amount, note, status);
    create table raw.people as select * from (values
        (1, 'Ann', 'US'), (2, 'Bob', null), (3, 'Cy', 'DE'), (4, 'Di', 'US')
    ) as t (id, name, country);
"""
MODELS: dict[str, tuple[str, ...]] = {
    "orders": (
        "select id, person, amount, note, status from @raw.orders",
        "with o as (select * from @raw.orders) select id, person, amount, note, status from o",
        "select id, person, amount * 2 as amount, note, status from @raw.orders",
        "select id, person, amount, lower(note) as note, status from @raw.orders",
        "select id, person, amount, note, status from @raw.orders where status = 'paid'",
        "select id, person, amount, note, status, 1 as more from @raw.orders",
        "select id, person, amount, status from @raw.orders",
        "select distinct id, person, amount, note, status from @raw.orders",
    ),
    "people": (
        "select id as person, name, country from @raw.people",
        "select p.id as person, p.name, p.country from @raw.people as p",
        "select id as person, upper(name) as name, country from @raw.people",
        "select id as person, name, coalesce(country, '?') as country from @raw.people",
        "select id as person, name, country from @raw.people where id < 3",
        "select id as person, country from @raw.people",
    ),
    "sums": (
        "select person, sum(amount) as total, count(*) as orders from @orders group by person",
        "select person, sum(coalesce(amount, 0)) as total, count(*) as orders from @orders"
        " group by person",
        "select person, sum(amount) as total, count(amount) as orders from @orders group by 1",
    ),
    "joined": (
        "select p.person, p.name, s.total from @people p left join @sums s on s.person = p.person",
        "select p.person, p.name, s.total from @people p join @sums s on s.person = p.person",
    ),
    "naturally": ("select * from @people natural join @sums",),
    "stars": ("select * from @orders",),
    "distinct_stars": ("select distinct * from @orders",),
    "unions": ("select person from @people union select person from @orders",),
    "ranked": (
        "select id, row_number() over (partition by person order by amount, id) as n from @orders",
    ),
    "first": ("select id from @ranked where n = 1",),
    "in_set": ("select id from @orders where person in (select person from @people)",),
    "scalar": ("select id, (select max(total) from @sums) as most from @orders",),
}
FIRST = {name: texts[0] for name, texts in MODELS.items()}


def _build(models: dict[str, str]) -> dict[str, Any]:
    """Name -> columns and rows; None of what fails, or reads what failed."""
    made: dict[str, Any] = {}
    with duckdb.connect() as connection:
        connection.execute(DATA)
        for name, sql in models.items():
            text = re.sub(r"@(\w+(?:\.\w+)?)", r"\1", sql)
            try:
                connection.execute(f"create table {name} as {text}")
            except duckdb.Error:
                made[name] = None
                continue
            result = connection.sql(f"select * from {name}")
            made[name] = (result.columns, Counter(map(repr, result.fetchall())))
    return made


def _variants() -> list[dict[str, str]]:
    single = [(name, text) for name, texts in MODELS.items() for text in texts[1:]]
    pairs = [pair for pair in itertools.combinations(single, 2) if pair[0][0] != pair[1][0]]
    return [dict([entry]) for entry in single] + [dict(pair) for pair in pairs]


BEFORE = _build(FIRST)


def test_all_of_them_can_be_built() -> None:
    assert [name for name, made in BEFORE.items() if made is None] == []


@pytest.mark.parametrize("change", _variants(), ids=lambda change: "; ".join(change.values()))
def test_whatever_differs_is_selected(change: dict[str, str]) -> None:
    models = {**FIRST, **change}
    after = _build(models)
    differ = {name for name in models if BEFORE[name] != after[name]}
    base = workspace(project(sources=RAW, models=FIRST))
    head = workspace(project(sources=RAW, models=models))
    selected = {entry.name for entry in api.select_changed(base, head)}
    assert differ <= selected


def test_most_of_what_is_selected_differs() -> None:
    """On few rows a change may not show; much more would be guessing."""
    differ = selected = 0
    base = workspace(project(sources=RAW, models=FIRST))
    for change in _variants():
        models = {**FIRST, **change}
        after = _build(models)
        differ += sum(BEFORE[name] != after[name] for name in models)
        head = workspace(project(sources=RAW, models=models))
        selected += len(api.select_changed(base, head))
    assert differ > 0.85 * selected, (differ, selected)
