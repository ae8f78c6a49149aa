"""Projects on disk that the tests of the command line only read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.shell import make

LIMITS = {"warn_after": {"count": 1, "period": "hour"}, "error_after": None}


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project without findings."""
    return make(tmp_path_factory.mktemp("good"))


@pytest.fixture(scope="session")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A later version, in which a column is renamed and its reader is not adapted."""
    return make(tmp_path_factory.mktemp("bad"), broken=True)


@pytest.fixture(scope="session")
def stale(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose source is old, and has an objective."""
    slo = [{"name": "fresh", "indicator": {"type": "freshness", "threshold": "2h"}}]
    source = {
        "columns": "id, amount",
        "freshness": LIMITS,
        "config": {"meta": {"analyticsops": {"slo": slo}}},
    }
    result = {
        "unique_id": "raw.orders",
        "status": "warn",
        "max_loaded_at": "2026-11-20T01:00:00+00:00",
        "snapshotted_at": datetime(2026, 11, 20, 8, tzinfo=UTC).isoformat(),
        "max_loaded_at_time_ago_in_s": 25_200,
    }
    folder = tmp_path_factory.mktemp("stale")
    return make(folder, sources={"raw.orders": source}, freshness=[result])
