"""A change as the page shows it: what it does to which node and column, and what it reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from analyticsops.findings import Direction, Finding, Proof, Severity
from analyticsops.report.model import Report, Verdict
from analyticsops.site.graph import Slots
from analyticsops.site.model.review import ChangedColumn, ChangedNode, Found, Review

WORDS = ("removed", "broken", "unknown", "changed", "added", "proven equal")
"""What is done to a node or a column, the worst first."""

_VERDICTS = {
    "breaking": "broken",
    "values changed": "changed",
    "rows changed": "changed",
    "additive": "added",
    "added": "added",
    "removed": "removed",
    "identical": "proven equal",
    "refactored": "proven equal",
    "unknown": "unknown",
}

_OTHER_DATA = ("MET", "ROW", "VAL")
"""Families of rules about what is in tables: who reads them goes on, with other numbers."""

_VIA = {
    "breaks": "broken",
    "loses": "broken",
    "values": "changed",
    "rows": "changed",
    "depends": "unknown",
}


def review_of(report: Report, slots: Slots, title: str) -> Review:
    """A finished report of `diff`."""
    assert report.base is not None, "a diff has a base"
    return Review(
        base=report.base,
        title=title,
        failed=report.failed,
        fail_on=report.fail_on,
        findings=report.findings,
        rules=report.rules,
        verdicts=report.verdicts,
        executions=report.executions,
        nodes=tuple(_Nodes(slots).of(report)),
        notes=report.notes,
    )


def found_in(report: Report) -> Found:
    """A finished report of `check`."""
    return Found(
        failed=report.failed,
        fail_on=report.fail_on,
        findings=report.findings,
        rules=report.rules,
        notes=report.notes,
    )


def without_sql(report: Report) -> Report:
    """Without what quotes SQL or stands for it: evidence, the files of a migration, and rows that
    were made to meet its conditions."""
    replace = msgspec.structs.replace
    findings = (
        replace(finding, evidence=(), migration=(), counterexample=None)
        for finding in report.findings
    )
    return replace(report, findings=tuple(findings))


class _Nodes:
    """What is known of nodes so far."""

    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self.names: dict[str, tuple[str, str]] = {}
        self.verdicts: dict[str, Verdict] = {}
        self.columns: dict[str, dict[str, ChangedColumn]] = {}
        self.whole: dict[str, str] = {}
        self.rows: set[str] = set()
        self.findings: dict[str, list[int]] = {}

    def of(self, report: Report) -> Iterator[ChangedNode]:
        """The nodes, those first that were changed themselves, the worst first."""
        for verdict in report.verdicts:
            self.names[verdict.node] = (verdict.name, verdict.node.partition(".")[0])
            self.verdicts[verdict.node] = verdict
            self._worse(verdict.node, _VERDICTS.get(verdict.verdict, "unknown"))
            if verdict.rows:
                self.rows.add(verdict.node)
            for column in verdict.columns:
                self._column(verdict.node, column, "changed", reached=False)
        for place, finding in enumerate(report.findings):
            self._add(place, finding)
        found = [self._node(node) for node in self.names]
        yield from sorted(found, key=lambda n: (n.reached, WORDS.index(n.change), n.label))

    def _add(self, place: int, finding: Finding) -> None:
        if not finding.node:
            return
        kind = finding.node.partition(".")[0]
        label = finding.subject.removesuffix(f".{finding.column}") if finding.column else ""
        self.names.setdefault(finding.node, (label or finding.subject, kind))
        self.findings.setdefault(finding.node, []).append(place)
        if finding.column:
            self._column(finding.node, finding.column, done_to_column(finding), reached=False)
        elif finding.node not in self.verdicts:
            self._worse(finding.node, done_to_column(finding))
        for one in finding.affected:
            if one.kind == "test":
                continue
            self.names.setdefault(one.node, (one.name, one.kind))
            change = _VIA.get(one.via, "unknown")
            if one.rows:
                self.rows.add(one.node)
            for column in one.columns:
                self._column(one.node, column, change, reached=True)
            if not one.columns or one.node not in self.verdicts:
                self._worse(one.node, change)

    def _worse(self, node: str, change: str) -> None:
        self.whole[node] = _worst((change, self.whole.get(node, change)))

    def _column(self, node: str, column: str, change: str, *, reached: bool) -> None:
        known = self.columns.setdefault(node, {}).get(column)
        if known is not None:
            change = _worst((change, known.change))
            reached = reached and known.reached
        self.columns[node][column] = ChangedColumn(name=column, change=change, reached=reached)

    def _node(self, node: str) -> ChangedNode:
        label, kind = self.names[node]
        verdict = self.verdicts.get(node)
        return ChangedNode(
            node=node,
            label=label,
            kind=kind,
            change=self.whole.get(node, "changed"),
            verdict=verdict.verdict if verdict is not None else "",
            reason=verdict.reason if verdict is not None else "",
            rows=node in self.rows,
            place=self.slots.place.get(node, -1),
            columns=tuple(self.columns.get(node, {}).values()),
            findings=tuple(self.findings.get(node, ())),
            reached=verdict is None and node not in self.findings,
        )


def done_to_column(finding: Finding) -> str:
    """What a finding says is done to its subject, in a word of :data:`WORDS`."""
    if finding.name.endswith(("-removed", "-renamed")):
        return "removed"
    if finding.name.endswith("-added"):
        return "added"
    if finding.rule.startswith(_OTHER_DATA):
        return "changed"  # also where that is not proven: the finding says so
    if not finding.proven or finding.proof is Proof.UNKNOWN:
        return "unknown"
    loosens = finding.direction is not Direction.TIGHTENS
    return "broken" if finding.severity is Severity.ERROR and loosens else "changed"


def _worst(changes: Iterable[str]) -> str:
    return min(changes, key=WORDS.index)
