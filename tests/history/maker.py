"""Records that are made up: any number, each another, the same for the same number."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from analyticsops.history.record import Invocation, NodeResult, Record, make_record, microseconds

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def made_up(number: int, results: int = 20) -> Record:
    """The record of the ``number``-th hourly build of a project."""
    chance = random.Random(number)
    started = microseconds(BEGIN + timedelta(hours=number))
    rows = [_row(place, started, chance) for place in range(results)]
    invocation = Invocation(
        invocation_id=f"00000000-0000-4000-8000-{number:012d}",
        started_at=started,
        ended_at=max((row.completed_at or started for row in rows), default=started),
        state="finished",
        command="build",
        retries=False,
        elapsed=round(chance.random() * 600, 6),
        project="shop",
        environment="prod",
        adapter="duckdb",
        dbt_version="1.11.16",
        manifest="own",
        results=0,
    )
    return make_record(invocation, rows)


def _row(place: int, started: int, chance: random.Random) -> NodeResult:
    seconds = round(chance.expovariate(1 / 3), 6)
    begun = started + chance.randrange(600_000_000)
    if place % 2:
        test = chance.random() > 0.01
        return NodeResult(
            unique_id=f"test.shop.not_null_orders_{place:05d}_id.{place * 7919:010x}",
            status="pass" if test else "fail",
            started_at=begun,
            completed_at=begun + int(seconds * 1e6),
            execution_time=seconds,
            failures=0 if test else chance.randrange(1, 1000),
            materialized="test",
            tested=f"model.shop.fct_orders_{place - 1:05d}",
            message=None if test else "Got # results, configured to fail if != #",
        )
    status = chance.choices(["success", "error", "skipped"], [98, 1, 1])[0]
    return NodeResult(
        unique_id=f"model.shop.fct_orders_{place:05d}",
        status=status,
        started_at=None if status == "skipped" else begun,
        completed_at=None if status == "skipped" else begun + int(seconds * 1e6),
        execution_time=0.0 if status == "skipped" else seconds,
        materialized="view" if place % 8 == 0 else "table",
        checksum=f"{place * 104729:016x}",
        rows_affected=chance.randrange(10**6) if status == "success" else None,
    )
