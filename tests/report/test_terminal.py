"""The page on a terminal: width, order and what is cut."""

from __future__ import annotations

import msgspec
import pytest
from rich.cells import cell_len

from analyticsops.findings import order_key
from analyticsops.report import terminal
from analyticsops.report.model import Verdict
from analyticsops.report.text import render

from . import sample


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for line in terminal.render(sample.report(), width=width).splitlines():
        assert cell_len(line) <= width


def test_nothing_is_wider_at_any_width() -> None:
    """Where something just fits, and where it just does not."""
    for finding in sample.findings():
        report = msgspec.structs.replace(sample.clean_report(), findings=(finding,))
        for width in range(40, 100):
            for line in terminal.render(report, width=width).splitlines():
                assert cell_len(line) <= width


@pytest.mark.parametrize("width", [60, 100])
def test_wide_characters_count_twice(width: int) -> None:
    wide = tuple(
        msgspec.structs.replace(finding, subject="数" * 30, message="列" * 200)
        for finding in sample.findings()
    )
    report = msgspec.structs.replace(sample.report(), findings=wide)
    for line in terminal.render(report, width=width).splitlines():
        assert cell_len(line) <= width


def test_no_spaces_at_the_end_of_a_line() -> None:
    for line in terminal.render(sample.report(), width=100).splitlines():
        assert line == line.rstrip()


def test_findings_of_one_file_stand_together() -> None:
    made = terminal.render(sample.report(), width=120)
    assert made.count("models/marts/orders.sql") == 1
    assert made.index("orders.amount") < made.index("orders.ordered_at")
    assert made.index("orders.ordered_at") < made.index("customers.region")


def test_accepted_findings_are_counted_only() -> None:
    for made in (terminal.render(sample.report()), render(sample.report())):
        assert "legacy_id" not in made
        assert "2 accepted" in made


def test_many_verdicts_are_counted() -> None:
    verdicts = tuple(
        Verdict(node=f"model.shop.m{n}", name=f"m{n}", verdict="additive") for n in range(50)
    )
    made = terminal.render(msgspec.structs.replace(sample.report(), verdicts=verdicts))
    assert "  … 10 more\n" in made
    assert "changes: 50 additive\n" in made


def test_a_pipe_gets_one_line_a_finding_in_order() -> None:
    found = render(sample.report()).splitlines()
    active = [finding for finding in sample.findings() if not finding.accepted]
    assert active == sorted(active, key=order_key)
    assert len(found) == len(active) + 5
    assert found[0].startswith(
        "models/marts/orders.sql:12:3 CHG201 error Column `amount` was removed; 13 others read it"
        "; hits exposure"
    )
    assert found[0].endswith(" [model.shop.orders.amount]")
    assert found[-1].startswith("lineage: 1,304 of 1,312 models proven, 5 partial, 3 unknown (")
