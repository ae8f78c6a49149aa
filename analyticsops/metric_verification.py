"""The numbers of metrics, checked: what settings promise of them, and what definitions do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from analyticsops.commits.show import Shown, show_all
from analyticsops.errors import ArtifactError, ProcessError, UsageError
from analyticsops.measuring import DBT_SECONDS, MetricRows, ask_duckdb, duckdb_file, project_folder
from analyticsops.metrics.checks.result import MetricCheck, Row
from analyticsops.metrics.rules.data import data_findings
from analyticsops.metrics.settings import major_of
from analyticsops.registering import metric_context
from analyticsops.report.model import Report
from analyticsops.reporting import make_report
from analyticsops.workspace import Workspace

if TYPE_CHECKING:
    from analyticsops.metrics.checks.plan import Planner

Answers = list[Sequence[Row] | str]

_ROWS = 200_000
"""Rows of an answer through dbt, at the most."""


class MetricVerification(msgspec.Struct, frozen=True, kw_only=True):
    """What was checked.

    Attributes:
        checks: by metric, in the order of the notes of its settings.
        report: what is wrong, or is not known, as findings.
    """

    checks: tuple[MetricCheck, ...]
    report: Report

    @property
    def failed(self) -> bool:
        """True if there is a finding that fails."""
        return self.report.failed


def verify_metrics(
    workspace: Workspace,
    names: Sequence[str] = (),
    database: str | Path | None = None,
    *,
    target: str | None = None,
    base: Workspace | None = None,
    base_database: str | Path | None = None,
    by: Sequence[str] = (),
    fail_on: str = "",
    baseline: Path | None = None,
    now: datetime | None = None,
) -> MetricVerification:
    """Check the numbers of metrics: golden values, bounds and invariants, parts against the
    whole by declared additivity, days against the month, named columns, the time spine; and
    two versions side by side.

    Args:
        names: names, labels or synonyms; by default all metrics of the project's own.
        database: a DuckDB file, which is only read.
        target: of dbt's profile, instead of a database: `dbt show` runs the queries. Empty
            for the default.
        base: another version, whose numbers are compared with these.
        base_database: where that version is built; by default the same.
        by: what versions are compared by; by default months, where a metric has them.
        fail_on: as for :func:`analyticsops.api.check`, as is the rest.

    Raises:
        NotFoundError: no such metric.
        UsageError: there is nothing to ask, or the project is not written for DuckDB.
        ConfigError: an invariant, a column or a file of golden values is wrong.
        ArtifactError: the database cannot be read, or nothing of what is asked is in it.
    """
    ask = _asker(workspace, database, target)
    asked = _chosen(workspace, names)
    checks = _checked(workspace, asked, ask, database)
    if base is not None:
        theirs = _asker(base, base_database or database, target)
        checks += _versions(workspace, base, ask, theirs, asked, by)
    checks.sort(key=lambda check: check.metric)
    context = metric_context(workspace, now)
    report = make_report(
        "metrics verify",
        workspace,
        data_findings(context, checks),
        base=base,
        fail_on=fail_on,
        baseline=baseline,
        now=now,
        notes=workspace.notes,
    )
    return MetricVerification(checks=tuple(checks), report=report)


def _checked(
    workspace: Workspace,
    names: Sequence[str],
    ask: Callable[[Sequence[str]], Answers],
    database: str | Path | None,
) -> list[MetricCheck]:
    from analyticsops.metrics.checks.judge import judge

    planner, registry = _planner(workspace), workspace.registry
    planned = [
        check
        for name in names
        for check in planner.plan(
            name, registry.settings[name], str(registry.location(name) or name)
        )
    ]
    queries = [check.sql for check in planned if check.sql]
    answers = iter(_answered(ask, queries, database))
    return [judge(check, next(answers) if check.sql else check.reason) for check in planned]


def _chosen(workspace: Workspace, names: Sequence[str]) -> list[str]:
    from analyticsops.metrics.entries import find_metric

    registry = workspace.registry
    if not names:
        return sorted(name for name in registry.definitions if registry.is_own(name))
    known = registry.definitions
    found = [n if n in known else find_metric(registry.entries, n).name for n in names]
    return list(dict.fromkeys(found))


def _planner(workspace: Workspace) -> Planner:
    from analyticsops.metrics.checks.plan import Planner

    registry = workspace.registry
    root = workspace.project_dir
    return Planner(registry.definitions, registry.layer, workspace.dialect, root)


# -- answers ---------------------------------------------------------------------------


def _asker(
    workspace: Workspace, database: str | Path | None, target: str | None
) -> Callable[[Sequence[str]], Answers]:
    if target is None:
        path = duckdb_file(workspace, database)
        return lambda queries: [_rows(answer) for answer in ask_duckdb(path, queries)]
    folder = project_folder(workspace, "--target")

    def through_dbt(queries: Sequence[str]) -> Answers:
        shown = [Shown(sql, _ROWS) for sql in queries]
        found = show_all(shown, folder, target=target, like=workspace.args, seconds=DBT_SECONDS)
        return [
            answer
            if isinstance(answer, str)
            else [(row["place"], _number(row["value"]), _number(row["expected"])) for row in answer]
            for answer in found
        ]

    return through_dbt


def _rows(answer: MetricRows | str) -> Sequence[Row] | str:
    return answer if isinstance(answer, str) else [(row[0], row[1], row[2]) for row in answer.rows]


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def _answered(
    ask: Callable[[Sequence[str]], Answers], queries: Sequence[str], database: str | Path | None
) -> Answers:
    """All of them. If there is no answer at all, that is no matter of one check."""
    answers = ask(queries)
    reasons = [answer for answer in answers if isinstance(answer, str)]
    if queries and len(reasons) == len(queries):
        hint = "`dbt build` makes what the metrics read"
        if database is None:
            raise ProcessError(reasons[0], hint=hint)
        raise ArtifactError(reasons[0], path=Path(database), hint=hint)
    return answers


# -- two versions ------------------------------------------------------------------------


def _versions(
    workspace: Workspace,
    base: Workspace,
    ask: Callable[[Sequence[str]], Answers],
    ask_base: Callable[[Sequence[str]], Answers],
    names: Sequence[str],
    by: Sequence[str],
) -> list[MetricCheck]:
    """The numbers of metrics that both versions have."""
    from analyticsops.metrics.checks.judge import compare_versions

    both = [name for name in names if name in base.registry.definitions]
    head_planner, base_planner = _planner(workspace), _planner(base)
    claims, heads, bases = [], [], []
    for name in both:
        month = "month" in head_planner.times(name)
        groups = list(by) or (["metric_time__month"] if month else [])
        claims.append(f"by {', '.join(groups)}" if groups else "in all")
        heads.append(_listed(head_planner, name, groups))
        bases.append(_listed(base_planner, name, groups))
    after, before = _each(ask, heads), _each(ask_base, bases)
    settings, known = workspace.registry.settings, base.registry.settings
    return [
        compare_versions(
            name, claim, sql if isinstance(sql, str) else "", old, new,
            major_of(settings[name].version) > major_of(known[name].version),
        )
        for name, claim, sql, old, new in zip(both, claims, heads, before, after, strict=True)
    ]  # fmt: skip


def _listed(planner: Planner, name: str, by: Sequence[str]) -> str | UsageError:
    try:
        return planner.listed(name, by)
    except UsageError as refusal:
        return refusal


def _each(ask: Callable[[Sequence[str]], Answers], queries: Sequence[str | UsageError]) -> Answers:
    """Answers in the order of the queries, some of which were refused."""
    found = iter(ask([sql for sql in queries if isinstance(sql, str)]))
    return [next(found) if isinstance(sql, str) else str(sql) for sql in queries]
