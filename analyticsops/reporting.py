"""Findings -> the report that every renderer is given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from analyticsops import __version__
from analyticsops.catalogue import RULES, find_rule
from analyticsops.config import accepts_of_meta
from analyticsops.findings import Finding, order_key
from analyticsops.lineage.graph import Status
from analyticsops.report.model import Coverage, ProjectFacts, Report, Verdict
from analyticsops.suppression import (
    Accept,
    apply_accepts,
    apply_baseline,
    apply_severities,
    failed,
    read_baseline,
)
from analyticsops.workspace import Workspace


def make_report(
    command: str,
    workspace: Workspace,
    found: Iterable[Finding],
    *,
    base: Workspace | None = None,
    fail_on: str,
    baseline: Path | None,
    now: datetime | None,
    notes: Iterable[str],
    verdicts: Iterable[Verdict] = (),
) -> Report:
    """Findings with what the team decided about them, and the facts around them.

    Args:
        fail_on: overrides the setting if not empty.
        baseline: overrides the setting.
        now: for the expiry of acceptances; by default the present.

    Raises:
        AnalyticsOpsError: an acceptance, the baseline or ``fail_on`` is wrong.
    """
    config = workspace.config
    today = (now or datetime.now(UTC)).date()
    marked = apply_accepts(found, [*config.accepts, *_meta_accepts(workspace)], today)
    known = baseline or config.baseline
    if known is not None:
        marked = apply_baseline(marked, read_baseline(known))
    final = apply_severities(marked, config.rules)
    limit = fail_on or config.fail_on
    codes = {finding.rule for finding in final}
    return Report(
        command=command,
        version=__version__,
        project=_facts(workspace),
        base=_facts(base) if base else None,
        coverage=coverage(workspace),
        findings=tuple(sorted(final, key=order_key)),
        rules=tuple(rule for rule in RULES if rule.code in codes),
        verdicts=tuple(sorted(verdicts, key=lambda verdict: (verdict.name, verdict.node))),
        notes=tuple(dict.fromkeys(notes)),
        fail_on=limit,
        failed=failed(final, limit),
    )


def _meta_accepts(workspace: Workspace) -> list[Accept]:
    found: list[Accept] = []
    for node in workspace.project.nodes.values():
        entries = node.settings.get("accept")
        if entries is not None:
            path = node.patch_path or node.path
            found += accepts_of_meta(entries, node=node.unique_id, path=path)
    for accept in found:
        find_rule(accept.rule, where=accept.where)
    return found


def _facts(workspace: Workspace) -> ProjectFacts:
    project = workspace.project
    return ProjectFacts(
        name=project.name,
        dbt_version=project.dbt_version,
        adapter=project.adapter,
        generated_at=project.generated_at,
        models=len(project.of_kind("model")),
        columns=sum(len(node.columns) for node in workspace.graph.nodes.values()),
        commit=workspace.commit,
    )


def coverage(workspace: Workspace) -> Coverage:
    """How many models are proven, partial and unknown, and why."""
    counts: Counter[Status] = Counter()
    reasons: Counter[str] = Counter()
    for unique_id, found in workspace.graph.nodes.items():
        if workspace.project.nodes[unique_id].kind in ("model", "snapshot"):
            counts[found.status] += 1
            reasons.update({problem.reason for problem in found.problems})
    return Coverage(
        proven=counts[Status.PROVEN],
        partial=counts[Status.PARTIAL],
        unknown=counts[Status.UNKNOWN],
        reasons=tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
    )
