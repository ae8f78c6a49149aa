"""Findings: every answer that a person must act on, and the rules that make them.

A :class:`Rule` is declared once, beside the code that applies it, and listed in
:mod:`analyticsops.catalogue`; the rule reference, ``analyticsops explain`` and
SARIF's help texts are all generated from that declaration. A :class:`Finding` is plain
data: every output format renders findings and nothing else.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from hashlib import blake2b

import msgspec


class Severity(enum.StrEnum):
    """How bad it is, as in dbt, SARIF and GitHub annotations."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for info, 1 for warning, 2 for error: larger is worse."""
        return ("info", "warning", "error").index(self.value)

    def at_least(self, other: Severity) -> bool:
        """True if this is as bad as ``other`` or worse."""
        return self.rank >= other.rank


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A claim that analyticsops can make about a project or a change.

    Attributes:
        code: frozen for ever, for instance ``SCH201``; the letters are the family.
        name: the claim in kebab case, for instance ``column-removed``.
        severity: the default; findings may weigh less when nobody is affected.
        summary: one sentence, "A column that ... was removed".
        why: why a reader should care.
        example: what it looks like, before and after, as Markdown.
        advice: how to fix it or how to migrate.
        unknown: when the rule cannot tell, and what it says then.
    """

    code: str
    name: str
    severity: Severity
    summary: str
    why: str
    example: str
    advice: str
    unknown: str = ""


class Location(msgspec.Struct, frozen=True, order=True):
    """A place in the user's repository.

    Attributes:
        path: relative to the dbt project's root, with forward slashes.
        line: 1-based; None if the place in the file is not known.
        column: 1-based; None if not known.
    """

    path: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = [self.path]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)


class Affected(msgspec.Struct, frozen=True, kw_only=True):
    """Something downstream that a finding reaches.

    Attributes:
        node: dbt ``unique_id``.
        kind: dbt resource type: model, test, metric, exposure, ...
        name: display name, for instance ``fct_orders``.
        columns: the columns of it that are reached; empty for nodes without columns.
        owner: name of its owner, empty if nobody owns it.
        via: how it is reached: ``breaks`` (its own SQL reads what is gone), ``values``
            (a value it computes derives from it), ``rows`` (which rows it has depends
            on it), ``depends`` (known only at the level of whole nodes).
        path: the shortest way there, as ``model.column`` steps, both ends included.
    """

    node: str
    kind: str
    name: str
    columns: tuple[str, ...] = ()
    owner: str = ""
    via: str = "values"
    path: tuple[str, ...] = ()


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """Why a finding does not count.

    Attributes:
        by: ``accept`` (meta or analyticsops.yml) or ``baseline``.
        reason: what the person wrote.
        until: last day on which it holds, ISO date; empty for a baseline.
        where: place of the entry.
    """

    by: str
    reason: str
    until: str = ""
    where: str = ""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a person should look at.

    Attributes:
        rule: code of the :class:`Rule`.
        name: its kebab-case name.
        severity: of this finding.
        node: dbt ``unique_id`` of the subject; empty for the project as a whole.
        subject: what people call it: ``orders`` or ``orders.amount``.
        column: the column, if the subject is one.
        location: where to look in the repository; None if nowhere.
        message: one sentence, one line.
        evidence: facts that support it, one line each.
        fix: what to do; may be several lines.
        proven: False when the rule could not decide and says so.
        affected: who is hit downstream, nearest first.
        owner: owner of the subject, empty if nobody.
        accepted: set when a person accepted it; it is shown but does not fail.
        fingerprint: identity across commits, see :func:`fingerprint`.
    """

    rule: str
    name: str
    severity: Severity
    node: str
    subject: str
    message: str
    fingerprint: str
    column: str = ""
    location: Location | None = None
    evidence: tuple[str, ...] = ()
    fix: str = ""
    proven: bool = True
    affected: tuple[Affected, ...] = ()
    owner: str = ""
    accepted: Accepted | None = None


def fingerprint(*parts: str) -> str:
    """Identity of a finding that survives edits elsewhere: 16 hex digits.

    Built from what the finding claims (rule, node, column and what changed), never
    from line numbers or wording, so that a baseline and an acceptance hold while
    the file moves on and are void when the change itself changes.
    """
    # The separator cannot occur in a part, so ("a", "bc") and ("ab", "c") differ.
    digest = blake2b(digest_size=8)
    for part in parts:
        digest.update(part.replace("\x1f", "").encode("utf-8", "surrogatepass"))
        digest.update(b"\x1f")
    return digest.hexdigest()


def make_finding(
    rule: Rule,
    *,
    node: str,
    subject: str,
    message: str,
    severity: Severity | None = None,
    column: str = "",
    location: Location | None = None,
    evidence: Iterable[str] = (),
    fix: str = "",
    proven: bool = True,
    affected: Iterable[Affected] = (),
    owner: str = "",
    identity: Iterable[str] = (),
) -> Finding:
    """Build a finding of ``rule``.

    Args:
        severity: overrides the rule's default.
        identity: what else, beside rule, node and column, makes this finding itself,
            for instance the new type of a retyped column.
    """
    return Finding(
        rule=rule.code,
        name=rule.name,
        severity=severity or rule.severity,
        node=node,
        subject=subject,
        column=column,
        location=location,
        message=message,
        evidence=tuple(evidence),
        fix=fix or rule.advice,
        proven=proven,
        affected=tuple(affected),
        owner=owner,
        fingerprint=fingerprint(rule.code, node, column, *identity),
    )


def order_key(finding: Finding) -> tuple[int, str, str, str, str]:
    """Sort key: worst first, then by rule, subject and identity; never by chance."""
    return (
        -finding.severity.rank,
        finding.rule,
        finding.subject,
        finding.node,
        finding.fingerprint,
    )
