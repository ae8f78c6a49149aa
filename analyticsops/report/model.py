"""What a renderer sees: one finished report, plain data, nothing to look up."""

from __future__ import annotations

import msgspec

from analyticsops.executed import Execution
from analyticsops.findings import Finding, Rule


class ProjectFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Which project, as read from which artifacts.

    Attributes:
        name: of the root project, from dbt_project.yml.
        dbt_version: that wrote the manifest.
        adapter: adapter type, for instance ``duckdb``.
        generated_at: when the manifest was written, ISO 8601 in UTC.
        models: number of models (snapshots and seeds not counted).
        columns: number of columns known over all models, seeds, snapshots and sources.
        commit: hash of the commit that was compiled for it; empty if a target folder was
            named.
    """

    name: str
    dbt_version: str
    adapter: str
    generated_at: str
    models: int
    columns: int
    commit: str = ""


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the lineage is proven; shown with every report.

    Attributes:
        proven: models whose every column is resolved to its inputs.
        partial: models with some columns unresolved.
        unknown: models that could not be analysed at all.
        reasons: (reason, number of models), most frequent first.
    """

    proven: int
    partial: int
    unknown: int
    reasons: tuple[tuple[str, int], ...] = ()

    @property
    def total(self) -> int:
        """All models that were looked at."""
        return self.proven + self.partial + self.unknown


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a change did to one model, in a word.

    Attributes:
        node: dbt ``unique_id``.
        name: display name.
        verdict: ``identical``, ``refactored``, ``additive``, ``values changed``,
            ``rows changed``, ``breaking``, ``added``, ``removed`` or ``unknown``.
        reason: one line; why unknown, or what the verdict rests on.
        columns: those whose values may differ, for a row that both versions have.
        rows: True if which rows it has may differ.
    """

    node: str
    name: str
    verdict: str
    reason: str = ""
    columns: tuple[str, ...] = ()
    rows: bool = False


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The result of ``check`` or ``diff``, ready to be rendered.

    Attributes:
        command: ``check``, ``diff`` or ``lineage tags``.
        version: of analyticsops.
        project: the project checked; for ``diff`` the head.
        base: for ``diff`` the base, else None.
        findings: sorted with :func:`analyticsops.findings.order_key`; accepted ones
            included, with ``accepted`` set.
        rules: the rules that occur in ``findings``, by code.
        verdicts: for ``diff``, one per changed model, sorted by name.
        executions: for ``diff``, what came of executing both versions, by name.
        coverage: of the column lineage.
        notes: facts about the input that a reader must know, one line each.
        fail_on: ``error``, ``warning``, ``info`` or ``never``.
        failed: True if a finding that is not accepted reaches ``fail_on``.
    """

    command: str
    version: str
    project: ProjectFacts
    coverage: Coverage
    findings: tuple[Finding, ...] = ()
    rules: tuple[Rule, ...] = ()
    base: ProjectFacts | None = None
    verdicts: tuple[Verdict, ...] = ()
    executions: tuple[Execution, ...] = ()
    notes: tuple[str, ...] = ()
    fail_on: str = "error"
    failed: bool = False
