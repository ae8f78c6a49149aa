"""No two queries that DuckDB tells apart may have one fingerprint, and nearly all pairs that
it does not must have."""

from __future__ import annotations

import pytest

from .canonical_judge import KEYS, Judged, databases, judge
from .mutated_queries import QUERIES

MUTANTS = 30
"""That are tried for each query; some are the same, some DuckDB refuses."""

DATABASES = 60

LEAST = 500
"""Mutants of one seed; of the four there are two thousand."""


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_equal_fingerprints_mean_equal_results_and_mostly_the_other_way_round(seed: int) -> None:
    found = _judged(seed, keyed=False)
    same = [pair for pair in found if pair.same]
    unproven = [pair for pair in same if not pair.proven]
    assert len(same) >= 150
    assert len(unproven) <= 0.1 * len(same), unproven[:5]


def test_what_rests_on_unique_keys_holds_where_they_are_unique_but_for_null() -> None:
    found = _judged(3, keyed=True)
    assert sum(pair.proven for pair in found) >= 150


def _judged(seed: int, *, keyed: bool) -> list[Judged]:
    """Mutants of all queries, of whose claims none is refuted."""
    connections = databases(DATABASES, keyed=keyed, first=seed * DATABASES)
    found: list[Judged] = []
    for number in range(len(QUERIES)):
        found += judge(number, MUTANTS, seed * 1000, connections, KEYS if keyed else None)
    wrong = [pair for pair in found if pair.refuted]
    assert not wrong, wrong[:3]
    assert len(found) >= LEAST
    return found
