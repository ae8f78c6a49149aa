"""``analyticsops.yml``: what a team decides that has no place in dbt's own files.

:class:`ConfigFile` is the file as it is written, and what the JSON Schema for editors
is generated from; :class:`Config` is what it means.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from analyticsops.errors import ConfigError
from analyticsops.findings import Location, Perspective, Rule, Strictness
from analyticsops.lineage_settings import ExposedSettings, LineageSettings, TagSettings
from analyticsops.suppression import Accept, FailOn, Level
from analyticsops.yaml_files import Lines, Step, load_yaml

_T = TypeVar("_T")
FILE_NAMES = ("analyticsops.yml", "analyticsops.yaml")
_DATE = r"^\d{4}-\d{2}-\d{2}$"
_LEVELS = ("error", "warning", "info", "off")

TEMPLATE = """\
# Settings of analyticsops. Everything but `version` may be left out; what stands
# here commented out is the default or an example.
version: 1

# The mildest finding that makes `check` and `diff` exit with 1:
# error, warning, info or never.
fail_on: error

# How much `diff` tells; each word holds those before it:
# relation, schema, data, kpi or strict.
strictness: kpi

# SQL dialect by sqlglot's name. By default the adapter in the manifest decides.
# dialect: snowflake

# Severity of rules, by code or name (`analyticsops explain`): error, warning, info, off.
# rules:
#   column-removed: warning
#   CHG201: off

# Findings that you live with for a while. Each needs a reason and a last day.
# In a model's own YAML the same goes under `config.meta.analyticsops.accept`.
# accept:
#   - rule: column-removed
#     node: stg_*               # unique_id or name, * and ? as in file names
#     column: legacy_id         # optional
#     reason: finance moves to fct_orders, see TICKET-12
#     until: 2027-03-31

# What you expect of the column lineage, see docs/lineage.md.
# lineage:
#   coverage: {"models/marts/**": 98}   # percent of columns proven; one number for all
#   namespace: snowflake://myorg-myaccount
#   tags:
#     follow: [pii]             # in a column's tags, or a key of its meta
#     exposed: {exposures: true, public: true}

# projects: [../finance/target]   # other dbt projects whose models this one reads
# Everything that was found on one day, so that only new findings fail.
# `analyticsops baseline write` makes the file.
# baseline: analyticsops-baseline.json
"""


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
    until: Annotated[str, msgspec.Meta(pattern=_DATE)]
    node: str = ""
    column: str = ""
    fingerprint: str = ""


class ConfigFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of analyticsops for one dbt project.

    Attributes:
        version: of this format; always 1.
        fail_on: the mildest finding that makes a command exit with 1.
        dialect: SQL dialect by sqlglot's name; by default the adapter decides.
        strictness: how much `diff` tells: relation, schema, data, kpi or strict.
        perspective: whose side severities take: consumer or producer.
        rules: severity of single rules, by code or name.
        accept: findings to live with for a while.
        baseline: path of a baseline, relative to this file.
        lineage: what is expected of the column lineage.
        projects: target folders of other dbt projects whose models this one reads.
    """

    version: Literal[1]
    fail_on: FailOn = "error"
    strictness: Strictness = Strictness.KPI
    perspective: Perspective = Perspective.CONSUMER
    dialect: str = ""
    rules: dict[str, Level] = {}
    accept: tuple[AcceptEntry, ...] = ()
    baseline: str = ""
    lineage: LineageSettings = LineageSettings()
    projects: tuple[str, ...] = ()


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """What a team decided.

    Attributes:
        fail_on: the mildest severity that makes a command exit with 1, or ``never``.
        strictness: how much `diff` tells.
        perspective: whose side severities take.
        dialect: sqlglot's name of the SQL dialect; empty if the adapter decides.
        rules: code or name of a rule -> ``error``, ``warning``, ``info`` or ``off``.
        accepts: of analyticsops.yml; those in models' meta come from the project.
        baseline: path of the baseline; None without one.
        path: the file it was read from; None if there is none.
        lineage: what is expected of the column lineage.
        projects: target folders of other projects.
    """

    fail_on: FailOn = "error"
    strictness: Strictness = Strictness.KPI
    perspective: Perspective = Perspective.CONSUMER
    dialect: str = ""
    rules: Mapping[str, Level] = {}
    accepts: tuple[Accept, ...] = ()
    baseline: Path | None = None
    path: Path | None = None
    lineage: LineageSettings = LineageSettings()
    projects: tuple[Path, ...] = ()


def load_config(
    path: Path | None, project_dir: Path, *, known_rules: Collection[Rule] = ()
) -> Config:
    """Read the settings of a project.

    Args:
        path: the file; None for ``analyticsops.yml`` in ``project_dir``, where a
            missing file means the defaults.
        project_dir: root of the dbt project.
        known_rules: if given, every rule that the file names must be one of them.

    Raises:
        ConfigError: the file is missing or wrong; says where and what was expected.
    """
    found = path or _find(project_dir)
    if found is None:
        return Config()
    data, lines = load_yaml(found)
    if data is None:
        raise ConfigError("the file is empty", where=str(found), hint="start with `version: 1`")
    _check_keys(data, ConfigFile, (), lines)
    _check_rules(data, lines, known_rules)
    accepts = _list(data, "accept")
    for number, entry in enumerate(accepts):
        _check_keys(entry, AcceptEntry, ("accept", number), lines)
    _check_lineage(data, lines)
    file = _convert(data, ConfigFile, (), lines)
    _check_dialect(file.dialect, lines)
    return Config(
        fail_on=file.fail_on,
        strictness=file.strictness,
        perspective=file.perspective,
        dialect=file.dialect,
        rules=file.rules,
        accepts=tuple(
            _accept(entry, number, lines, project_dir) for number, entry in enumerate(file.accept)
        ),
        baseline=found.parent / file.baseline if file.baseline else None,
        path=found,
        lineage=file.lineage,
        projects=tuple(found.parent / name for name in file.projects),
    )


def accepts_of_meta(entries: object, *, node: str, path: str) -> tuple[Accept, ...]:
    """Read ``config.meta.analyticsops.accept`` of one node.

    Args:
        entries: what the manifest holds there: a list of {rule, column?, reason, until}.
        node: the node's ``unique_id``; the acceptances hold for it alone.
        path: the file that the node's properties stand in, relative to the project.

    Raises:
        ConfigError: an entry is not of that form, or has no reason or last day.
    """
    where = f"{path} (config.meta.analyticsops.accept of {node})"
    if not isinstance(entries, list):
        raise ConfigError(f"expected a list, got {_kind(entries)}", where=where)
    accepts = []
    for number, entry in enumerate(entries):
        place = f"{path} (config.meta.analyticsops.accept[{number}] of {node})"
        if isinstance(entry, dict) and {"node", "fingerprint"} & entry.keys():
            raise ConfigError(
                "an acceptance in a model's meta holds for that model alone",
                where=place,
                hint="leave out node and fingerprint, or move it to analyticsops.yml",
            )
        _check_keys(entry, AcceptEntry, (), place)
        parsed = _convert(entry, AcceptEntry, (), place)
        accepts.append(
            Accept(
                rule=parsed.rule,
                reason=_reason(parsed, place),
                until=_day(parsed.until, place),
                node=node,
                column=parsed.column,
                where=place,
                location=Location(path),
            )
        )
    return tuple(accepts)


def schema() -> dict[str, Any]:
    """The JSON Schema of ``analyticsops.yml``, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "analyticsops.yml, version 1",
        **msgspec.json.schema(ConfigFile),
    }


def _find(project_dir: Path) -> Path | None:
    found = [project_dir / name for name in FILE_NAMES if (project_dir / name).exists()]
    if len(found) > 1:
        raise ConfigError(f"there is also {found[1].name}", where=str(found[0]), hint="keep one")
    return found[0] if found else None


def _at(place: Lines | str, steps: tuple[Step, ...]) -> str:
    return place if isinstance(place, str) else place.at(steps)


def _check_keys(
    data: object, kind: type[msgspec.Struct], steps: tuple[Step, ...], place: Lines | str
) -> None:
    """Unknown and missing keys, with better words than the decoder's own."""
    if not isinstance(data, dict):
        raise ConfigError(f"expected a mapping, got {_kind(data)}", where=_at(place, steps))
    known = kind.__struct_fields__
    for key in data:
        if key not in known:
            close = get_close_matches(str(key), known, n=1)
            advice = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
            raise ConfigError(f"unknown key {key!r}", where=_at(place, (*steps, key)), hint=advice)
    for field in msgspec.structs.fields(kind):
        if field.required and data.get(field.name) is None:
            hint = _MISSING.get(field.name, "")
            raise ConfigError(f"{field.name!r} is missing", where=_at(place, steps), hint=hint)


_MISSING = {
    "version": "write `version: 1`",
    "reason": "say why it is accepted",
    "until": "give the last day on which it holds, YYYY-MM-DD",
    "rule": "give the code or name of the rule",
}


def _check_rules(data: dict[str, Any], lines: Lines, known_rules: Collection[Rule]) -> None:
    named: list[tuple[object, tuple[Step, ...]]] = []
    rules = data.get("rules")
    if isinstance(rules, dict):
        for key, level in rules.items():
            if level not in _LEVELS:
                expected = ", ".join(_LEVELS)
                what = f"expected one of {expected}, got {level!r}"
                raise ConfigError(what, where=lines.at(("rules", key)))
            named.append((key, ("rules", key)))
    for number, entry in enumerate(_list(data, "accept")):
        if isinstance(entry, dict) and isinstance(entry.get("rule"), str):
            named.append((entry["rule"], ("accept", number, "rule")))
    known = [word for rule in known_rules for word in (rule.code, rule.name)]
    for name, steps in named:
        if known and name not in known:
            close = get_close_matches(str(name), known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else "`analyticsops explain` lists them"
            raise ConfigError(f"no rule named {name!r}", where=lines.at(steps), hint=hint)


_NESTED: tuple[tuple[tuple[Step, ...], type[msgspec.Struct]], ...] = (
    (("lineage",), LineageSettings),
    (("lineage", "tags"), TagSettings),
    (("lineage", "tags", "exposed"), ExposedSettings),
)


def _check_lineage(data: dict[str, Any], lines: Lines) -> None:
    for steps, kind in _NESTED:
        found: Any = data
        for step in steps:
            found = found.get(step) if isinstance(found, dict) else None
        if found is not None:
            _check_keys(found, kind, steps, lines)


def _list(data: dict[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    return value if isinstance(value, list) else []


def _convert(data: object, kind: type[_T], steps: tuple[Step, ...], place: Lines | str) -> _T:
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        path = tuple(
            int(step[1]) if step[1] else step[2]
            for step in re.finditer(r"\[(\d+)\]|\.(\w+)", where)
        )
        where = _at(place, (*steps, *path))
        raise ConfigError(_plain(what), where=where, hint=_hint(path)) from error


def _plain(what: str) -> str:
    """The decoder's sentence in the words of YAML."""
    words = {
        "object": "a mapping",
        "array": "a list",
        "str": "text",
        "null": "nothing",
        "float": "a number",
    }
    plain = re.sub(r"`(\w+)(?: \| null)?`", lambda match: words.get(match[1], match[1]), what)
    plain = plain.replace("text of length >= 1", "text, got none")
    plain = re.sub(r"Expected text matching regex .*", "not of the expected form", plain)
    return plain[:1].lower() + plain[1:]


def _hint(path: tuple[Step, ...]) -> str:
    expected = {
        "until": "a day as YYYY-MM-DD",
        "fail_on": "error, warning, info or never",
        "strictness": "relation, schema, data, kpi or strict",
        "perspective": "consumer or producer",
        "version": "this analyticsops reads version 1",
    }
    return expected.get(str(path[-1]), "") if path else ""


def _check_dialect(dialect: str, lines: Lines) -> None:
    if not dialect:
        return
    # Imported late: it takes longer than all the rest of this file.
    from sqlglot.dialects.dialect import Dialects

    known = [name.value for name in Dialects if name.value]
    if dialect not in known:
        close = get_close_matches(dialect, known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(sorted(known))}"
        raise ConfigError(f"no dialect named {dialect!r}", where=lines.at(("dialect",)), hint=hint)


def _accept(entry: AcceptEntry, number: int, lines: Lines, project_dir: Path) -> Accept:
    steps = ("accept", number)
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
        until=_day(entry.until, lines.at((*steps, "until"))),
        where=lines.at(steps),
        location=location,
    )


def _reason(entry: AcceptEntry, where: str) -> str:
    if not entry.reason.strip():
        raise ConfigError("'reason' is empty", where=where, hint=_MISSING["reason"])
    return entry.reason


def _day(text: str, where: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        message = f"{text!r} is no day: {error}"
        raise ConfigError(message, where=where, hint=_MISSING["until"]) from error


def _kind(value: object) -> str:
    names = {dict: "a mapping", list: "a list", str: "text", bool: "true or false"}
    return "nothing" if value is None else names.get(type(value), "a number")
