"""The comparison as a query says what counting the rows in Python says."""

from __future__ import annotations

import itertools
from random import Random

import duckdb
import pytest

from analyticsops.evidence.difference import delta
from analyticsops.evidence.query import comparison_query, counted
from analyticsops.sql.translate import column_text
from analyticsops.verify.tables import quoted

Rows = list[tuple[int | None, ...]]


def _values(rows: Rows) -> str:
    lines = ", ".join(str(tuple(row)).replace("None", "null::int") for row in rows)
    return f"select * from (values {lines}) as t(a, b, c)" if rows else (
        "select null::int as a, null::int as b, null::int as c limit 0"
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_as_counted_by_hand(seed: int) -> None:
    chance = Random(seed)

    def rows() -> Rows:
        many = chance.choice((0, 1, 4, 9))
        return [tuple(chance.choice((None, 1, 2, 3)) for _ in range(3)) for _ in range(many)]

    base, head = rows(), rows()
    pairing, columns = [[0], [0, 1], []][seed % 3], [1, 2]
    choices = [pairing, *([*pairing, n] for n in columns)]
    pairs = [("a", "A"), ("b", "b"), ("c", "c")]
    query = comparison_query(f"{_values(base)};", _values(head), pairs, choices, quoted)
    cursor = duckdb.execute(query)
    names = [column[0].upper() for column in cursor.description or ()]
    found = counted([dict(zip(names, row, strict=True)) for row in cursor.fetchall()])
    expected = delta(base, head, pairing, columns)
    assert (found[0].rows, found[0].removed, found[0].added) == expected[:3]
    for number, column in enumerate(columns, 1):
        if column not in pairing:
            differing = found[number].removed - found[0].removed
            assert max(differing, 0) == expected.columns.get(column, 0)


@pytest.mark.parametrize(
    ("name", "dialect", "text"),
    [
        ("amount", "snowflake", "amount"),
        ("two words", "bigquery", "`two words`"),
        ("AMOUNT", "postgres", "AMOUNT"),
    ],
)
def test_names_are_quoted_only_where_they_must_be(name: str, dialect: str, text: str) -> None:
    assert column_text(name, dialect) == text


def test_empty_answers() -> None:
    one: Rows = [(1, 1, 1)]
    for base, head in itertools.product(([], one), repeat=2):
        query = comparison_query(_values(base), _values(head), [("a", "a")], [[0], []], quoted)
        rows = duckdb.execute(query).fetchall()
        assert sorted(rows) == [
            (0, len(base), len(base) * (not head), len(head) * (not base)),
            (1, len(base), max(len(base) - len(head), 0), max(len(head) - len(base), 0)),
        ]
