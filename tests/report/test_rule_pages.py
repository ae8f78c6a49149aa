"""A rule as a page, and all rules as one document: see :mod:`tests.golden`."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from analyticsops.findings import Direction, Severity, Strictness
from analyticsops.report.rules import page, reference
from tests.golden import check_golden

from . import sample

FILE = Path(__file__).with_name("rule-pages.md")
CHANGE = replace(
    sample.COLUMN_REMOVED,
    producer=Severity.WARNING,
    draft=Severity.INFO,
    certified=Severity.ERROR,
    strictness=Strictness.SCHEMA,
    direction=Direction.LOOSENS,
    mirror="CHG202",
)
BOTH = replace(
    sample.TYPE_CHANGED,
    certified=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="CHG210",
)


def test_all_rules_in_one_document() -> None:
    """With a rule that says everything of a change, one that loosens nothing, and plain ones."""
    check_golden(FILE, reference([CHANGE, BOTH, sample.NOT_ANALYSED, sample.NO_OWNER]))


def test_the_page_of_a_rule_is_its_part_of_the_document() -> None:
    document = reference([CHANGE, BOTH, sample.NOT_ANALYSED])
    for rule in (CHANGE, BOTH, sample.NOT_ANALYSED):
        assert page(rule) in document
