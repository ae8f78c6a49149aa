"""Approving findings of a report: what is added to the file of approvals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analyticsops.approvals import (
    FILE_NAME,
    ApprovalEntry,
    approval_of,
    approvals_in,
    read_approvals,
    with_approvals,
)
from analyticsops.config import load_config
from analyticsops.report.formats import write
from analyticsops.reporting import read_report
from analyticsops.yaml_files import read_text


def approve(
    findings: Sequence[str],
    report: str | Path,
    *,
    reason: str,
    until: str,
    by: str = "",
    to: Path | None = None,
    config: str | Path | None = None,
) -> tuple[Path, tuple[ApprovalEntry, ...]]:
    """Write approvals of findings of a report; those that have one already keep it.

    Args:
        findings: each as RULE:SUBJECT, or as the start of its fingerprint.
        report: as ``--output json=PATH`` wrote it.
        until: the last day on which they hold, YYYY-MM-DD.
        to: file; None for the one that the settings name.

    Returns:
        The file and what was added to it.

    Raises:
        AnalyticsOpsError: a finding is not in the report, or the file cannot be added to.
    """
    told = read_report(report).findings
    entries = [approval_of(told, meant, reason=reason, until=until, by=by) for meant in findings]
    settings = load_config(Path(config) if config is not None else None, Path.cwd())
    path = to or settings.approvals or Path(FILE_NAME)
    known = {accept.fingerprint for accept in read_approvals(path)}
    new = {entry.fingerprint: entry for entry in entries if entry.fingerprint not in known}
    if new:
        text = read_text(path) if path.exists() else ""
        longer = with_approvals(text, new.values())
        approvals_in(longer, path)  # what cannot be read again is not written
        write(path, longer)
    return path, tuple(new.values())
