"""GitHub Actions: annotations as workflow commands."""

from __future__ import annotations

from hashlib import blake2b

from analyticsops.findings import Finding, Severity
from analyticsops.report.encode import github_data, github_property, one_line
from analyticsops.report.model import Report
from analyticsops.report.options import PLAIN, Options
from analyticsops.report.place import place
from analyticsops.report.summary import active, full_message, hits_line
from analyticsops.report.text import closing_lines

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_HITS_SHOWN = 5


def render(report: Report, options: Options = PLAIN) -> str:
    """The report as workflow commands, one annotation a finding, worst first.

    GitHub shows the first ten of each severity on the pull request and all of them
    in the log. The closing lines stand between ``stop-commands`` and its token, so
    that nothing in them is taken for a command.
    """
    commands = [_annotation(finding, options.root) for finding in active(report)]
    closing = closing_lines(report)
    token = _token(commands + closing)
    stopped = [f"::stop-commands::{token}", *closing, f"::{token}::"]
    return "".join(f"{line}\n" for line in commands + stopped)


def _annotation(finding: Finding, root: str) -> str:
    where = place(finding, root)
    properties = [f"file={github_property(where.path)}"]
    if where.line is not None:
        properties.append(f"line={where.line}")
    if where.column is not None:
        properties.append(f"col={where.column}")
    title = f"{finding.rule} {finding.name}: {finding.subject}"
    properties.append(f"title={github_property(title)}")
    return f"::{_COMMANDS[finding.severity]} {','.join(properties)}::{github_data(_body(finding))}"


def _body(finding: Finding) -> str:
    parts = [one_line(full_message(finding)), *(one_line(fact) for fact in finding.evidence)]
    if finding.affected:
        parts.append(one_line(f"Hits: {hits_line(finding.affected, _HITS_SHOWN)}"))
    if finding.fix:
        parts.append(f"Fix: {finding.fix}")
    return "\n".join(parts)


def _token(texts: list[str]) -> str:
    """Cannot be guessed by a word inside the texts, because it depends on all of them."""
    whole = "\n".join(texts).encode()
    return blake2b(whole, digest_size=16, person=b"stop-commands").hexdigest()
