"""What can go wrong on a game day."""

from __future__ import annotations

import enum

import msgspec

from analyticsops.slo.spans import Instant


class FaultKind(enum.StrEnum):
    """What goes wrong."""

    SOURCE_LATE = "source-late"
    SOURCE_MISSING = "source-missing"
    COLUMN_DROPPED = "column-dropped"
    ROWS_DUPLICATED = "rows-duplicated"
    CLOCK_AHEAD = "clock-ahead"
    NODE_FAILS = "node-fails"
    NODE_FLAPS = "node-flaps"
    NODE_SLOWER = "node-slower"
    JOB_CRASHES = "job-crashes"
    JOB_SILENT = "job-silent"
    JOB_RETRIES = "job-retries"
    JOB_COSTLY = "job-costly"


ON_SOURCES = (
    FaultKind.SOURCE_LATE,
    FaultKind.SOURCE_MISSING,
    FaultKind.COLUMN_DROPPED,
    FaultKind.ROWS_DUPLICATED,
    FaultKind.CLOCK_AHEAD,
)
ON_NODES = (FaultKind.NODE_FAILS, FaultKind.NODE_FLAPS, FaultKind.NODE_SLOWER)
ON_JOBS = (
    FaultKind.JOB_CRASHES,
    FaultKind.JOB_SILENT,
    FaultKind.JOB_RETRIES,
    FaultKind.JOB_COSTLY,
)


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that goes wrong.

    Attributes:
        kind: what.
        target: ``unique_id`` of a source or node, or the name of a job.
        at: when it begins.
        by: microseconds by which data is late.
    """

    kind: FaultKind
    target: str
    at: Instant
    by: int = 0
