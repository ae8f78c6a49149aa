"""A history by chance, as the macros would write it: builds, failures, retries, costs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from analyticsops.history.layout import INVOCATIONS, NODE_RESULTS, Column

PROJECT = "by chance"
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
MODELS = [f"model.s.m{number}" for number in range(6)]
TESTS = [f"test.s.t{number}.abc" for number in range(4)]
OTHERS = ["seed.s.one", "snapshot.s.two", "exposure.s.three", "unit_test.s.m0.u"]
UNSUCCESSFUL = {"error", "fail", "skipped", "partial success", "runtime error"}


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


def _row(columns: tuple[Column, ...], told: dict[str, Any]) -> list[str | None]:
    return [None if told.get(c.name) is None else str(told[c.name]) for c in columns]


def history(seed: int, runs: int) -> tuple[list[list[str | None]], list[list[str | None]]]:
    """Rows of both tables, as texts."""
    chance = random.Random(seed)
    heads, rows = [], []
    last: dict[str, list[str]] = {}
    for number in range(runs):
        name = f"{number:08x}-0000-4000-8000-{seed:012x}"
        target = chance.choice(["prod", "prod", "ci"])
        started = BEGIN + timedelta(hours=number, microseconds=chance.randrange(10**6))
        retry = target in last and chance.random() < 0.3
        nodes = last[target] if retry else [*MODELS, *TESTS, *OTHERS]
        results = list(_results(chance, nodes, started))
        command = chance.choice(["build", "build", "run"])
        last[target] = [row["unique_id"] for row in results if row["status"] in UNSUCCESSFUL]
        told = {
            "invocation_id": name,
            "started_at": _moment(started),
            "ended_at": _moment(started + timedelta(minutes=3)),
            "state": "finished",
            "command": command,
            "retries": str(retry).lower(),
            "project": PROJECT,
            "target": target,
            "location": f"db.{target}",
            "job": chance.choice([None, "nightly"]),
            "empty": chance.choice([None, "false", "false", "false", "true"]),
            "sample": chance.choice([None, "false", "false", "true"]),
            "manifest": "own",
            "results": len(results),
            "door": "hook",
        }
        if chance.random() < 0.1:  # nobody knows where; another run in the same place says it
            told["target"] = None
        if chance.random() < 0.5:  # a hook at the start wrote a row as well
            heads.append({**told, "ended_at": None, "state": "started", "results": 0})
        heads.append(told)
        rows += [{"invocation_id": name, **row} for row in results]
    chance.shuffle(heads)
    chance.shuffle(rows)
    columns = (Column("invocation_id", "text", ""), *NODE_RESULTS)
    return [_row(INVOCATIONS, head) for head in heads], [_row(columns, row) for row in rows]


def _results(
    chance: random.Random, nodes: list[str], started: datetime
) -> Iterator[dict[str, Any]]:
    for place, node in enumerate(nodes):
        begun = started + timedelta(seconds=10 * place)
        seconds = round(chance.lognormvariate(1, 1), 3)
        if node.startswith("test."):
            status = chance.choice(["pass", "pass", "pass", "fail", "warn", "skipped"])
        elif node.startswith("exposure."):
            status = "no-op"
        else:
            status = chance.choice(
                ["success", "success", "success", "error", "skipped", "partial success", "new one"]
            )
        ran = status != "skipped"
        yield {
            "unique_id": node,
            "status": status,
            "started_at": _moment(begun) if ran else None,
            "completed_at": _moment(begun + timedelta(seconds=seconds)) if ran else None,
            "execution_time": seconds if ran else 0.0,
            "failures": 3 if status == "fail" else None,
            "materialized": chance.choice(["table", "view", "incremental", None]),
            "tested": MODELS[place % 6] if node.startswith("test.") else None,
            "rows_affected": chance.choice([None, chance.randrange(10**6)]),
            "bytes_processed": chance.choice([None, chance.randrange(10**13)]),
            "slot_ms": chance.choice([None, chance.randrange(10**8)]),
        }
