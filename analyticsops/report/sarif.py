"""SARIF 2.1.0, for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/."""

from __future__ import annotations

from typing import Any

from analyticsops.findings import Finding, Rule, Severity
from analyticsops.report.encode import json_document, one_line, sarif_text, uri_path
from analyticsops.report.model import Report
from analyticsops.report.options import PLAIN, Options
from analyticsops.report.place import place
from analyticsops.report.summary import active, coverage_line, full_message, hits_line
from analyticsops.wording import quantity

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
# What GitHub takes in one run; more and it refuses the whole file.
RESULT_LIMIT = 25_000
_HITS_SHOWN = 10
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(report: Report, options: Options = PLAIN) -> str:
    """The report as a SARIF log with one run.

    Accepted findings carry a suppression. Above 25,000 results the accepted ones go
    first, then the mildest, and a notification says how many.
    """
    return json_document(_log(report, options.root))


def _log(report: Report, root: str) -> dict[str, Any]:
    accepted = tuple(finding for finding in report.findings if finding.accepted)
    kept = (active(report) + accepted)[:RESULT_LIMIT]
    rules = {rule.code: rule for rule in report.rules}
    codes = sorted({finding.rule for finding in kept} | set(rules))
    index = {code: number for number, code in enumerate(codes)}
    names = {finding.rule: finding.name for finding in kept}
    driver = {
        "name": "analyticsops",
        "version": one_line(report.version),
        "rules": [_rule(code, names.get(code, ""), rules.get(code)) for code in codes],
    }
    results = [_result(finding, index, root) for finding in kept]
    if any(finding.accepted for finding in kept):
        # All results have the list or none has: an absent one means "not known".
        for result, finding in zip(results, kept, strict=True):
            result["suppressions"] = _suppressions(finding)
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"analyticsops/{uri_path(report.command)}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            "%SRCROOT%": {"description": {"text": "The root of the repository."}}
        },
        "invocations": [_invocation(report, len(report.findings) - len(kept))],
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str, name: str, rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        return {"id": one_line(code), "name": one_line(name)}
    paragraphs = [rule.why, rule.example, rule.advice, rule.unknown]
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    return {
        "id": one_line(rule.code),
        "name": one_line(rule.name),
        "shortDescription": {"text": sarif_text(rule.summary)},
        "fullDescription": {"text": sarif_text(rule.why)},
        # Rules are ours, not foreign: here Markdown may be Markdown.
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _invocation(report: Report, dropped: int) -> dict[str, Any]:
    told = [*report.notes, coverage_line(report.coverage)]
    if dropped:
        does = "does" if dropped == 1 else "do"
        told.append(f"{quantity(dropped, 'more finding')} {does} not fit into this file")
    return {
        "executionSuccessful": True,
        "toolExecutionNotifications": [
            {"level": "note", "message": {"text": sarif_text(text)}} for text in told
        ],
    }


def _result(finding: Finding, index: dict[str, int], root: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": one_line(finding.rule),
        "ruleIndex": index[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": {"text": sarif_text(_message(finding))},
        "locations": [_location(finding, root)],
        "partialFingerprints": {
            "analyticsops/v1": one_line(finding.fingerprint),
            # The only one that GitHub compares; it would make up its own from the
            # text of the line, which moves while the finding stays the same.
            "primaryLocationLineHash": f"{one_line(finding.fingerprint)}:1",
        },
        "properties": {
            "proven": finding.proven,
            "owner": one_line(finding.owner),
            "evidence": [one_line(fact) for fact in finding.evidence],
            "affected": [one_line(hit.node) for hit in finding.affected],
        },
    }
    return result


def _suppressions(finding: Finding) -> list[dict[str, str]]:
    if finding.accepted is None:
        return []
    reason = sarif_text(finding.accepted.reason)
    return [{"kind": "external", "status": "accepted", "justification": reason}]


def _message(finding: Finding) -> str:
    parts = [one_line(text) for text in (full_message(finding), *finding.evidence)]
    if finding.affected:
        parts.append(f"Hits {one_line(hits_line(finding.affected, _HITS_SHOWN))}.")
    if finding.fix:
        parts.append(f"Fix: {finding.fix}")
    return "\n".join(parts)


def _location(finding: Finding, root: str) -> dict[str, Any]:
    where = place(finding, root)
    region = {"startLine": where.line or 1}
    if where.column is not None:
        region["startColumn"] = where.column
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": uri_path(where.path), "uriBaseId": "%SRCROOT%"},
            "region": region,
        }
    }
    if finding.node:
        name = f"{finding.node}.{finding.column}" if finding.column else finding.node
        logical = {"fullyQualifiedName": one_line(name), "name": one_line(finding.subject)}
        location["logicalLocations"] = [logical]
    return location
