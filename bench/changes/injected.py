"""Injected changes: what `diff` reports of a change in a project of six levels, beside what
DuckDB shows.

    python -m bench.changes.injected --projects 40 --changes 25 --databases 60

Projects (:mod:`bench.changes.dags`) and changes (:mod:`bench.changes.inject`) are random; the
truth (:mod:`bench.changes.executed`) is what both versions yield on random databases: on more of
them, of other sizes and values, where something is named that the first do not show. A pair
of a model and a column that execution shows to be affected and `diff` does not name is a
*miss*; one that it names and no database shows is *beyond*. A change that is no refactoring and
that no database shows where it was made (``coalesce`` of what is never NULL) is counted apart:
all that is named there is beyond, and nothing can be missed. Prints Markdown, and fails on a miss.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from statistics import median
from typing import NamedTuple

import analyticsops as ao
from analyticsops.workspace import Workspace
from bench.changes.dags import Dag, dag
from bench.changes.databases import TABLES, column_types, database, other_database
from bench.changes.executed import Said, Truth, Warehouse
from bench.changes.inject import REFACTORINGS, Injected, inject
from bench.lineage.process import machine
from tests.project_maker import Made, project, workspace

Pairs = frozenset[tuple[str, str]]


class Claims(NamedTuple):
    """What `diff` says: models whose rows may differ, and (model, column) pairs whose values
    may."""

    rows: frozenset[str]
    columns: Pairs
    seconds: float


class Judged(NamedTuple):
    """A change, what is said of it, and what it does."""

    seed: int
    change: Injected
    claims: Claims
    truth: Truth

    @property
    def shows(self) -> bool:
        """True if it does something where it was made, or cannot do anything."""
        edited = self.change.edited
        seen = self.truth.rows | {model for model, _ in self.truth.columns | self.truth.neither}
        return self.change.kind in REFACTORINGS or bool(edited & seen)

    @property
    def missed(self) -> Pairs:
        """Columns that are affected and not named."""
        return self.truth.columns - self.claims.columns

    @property
    def missed_rows(self) -> frozenset[str]:
        """Models whose rows are affected: not said, and no column of the key named either."""
        named = {model for model, _ in self.truth.neither & self.claims.columns}
        return self.truth.rows - self.claims.rows - named

    @property
    def beyond(self) -> Pairs:
        """Columns that are named and that no database shows to be affected."""
        return self.claims.columns - self.truth.columns - self.truth.neither

    @property
    def beyond_rows(self) -> frozenset[str]:
        """The same of rows."""
        unbuilt = {model for model, _ in self.truth.neither} - self.truth.rows
        return self.claims.rows - self.truth.rows - unbuilt - self.truth.broken


def made(dag: Dag, sql: Mapping[str, str]) -> Made:
    """The project with this SQL as dbt would have compiled it, with the catalog of a warehouse in
    which it was built: no ephemeral model is in that, and none that fails."""
    types = column_types(tuple(sql.items()))
    models: dict[str, dict[str, object]] = {}
    for name, text in sql.items():
        how = dag.models[name].materialized if name in dag.models else "view"
        models[name] = {"sql": text, "materialized": how}
        if how != "ephemeral" and name in types:
            models[name]["catalog"] = types[name]
    sources = {table.name: {"columns": dict(table.columns), "known": True} for table in TABLES}
    return project(sources=sources, models=models, tests=dag.tests)


def versions(dag: Dag, sql: Mapping[str, str]) -> tuple[Workspace, Workspace]:
    """The project, and the same with this SQL."""
    before = {name: model.sql for name, model in dag.models.items()}
    return workspace(made(dag, before)), workspace(made(dag, sql))


def claims(dag: Dag, sql: Mapping[str, str]) -> Claims:
    """What `diff` says of a head with this SQL."""
    both = versions(dag, sql)
    start = time.process_time()
    report = ao.diff(*both)
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
    return Claims(frozenset(rows), frozenset(columns & known), seconds)


def judge(project_seed: int, changes: int, databases: int, most: int = 0) -> Iterator[Judged]:
    """Changes of one project, those left out that no database could have: its tests fail.

    Args:
        most: databases to be tried where something is named that these do not show.
    """
    generated = dag(project_seed)
    warehouse = Warehouse(generated, map(database, range(databases)))
    assert warehouse.holds()
    found = []
    for number in range(changes):
        change = inject(generated, 1000 * project_seed + number)
        said = claims(generated, change.sql)
        truth = warehouse.truth(change.sql, Said(said.rows, said.columns))
        if truth is not None and change.model not in truth.broken:
            found.append(Judged(number, change, said, truth))
    warehouse.close()
    for seed in range(databases, most):
        if not any(judged.beyond for judged in found):
            break
        other = Warehouse(generated, [other_database(seed)])
        if other.holds():
            found = [_looked_at(judged, other) if judged.beyond else judged for judged in found]
        other.close()
    yield from found


def _looked_at(judged: Judged, warehouse: Warehouse) -> Judged:
    """The same, with what one more database shows."""
    said = Said(judged.claims.rows, judged.claims.columns)
    more = warehouse.truth(judged.change.sql, said)
    return judged if more is None else judged._replace(truth=judged.truth.joined(more))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=40)
    parser.add_argument("--first", type=int, default=0, help="seed of the first project")
    parser.add_argument("--changes", type=int, default=25, help="of each project")
    parser.add_argument("--databases", type=int, default=60)
    parser.add_argument(
        "--most", type=int, default=160, help="databases where these show less than is named"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--show", action="store_true", help="list what is beyond")
    options = parser.parse_args()
    found: list[Judged] = []
    seeds = range(options.first, options.first + options.projects)
    one = partial(
        _judge_all, changes=options.changes, databases=options.databases, most=options.most
    )
    with ProcessPoolExecutor(options.jobs) as pool:
        for seed, judged_ones in zip(seeds, pool.map(one, seeds), strict=True):
            print(f"... project {seed}", file=sys.stderr)
            for judged in judged_ones:
                found.append(judged)
                _tell(seed, judged, show=options.show)
    print(f"{len(found)} changes of {options.projects} projects, {machine()}\n")
    print("\n".join(table(found)))
    seconds = median(judged.claims.seconds for judged in found)
    print(f"\n{seconds * 1000:.0f} ms a comparison of two projects of 25 models (median)")
    return 1 if any(judged.missed or judged.missed_rows for judged in found) else 0


def _judge_all(seed: int, changes: int, databases: int, most: int) -> list[Judged]:
    return list(judge(seed, changes, databases, most))


def _tell(seed: int, judged: Judged, *, show: bool) -> None:
    where = f"{seed} {judged.seed} {judged.change.kind} {judged.change.model}"
    if judged.missed or judged.missed_rows:
        missed = sorted(judged.missed) + sorted(judged.missed_rows)
        print(f"MISSED {where}: {missed}", file=sys.stderr)
    if show and judged.beyond:
        print(f"beyond {where}: {sorted(judged.beyond)}", file=sys.stderr)


def table(found: Sequence[Judged]) -> list[str]:
    """As Markdown, by kind of change."""
    lines = [
        "| change | number | columns affected | named | beyond | rows affected | said | beyond |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    shown = [judged for judged in found if judged.shows]
    kinds = sorted({judged.change.kind for judged in shown})
    lines += [_row(kind, [j for j in shown if j.change.kind == kind]) for kind in kinds]
    lines.append(_row("**all of these**", shown))
    lines.append(_row("shown by no database", [judged for judged in found if not judged.shows]))
    hit, beyond = (
        sum(len(part) for part in parts)
        for parts in (
            [judged.truth.columns & judged.claims.columns for judged in shown],
            [judged.beyond for judged in shown],
        )
    )
    affected = sum(len(judged.truth.columns) for judged in shown)
    recall, precision = hit / max(affected, 1), hit / max(hit + beyond, 1)
    return [*lines, "", f"recall {recall:.1%}, precision {precision:.1%} of columns"]


def _row(name: str, judged: Sequence[Judged]) -> str:
    sets = (
        [j.truth.columns for j in judged],
        [j.truth.columns & j.claims.columns for j in judged],
        [j.beyond for j in judged],
        [j.truth.rows for j in judged],
        [j.truth.rows - j.missed_rows for j in judged],
        [j.beyond_rows for j in judged],
    )
    numbers = [len(judged), *(sum(len(part) for part in parts) for parts in sets)]
    return f"| {' | '.join([name, *(f'{n:,}' for n in numbers)])} |"


if __name__ == "__main__":
    sys.exit(main())
