"""What is played on each engine, once for all tests, and what came out of each door."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from analyticsops.history.ingest import ingest
from analyticsops.history.reading import Circumstances
from analyticsops.history.store import Store
from analyticsops.pulling import Pulled, Warehouse, pull_runs
from tests import hostile
from tests.engines import synthetic
from tests.engines.play import PYTHON, Played, Step, play

RAW = (
    "create schema raw; create table raw.fresh (loaded_at timestamp); "
    "insert into raw.fresh values ({now}); "
    "create table raw.stale (loaded_at timestamp); "
    "insert into raw.stale values (timestamp '2026-01-01 00:00:00')"
)
NOW = {
    "duckdb": "now() at time zone 'utc'",
    "postgres": "now() at time zone 'utc'",
    "spark": "current_timestamp()",
}
WINDOW = ("--event-time-start", "2026-01-01", "--event-time-end", "2026-01-04")
TEXTS_OF = "00000000-0000-4000-8000-000000000000"


def operation(name: str, **args: Any) -> Step:
    """A run-operation."""
    return Step(["run-operation", name, "--args", json.dumps(args)])


def installed(engine: str) -> list[Step]:
    """Tables that are made, lack a column as those of an earlier version would, and get it."""
    install = Step(["run-operation", "analyticsops.install"])
    drop = f"alter table history_{engine}.invocations drop column door"
    # Spark cannot drop a column of Parquet.
    earlier = [] if engine == "spark" else [operation("run_sql", text=drop), install]
    return [install, *earlier, install]


def runs(engine: str) -> list[Step]:
    """Models that fail, wholly and in part, a retry, and what loads nothing."""
    batches = {} if engine == "spark" else {"BATCHES": "yes"}
    return [
        Step(["build", *WINDOW], {"BREAK_MODEL": "1", "BREAK_BATCH": "1", **batches}),
        Step(["retry"], batches),
        operation("run_sql", text=RAW.format(now=NOW[engine])),
        Step(["source", "freshness"]),
        Step(["run", "--empty", "--select", "orders", "--full-refresh"]),
        Step(["build"], {"LIMIT": "15"}),
        Step(["run", "--select", "small"], {"ANALYTICSOPS_JOB": "nightly", "BREAK_END": "sql"}),
    ]


def others() -> list[Step]:
    """Rows by chance and by malice, and the views over all of them."""
    invocations, results = synthetic.history(7, 120)
    texts = [hostile.escaped(text) for text in hostile.TEXTS]
    return [
        operation("load_rows", rows={"invocations": invocations, "node_results": results}),
        operation("load_texts", invocation=TEXTS_OF, texts=texts, large=hostile.LARGE),
        Step(["run", "--select", "package:analyticsops_warehouse"]),
        operation("print_views"),
        operation("analyticsops.print_history", groups=[[TEXTS_OF]]),
    ]


class Doors(msgspec.Struct):
    """One history through each door, and what dbt said.

    Attributes:
        files: what `ingest` recorded after each command.
        hook: what was pulled from the warehouse.
        both: both of them.
        installed: the commands of :func:`installed`.
        played: the commands of :func:`runs`.
        others: the commands of :func:`others`.
        first: the first pull.
        again: another one; None where it is not tried.
    """

    files: Store
    hook: Store
    both: Store
    installed: list[Played]
    played: list[Played]
    others: list[Played]
    first: Pulled
    again: Pulled | None


def open_doors(root: Path, project: Path, engine: str) -> Doors:
    """Play everything, and look through each door."""
    first_steps, steps = installed(engine), runs(engine)
    everything = play(project, [*first_steps, *steps, *others()])
    made, rest = everything[: len(first_steps)], everything[len(first_steps) :]
    played, last = rest[: len(steps)], rest[len(steps) :]
    files, hook, both = (Store(root / name) for name in ("files", "hook", "both"))
    _ingest_each(everything, [files, both])
    warehouse = Warehouse(
        project_dir=project,
        command=(str(Path(PYTHON).parent / "dbt"),),
        profiles_dir=project,
    )
    first = pull_runs(hook, warehouse)
    for one in hook.listing().loose:
        both.put(hook.read(one.path))
    again = pull_runs(hook, warehouse) if engine == "duckdb" else None
    return Doors(files, hook, both, made, played, last, first, again)


def _ingest_each(played: Iterable[Played], stores: Iterable[Store]) -> None:
    for one in played:
        for store in stores:
            ingest(store, one.folder, one.folder / "dbt.log", Circumstances())
