"""No two queries that DuckDB tells apart may have one fingerprint, and nearly all pairs that
it does not must have."""

from __future__ import annotations

import pytest

from .canonical_judge import KEYS, Judged, databases, judge
from .mutants import QUERIES

MUTANTS = 100
"""That are tried for each query; some are the same, some DuckDB refuses."""

DATABASES = 60


@pytest.mark.parametrize("seed", [0, 1000, 2000])
def test_equal_fingerprints_mean_equal_results_and_mostly_the_other_way_round(seed: int) -> None:
    connections = databases(DATABASES)
    found: list[Judged] = []
    for number in range(len(QUERIES)):
        found += judge(number, MUTANTS, seed, connections)
    assert len(found) >= 700
    wrong = [pair for pair in found if pair.refuted]
    assert not wrong, wrong[:3]
    same = [pair for pair in found if pair.same]
    unproven = [pair for pair in same if not pair.proven]
    assert len(same) >= 200
    assert len(unproven) <= 0.1 * len(same), unproven[:5]


def test_what_rests_on_unique_keys_holds_where_they_are_unique_but_for_null() -> None:
    connections = databases(DATABASES, keyed=True)
    found: list[Judged] = []
    for number in range(len(QUERIES)):
        found += judge(number, MUTANTS // 2, 3000, connections, KEYS)
    wrong = [pair for pair in found if pair.refuted]
    assert not wrong, wrong[:3]
    assert sum(pair.proven for pair in found) >= 100
