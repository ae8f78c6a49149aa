"""JSON: everything a report holds, for programs, in a format that is kept.

``{"schema": "analyticsops/report/v1", ...}``. Within v1 fields are added, never
removed or given another meaning.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from analyticsops.errors import UsageError
from analyticsops.executed import Execution
from analyticsops.findings import Finding, Rule
from analyticsops.report.encode import json_document
from analyticsops.report.model import Coverage, ProjectFacts, Report, Verdict
from analyticsops.report.options import PLAIN, Options
from analyticsops.report.summary import Counts, count

SIZE_LIMIT = 64 * 1024 * 1024
"""Bytes above which a report is not read back."""

SCHEMA: Literal["analyticsops/report/v1"] = "analyticsops/report/v1"


class ReportV1(msgspec.Struct, frozen=True, kw_only=True):
    """The result of ``analyticsops check`` or ``analyticsops diff``.

    Attributes:
        schema: name and version of this format.
        command: ``check``, ``diff`` or ``lineage tags``.
        version: of analyticsops.
        project: the project checked; for ``diff`` the head.
        base: for ``diff`` the base, else null.
        failed: true if a finding that is not accepted reaches ``fail_on``.
        fail_on: ``error``, ``warning``, ``info`` or ``never``.
        summary: how many findings there are.
        coverage: how much of the column lineage is proven.
        notes: facts about the input that a reader must know, one line each.
        verdicts: for ``diff``, one per changed model, sorted by name.
        executions: for ``diff``, what came of executing both versions, sorted by name; empty
            if they were not executed.
        findings: worst first; accepted ones included, with ``accepted`` set.
        rules: the rules that occur in ``findings``, by code.
    """

    schema: Literal["analyticsops/report/v1"]
    command: str
    version: str
    project: ProjectFacts
    base: ProjectFacts | None
    failed: bool
    fail_on: str
    summary: Counts
    coverage: Coverage
    notes: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]
    rules: tuple[Rule, ...]
    executions: tuple[Execution, ...] = ()


def render(report: Report, options: Options = PLAIN) -> str:  # noqa: ARG001
    """The report as one JSON document with a line break at its end."""
    fields = {field: getattr(report, field) for field in Report.__struct_fields__}
    document = ReportV1(schema=SCHEMA, summary=count(report), **fields)
    return json_document(msgspec.to_builtins(document))


def read(data: bytes, where: str) -> Report:
    """What :func:`render` wrote, checked against the schema. It may come from code that
    nobody has looked at: what is read here is as foreign as a manifest.

    Raises:
        UsageError: it is too large, no JSON, or not of that form.
    """
    if len(data) > SIZE_LIMIT:
        raise UsageError(
            f"a report of {len(data):,} bytes is not read",
            where=where,
            hint=f"at most {SIZE_LIMIT:,}",
        )
    try:
        document = msgspec.json.decode(data, type=ReportV1)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise UsageError(
            f"this is not a report of version 1: {error}",
            where=where,
            hint="`analyticsops diff --output json=PATH` writes one",
        ) from error
    return Report(**{field: getattr(document, field) for field in Report.__struct_fields__})


def schema() -> dict[str, Any]:
    """The JSON Schema of what :func:`render` writes."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "analyticsops report, version 1",
        **msgspec.json.schema(ReportV1),
    }
