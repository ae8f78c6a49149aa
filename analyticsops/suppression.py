"""What does not count: accepted findings, baselines, severities of one's own.

Three ways to live with a finding, from narrow to broad: an *acceptance* with a
reason and a last day, a *baseline* of everything that was there on one day, and a
rule's severity. None of them hides a finding; only ``off`` does.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

import msgspec

from analyticsops.errors import ConfigError, UsageError
from analyticsops.findings import (
    Accepted,
    Finding,
    Location,
    Rule,
    Severity,
    make_finding,
    order_key,
)

FailOn = Literal["error", "warning", "info", "never"]
Level = Literal["error", "warning", "info", "off"]
BASELINE_SCHEMA = "analyticsops/baseline/v1"
# About 400,000 findings; a larger file is not one that we wrote.
_BASELINE_BYTES = 64 * 1024 * 1024

ACCEPTANCE_EXPIRED = Rule(
    code="SYS902",
    name="acceptance-expired",
    severity=Severity.WARNING,
    summary="An acceptance whose last day has passed.",
    why=(
        "An acceptance is a promise to come back. After its day the finding counts again, "
        "and the entry only misleads whoever reads it."
    ),
    example=(
        "```yaml\nallow:\n  - rule: column-removed\n    node: orders\n"
        "    reason: finance moves to fct_orders\n    until: 2026-06-30  # yesterday\n```"
    ),
    advice="Mend what was accepted and remove the entry, or agree on a new day.",
)
ACCEPTANCE_STALE = Rule(
    code="SYS903",
    name="acceptance-stale",
    severity=Severity.WARNING,
    summary="An acceptance that no finding matches.",
    why=(
        "It may be mended, renamed or misspelt. Left where it is, it silently accepts the "
        "next finding that happens to match."
    ),
    example=(
        "```yaml\nallow:\n  - rule: column-removed\n    node: odrers   # there is no such model\n"
        "    reason: finance moves to fct_orders\n    until: 2026-06-30\n```"
    ),
    advice="Remove the entry, or correct its rule, node or column.",
)
RULES: tuple[Rule, ...] = (ACCEPTANCE_EXPIRED, ACCEPTANCE_STALE)


class Accept(msgspec.Struct, frozen=True, kw_only=True):
    """A person's decision to live with something until a day.

    Attributes:
        rule: code or name of a rule.
        node: ``unique_id`` or name of a node, or an fnmatch pattern of either;
            empty for every node.
        column: name of a column, in any case; empty for every column and none.
        fingerprint: of one finding; empty for every finding.
        reason: why, in the person's words.
        until: the last day on which it holds.
        subject: what an approval is about, as people call it.
        by: ``allow``, or ``approval`` if it stands in the file of approvals.
        where: place of the entry, for instance ``analyticsops.yml:12``.
        location: the same as a place in the repository, if it is one.
    """

    rule: str
    reason: str
    until: datetime.date
    node: str = ""
    column: str = ""
    fingerprint: str = ""
    subject: str = ""
    by: str = "allow"
    where: str = ""
    location: Location | None = None

    def matches(self, finding: Finding) -> bool:
        """True if ``finding`` is one of those accepted, on whatever day."""
        return (
            self.rule in (finding.rule, finding.name)
            and (not self.node or _matches_node(self.node, finding))
            and (not self.column or self.column.casefold() == finding.column.casefold())
            and (not self.fingerprint or self.fingerprint == finding.fingerprint)
        )


class BaselineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One known finding; all but the fingerprint is for the reader of a diff."""

    fingerprint: str
    rule: str
    name: str = ""
    subject: str = ""


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """The findings that were known on the day a baseline was written.

    Attributes:
        entries: sorted by rule, subject and fingerprint.
        where: the file it was read from.
    """

    entries: tuple[BaselineEntry, ...] = ()
    where: str = ""


class _BaselineFile(msgspec.Struct, frozen=True):
    schema: str
    findings: tuple[BaselineEntry, ...] = ()


def apply_accepts(
    findings: Iterable[Finding],
    accepts: Iterable[Accept],
    today: datetime.date,
    *,
    judged: Iterable[Accept] = (),
) -> tuple[Finding, ...]:
    """Mark what is accepted, and report acceptances that have run out.

    The first acceptance that matches gives the reason. What a finding was accepted by
    before stays.

    Args:
        today: an acceptance holds on its last day and not on the next.
        judged: those of ``accepts`` that are reported if they match no finding. Leave
            out what this command cannot find, or did not look at.
    """
    found = tuple(findings)
    entries = tuple(accepts)
    current = tuple(accept for accept in entries if accept.until >= today)
    marked = [_accepted(finding, current) for finding in found]
    marked += [_expired(accept) for accept in entries if accept.until < today]
    could = [accept for accept in judged if accept.until >= today]
    marked += [_stale(accept) for accept in could if not any(map(accept.matches, found))]
    return tuple(sorted(marked, key=order_key))


def apply_severities(
    findings: Iterable[Finding], overrides: Mapping[str, str]
) -> tuple[Finding, ...]:
    """Give findings the severities that the project chose, and leave out ``off``.

    Args:
        overrides: code or name of a rule -> ``error``, ``warning``, ``info`` or ``off``;
            a code outweighs a name.
    """
    kept = []
    for finding in findings:
        level = overrides.get(finding.rule, overrides.get(finding.name, finding.severity.value))
        if level == finding.severity.value:
            kept.append(finding)
        elif level != "off":
            kept.append(msgspec.structs.replace(finding, severity=Severity(level)))
    return tuple(sorted(kept, key=order_key))


def fails(finding: Finding, fail_on: str) -> bool:
    """True if this finding alone makes the command fail.

    Raises:
        UsageError: ``fail_on`` is not ``error``, ``warning``, ``info`` or ``never``.
    """
    if fail_on == "never":
        return False
    try:
        threshold = Severity(fail_on)
    except ValueError:
        known = "error, warning, info, never"
        raise UsageError(f"no severity named {fail_on!r}", hint=f"one of {known}") from None
    return finding.accepted is None and finding.severity.at_least(threshold)


def failed(findings: Iterable[Finding], fail_on: str) -> bool:
    """True if a finding that nobody accepted reaches ``fail_on``.

    Raises:
        UsageError: see :func:`fails`.
    """
    return any(fails(finding, fail_on) for finding in findings)


def write_baseline(findings: Iterable[Finding]) -> bytes:
    """A baseline of ``findings``: JSON, sorted, one finding a line.

    Acceptances have a reason and an end of their own and stay out; what an earlier
    baseline held stays in.
    """
    entries = {
        finding.fingerprint: BaselineEntry(
            fingerprint=finding.fingerprint,
            rule=finding.rule,
            name=finding.name,
            subject=finding.subject,
        )
        for finding in sorted(findings, key=order_key, reverse=True)
        if finding.accepted is None or finding.accepted.by == "baseline"
    }
    lines = [_one_line_json(entry) for entry in sorted(entries.values(), key=_entry_key)]
    body = "[\n    " + ",\n    ".join(lines) + "\n  ]" if lines else "[]"
    return f'{{\n  "schema": "{BASELINE_SCHEMA}",\n  "findings": {body}\n}}\n'.encode()


def read_baseline(path: Path) -> Baseline:
    """Read what :func:`write_baseline` made.

    Raises:
        ConfigError: there is no such file, or it is not a baseline of this version.
    """
    where = str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(_BASELINE_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(
            f"cannot read the baseline: {reason}",
            where=where,
            hint="`analyticsops baseline write` makes one",
        ) from error
    if len(data) > _BASELINE_BYTES:
        raise ConfigError("the baseline is larger than 64 MiB", where=where)
    return Baseline(entries=_decode_baseline(data, where), where=where)


def apply_baseline(findings: Iterable[Finding], baseline: Baseline) -> tuple[Finding, ...]:
    """Accept what the baseline holds, so that only new findings fail."""
    known = {entry.fingerprint for entry in baseline.entries}
    mark = Accepted(by="baseline", reason="known since the baseline", where=baseline.where)
    return tuple(
        msgspec.structs.replace(finding, accepted=mark)
        if finding.accepted is None and finding.fingerprint in known
        else finding
        for finding in findings
    )


def _matches_node(pattern: str, finding: Finding) -> bool:
    name = finding.subject
    if finding.column:
        name = name.removesuffix(f".{finding.column}")
    # Equality first: a name may itself hold characters that a pattern gives a meaning.
    return any(pattern == word or fnmatchcase(word, pattern) for word in (finding.node, name))


def _accepted(finding: Finding, accepts: tuple[Accept, ...]) -> Finding:
    if finding.accepted is not None:
        return finding
    accept = next((accept for accept in accepts if accept.matches(finding)), None)
    if accept is None:
        return finding
    mark = Accepted(
        by=accept.by, reason=accept.reason, until=accept.until.isoformat(), where=accept.where
    )
    return msgspec.structs.replace(finding, accepted=mark)


def _expired(accept: Accept) -> Finding:
    message = f"The acceptance of {_described(accept)} ran out on {accept.until.isoformat()}."
    return _about(accept, ACCEPTANCE_EXPIRED, message)


def _stale(accept: Accept) -> Finding:
    message = f"The acceptance of {_described(accept)} matches no finding."
    return _about(accept, ACCEPTANCE_STALE, message)


def _about(accept: Accept, rule: Rule, message: str) -> Finding:
    evidence = [f"reason: {accept.reason}"]
    if accept.where:
        evidence.append(f"at {accept.where}")
    return make_finding(
        rule,
        node="",
        subject=_described(accept),
        message=message,
        location=accept.location,
        evidence=evidence,
        identity=(
            accept.rule,
            accept.node,
            accept.column,
            accept.fingerprint,
            accept.until.isoformat(),
        ),
    )


def _described(accept: Accept) -> str:
    target = ".".join(part for part in (accept.node, accept.column) if part)
    target = target or accept.subject
    parts = [accept.rule, f"for {target}" if target else "", accept.fingerprint]
    return " ".join(part for part in parts if part)


def _entry_key(entry: BaselineEntry) -> tuple[str, str, str]:
    return entry.rule, entry.subject, entry.fingerprint


def _one_line_json(entry: BaselineEntry) -> str:
    # ASCII, because half a surrogate pair in a name is no UTF-8.
    fields: dict[str, Any] = msgspec.structs.asdict(entry)
    return json.dumps(fields, ensure_ascii=True)


def _decode_baseline(data: bytes, where: str) -> tuple[BaselineEntry, ...]:
    hint = "write it again with `analyticsops baseline write`"
    try:
        # The standard reader, because it alone accepts half a surrogate pair.
        raw = json.loads(data)
        file = msgspec.convert(raw, _BaselineFile)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"this is not a baseline: {error}", where=where, hint=hint) from error
    if file.schema != BASELINE_SCHEMA:
        raise ConfigError(
            f"a baseline of version {file.schema!r}",
            where=where,
            hint=f"this analyticsops reads {BASELINE_SCHEMA}",
        )
    return tuple(sorted(file.findings, key=_entry_key))
