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

from analyticsops.executed import Counterexample


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


class Strictness(enum.StrEnum):
    """How much a team wants to hear about a change. Each level holds those before it, so
    that people choose one word and not a switch for every rule."""

    RELATION = "relation"
    """Tables and views that are gone, moved or switched off, and what is not known."""
    SCHEMA = "schema"
    """Columns, types and the promises about them."""
    DATA = "data"
    """Rows, values, tests and how data gets in."""
    KPI = "kpi"
    """Metrics and what they are made of. The default."""
    STRICT = "strict"
    """Also what is proven harmless, and what a change reaches further down."""

    @property
    def rank(self) -> int:
        """0 for relation, 4 for strict: larger tells more."""
        return list(Strictness).index(self)


class Direction(enum.StrEnum):
    """What a change does to the promises that a table makes to its readers."""

    LOOSENS = "loosens"
    TIGHTENS = "tightens"
    BOTH = "both"
    UNDETERMINED = "undetermined"


class Perspective(enum.StrEnum):
    """Whose side severities take: who reads the data, or who delivers it."""

    CONSUMER = "consumer"
    PRODUCER = "producer"


class Stability(enum.StrEnum):
    """How firmly others may rely on a node, the firmest first."""

    CONTRACT = "contract"
    PUBLIC = "public"
    PROTECTED = "protected"
    PRIVATE = "private"
    EXPERIMENTAL = "experimental"


class Proof(enum.StrEnum):
    """How sure a finding is of its claim."""

    PROVED = "proved"
    COUNTEREXAMPLE = "counterexample"
    """Rows are known on which both versions differ."""
    ASSUMED = "assumed"
    """Proved if the assumptions hold that stand beside it."""
    UNKNOWN = "unknown"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A claim that analyticsops can make about a project or a change.

    Attributes:
        code: frozen for ever, for instance ``SCH201``; the letters are the family.
        name: the claim in kebab case, for instance ``column-removed``.
        severity: the default; findings may weigh less when nobody is affected.
        producer: the default for who delivers the data, if it is another one.
        draft: the default of a metric that is a draft, if it is another one.
        certified: likewise of one that is certified.
        strictness: the first level at which it is reported; None for rules that are not
            about changes.
        direction: of the change that it reports.
        mirror: code of the rule that reports the opposite change; its own code if the
            rule reports both.
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
    producer: Severity | None = None
    draft: Severity | None = None
    certified: Severity | None = None
    strictness: Strictness | None = None
    direction: Direction = Direction.UNDETERMINED
    mirror: str = ""


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
        via: how it is reached: ``breaks`` (its own SQL reads what is gone), ``loses`` (its
            star no longer brings what is gone), ``values`` (a value it computes derives
            from it), ``rows`` (which rows it has depends on it), ``depends`` (known only at
            the level of whole nodes).
        path: the shortest way there, as ``model.column`` steps, both ends included.
        rows: True if which rows it has depends on it, perhaps besides.
    """

    node: str
    kind: str
    name: str
    columns: tuple[str, ...] = ()
    owner: str = ""
    via: str = "values"
    path: tuple[str, ...] = ()
    rows: bool = False


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """Why a finding does not count.

    Attributes:
        by: ``allow`` (in SQL, meta or analyticsops.yml), ``approval`` or ``baseline``.
        reason: what the person wrote.
        until: last day on which it holds, ISO date; empty for a baseline.
        where: place of the entry.
    """

    by: str
    reason: str
    until: str = ""
    where: str = ""


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a way out of a breaking change, ready to be applied.

    Attributes:
        step: ``new-version`` (a file, or an entry of a YAML file), ``shim-view`` (SQL of
            a view under the old name), ``pin`` (a reader's line, old and new) or
            ``full-refresh`` (a command).
        path: of the file that it belongs into; empty for a command.
        text: what to write there, or to run.
    """

    step: str
    path: str
    text: str


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
        proof: how sure the claim is.
        assumptions: tests and constraints that the proof rests on, one line each.
        direction: what the change does to the promises made to readers.
        stability: how firmly others may rely on the subject; null where that was not asked.
        migration: the steps of a way out of a breaking change; empty if it has none, or
            comes with its own.
        affected: who is hit downstream, nearest first.
        owner: owner of the subject, empty if nobody.
        counterexample: rows on which both versions differ, if they were executed and some
            were found.
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
    proof: Proof = Proof.PROVED
    assumptions: tuple[str, ...] = ()
    direction: Direction = Direction.UNDETERMINED
    stability: Stability | None = None
    migration: tuple[Migration, ...] = ()
    counterexample: Counterexample | None = None


def fingerprint(*parts: str) -> str:
    """Identity of a finding that survives edits elsewhere: 16 hex digits.

    Built from what the finding claims (rule, node, column and what changed), never
    from line numbers or wording, so that a baseline and an acceptance hold while
    the file moves on and are void when the change itself changes.
    """
    digest = blake2b(digest_size=8)
    for part in parts:
        # What ends a part stands in none, so ("a", "bc") and ("ab", "c") differ.
        apart = part.replace("\x1e", "\x1e0").replace("\x1f", "\x1e1")
        digest.update(apart.encode("utf-8", "surrogatepass"))
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
    assumptions: Iterable[str] = (),
    direction: Direction | None = None,
    stability: Stability | None = None,
    migration: Iterable[Migration] = (),
) -> Finding:
    """Build a finding of ``rule``.

    Args:
        severity: overrides the rule's default.
        direction: overrides the rule's.
        identity: what else, beside rule, node and column, makes this finding itself,
            for instance the new type of a retyped column.
    """
    rests_on = tuple(assumptions)
    proof = Proof.UNKNOWN if not proven else Proof.ASSUMED if rests_on else Proof.PROVED
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
        proof=proof,
        assumptions=rests_on,
        direction=direction or rule.direction,
        stability=stability,
        migration=tuple(migration),
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
