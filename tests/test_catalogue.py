"""Every rule is declared once, completely, and can be looked up."""

from __future__ import annotations

import re

import pytest

from analyticsops.catalogue import RULES, find_rule
from analyticsops.errors import NotFoundError
from analyticsops.findings import Rule
from analyticsops.report.rules import page, reference


def test_codes_and_names_are_taken_once() -> None:
    words = [word for rule in RULES for word in (rule.code, rule.name)]
    assert len(words) == len(set(words))
    assert [rule.code for rule in RULES] == sorted(rule.code for rule in RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_is_complete(rule: Rule) -> None:
    assert re.fullmatch(r"[A-Z]{3}\d{3}", rule.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.name)
    for text in (rule.summary, rule.why, rule.example, rule.advice):
        assert text.strip() == text
        assert text
    for sentence in (rule.summary, rule.why, rule.advice):
        assert sentence[0].isupper() or sentence[0] == "`" or sentence.startswith("dbt ")
        assert sentence.endswith((".", "`."))
    assert rule.example.count("```") in (0, 2)
    assert rule.code in page(rule)
    assert rule.advice in reference(RULES)


@pytest.mark.parametrize("word", ["SCH201", "sch201", "column-removed", " Column-Removed "])
def test_found_by_code_or_name(word: str) -> None:
    assert find_rule(word).code == "SCH201"


def test_the_closest_are_told() -> None:
    with pytest.raises(NotFoundError, match="did you mean 'column-removed'"):
        find_rule("column-remove")
    with pytest.raises(NotFoundError, match=r"^here: no rule named 'x'$"):
        find_rule("x", where="here")


def test_links_of_the_reference_lead_to_its_headings() -> None:
    text = reference(RULES)
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line[3:].lower()).replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("## ")
    }
    assert set(re.findall(r"\(#([^)]+)\)", text)) == headings
