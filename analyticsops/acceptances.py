"""Where acceptances stand: in settings, in a model's YAML or SQL (approvals.py: in a file of
their own).

All become :class:`analyticsops.suppression.Accept`; each has a reason and a last day.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec

from analyticsops.decoding import MISSING, check_keys, convert, kind
from analyticsops.errors import ConfigError
from analyticsops.findings import Location
from analyticsops.suppression import Accept
from analyticsops.yaml_files import Lines

DATE = r"^\d{4}-\d{2}-\d{2}$"


class AcceptEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A finding to live with until a day.

    Attributes:
        rule: code or name of the rule.
        reason: why, for whoever reads it next.
        until: the last day on which it holds, YYYY-MM-DD.
        node: unique_id or name of the node, or a pattern with ``*`` and ``?``.
        column: name of the column.
        fingerprint: of one finding, as the JSON output shows it.
    """

    rule: Annotated[str, msgspec.Meta(min_length=1)]
    reason: Annotated[str, msgspec.Meta(min_length=1)]
    until: Annotated[str, msgspec.Meta(pattern=DATE)]
    node: str = ""
    column: str = ""
    fingerprint: str = ""


def accepts_of_meta(entries: object, *, node: str, path: str) -> tuple[Accept, ...]:
    """Read ``config.meta.analyticsops.allow`` of one node.

    Args:
        entries: what the manifest holds there: a list of {rule, column?, reason, until}.
        node: the node's ``unique_id``; the acceptances hold for it alone.
        path: the file that the node's properties stand in, relative to the project.

    Raises:
        ConfigError: an entry is not of that form, or has no reason or last day.
    """
    where = f"{path} (config.meta.analyticsops.allow of {node})"
    if not isinstance(entries, list):
        raise ConfigError(f"expected a list, got {kind(entries)}", where=where)
    accepts = []
    for number, entry in enumerate(entries):
        place = f"{path} (config.meta.analyticsops.allow[{number}] of {node})"
        if isinstance(entry, dict) and {"node", "fingerprint"} & entry.keys():
            raise ConfigError(
                "an acceptance in a model's meta holds for that model alone",
                where=place,
                hint="leave out node and fingerprint, or move it to analyticsops.yml",
            )
        check_keys(entry, AcceptEntry, (), place)
        parsed = convert(entry, AcceptEntry, (), place)
        accepts.append(_of_node(parsed, node, place, Location(path)))
    return tuple(accepts)


def _of_node(entry: AcceptEntry, node: str, where: str, location: Location) -> Accept:
    """What stands beside a node holds for that node alone."""
    return Accept(
        rule=entry.rule,
        reason=_reason(entry, where),
        until=last_day(entry.until, where),
        node=node,
        column=entry.column,
        where=where,
        location=location,
    )


def accept_of_file(entry: AcceptEntry, number: int, lines: Lines, project_dir: Path) -> Accept:
    """An entry of ``allow`` in analyticsops.yml.

    Raises:
        ConfigError: the reason is blank, or the last day is none.
    """
    steps = ("allow", number)
    location = None
    if lines.path.resolve().is_relative_to(project_dir.resolve()):
        relative = lines.path.resolve().relative_to(project_dir.resolve())
        location = Location(relative.as_posix(), lines.number(steps))
    return Accept(
        rule=entry.rule,
        node=entry.node,
        column=entry.column,
        fingerprint=entry.fingerprint,
        reason=_reason(entry, lines.at((*steps, "reason"))),
        until=last_day(entry.until, lines.at((*steps, "until"))),
        where=lines.at(steps),
        location=location,
    )


def _reason(entry: AcceptEntry, where: str) -> str:
    if not entry.reason.strip():
        raise ConfigError("'reason' is empty", where=where, hint=MISSING["reason"])
    return entry.reason


def last_day(text: str, where: str) -> datetime.date:
    """The last day of an acceptance, written as YYYY-MM-DD.

    Raises:
        ConfigError: there is no such day.
    """
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        message = f"{text!r} is no day: {error}"
        raise ConfigError(message, where=where, hint=MISSING["until"]) from error


# -- in SQL ------------------------------------------------------------------------

_COMMENT = re.compile(r"(?:--|\{#-?|/\*)\s*aops:(?P<word>\w+)\b(?P<rest>[^\n]*)")
_OPTION = re.compile(r"(?P<key>\w+)\s*=\s*(?:\"(?P<text>[^\"]*)\"|(?P<word>[^\s\"#*]+))")
_END = re.compile(r"\s*(?:-?#\}|\*/).*$")
_OPTIONS = ("column", "until", "reason")


def accepts_of_code(code: str, *, node: str, path: str) -> Iterator[Accept]:
    """The comments ``aops:allow RULE until=YYYY-MM-DD reason="..."`` in a model's file.

    A comment of SQL or of Jinja, on one line; several rules are separated by commas, and
    ``column=`` names a column. They hold for the model alone.

    Args:
        code: the file, before Jinja.
        node: ``unique_id`` of the model.
        path: of the file, relative to the project.

    Raises:
        ConfigError: a rule, the reason or the last day is missing, or is not what it
            should be.
    """
    for found in _COMMENT.finditer(code):
        line = code.count("\n", 0, found.start()) + 1
        where = f"{path}:{line}"
        if found["word"] != "allow":
            raise ConfigError(f"no comment aops:{found['word']}", where=where, hint=_FORM)
        yield from _of_comment(_END.sub("", found["rest"]), node, where, Location(path, line))


_FORM = 'write `-- aops:allow ROW301 until=2027-03-31 reason="..."`'


def _of_comment(text: str, node: str, where: str, location: Location) -> Iterator[Accept]:
    options = {m["key"]: m["text"] or m["word"] or "" for m in _OPTION.finditer(text)}
    rules = re.split(r"[\s,]+", _OPTION.sub(" ", text).strip())
    unknown = [key for key in options if key not in _OPTIONS]
    if unknown:
        raise ConfigError(f"unknown key {unknown[0]!r}", where=where, hint=_FORM)
    for rule in rules:
        given = {"rule": rule, **options}
        entry = {key: value for key, value in given.items() if value}
        check_keys(entry, AcceptEntry, (), where)
        parsed = convert(entry, AcceptEntry, (), where)
        yield _of_node(parsed, node, where, location)


# -- approvals ---------------------------------------------------------------------
