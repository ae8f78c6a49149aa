"""The comment: what is cut, and what a reader must always find."""

from __future__ import annotations

import msgspec
import pytest

from analyticsops.findings import fingerprint
from analyticsops.report import markdown, mermaid
from analyticsops.report.model import Coverage, Report, Verdict
from analyticsops.report.summary import coverage_line

from . import sample
from .test_hostile import MARKDOWN


def _large(number: int) -> Report:
    first = sample.findings()[0]
    many = tuple(
        msgspec.structs.replace(
            first, subject=f"orders.c{index}", fingerprint=fingerprint(str(index))
        )
        for index in range(number)
    )
    verdicts = tuple(
        Verdict(node=f"model.shop.m{index}", name=f"m{index}", verdict="additive")
        for index in range(number)
    )
    return msgspec.structs.replace(sample.report(), findings=many, verdicts=verdicts)


@pytest.mark.parametrize("number", [1, 41, 100, 5_000])
@pytest.mark.parametrize("limit", [2_000, 10_000, markdown.LIMIT])
def test_never_longer_than_the_limit(number: int, limit: int) -> None:
    report = _large(number)
    made = markdown.render(report, limit=limit)
    assert len(made) <= limit
    assert made.startswith("<!-- analyticsops:diff -->\n")
    assert coverage_line(report.coverage) in made
    assert made.count("<details>") == made.count("</details>")
    assert made.count("```") % 2 == 0


def test_what_is_cut_is_counted() -> None:
    made = markdown.render(_large(5_000))
    assert "… 4,960 more findings" in made
    assert "… 4,960 more changed models" in made
    details = made.count("<details><summary>🛑 ")
    assert f"… {5_000 - details:,} more findings" in made
    assert len(made) > 0.9 * markdown.LIMIT


def test_tables_render_as_tables() -> None:
    kinds = [token.type for token in MARKDOWN.parse(markdown.render(sample.report()))]
    assert kinds.count("table_open") == 4 + 3
    # Five findings, four changed models, two accepted, four executions, three tables of a
    # counterexample with two, one and one rows, and a heading each.
    assert kinds.count("tr_open") == 5 + 4 + 2 + 4 + (2 + 1 + 1) + 7


def test_unknown_is_not_shown_as_safe() -> None:
    report = msgspec.structs.replace(
        sample.clean_report(),
        command="diff",
        verdicts=(Verdict(node="model.shop.a", name="a", verdict="unknown", reason="too deep"),),
    )
    made = markdown.render(report)
    assert "✅" not in made
    assert "**1 changed model could not be judged.**" in made


def test_picture_has_at_most_thirty_boxes() -> None:
    report = _large(100)
    text, missing = mermaid.impact(report.findings)
    assert 25 <= text.count("[") <= mermaid.NODE_LIMIT
    assert missing == 0
    text, missing = mermaid.impact(report.findings, limit=5)
    assert text.count("[") == 5
    assert missing == 9


def test_long_lists_and_long_ways_are_counted() -> None:
    first = sample.findings()[0]
    hit = msgspec.structs.replace(
        first.affected[0],
        columns=("a", "b", "c", "d", "e"),
        path=tuple(f"m{step}.a" for step in range(12)),
    )
    hits = tuple(msgspec.structs.replace(hit, node=f"model.shop.m{n}") for n in range(30))
    long = msgspec.structs.replace(first, affected=hits, fix="One.\n\nTwo.")
    made = markdown.render(msgspec.structs.replace(sample.report(), findings=(long,)))
    assert "(`a`, `b`, `c` and 2 more)" in made
    assert "- … 5 more\n" in made
    assert "`m2.a` → `m3.a` → … → `m8.a` → `m9.a` → `m10.a` → `m11.a`\n" in made
    assert "**Fix:** One.\n\nTwo.\n" in made


def test_a_mild_report_is_not_a_clean_one() -> None:
    mild = tuple(f for f in sample.findings() if f.severity == "warning" and not f.accepted)
    made = markdown.render(
        msgspec.structs.replace(sample.report(), findings=mild, verdicts=(), failed=False)
    )
    assert "### ⚠️ 3 warnings, with an effect on 1 metric\n" in made


def test_no_models_at_all() -> None:
    nothing = msgspec.structs.replace(
        sample.clean_report(), coverage=Coverage(proven=0, partial=0, unknown=0)
    )
    assert "lineage: no models" in markdown.render(nothing)


def test_no_picture_of_nothing() -> None:
    assert mermaid.impact(()) == ("", 0)
    assert "mermaid" not in markdown.render(sample.clean_report())
