"""Nothing is wider than the terminal, and nothing is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st
from rich.cells import cell_len
from rich.text import Text

from analyticsops.screen.fitting import fold
from analyticsops.screen.page import Page
from analyticsops.screen.sparkline import BLOCKS, levels, of_share
from analyticsops.screen.table import Column, listing, table
from analyticsops.screen.tree import Branch, write_tree

NAMES = st.text("ABZ数_./:@- ", min_size=1, max_size=70).filter(str.strip)
SAID = st.text("abc; ", max_size=40)
WIDTHS = st.integers(40, 200)


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(st.text("ab数e\u0301_./:@- ", max_size=120), st.integers(4, 60))
def test_folding_loses_nothing(text: str, width: int) -> None:
    parts = fold(Text(text), width)
    assert all(cell_len(part.plain) <= width for part in parts)
    assert _squeezed("".join(part.plain for part in parts)) == _squeezed(text)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("fct_orders.net_revenue", 30, ["fct_orders.net_revenue"]),
        ("fct_orders.net_revenue", 14, ["fct_orders.", "net_revenue"]),
        ("dim_customers._valid_from", 20, ["dim_customers.", "_valid_from"]),
        ("models/marts/_orders.yml", 16, ["models/marts/", "_orders.yml"]),
        ("accepted_values__of_status", 20, ["accepted_values__of_", "status"]),
        ("two words", 6, ["two", "words"]),
        ("数数数数数", 4, ["数数", "数数", "数"]),
    ],
)
def test_names_break_where_their_parts_do(text: str, width: int, lines: list[str]) -> None:
    assert [part.plain for part in fold(Text(text), width)] == lines


# -- trees -----------------------------------------------------------------------------


def _branches(depth: int) -> st.SearchStrategy[list[Branch]]:
    below = _branches(depth - 1) if depth else st.just([])
    one = st.builds(
        lambda name, said, below, mark: Branch(Text(name), Text(said), below, mark),
        NAMES,
        SAID,
        below,
        st.sampled_from(["", "1", "12"]),
    )
    return st.lists(one, max_size=3)


def _walk(branches: list[Branch]) -> list[Branch]:
    found = []
    for branch in branches:
        found += [branch, *_walk(list(branch.below))]
    return found


@given(_branches(3), WIDTHS)
def test_a_tree_holds_every_name_in_order(branches: list[Branch], width: int) -> None:
    page = Page(width, color=False)
    write_tree(page, branches, indent=1)
    drawn = page.read()
    assert all(cell_len(line) <= width for line in drawn.splitlines())
    names = "".join(branch.name.plain for branch in _walk(branches))
    # Names are capitals, and what is said is small.
    kept = re.sub(r"[^ABZ数_./:@-]", "", drawn)
    assert kept == re.sub(r"[^ABZ数_./:@-]", "", names)
    said = "".join(branch.beside.plain for branch in _walk(branches))
    assert re.sub("[^abc;]", "", drawn) == re.sub("[^abc;]", "", said)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_chain_of_a_thousand_steps_still_fits(width: int) -> None:
    branch = Branch(Text("LAST"), Text("identity"), [], "1000")
    for number in range(999, 0, -1):
        branch = Branch(Text(f"STEP_{number}"), Text("identity"), [branch], str(number))
    page = Page(width, color=False)
    write_tree(page, [branch])
    lines = page.read().splitlines()
    assert max(map(cell_len, lines)) <= width
    assert re.findall(r"STEP_\d+|LAST", "\n".join(lines))[-1] == "LAST"
    assert sum("identity" in line for line in lines) == 1000


def test_what_is_said_stands_in_one_column() -> None:
    page = Page(60, color=False)
    leaf = Branch(Text("C"), Text("cast"))
    write_tree(
        page, [Branch(Text("A"), Text("rename"), [Branch(Text("B" * 9), Text("join"), [leaf])])]
    )
    assert page.read().splitlines() == [
        "A             rename",
        "└─ BBBBBBBBB  join",
        "   └─ C       cast",
    ]


# -- tables -------------------------------------------------------------------------------


@given(st.lists(st.tuples(NAMES, SAID, st.integers(0, 10**6)), min_size=1, max_size=4), WIDTHS)
def test_a_table_holds_every_cell(rows: list[tuple[str, str, int]], width: int) -> None:
    columns = [Column("X"), Column("y"), Column("", right=True)]
    page = Page(width, color=False)
    page.draw(table(columns, [[Text(a), Text(b), Text(str(c))] for a, b, c in rows]))
    page.draw(listing([None, None], [[Text(a), Text(b)] for a, b, _ in rows], indent=2))
    drawn = page.read()
    assert all(cell_len(line) <= width for line in drawn.splitlines())
    for kept, texts in (
        ("[^ABZ数_./:@-]", [row[0] for row in rows]),
        ("[^abc;]", [row[1] for row in rows]),
    ):
        assert re.sub(kept, "", drawn) == re.sub(kept, "", "".join(texts)) * 2


# -- sparklines ------------------------------------------------------------------------------


def test_only_nothing_is_the_lowest_and_only_all_the_highest() -> None:
    assert [of_share(share) for share in (0, 1e-9, 0.5, 1 - 1e-9, 1)] == list("▁▂▅▇█")
    assert sorted({of_share(n / 1000) for n in range(1001)}) == sorted(BLOCKS)


def test_numbers_between_their_least_and_their_greatest() -> None:
    assert levels([1, 2, None, 3]) == "▁▅·█"
    assert levels([5, 5]) == "▄▄"
    assert levels([None]) == "·"
    assert levels([-7, 0, 7])[1] in "▄▅"
