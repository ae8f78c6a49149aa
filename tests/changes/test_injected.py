"""Changes injected into random projects of six levels: nothing that DuckDB shows to be affected
may be missing from what `diff` names. The large run is `make injected`."""

from __future__ import annotations

import pytest

from analyticsops.changes.compare import compare
from analyticsops.comparing import version_of
from bench.changes.dags import dag
from bench.changes.inject import inject
from bench.changes.injected import Judged, claims, judge, versions

pytestmark = pytest.mark.xdist_group("injected")  # what is judged is judged once

PROJECTS = (1, 2)
CHANGES = 14
DATABASES = 12


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    return [found for seed in PROJECTS for found in judge(seed, CHANGES, DATABASES)]


def test_changes_reach_columns_and_rows(judged: list[Judged]) -> None:
    assert len(judged) >= 20
    assert sum(len(found.truth.columns) for found in judged) >= 20
    assert sum(len(found.truth.rows) for found in judged) >= 10


def test_nothing_is_missed(judged: list[Judged]) -> None:
    missed = [
        (found.change.kind, found.change.model, found.missed, found.missed_rows)
        for found in judged
        if found.missed or found.missed_rows
    ]
    assert not missed


@pytest.mark.parametrize("seed", range(500, 512))
def test_whatever_may_differ_is_named(seed: int) -> None:
    """What the contents of two versions do not prove equal, a finding says or leads to."""
    project = dag(seed)
    for number in range(6):
        change = inject(project, 1000 * seed + number)
        named = claims(project, change.sql).columns
        comparison = compare(*map(version_of, versions(project, change.sql)))
        if any(change.removed for change in comparison.nodes.values()):
            continue  # who reads what is gone fails, and nothing below it is built
        differing = {
            (name, column)
            for unique_id, found in comparison.differing.items()
            for name in [unique_id.rpartition(".")[2]]
            if name in project.models
            for column, _ in project.models[name].columns
            if column in found.columns
        }
        assert differing <= named, (change.kind, change.model, sorted(differing - named))


def test_most_of_what_is_named_is_so(judged: list[Judged]) -> None:
    """On few databases not all shows; much more would be guessing."""
    shown = [found for found in judged if found.shows]
    right = sum(len(found.truth.columns & found.claims.columns) for found in shown)
    beyond = sum(len(found.beyond) for found in shown)
    assert right > 0.75 * (right + beyond), (right, beyond)
