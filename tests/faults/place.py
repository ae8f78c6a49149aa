"""A project on disk with everything that commands read and write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

import analyticsops as ao
from analyticsops.history.store import Store
from analyticsops.slo.gameday.rehearsal import Rehearsal, rehearse
from analyticsops.slo.spans import instant_of
from scripts.simulated_history import records_of
from tests.cli.shell import make, run

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SLO = ("--history", "history", "--at", NOW.isoformat())
"""What objectives are asked with: the history ends eight hours before."""

INCIDENTS = ("--incidents", "incidents")


def make_place(folder: Path) -> Path:
    """A project, its former version in ``before``, findings.json, a history of 16 hours, an
    incident, an empty database."""
    slo = [{"name": "fresh", "indicator": {"type": "freshness", "threshold": "2h"}}]
    source = {"columns": "id, amount", "config": {"meta": {"analyticsops": {"slo": slo}}}}
    make(folder, broken=True, sources={"raw.orders": source})
    make(folder / "before", sources={"raw.orders": source})
    project = ao.load(folder / "target").project
    span = (instant_of(NOW - timedelta(days=1)), instant_of(NOW - timedelta(hours=8)))
    store = Store(folder / "history")
    for record in records_of(project, rehearse(project, span, Rehearsal())):
        store.put(record)
    run("diff", "--state", "before/target", "--output", "json=findings.json", cwd=folder)
    found = run("slo", "evaluate", "--history", "history", *INCIDENTS, cwd=folder)
    assert "TICKET" in found.out
    duckdb.connect(folder / "shop.duckdb").close()
    return folder
