"""Exact arithmetic of objectives against brute force, instant by instant."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings, strategies as st

from analyticsops.slo.spans import Span, Spans
from analyticsops.slo.watermark import Load, Watermark

from . import random_standings, random_timelines, reference

ROUNDS = 5_000
"""Of each comparison; `make timelines` goes on to a million."""

SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6)


COMPARISONS = (*random_timelines.COMPARISONS, *random_standings.COMPARISONS)


@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize("part", range(5))
def test_random_timelines(compare: Callable[[Random], None], part: int) -> None:
    chance = Random(f"{compare.__name__} {part}")
    for _ in range(ROUNDS // 5):
        compare(chance)


@settings(max_examples=300, deadline=None)
@given(SPANS, SPANS, st.integers(-2, 42), st.integers(-2, 42))
def test_sets_of_spans_are_sets_of_instants(
    one: list[Span], other: list[Span], start: int, end: int
) -> None:
    first, second = Spans.of(one), Spans.of(other)
    mine, theirs = reference.instants(first), reference.instants(second)
    assert reference.instants(first | second) == mine | theirs
    assert reference.instants(first & second) == mine & theirs
    assert reference.instants(first - second) == mine - theirs
    assert reference.instants(first.clip(start, end)) == {t for t in mine if start <= t < end}
    assert first.length == len(mine)
    assert [t in first for t in range(-1, 42)] == [t in mine for t in range(-1, 42)]
    assert (first | second) == (second | first)
    assert (first - first) == Spans()
    for found in (first, first | second, first & second, first - second):
        assert found == Spans.of(found.parts)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=8), st.randoms())
def test_order_repetition_and_splitting_do_not_matter(
    pairs: list[tuple[int, int]], chance: Random
) -> None:
    loads = [Load(*pair) for pair in pairs]
    again = [*loads, *loads]
    chance.shuffle(again)
    assert Watermark.of(again) == Watermark.of(loads)
    stale = Watermark.of(loads).stale(5, (0, 60))
    middle = chance.randint(0, 60)
    parts = [Watermark.of(loads).stale(5, part) for part in ((0, middle), (middle, 60))]
    assert parts[0] | parts[1] == stale
