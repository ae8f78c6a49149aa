"""Every rule about changes, on the pairs in ``tests/cases/changes``."""

from __future__ import annotations

from typing import Any

import pytest

from analyticsops import api
from analyticsops.changes.rules import RULES
from analyticsops.findings import Rule
from tests.changes.case_files import FOLDER, Case, agree, found, line, read_cases, versions
from tests.project_maker import project, workspace
from tests.said import Said

CASES = list(read_cases())
MARKED = [
    pytest.param(case, marks=[pytest.mark.xfail(reason=case.wanted)] if case.wanted else [])
    for case in CASES
]


def _said(rule: str) -> Said:
    names = [case.name.partition("/")[2] for case in CASES if case.rule == rule]
    return Said(FOLDER / rule / "said.txt", names)


SAID = {rule: _said(rule) for rule in dict.fromkeys(case.rule for case in CASES)}


@pytest.mark.parametrize("case", MARKED, ids=[case.name for case in CASES])
def test_case(case: Case) -> None:
    findings = found(case)
    lines = [line(finding) for finding in findings]
    expected = list(case.expect)
    assert len(lines) == len(expected), "\n".join(lines)
    assert all(map(agree, expected, lines)), "\n".join(lines)
    SAID[case.rule].holds(case.name.partition("/")[2], findings)


@pytest.mark.parametrize("rule", SAID)
def test_no_case_is_left_over(rule: str) -> None:
    assert list(SAID[rule].kept()) == SAID[rule].names


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.verdicts is not None], ids=lambda case: case.name
)
def test_verdicts(case: Case) -> None:
    base, head = versions(case)
    report = api.diff(workspace(base), workspace(head))
    assert case.verdicts is not None
    reasons = {name for name, expected in case.verdicts.items() if ": " in expected}
    assert {
        verdict.name: f"{verdict.verdict}: {verdict.reason}"
        if verdict.name in reasons
        else verdict.verdict
        for verdict in report.verdicts
    } == case.verdicts


VERSIONS = {
    repr(version): pytest.param(version, id=f"{case.name} ({side})")
    for case in CASES
    for side, version in (("base", case.base), ("head", case.head))
}
"""Each once: cases of a file share their base."""


@pytest.mark.parametrize("version", VERSIONS.values())
def test_nothing_changed(version: dict[str, Any]) -> None:
    """A version compared with itself has no finding and no verdict."""
    made = project(**version)
    report = api.diff(workspace(made), workspace(made))
    assert (report.findings, report.verdicts) == ((), ())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_both_kinds_of_case(rule: Rule) -> None:
    name = rule.name
    own = [case for case in CASES if case.rule == name]
    fired = [any(f" {name} " in f"{text} " for text in case.expect) for case in own]
    assert any(fired), "no positive case"
    assert not all(fired), "no negative case"
