"""Every rule there is: what ``explain`` and the rule reference are made from."""

from __future__ import annotations

from analyticsops import suppression
from analyticsops.changes import rules as changes
from analyticsops.errors import NotFoundError
from analyticsops.evidence import rules as evidence
from analyticsops.findings import Rule
from analyticsops.lineage import rules as lineage
from analyticsops.metrics import rules as metrics
from analyticsops.project import rules as project
from analyticsops.slo import alert_rules, lint_rules, rules as slo

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            *changes.RULES,
            *evidence.RULES,
            *lineage.RULES,
            *metrics.RULES,
            *project.RULES,
            *slo.RULES,
            *alert_rules.RULES,
            *lint_rules.RULES,
            *suppression.RULES,
        ),
        key=lambda rule: rule.code,
    )
)
"""All rules, by code. A code or name that is taken twice fails a test."""


def find_rule(code_or_name: str, *, where: str = "") -> Rule:
    """The rule with this code or name, whatever the case.

    Args:
        where: the place at which it is named, for the error.

    Raises:
        NotFoundError: with the closest names.
    """
    wanted = code_or_name.strip().lower()
    for rule in RULES:
        if wanted in (rule.code.lower(), rule.name):
            return rule
    known = [word for rule in RULES for word in (rule.code, rule.name)]
    raise NotFoundError("rule", code_or_name.strip(), known, where=where)
