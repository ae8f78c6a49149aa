"""Counterexamples of the text cases of all rules: a share of the cases in every test run, all of
them with `make evidence`."""

from __future__ import annotations

import os
import re

import pytest

from analyticsops.catalogue import RULES
from analyticsops.evidence import worker
from analyticsops.evidence.conclude import FAMILIES
from tests.changes.case_files import Case, read_cases

from .measured import InProcess, measure

ALL = bool(os.environ.get("EVIDENCE"))
_STEP = 1 if ALL else 2
_NAMES = {rule.name for rule in RULES if rule.code[:3] in FAMILIES}
_TOLD = re.compile(r"\w+ ([a-z-]+) ")


def tells_of_rows_or_values(case: Case) -> bool:
    """True if it expects a finding that execution may show."""
    names = {found[1] for line in case.expect if (found := _TOLD.match(line))}
    return bool(names & _NAMES)


def test_findings_on_rows_and_values_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """At least 80 % of them come with a counterexample of one to three rows, and no proof is
    refuted, also in cases without a finding."""
    monkeypatch.setattr(worker, "Worker", InProcess)
    cases = [case for case in read_cases() if not case.wanted]
    telling = [case for case in cases if tells_of_rows_or_values(case)]
    seen, refuted = [], []
    for some, wrong, _ in measure(cases if ALL else telling[::_STEP]):
        seen += some
        refuted += wrong
    shown = [one for one in seen if one.is_shown]
    print(f"{len(shown)} of {len(seen)} findings on rows and values are shown")
    assert refuted == []
    assert len(seen) > 80 / _STEP
    assert len(shown) >= 0.8 * len(seen), [one.case for one in seen if not one.is_shown]
