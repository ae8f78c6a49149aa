"""A rule as a page of text: for ``explain``, and for the rule reference in docs/."""

from __future__ import annotations

from collections.abc import Iterable

from analyticsops.findings import Direction, Rule


def page(rule: Rule) -> str:
    """One rule as Markdown that also reads well in a terminal."""
    parts = [
        f"## {rule.code} {rule.name}",
        f"{rule.summary} {_facts(rule)}",
        f"**Why it matters.** {rule.why}",
        f"**Example.** {rule.example}" if "```" not in rule.example else _example(rule.example),
        f"**What to do.** {rule.advice}",
    ]
    if rule.unknown:
        parts.append(f"**When it is not known.** {rule.unknown}")
    return "\n\n".join(parts) + "\n"


def _facts(rule: Rule) -> str:
    """Severity, and of a rule about changes its level, direction and mirror."""
    severity = f"Severity: {rule.severity.value}"
    if rule.producer is not None:
        severity += f" ({rule.producer.value} to who delivers the data)"
    tiers = [("drafts", rule.draft), ("certified metrics", rule.certified)]
    told = [f"{level.value} for {which}" for which, level in tiers if level is not None]
    severity += f" ({', '.join(told)})" if told else ""
    if rule.strictness is None:
        return f"{severity}."
    facts = f"{severity}. Told from strictness `{rule.strictness.value}` on."
    if rule.direction in (Direction.LOOSENS, Direction.TIGHTENS):
        facts += f" It {rule.direction.value} a promise; {rule.mirror} is the opposite."
    return facts


def _example(example: str) -> str:
    return f"**Example.**\n\n{example}"


def reference(rules: Iterable[Rule]) -> str:
    """All rules as one Markdown document; docs/rules.md holds it."""
    known = list(rules)
    head = [
        "# Rules",
        "Generated from the declarations in the code by `make docs`; `analyticsops explain CODE` "
        "prints the same. The severity is the default: findings weigh less when nobody is hit, "
        "and `rules:` in `analyticsops.yml` overrides it.",
        "\n".join(
            ["| code | name | severity | claim |", "|---|---|---|---|"]
            + [
                f"| [{r.code}](#{r.code.lower()}-{r.name}) | {r.name} | {r.severity.value} "
                f"| {r.summary} |"
                for r in known
            ]
        ),
    ]
    return "\n\n".join([*head, *(page(rule).rstrip() for rule in known)]) + "\n"
