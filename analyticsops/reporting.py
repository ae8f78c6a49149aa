"""Findings -> the report that every renderer is given."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from analyticsops import __version__
from analyticsops.acceptances import accepts_of_code, accepts_of_meta
from analyticsops.approvals import read_approvals
from analyticsops.catalogue import RULES, find_rule
from analyticsops.errors import UsageError
from analyticsops.executed import Execution
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

_Words = TypeVar("_Words", bound=enum.StrEnum)


def chosen(words: type[_Words], word: str, setting: _Words) -> _Words:
    """The word that a caller chose, else the setting.

    Raises:
        UsageError: there is no such word.
    """
    if not word:
        return setting
    try:
        return words(word)
    except ValueError:
        known = ", ".join(words)
        what = words.__name__.lower()
        raise UsageError(f"no {what} named {word!r}", hint=f"one of {known}") from None


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
    executions: Iterable[Execution] = (),
    whole: bool = False,
) -> Report:
    """Findings with what the team decided about them, and the facts around them.

    Args:
        fail_on: overrides the setting if not empty.
        baseline: overrides the setting.
        now: for the expiry of acceptances; by default the present.
        whole: True if no selection left anything out, so that an acceptance without a
            finding is stale.

    Raises:
        AnalyticsOpsError: an acceptance, the baseline or ``fail_on`` is wrong.
    """
    config = workspace.config
    today = (now or datetime.now(UTC)).date()
    found = tuple(found)
    accepts = [*config.accepts, *node_accepts(workspace), *_approvals(workspace)]
    judged = stale_candidates(accepts, found, base) if whole else ()
    marked = apply_accepts(found, accepts, today, judged=judged)
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
        executions=tuple(sorted(executions, key=lambda e: (e.name, e.node, e.data, e.built))),
        notes=tuple(dict.fromkeys(notes)),
        fail_on=limit,
        failed=failed(final, limit),
    )


def node_accepts(workspace: Workspace) -> list[Accept]:
    """The acceptances in the YAML and SQL of the project's own nodes.

    Raises:
        AnalyticsOpsError: one of them is wrong.
    """
    found: list[Accept] = []
    for node in workspace.project.nodes.values():
        entries = node.settings.get("allow")
        if entries is not None:
            path = node.patch_path or node.path
            found += accepts_of_meta(entries, node=node.unique_id, path=path)
        if "aops:" in node.raw_code and node.package == workspace.project.name:
            found += accepts_of_code(node.raw_code, node=node.unique_id, path=node.path)
    return [_by_code(accept) for accept in found]


def _approvals(workspace: Workspace) -> list[Accept]:
    path = workspace.config.approvals
    return [_by_code(accept) for accept in read_approvals(path)] if path else []


def _by_code(accept: Accept) -> Accept:
    """With the rule's code, whatever the case in which somebody wrote it."""
    rule = find_rule(accept.rule, where=accept.where)
    return msgspec.structs.replace(accept, rule=rule.code)


def stale_candidates(
    accepts: Iterable[Accept], found: Sequence[Finding], base: Workspace | None
) -> list[Accept]:
    """The acceptances that are stale if no finding matches them.

    Rules about changes only speak in a comparison, so an acceptance of one is judged
    there, and only while it is new: once it is merged, its change is as well, and it
    ends with its day. An approval is judged while a finding like it is there.
    """
    of_changes = {word for r in RULES if r.strictness for word in (r.code, r.name)}
    # What is not known today may be tomorrow, and not every comparison executes.
    of_changes -= {"SYS901", "not-analysed", "SYS904", "proof-refuted"}
    known = {_said(accept) for accept in node_accepts(base)} if base else set()
    seen = {(finding.rule, finding.subject) for finding in found}
    candidates = []
    for accept in accepts:
        if accept.by == "approval":
            judged = base is not None and (accept.rule, accept.subject) in seen
        elif base is None:
            judged = accept.rule not in of_changes
        else:
            judged = bool(accept.node) and accept.rule in of_changes and _said(accept) not in known
        if judged:
            candidates.append(accept)
    return candidates


def _said(accept: Accept) -> tuple[str, ...]:
    """What an acceptance says, wherever it stands."""
    return (accept.rule, accept.node, accept.column, accept.reason, accept.until.isoformat())


def _facts(workspace: Workspace) -> ProjectFacts:
    project = workspace.project
    return ProjectFacts(
        name=project.name,
        dbt_version=project.dbt_version,
        adapter=project.adapter,
        generated_at=project.generated_at,
        models=len(project.of_kind("model")),
        columns=sum(len(node.names) for node in workspace.graph.nodes.values()),
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


def read_report(path: str | Path) -> Report:
    """A report that was written as JSON, checked against its schema.

    Raises:
        UsageError: it cannot be read, or is not of that form.
    """
    from analyticsops.report.json import read

    try:
        data = Path(path).read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"cannot be read: {reason}", where=str(path)) from error
    return read(data, str(path))
