"""``analyticsops.yml``: what a team decides that has no place in dbt's own files.

:class:`ConfigFile` is the file as it is written, and what the JSON Schema for editors
is generated from; :class:`Config` is what it means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import msgspec

from analyticsops.acceptances import AcceptEntry, accept_of_file
from analyticsops.decoding import check_keys, convert
from analyticsops.errors import ConfigError
from analyticsops.findings import Perspective, Rule, Strictness
from analyticsops.lineage_settings import ExposedSettings, LineageSettings, TagSettings
from analyticsops.metrics_settings import MetricsSettings
from analyticsops.review_settings import ReviewSettings
from analyticsops.suppression import Accept, FailOn, Level
from analyticsops.yaml_files import Lines, Step, load_yaml

FILE_NAMES = ("analyticsops.yml", "analyticsops.yaml")
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
# In a model's own YAML the same goes under `config.meta.analyticsops.allow`.
# allow:
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

# SQL outside of dbt in which metrics that are computed again are looked for, see docs/metrics.md.
# metrics: {queries: ["bi/**/*.sql"]}

# How pull requests are reviewed, see docs/ci.md.
# review: {base_commands: [dbt compile, dbt parse], mentions: {Finance: "@my-org/finance"}}
# projects: [../finance/target]   # other dbt projects whose models this one reads
# Everything that was found on one day, so that only new findings fail.
# `analyticsops baseline write` makes the file.
# baseline: analyticsops-baseline.json

# Single findings that somebody approved, by their fingerprints: void when the change
# itself becomes another. See docs/configuration.md.
# approvals: analyticsops-approvals.yml
"""


class ConfigFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of analyticsops for one dbt project.

    Attributes:
        version: of this format; always 1.
        fail_on: the mildest finding that makes a command exit with 1.
        dialect: SQL dialect by sqlglot's name; by default the adapter decides.
        strictness: how much `diff` tells: relation, schema, data, kpi or strict.
        perspective: whose side severities take: consumer or producer.
        rules: severity of single rules, by code or name.
        allow: findings to live with for a while.
        baseline: path of a baseline, relative to this file.
        approvals: path of a file of approvals, relative to this file.
        lineage: what is expected of the column lineage.
        metrics: settings of the metric registry.
        review: how pull requests are reviewed.
        projects: target folders of other dbt projects whose models this one reads.
    """

    version: Literal[1]
    fail_on: FailOn = "error"
    strictness: Strictness = Strictness.KPI
    perspective: Perspective = Perspective.CONSUMER
    dialect: str = ""
    rules: dict[str, Level] = {}
    allow: tuple[AcceptEntry, ...] = ()
    baseline: str = ""
    approvals: str = ""
    lineage: LineageSettings = LineageSettings()
    metrics: MetricsSettings = MetricsSettings()
    review: ReviewSettings = ReviewSettings()
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
        approvals: path of the file of approvals; None without one.
        path: the file it was read from; None if there is none.
        lineage: what is expected of the column lineage.
        metrics: settings of the metric registry.
        review: how pull requests are reviewed.
        projects: target folders of other projects.
    """

    fail_on: FailOn = "error"
    strictness: Strictness = Strictness.KPI
    perspective: Perspective = Perspective.CONSUMER
    dialect: str = ""
    rules: Mapping[str, Level] = {}
    accepts: tuple[Accept, ...] = ()
    baseline: Path | None = None
    approvals: Path | None = None
    path: Path | None = None
    lineage: LineageSettings = LineageSettings()
    metrics: MetricsSettings = MetricsSettings()
    review: ReviewSettings = ReviewSettings()
    projects: tuple[Path, ...] = ()


def load_config(
    path: Path | None, project_dir: Path, *, known_rules: Callable[[], Collection[Rule]] = tuple
) -> Config:
    """Read the settings of a project.

    Args:
        path: the file; None for ``analyticsops.yml`` in ``project_dir``, where a
            missing file means the defaults.
        project_dir: root of the dbt project.
        known_rules: if it gives any, every rule that the file names must be one of them. It is
            asked only if the file names one, since it takes long to load them all.

    Raises:
        ConfigError: the file is missing or wrong; says where and what was expected.
    """
    found = path or find_config(project_dir)
    if found is None:
        return Config()
    data, lines = load_yaml(found)
    if data is None:
        raise ConfigError("the file is empty", where=str(found), hint="start with `version: 1`")
    check_keys(data, ConfigFile, (), lines)
    _check_rules(data, lines, known_rules)
    accepts = _list(data, "allow")
    for number, entry in enumerate(accepts):
        check_keys(entry, AcceptEntry, ("allow", number), lines)
    _check_sections(data, lines)
    _check_pattern(data, lines)
    file = convert(data, ConfigFile, (), lines)
    _check_dialect(file.dialect, lines)
    return Config(
        fail_on=file.fail_on,
        strictness=file.strictness,
        perspective=file.perspective,
        dialect=file.dialect,
        rules=file.rules,
        accepts=tuple(
            accept_of_file(entry, number, lines, project_dir)
            for number, entry in enumerate(file.allow)
        ),
        baseline=found.parent / file.baseline if file.baseline else None,
        approvals=found.parent / file.approvals if file.approvals else None,
        path=found,
        lineage=file.lineage,
        metrics=file.metrics,
        review=file.review,
        projects=tuple(found.parent / name for name in file.projects),
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of ``analyticsops.yml``, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "analyticsops.yml, version 1",
        **msgspec.json.schema(ConfigFile),
    }


def find_config(project_dir: Path) -> Path | None:
    """The settings of a project; None if it has none.

    Raises:
        ConfigError: there are two files.
    """
    found = [project_dir / name for name in FILE_NAMES if (project_dir / name).exists()]
    if len(found) > 1:
        raise ConfigError(f"there is also {found[1].name}", where=str(found[0]), hint="keep one")
    return found[0] if found else None


def _check_rules(
    data: dict[str, Any], lines: Lines, known_rules: Callable[[], Collection[Rule]]
) -> None:
    named: list[tuple[object, tuple[Step, ...]]] = []
    rules = data.get("rules")
    if isinstance(rules, dict):
        for key, level in rules.items():
            if level not in _LEVELS:
                expected = ", ".join(_LEVELS)
                what = f"expected one of {expected}, got {level!r}"
                raise ConfigError(what, where=lines.at(("rules", key)))
            named.append((key, ("rules", key)))
    for number, entry in enumerate(_list(data, "allow")):
        if isinstance(entry, dict) and isinstance(entry.get("rule"), str):
            named.append((entry["rule"], ("allow", number, "rule")))
    known = [word for rule in known_rules() for word in (rule.code, rule.name)] if named else []
    for name, steps in named:
        if known and name not in known:
            close = get_close_matches(str(name), known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else "`analyticsops explain` lists them"
            raise ConfigError(f"no rule named {name!r}", where=lines.at(steps), hint=hint)


_NESTED: tuple[tuple[tuple[Step, ...], type[msgspec.Struct]], ...] = (
    (("lineage",), LineageSettings),
    (("lineage", "tags"), TagSettings),
    (("lineage", "tags", "exposed"), ExposedSettings),
    (("metrics",), MetricsSettings),
    (("review",), ReviewSettings),
)


def _check_sections(data: dict[str, Any], lines: Lines) -> None:
    for steps, kind in _NESTED:
        found: Any = data
        for step in steps:
            found = found.get(step) if isinstance(found, dict) else None
        if found is not None:
            check_keys(found, kind, steps, lines)


def _check_pattern(data: dict[str, Any], lines: Lines) -> None:
    metrics = data.get("metrics")
    pattern = metrics.get("names") if isinstance(metrics, dict) else None
    try:
        re.compile(pattern if isinstance(pattern, str) else "")
    except re.error as fault:
        what = f"no regular expression: {fault}"
        raise ConfigError(what, where=lines.at(("metrics", "names"))) from fault


def _list(data: dict[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    return value if isinstance(value, list) else []


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
