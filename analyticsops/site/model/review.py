"""Findings: about a change, reviewed, and about a project as it is."""

from __future__ import annotations

import msgspec

from analyticsops.executed import Execution
from analyticsops.findings import Finding, Rule
from analyticsops.report.model import ProjectFacts, Verdict


class ChangedColumn(msgspec.Struct, frozen=True, kw_only=True):
    """What a change does to a column: ``broken``, ``changed``, ``added``, ``removed`` or
    ``unknown``; ``reached`` if its own SQL did not change."""

    name: str
    change: str
    reached: bool


class ChangedNode(msgspec.Struct, frozen=True, kw_only=True):
    """What a change does to a node.

    Attributes:
        change: the worst of what is done to it, in the words of :class:`ChangedColumn`, or
            ``proven equal``.
        rows: True if which rows it has may differ.
        place: of the node in :class:`Nodes`; -1 if it was removed.
        findings: places of the findings about it.
        reached: its own definition did not change.
    """

    node: str
    label: str
    kind: str
    change: str
    verdict: str
    reason: str
    rows: bool
    place: int
    columns: tuple[ChangedColumn, ...]
    findings: tuple[int, ...]
    reached: bool


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What `check` finds in the project as it is."""

    failed: bool
    fail_on: str
    findings: tuple[Finding, ...]
    rules: tuple[Rule, ...]
    notes: tuple[str, ...]


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """A change, reviewed.

    Attributes:
        base: the version before.
        title: of the change, as somebody named it.
        failed: True if a finding that nobody accepted reaches what fails a check.
    """

    base: ProjectFacts
    title: str
    failed: bool
    fail_on: str
    findings: tuple[Finding, ...]
    rules: tuple[Rule, ...]
    verdicts: tuple[Verdict, ...]
    executions: tuple[Execution, ...]
    nodes: tuple[ChangedNode, ...]
    notes: tuple[str, ...]
