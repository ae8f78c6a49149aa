"""What the bench of comparisons changes is found, and nothing else."""

from __future__ import annotations

from pathlib import Path

import analyticsops as ao
from bench.changes.diff import change
from bench.lineage.generate import write


def test_half_of_the_changes_keep_the_meaning(tmp_path: Path) -> None:
    base, head = tmp_path / "base", tmp_path / "head"
    base.mkdir()
    write(100, base)
    change(base, head, 8)
    report = ao.diff(ao.load(base), ao.load(head))
    verdicts = sorted(verdict.verdict for verdict in report.verdicts)
    assert len(verdicts) == 8
    assert verdicts.count("refactored") == 4
    assert set(verdicts) == {"refactored", "rows changed", "values changed"}
