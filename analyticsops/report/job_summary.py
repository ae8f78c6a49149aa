"""The summary of a GitHub job: the comment, with more room.

It is added to the file, because a job may have other things to say there.
"""

from __future__ import annotations

from analyticsops.report import markdown
from analyticsops.report.model import Report
from analyticsops.report.options import PLAIN, Options

# $GITHUB_STEP_SUMMARY takes 1 MiB, and a character may take four bytes.
LIMIT = 250_000


def render(report: Report, options: Options = PLAIN) -> str:
    """Markdown for ``$GITHUB_STEP_SUMMARY``."""
    return markdown.render(report, options, limit=LIMIT)
