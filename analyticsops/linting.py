"""`slo lint`: a workspace's objectives, and its history where there is one, as a report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from analyticsops.evaluating import declared_objectives, observe_history
from analyticsops.history.store import Store
from analyticsops.report.model import Report
from analyticsops.reporting import make_report
from analyticsops.selecting import selected_findings
from analyticsops.slo.evaluate import span_of
from analyticsops.slo.lint import Linted, lint
from analyticsops.slo.spans import instant_of
from analyticsops.workspace import Workspace


def lint_objectives(
    workspace: Workspace,
    store: Store | None,
    *,
    select: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    environment: str = "",
    fail_on: str = "",
    baseline: Path | None = None,
    now: datetime | None = None,
) -> Report:
    """Objectives that are impossible, or mean nothing.

    Args:
        store: the history; None if there is none.
        environment: whose runs count, as for :func:`analyticsops.evaluating.evaluate`.

    Raises:
        ConfigError: a file in `slos/` is wrong.
        UsageError: it is not clear whose runs count.
        HistoryError: the history cannot be read.
    """
    declared = declared_objectives(workspace)
    at = instant_of(now or datetime.now(UTC))
    observed = None
    notes = list(workspace.notes)
    if store is None:
        notes.append("no history: nothing is said about what was observed")
    else:
        place = environment or declared.shared.environment
        span = span_of(declared.slos, at)
        observed = observe_history(store, span, place, workspace.project.name)
    found = lint(Linted(workspace.project, declared, observed, at, workspace.project_dir))
    return make_report(
        "slo lint",
        workspace,
        selected_findings(workspace, list(found), select, exclude),
        fail_on=fail_on,
        baseline=baseline,
        now=now,
        notes=notes,
        whole=False,  # acceptances of what other commands find are not unused
    )
