"""Everything that is said about one version of a project: reports, and freshness as it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from analyticsops.evaluating import declared_objectives
from analyticsops.findings import Finding, Location
from analyticsops.metrics import rules as metric_rules
from analyticsops.project import rules as project_rules
from analyticsops.project.model import Node
from analyticsops.project.stale import stale_nodes
from analyticsops.registering import (
    lock_check,
    metric_context,
    stale_metrics,
)
from analyticsops.report.model import Report
from analyticsops.reporting import make_report
from analyticsops.selecting import selected_findings
from analyticsops.slo import rules as slo_rules
from analyticsops.slo.freshness import (
    Objective,
    SourceFreshness,
    expects_freshness,
    is_goal,
    objectives,
    source_freshness,
)
from analyticsops.slo.lint import UNKNOWABLE, Linted, lint
from analyticsops.slo.rules import Locate
from analyticsops.slo.spans import instant_of
from analyticsops.surveying import (
    lineage_findings,
    tag_findings,
)
from analyticsops.workspace import Workspace


def check(
    workspace: Workspace,
    *,
    select: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    fail_on: str = "",
    baseline: Path | None = None,
    now: datetime | None = None,
) -> Report:
    """Everything that can be said about one version: lineage, metrics, objectives, freshness,
    stale artifacts. Arguments as for :func:`diff`.

    Raises:
        ConfigError: a file in `slos/` or of the registry is wrong.
    """
    project, locate = workspace.project, locator_of(workspace)
    found: list[Finding] = [*lineage_findings(workspace, locate)]
    found += metric_rules.findings(metric_context(workspace, now))
    found += _objective_findings(workspace, now or datetime.now(UTC), locate)
    if workspace.freshness is not None:
        found += stale_metrics(workspace, now)
    if workspace.project_dir is not None:
        found += project_rules.findings(project, stale_nodes(project, workspace.project_dir))
    chosen = selected_findings(workspace, found, select, exclude)
    notes = [*workspace.notes, *workspace.run_notes]
    if workspace.freshness is None and expects_freshness(project):
        notes.append("freshness was not measured: run `dbt source freshness`")
    return make_report(
        "check",
        workspace,
        chosen,
        fail_on=fail_on,
        baseline=baseline,
        now=now,
        notes=notes,
        whole=not (select or exclude),
    )


def _objective_findings(workspace: Workspace, now: datetime, locate: Locate) -> list[Finding]:
    """Objectives that are impossible or mean nothing, as far as no history is needed to see it;
    then sources and objectives as dbt measured them."""
    project, declared = workspace.project, declared_objectives(workspace)
    written = msgspec.structs.replace(
        declared, slos=tuple(slo for slo in declared.slos if not is_goal(project, slo))
    )
    linted = lint(Linted(project, written, None, instant_of(now), workspace.project_dir))
    found = list(linted)
    if workspace.freshness is not None:
        sources = source_freshness(project, workspace.freshness)
        # That an impossible objective is not known would say the same once more.
        told = {one.subject for one in linted if one.rule in UNKNOWABLE}
        held = [
            one
            for one in objectives(project, sources, declared, now)
            if one.state != "unknown" or one.full_name not in told
        ]
        found += slo_rules.findings(project, sources, held, locate)
    return found


def check_tags(
    workspace: Workspace,
    tag: str | Sequence[str] = (),
    *,
    fail_on: str = "",
    baseline: Path | None = None,
    now: datetime | None = None,
) -> Report:
    """Columns that carry a tag without declaring it, and tagged columns that arrive where
    they must not. ``tag`` as for :func:`follow_tags`, the rest as for :func:`diff`."""
    return make_report(
        "lineage tags",
        workspace,
        tag_findings(workspace, tag, locator_of(workspace)),
        fail_on=fail_on,
        baseline=baseline,
        now=now,
        notes=workspace.notes,
    )


def check_lock(
    workspace: Workspace,
    *,
    fail_on: str = "",
    baseline: Path | None = None,
    now: datetime | None = None,
) -> Report:
    """Whether ``analyticsops/metrics.lock.yml`` says what the metrics mean, and what a meaning
    that differs from it asks for. Arguments as for :func:`diff`."""
    return make_report(
        "metrics lock",
        workspace,
        lock_check(workspace, now),
        fail_on=fail_on,
        baseline=baseline,
        now=now,
        notes=workspace.notes,
    )


class FreshnessAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Sources as dbt measured them, and the objectives as they stand at ``now``."""

    now: datetime
    sources: tuple[SourceFreshness, ...]
    objectives: tuple[Objective, ...]
    measured: bool


def read_freshness(workspace: Workspace, *, now: datetime | None = None) -> FreshnessAnswer:
    """Freshness of the sources, and of what is built from them."""
    moment = now or datetime.now(UTC)
    sources = source_freshness(workspace.project, workspace.freshness)
    return FreshnessAnswer(
        now=moment,
        sources=sources,
        objectives=objectives(workspace.project, sources, declared_objectives(workspace), moment),
        measured=workspace.freshness is not None,
    )


def locator_of(workspace: Workspace) -> Locate:
    """Says where a node, or a column of it, stands in the project's files."""

    def locate(node: Node, column: str) -> Location | None:
        if node.package != workspace.project.name:
            return None
        return workspace.locator.locate(node, column or None)

    return locate
