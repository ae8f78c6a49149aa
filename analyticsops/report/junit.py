"""JUnit XML, as Jenkins, GitLab, Azure and CircleCI read it."""

from __future__ import annotations

from itertools import groupby
from xml.etree import ElementTree as ET

from analyticsops.findings import Finding
from analyticsops.report.encode import one_line, xml_text
from analyticsops.report.model import Report
from analyticsops.report.options import PLAIN, Options
from analyticsops.report.place import place
from analyticsops.report.summary import acceptance_line, coverage_line, full_message, hits_line
from analyticsops.suppression import fails

_HITS_SHOWN = 20


def render(report: Report, options: Options = PLAIN) -> str:
    """The report as JUnit XML: one test case for each rule and subject.

    A case fails if a finding in it reaches ``fail_on``, is skipped if all were
    accepted, and passes with the message as its output otherwise. A clean report
    is one passing case, because readers take a file without cases for a fault.
    """
    suite = ET.Element("testsuite")
    ordered = sorted(report.findings, key=_case_key)
    for _, group in groupby(ordered, key=_case_key):
        _case(suite, list(group), report.fail_on, options.root)
    if not report.findings:
        ET.SubElement(suite, "testcase", classname="analyticsops", name="no findings")
    output = "\n".join(one_line(line) for line in (*report.notes, coverage_line(report.coverage)))
    ET.SubElement(suite, "system-out").text = xml_text(output)
    numbers = {
        "tests": str(len(suite.findall("testcase"))),
        "failures": str(len(suite.findall("testcase/failure"))),
        "errors": "0",
        "skipped": str(len(suite.findall("testcase/skipped"))),
    }
    name = xml_text(one_line(f"analyticsops {report.command} {report.project.name}"))
    suite.attrib.update(name=name, **numbers)
    suites = ET.Element("testsuites", {"name": name, **numbers})
    suites.append(suite)
    ET.indent(suites)
    body = ET.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _case_key(finding: Finding) -> tuple[str, str, str, str]:
    return finding.rule, finding.subject, finding.node, finding.column


def _case(suite: ET.Element, findings: list[Finding], fail_on: str, root: str) -> None:
    first = findings[0]
    where = place(first, root)
    case = ET.SubElement(
        suite,
        "testcase",
        classname=xml_text(one_line(f"{first.rule} {first.name}")),
        name=xml_text(one_line(first.subject)),
        file=xml_text(one_line(where.path)),
    )
    if where.line is not None:
        case.set("line", str(where.line))
    failing = [finding for finding in findings if fails(finding, fail_on)]
    accepted = [finding.accepted for finding in findings if finding.accepted]
    if failing:
        message = xml_text(one_line(failing[0].message))
        failure = ET.SubElement(case, "failure", type=failing[0].severity.value, message=message)
        failure.text = _bodies(failing)
    elif len(accepted) == len(findings):
        reasons = "; ".join(acceptance_line(entry) for entry in accepted)
        ET.SubElement(case, "skipped", message=xml_text(one_line(reasons)))
    else:
        passing = [finding for finding in findings if finding.accepted is None]
        ET.SubElement(case, "system-out").text = _bodies(passing)


def _bodies(findings: list[Finding]) -> str:
    return xml_text("\n\n".join(_body(finding) for finding in findings))


def _body(finding: Finding) -> str:
    parts = [f"{finding.severity.value}: {full_message(finding)}", *finding.evidence]
    if finding.affected:
        parts.append(f"hits: {hits_line(finding.affected, _HITS_SHOWN)}")
    fixes = finding.fix.split("\n") if finding.fix else []
    return "\n".join(one_line(part) for part in [*parts, *fixes])
