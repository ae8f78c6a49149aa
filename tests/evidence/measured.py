"""How many findings about rows and values come with a counterexample, over the text cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import TracebackType

import msgspec

import analyticsops as ao
from analyticsops.evidence.conclude import can_be_shown
from analyticsops.evidence.execute import execute
from analyticsops.evidence.pair import Found, Job
from analyticsops.executed import Execution
from analyticsops.findings import Finding
from analyticsops.report.model import Report
from tests.changes.case_files import NOW, Case, versions
from tests.project_maker import workspace

QUICK = ao.Execute(databases=24, seconds=20, total=600)
"""Enough for text cases; seconds so that a busy machine does not decide."""


class InProcess:
    """Executes jobs in this process, in the place of the one that may be killed: starting
    that takes longer than most cases."""

    def __enter__(self) -> InProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        pass

    def execute(self, job: Job, seconds: float) -> Found:
        """What came of a job."""
        return execute(job)


class Seen(msgspec.Struct, frozen=True):
    """A finding about rows or values of a case."""

    case: str
    finding: Finding

    @property
    def is_shown(self) -> bool:
        """True if at most three rows of each table show it."""
        example = self.finding.counterexample
        return example is not None and example.largest <= 3


def executed(case: Case) -> Report:
    """The report on a case, executed."""
    base, head = versions(case)
    return ao.diff(
        workspace(base),
        workspace(head),
        strictness=case.strictness,
        perspective=case.perspective,
        now=NOW,
        execute=QUICK,
    )


def measure(cases: Iterable[Case]) -> Iterator[tuple[list[Seen], list[Finding], list[Execution]]]:
    """For each case: findings that can be shown, refuted proofs, executions."""
    for case in cases:
        report = executed(case)
        seen = [Seen(case.name, finding) for finding in report.findings if can_be_shown(finding)]
        refuted = [finding for finding in report.findings if finding.rule == "SYS904"]
        yield seen, refuted, list(report.executions)
