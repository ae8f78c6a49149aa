"""Where in the repository a finding is shown."""

from __future__ import annotations

import re

import msgspec

from analyticsops.findings import Finding

# Formats that need a path show a finding without one here: every project has it.
FALLBACK = "dbt_project.yml"


class Place(msgspec.Struct, frozen=True):
    """A place that every format can show.

    Attributes:
        path: relative, with forward slashes, never leaving the repository.
        line: 1-based; None if not known.
        column: 1-based; None if not known, and then ``line`` may still be.
        exact: False if the finding has no usable place and ``path`` only stands in.
    """

    path: str
    line: int | None = None
    column: int | None = None
    exact: bool = True


def place(finding: Finding, root: str = "") -> Place:
    """Where to show ``finding``.

    Args:
        root: path of the dbt project inside the repository; empty if it is its root.
    """
    prefix = f"{root.strip('/')}/" if root.strip("/") else ""
    location = finding.location
    path = _inside(location.path) if location else None
    if location is None or path is None:
        return Place(prefix + FALLBACK, exact=False)
    line = location.line if location.line and location.line > 0 else None
    column = location.column if line and location.column and location.column > 0 else None
    return Place(prefix + path, line, column)


def _inside(path: str) -> str | None:
    """The path without empty steps; None if it is absolute or leaves the project.

    Paths come from artifacts: ``../../etc/passwd`` must not become a link.
    """
    if path.startswith(("/", "\\", "~")) or re.match(r"[A-Za-z]:[\\/]", path):
        return None
    if re.search(r"[\x00-\x1f\x7f-\x9f]", path):
        return None  # the encoder would drop it, and what is left may be another path
    steps: list[str] = []
    for step in path.split("/"):
        if step == "..":
            if not steps:
                return None
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps) or None
