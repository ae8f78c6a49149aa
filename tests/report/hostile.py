"""A report made of a name that people, accidents or attackers gave."""

from __future__ import annotations

import msgspec

from analyticsops.executed import ColumnShare, Counterexample, Execution, Rows
from analyticsops.findings import Accepted, Affected, Finding, Location, Severity, fingerprint
from analyticsops.report.model import Coverage, ProjectFacts, Report, Verdict

from .sample import COLUMN_REMOVED


def report(name: str) -> Report:
    """A report in which everything that can be foreign is ``name``."""
    hit = Affected(
        node=name,
        kind="exposure",
        name=name,
        columns=(name, name),
        owner=name,
        via="values",
        path=(name, f"{name}.x", name),
    )
    finding = Finding(
        rule=COLUMN_REMOVED.code,
        name=COLUMN_REMOVED.name,
        severity=Severity.ERROR,
        node=name,
        subject=name,
        column=name,
        location=Location(name, 3, 2),
        message=name,
        evidence=(name,),
        fix=f"{name}\n    {name}",
        affected=(hit, msgspec.structs.replace(hit, kind="model", path=(), columns=())),
        owner=name,
        fingerprint=fingerprint("hostile", name),
    )
    rows = Rows(name, (name, name), ((name, None), (name, name)))
    finding = msgspec.structs.replace(
        finding, counterexample=Counterexample(inputs=(rows, rows), base=rows, head=rows)
    )
    execution = Execution(
        node=name,
        name=name,
        data="generated",
        outcome="differs",
        databases=2,
        differing=1,
        key=(name,),
        rows=3,
        rows_removed=1,
        columns=(ColumnShare(name, 0.5),),
    )
    mark = Accepted(by="allow", reason=name, until="2027-01-01", where=name)
    accepted = msgspec.structs.replace(finding, accepted=mark, fingerprint=fingerprint(name))
    plain = msgspec.structs.replace(
        finding, severity=Severity.WARNING, location=None, fix=name, fingerprint=fingerprint()
    )
    facts = ProjectFacts(
        name=name, dbt_version=name, adapter=name, generated_at=name, models=1, columns=2
    )
    return Report(
        command="diff",
        version="0.1.0",
        project=facts,
        base=facts,
        coverage=Coverage(proven=0, partial=0, unknown=1, reasons=((name, 1),)),
        findings=(finding, accepted, plain),
        rules=(COLUMN_REMOVED,),
        verdicts=(Verdict(node=name, name=name, verdict="unknown", reason=name),),
        executions=(
            execution,
            msgspec.structs.replace(execution, outcome="unknown", reason=name),
        ),
        notes=(name,),
        failed=True,
    )
