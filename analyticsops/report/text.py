"""Text: one line a finding in a pipe, a page for a person on a terminal."""

from __future__ import annotations

from analyticsops.findings import Finding
from analyticsops.report.encode import one_line
from analyticsops.report.model import Report
from analyticsops.report.options import PLAIN, Options
from analyticsops.report.place import place
from analyticsops.report.summary import (
    active,
    changes_line,
    coverage_line,
    executions_line,
    full_message,
    result_line,
)


def render(report: Report, options: Options = PLAIN) -> str:
    """The report as text.

    In a pipe each finding is one line that is never wrapped, cut or coloured:
    ``path:line:col CODE severity message [node.column]``. Accepted findings are
    only counted. The last line says how much of the lineage is proven.
    """
    if options.tty:
        # rich costs 0.1 s to import, which a pipe need not pay.
        from analyticsops.report import terminal

        return terminal.render(report, width=options.width, color=options.color)
    found = [finding_line(finding) for finding in active(report)]
    return "".join(f"{line}\n" for line in [*found, *closing_lines(report)])


def finding_line(finding: Finding) -> str:
    """One finding on one line."""
    where = place(finding)
    numbers = [str(number) for number in (where.line, where.column) if number is not None]
    return (
        f"{':'.join([one_line(where.path), *numbers])} {one_line(finding.rule)}"
        f" {finding.severity.value} {one_line(full_message(finding))}"
        f" [{one_line(_subject(finding))}]"
    )


def closing_lines(report: Report) -> list[str]:
    """Notes, counts and, last, how much of the lineage is proven."""
    notes = [f"note: {note}" for note in report.notes]
    found = [*notes, changes_line(report), executions_line(report)]
    found += [result_line(report), coverage_line(report.coverage)]
    return [one_line(line) for line in found if line]


def _subject(finding: Finding) -> str:
    if not finding.node:
        return finding.subject
    return f"{finding.node}.{finding.column}" if finding.column else finding.node
