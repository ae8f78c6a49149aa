"""GitLab Code Quality: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""

from __future__ import annotations

from collections import Counter
from typing import Any

from analyticsops.findings import Finding, Severity, fingerprint
from analyticsops.report.encode import json_document, one_line
from analyticsops.report.model import Report
from analyticsops.report.options import PLAIN, Options
from analyticsops.report.place import place
from analyticsops.report.summary import active, full_message, hits_line

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}
_HITS_SHOWN = 5


def render(report: Report, options: Options = PLAIN) -> str:
    """The report as a Code Quality artifact.

    Accepted findings are left out: the format cannot mark them, and a merge request
    would show them as new.
    """
    seen: Counter[str] = Counter()
    issues = [_issue(finding, options.root, seen) for finding in active(report)]
    return json_document(issues)


def _issue(finding: Finding, root: str, seen: Counter[str]) -> dict[str, Any]:
    where = place(finding, root)
    description = f"{finding.name}: {full_message(finding)}"
    if finding.affected:
        description += f". Hits: {hits_line(finding.affected, _HITS_SHOWN)}"
    return {
        "description": one_line(description),
        "check_name": one_line(finding.rule),
        "fingerprint": _unique(finding.fingerprint, seen),
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": one_line(where.path), "lines": {"begin": where.line or 1}},
    }


def _unique(identity: str, seen: Counter[str]) -> str:
    """GitLab drops an issue whose fingerprint it has seen already."""
    seen[identity] += 1
    number = seen[identity]
    return one_line(identity) if number == 1 else fingerprint(identity, str(number))
