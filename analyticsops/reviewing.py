"""Two versions of a project -> a report of what the change breaks, and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from analyticsops.changes import rules
from analyticsops.changes.compare import compare
from analyticsops.checking import locator_of
from analyticsops.collecting import collected_rarely
from analyticsops.comparing import differences, verdicts_of, versions_of
from analyticsops.executing import Execute, execute_changes
from analyticsops.findings import Perspective, Strictness
from analyticsops.lineage.build import Progress
from analyticsops.registering import meaning_changes
from analyticsops.report.model import Report
from analyticsops.reporting import chosen, make_report
from analyticsops.selecting import selected_findings
from analyticsops.workspace import Workspace


@collected_rarely()
def diff(
    base: Workspace,
    head: Workspace,
    *,
    select: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    fail_on: str = "",
    strictness: str = "",
    perspective: str = "",
    baseline: Path | None = None,
    execute: Execute | None = None,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> Report:
    """What the change from ``base`` to ``head`` breaks, and for whom.

    Args:
        select: only findings about these nodes, in dbt's selection syntax.
        exclude: not these.
        fail_on: overrides the setting: ``error``, ``warning``, ``info``, ``never``.
        strictness: overrides the setting: ``relation``, ``schema``, ``data``, ``kpi``,
            ``strict``; each tells what those before it tell, and more.
        perspective: overrides the setting: ``consumer`` or ``producer``.
        baseline: overrides the setting.
        execute: how to run both versions of what changed on the same data; None not to.
        now: for deprecations and the expiry of acceptances; by default the present.
        progress: told how many models were executed, of how many; by default as by ``head``.

    Raises:
        AnalyticsOpsError: of whatever is wrong with the input.
    """
    comparison = compare(*versions_of(base, head))
    context = rules.Context(
        comparison=comparison,
        locate_base=locator_of(base),
        locate_head=locator_of(head),
        strictness=chosen(Strictness, strictness, head.config.strictness),
        perspective=chosen(Perspective, perspective, head.config.perspective),
        today=(now or datetime.now(UTC)).date(),
    )
    changes = [*rules.findings(context), *meaning_changes(base, head, context.strictness, now)]
    found = selected_findings(head, changes, select, exclude, previous=base)
    found, executions = execute_changes(
        comparison, base, head, found, execute, context.locate_head, select, exclude, progress
    )
    return make_report(
        "diff",
        head,
        found,
        base=base,
        fail_on=fail_on,
        baseline=baseline,
        now=now,
        notes=[*head.notes, *(base.notes if base.commit else ()), *differences(base, head)],
        verdicts=verdicts_of(comparison),
        executions=executions,
        whole=not (select or exclude),
    )
