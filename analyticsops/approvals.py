"""Approvals: changes that somebody looked at and lets pass, in a file of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import yaml

from analyticsops.acceptances import DATE, last_day
from analyticsops.decoding import MISSING, check_keys, convert
from analyticsops.errors import ConfigError, NotFoundError, UsageError
from analyticsops.findings import Finding
from analyticsops.suppression import Accept
from analyticsops.yaml_files import Lines, VisibleDumper, parse_yaml, read_text

FILE_NAME = "analyticsops-approvals.yml"
"""Where approvals are written if the settings name no file."""


class ApprovalEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change that somebody looked at and lets pass.

    Attributes:
        fingerprint: of the finding, as every output shows it. It is another one when the
            change becomes another, and the approval is void.
        rule: code or name of the rule.
        subject: what the finding is about, for whoever reads the file.
        reason: why it may pass.
        until: the last day on which it holds, YYYY-MM-DD.
        by: who approved it.
    """

    fingerprint: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16}$")]
    rule: Annotated[str, msgspec.Meta(min_length=1)]
    reason: Annotated[str, msgspec.Meta(min_length=1)]
    until: Annotated[str, msgspec.Meta(pattern=DATE)]
    subject: str = ""
    by: str = ""


class ApprovalsFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file of approvals.

    Attributes:
        version: of this format; always 1.
        approvals: one for each finding.
    """

    version: Literal[1]
    approvals: tuple[ApprovalEntry, ...] = ()


def read_approvals(path: Path) -> tuple[Accept, ...]:
    """Read a file of approvals; a file that is not there holds none.

    Raises:
        ConfigError: it is no such file, or an entry has no reason or last day.
    """
    return approvals_in(read_text(path), path) if path.exists() else ()


def approvals_in(text: str, path: Path) -> tuple[Accept, ...]:
    """As :func:`read_approvals`, of the text of a file; ``path`` is for messages."""
    data, lines = parse_yaml(text, path)
    check_keys(data, ApprovalsFile, (), lines)
    entries = data.get("approvals")
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        check_keys(entry, ApprovalEntry, ("approvals", number), lines)
    hints = {"fingerprint": "as every output shows it: 16 hexadecimal digits"}
    file = convert(data, ApprovalsFile, (), lines, hints=hints)
    return tuple(_approval(entry, number, lines) for number, entry in enumerate(file.approvals))


def _approval(entry: ApprovalEntry, number: int, lines: Lines) -> Accept:
    where = lines.at(("approvals", number))
    signed = f"{entry.reason} ({entry.by})" if entry.by else entry.reason
    if not entry.reason.strip():
        raise ConfigError("'reason' is empty", where=where, hint=MISSING["reason"])
    return Accept(
        rule=entry.rule,
        reason=signed,
        until=last_day(entry.until, where),
        fingerprint=entry.fingerprint,
        subject=entry.subject,
        by="approval",
        where=where,
    )


def with_approvals(text: str, entries: Iterable[ApprovalEntry]) -> str:
    """The text of a file of approvals with more of them at its end, and nothing else
    changed: people write in it as well.

    Args:
        text: what it holds; empty for a new one.
    """
    before = text.rstrip() or "version: 1\napprovals:"
    return before.removesuffix(" []") + "\n" + "".join(_as_yaml(entry) for entry in entries)


def _as_yaml(entry: ApprovalEntry) -> str:
    said = msgspec.structs.asdict(entry)
    order = ("fingerprint", "rule", "subject", "reason", "until", "by")
    plain = {name: said[name] for name in order if said[name]}
    lines = yaml.dump(
        [plain], Dumper=VisibleDumper, sort_keys=False, allow_unicode=True, width=1000
    )
    return "".join(f"  {line}\n" for line in lines.splitlines())


def approval_of(
    findings: Sequence[Finding], meant: str, *, reason: str, until: str, by: str = ""
) -> ApprovalEntry:
    """The approval of a finding.

    Args:
        meant: RULE:SUBJECT, the rule by code or name; or the finding's fingerprint, or so
            much of its start that no other begins with it.

    Raises:
        NotFoundError: it means none.
        UsageError: it means several.
        ConfigError: there is no such day.
    """
    found = {finding.fingerprint: finding for finding in findings if _is_meant(finding, meant)}
    if not found:
        known = (word for f in findings for word in (f"{f.rule}:{f.subject}", f.fingerprint))
        raise NotFoundError("finding", meant, known)
    if len(found) > 1:
        raise UsageError(
            f"{meant!r} means {len(found)} findings",
            hint=f"take one of the fingerprints {', '.join(list(found)[:5])}",
        )
    (finding,) = found.values()
    last_day(until, "--until")
    return ApprovalEntry(
        fingerprint=finding.fingerprint,
        rule=finding.name,
        subject=finding.subject,
        reason=reason,
        until=until,
        by=by,
    )


def _is_meant(finding: Finding, meant: str) -> bool:
    rule, colon, subject = meant.partition(":")
    if colon:
        return finding.subject == subject and rule.lower() in (finding.rule.lower(), finding.name)
    return finding.fingerprint.startswith(meant)
