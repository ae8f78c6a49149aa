"""The project whose metrics the bench fingerprints is one that can be understood."""

from __future__ import annotations

from pathlib import Path

import pytest

import analyticsops as ao
from analyticsops.metrics.lock import make_lock
from bench.lineage.generate import write
from bench.metrics.fingerprints import add_metrics


def test_every_metric_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANALYTICSOPS_CACHE", "off")
    write(60, tmp_path)
    add_metrics(tmp_path, 20)
    lock = make_lock(ao.load(tmp_path).registry)
    assert len(lock.metrics) == 20
    assert [name for name, metric in lock.metrics.items() if metric.opaque] == []
    assert {metric.type for metric in lock.metrics.values()} == {"simple", "ratio", "cumulative"}
    assert len({metric.fingerprint for metric in lock.metrics.values()}) == 20
