"""What a fault leaves of builds and runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from analyticsops.slo.gameday.rehearsal import chains_of
from analyticsops.slo.observed import Build, Check, Observed, Run


def unbuilt(one: Build, outcome: str, message: str = "") -> Build:
    """A build that failed or was skipped."""
    if outcome == "skipped":
        return one._replace(
            outcome=outcome, started=None, completed=None, seconds=0.0, bytes=None, loads=False
        )
    return one._replace(outcome=outcome, loads=False, bytes=None, message=message)


def judged(observed: Observed) -> Observed:
    """With runs that failed where something in them did."""
    told: Iterable[Sequence[Build | Check]] = (
        *observed.builds.values(),
        *observed.checks.values(),
    )
    bad = {one.run for listed in told for one in listed if one.outcome == "bad"}
    runs = [
        run._replace(verdict="failed") if run.id in bad and run.verdict == "ok" else run
        for run in observed.runs
    ]
    return with_runs(observed, runs)


def with_runs(observed: Observed, runs: Sequence[Run]) -> Observed:
    """With other runs, and their retries told anew."""
    ordered = sorted(runs, key=lambda run: (run.started, run.id))
    return msgspec.structs.replace(observed, runs=tuple(ordered), chains=chains_of(ordered))
