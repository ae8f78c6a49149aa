"""The ground on which tools are compared: what execution says of a pair, and how it is counted."""

from __future__ import annotations

import pytest

from bench.changes.pairs import ADDITIVE, COLUMNS, NO_OP, ROWS, Known, Pair, Verdict, _known, filled
from bench.changes.peers import EVERYTHING, is_unsafe, table
from bench.changes.runners import ours_pairs
from tests.sql.canonical_judge import TABLES

BASE = "select id, x from a where x > 1"
CONNECTIONS = filled(TABLES, 9)


@pytest.mark.parametrize(
    ("head", "kind", "columns"),
    [
        ("select id, x from (select * from a) as s where 1 < x", NO_OP, ()),
        ("select id, x, y from a where x > 1", ADDITIVE, ()),
        ("select id, x + 1 as x from a where x > 1", COLUMNS, ("x",)),
        ("select id from a where x > 1", COLUMNS, ("x",)),
        ("select id, x from a where x > 2", ROWS, ()),
    ],
)
def test_execution_and_the_runner_agree(head: str, kind: str, columns: tuple[str, ...]) -> None:
    (known,) = _known("", "", TABLES, BASE, head, CONNECTIONS)
    assert known.truth == Verdict(kind, columns)
    pair = {"tables": known.pair.tables, "left": BASE, "right": head}
    said, names = ours_pairs.prepare(pair)()
    assert known.is_exact(Verdict(said, tuple(sorted(names))))


def test_what_nobody_can_tell_counts_either_way() -> None:
    swapped = "select a.x as p, b.x as q from a, a as b", "select a.x as p, a.x as q from a, a as b"
    (known,) = _known("", "", TABLES, *swapped, CONNECTIONS)
    assert {known.truth, *known.also} == {Verdict(COLUMNS, ("p",)), Verdict(COLUMNS, ("q",))}


def test_unsafe_is_whatever_a_reader_would_miss() -> None:
    x, y = Verdict(COLUMNS, ("x",)), Verdict(COLUMNS, ("x", "y"))
    unsafe = [(Verdict(NO_OP), x), (x, y), (y, Verdict(ROWS))]
    assert all(is_unsafe(said, truth) for said, truth in unsafe)
    assert not any(is_unsafe(truth, said) for said, truth in unsafe)


def test_everything_modified_is_never_unsafe_and_seldom_right() -> None:
    pairs = [Known(Pair("", "", {}, "", ""), truth) for truth in (Verdict(NO_OP), Verdict(ROWS))]
    (line,) = [line for line in table(pairs, {}) if EVERYTHING in line]
    assert line.startswith(f"| {EVERYTHING} | 50.0 % | 50.0 % | 0 | 0/1 |")
