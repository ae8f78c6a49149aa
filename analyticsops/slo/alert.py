"""What somebody should know: one alert for one thing that is wrong.

Alerts are not sent. They are gathered into incidents (:mod:`analyticsops.slo.incidents`), and these
are told.
"""

from __future__ import annotations

import enum

import msgspec

from analyticsops.slo.durations import spoken
from analyticsops.slo.spans import Instant, time_of


class Kind(enum.StrEnum):
    """What sort of trouble it is, which decides what can have caused it."""

    LATE = "late"
    """Data is too old, or overdue."""
    FAILING = "failing"
    """A build of a node fails."""
    CHECKS = "checks"
    """Tests of a node fail, or its numbers are outside of what is promised."""
    SCHEMA = "schema"
    """Columns of a node changed."""
    NOT_RUN = "not-run"
    """A job did not start, or did not end."""
    UNMEASURED = "unmeasured"
    """Nobody looked."""
    SLOW = "slow"
    COSTLY = "costly"
    FLAPPING = "flapping"
    MASKED = "masked"
    """Retries hide failures."""
    BUDGET = "budget"
    """Nothing is wrong at this moment; the budget is or will be used up."""
    SILENT = "silent"
    """analyticsops itself did not run."""


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong.

    Attributes:
        rule: name of its rule, such as ``budget-burning``.
        kind: of trouble.
        subject: what people call what it is about.
        node: ``unique_id``; empty if it is about a job or the project.
        job: name; empty if it is about no job.
        slo: full name of the objective that is hit; empty if none is.
        tier: of that objective.
        page: True if somebody must get up for it.
        since: when it began.
        what: what is wrong, without a full stop.
        budget: how much of the budget is used, for people; empty without an objective.
        owner: empty if nobody.
        group: dbt group; empty if none.
        cause: what caused it, if that is something else, for people.
        blame: ``unique_id`` of the node that is behind its inputs, or of the source that is late.
        source: ``unique_id`` of the source whose data is too old.
        arrives: when the next data is expected; None if nobody knows.
        runbook: address; empty if there is none.
    """

    rule: str
    kind: Kind
    subject: str
    what: str
    since: Instant
    node: str = ""
    job: str = ""
    slo: str = ""
    tier: str = ""
    page: bool = False
    budget: str = ""
    owner: str = ""
    group: str = ""
    cause: str = ""
    blame: str = ""
    source: str = ""
    arrives: Instant | None = None
    runbook: str = ""

    @property
    def key(self) -> str:
        """The same for the same trouble, however often it is looked at."""
        return "|".join((self.rule, self.node or self.job or self.subject, self.slo))

    def sentence(self, now: Instant) -> str:
        """What, since when, how much budget, who owns it, what caused it, when the next data
        comes, where the runbook is: in one sentence."""
        parts = [f"{self.what}, since {moment(self.since)} ({spoken(max(now - self.since, 0))})"]
        if self.budget:
            parts.append(self.budget)
        parts.append(f"owner {self.owner}" if self.owner else "nobody owns it")
        if self.cause:
            parts.append(f"caused by {self.cause}")
        if self.arrives is not None:
            overdue = " (overdue)" if self.arrives < now else ""
            parts.append(f"next data expected {moment(self.arrives)}{overdue}")
        if self.runbook:
            parts.append(f"runbook {self.runbook}")
        return "; ".join(parts)


def moment(instant: Instant) -> str:
    """``2026-11-27 05:00 UTC``."""
    return f"{time_of(instant):%Y-%m-%d %H:%M} UTC"
