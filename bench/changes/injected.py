"""Injected changes: what `diff` reports of a change in a project of six levels, beside what
DuckDB shows.

    python -m bench.changes.injected --projects 40 --changes 25 --databases 60

Projects (:mod:`bench.changes.dags`) and changes (:mod:`bench.changes.inject`) are random; the
truth (:mod:`bench.changes.executed`) is what both versions yield on random databases. A pair
of a model and a column that execution shows to be affected and `diff` does not name is a
*miss*; one that it names and no database shows is *beyond*: most of these need data that no
database has. Prints Markdown, and fails on a miss.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import analyticsops as ao
from bench.changes.dags import Dag, dag
from bench.changes.databases import SOURCES
from bench.changes.executed import Truth, Warehouse
from bench.changes.inject import Injected, inject
from tests.project_maker import Made, project, workspace

Pairs = frozenset[tuple[str, str]]


class Claims(NamedTuple):
    """What `diff` says: models whose rows may differ, and (model, column) pairs.

    ``followed`` is what the column graph alone would say, from the same changes.
    """

    rows: frozenset[str]
    columns: Pairs
    followed: Pairs
    seconds: float


class Judged(NamedTuple):
    """A change, what is said of it, and what it does."""

    seed: int
    change: Injected
    claims: Claims
    truth: Truth

    @property
    def missed(self) -> Pairs:
        """Columns that are affected and not named."""
        return self.truth.columns - self.claims.columns

    @property
    def missed_rows(self) -> frozenset[str]:
        """Models whose rows are affected: not said, and no column of the key named either."""
        return frozenset(
            name
            for name in self.truth.rows - self.claims.rows
            if not any((name, column) in self.claims.columns for _, column in self._keys(name))
        )

    def _keys(self, name: str) -> Pairs:
        return frozenset(pair for pair in self.truth.neither if pair[0] == name)

    @property
    def beyond(self) -> Pairs:
        """Columns that are named and that no database shows to be affected."""
        return self.claims.columns - self.truth.columns - self.truth.neither


def made(dag: Dag, sql: Mapping[str, str]) -> Made:
    """The project with this SQL as dbt would have compiled it."""
    models = {
        name: {"sql": text, "materialized": dag.models[name].materialized}
        if name in dag.models
        else {"sql": text, "materialized": "view"}
        for name, text in sql.items()
    }
    sources = {name: ", ".join(c.name for c in columns) for name, columns in SOURCES.items()}
    return project(sources=sources, models=models, tests=dag.tests)


def claims(dag: Dag, sql: Mapping[str, str]) -> Claims:
    """What `diff` says of a head with this SQL."""
    start = time.process_time()
    base = workspace(made(dag, {name: model.sql for name, model in dag.models.items()}))
    head = workspace(made(dag, sql))
    report = ao.diff(base, head)
    seconds = time.process_time() - start
    rows: set[str] = set()
    broken: set[str] = set()
    columns: set[tuple[str, str]] = set()
    for verdict in report.verdicts:
        if verdict.rows:
            rows.add(verdict.name)
        columns |= {(verdict.name, column) for column in verdict.columns}
    for finding in report.findings:
        for hit in finding.affected:
            if hit.kind == "model":
                columns |= {(hit.name, column) for column in hit.columns}
                if hit.via == "breaks":
                    broken.add(hit.name)
                if hit.rows:
                    rows.add(hit.name)
    known = {(name, column) for name, model in dag.models.items() for column, _ in model.columns}
    columns |= {pair for pair in known if pair[0] in broken}
    return Claims(frozenset(rows), frozenset(columns & known), frozenset(), seconds)


def judge(project_seed: int, changes: int, databases: int) -> Iterator[Judged]:
    """Changes of one project, those left out that no database could have: its tests fail."""
    generated = dag(project_seed)
    warehouse = Warehouse(generated, databases)
    assert warehouse.holds()
    for number in range(changes):
        change = inject(generated, 1000 * project_seed + number)
        truth = warehouse.truth(change.sql)
        if truth is not None and change.model not in truth.broken:
            yield Judged(number, change, claims(generated, change.sql), truth)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=40)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--changes", type=int, default=25)
    parser.add_argument("--databases", type=int, default=60)
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args()
    found: list[Judged] = []
    for seed in range(options.first, options.first + options.projects):
        print(f"... {seed}", file=sys.stderr)
        for judged in judge(seed, options.changes, options.databases):
            found.append(judged)
            if judged.missed or judged.missed_rows:
                print(f"MISS {seed} {judged.seed} {judged.change.kind} {judged.change.model}: "
                      f"{sorted(judged.missed)} {sorted(judged.missed_rows)}", flush=True)
            if options.show and judged.beyond:
                print(f"beyond {seed} {judged.seed} {judged.change.kind} {judged.change.model}: "
                      f"{sorted(judged.beyond)}", flush=True)
    columns = sum(len(j.truth.columns) for j in found)
    hit = sum(len(j.truth.columns & j.claims.columns) for j in found)
    beyond = sum(len(j.beyond) for j in found)
    rows = sum(len(j.truth.rows) for j in found)
    said = sum(len(j.claims.rows) for j in found)
    both = sum(len(j.claims.rows & j.truth.rows) for j in found)
    print(f"{len(found)} changes; columns affected {columns}, named {hit} ({hit/columns:.2%}), beyond {beyond}: precision {hit/(hit+beyond):.2%}")
    print(f"rows affected {rows}, said {said}, both {both}; missed {sum(len(j.missed_rows) for j in found)}; precision {both/max(said,1):.2%}")
    from collections import Counter
    kinds = Counter()
    total = Counter()
    for j in found:
        kinds[j.change.kind] += len(j.beyond)
        total[j.change.kind] += len(j.truth.columns)
    for kind, number in kinds.most_common():
        print(f"{kind}: beyond {number}, affected {total[kind]}")
    print(f"seconds {sum(j.claims.seconds for j in found)/len(found):.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
