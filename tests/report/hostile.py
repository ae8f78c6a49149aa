"""Names that people, accidents and attackers have given to models and columns."""

from __future__ import annotations

import msgspec

from analyticsops.executed import ColumnShare, Counterexample, Execution, Rows
from analyticsops.findings import Accepted, Affected, Finding, Location, Severity, fingerprint
from analyticsops.report.model import Coverage, ProjectFacts, Report, Verdict

from .sample import COLUMN_REMOVED

NAMES: tuple[str, ...] = (
    # control characters
    "nul\x00byte",
    "bell\x07and\x08backspace",
    "line\nbreak",
    "two\r\nlines",
    "carriage\rreturn",
    "tab\tbed",
    "vertical\x0btab\x0cfeed",
    "delete\x7fd",
    "".join(map(chr, range(32))),
    "".join(map(chr, range(0x7F, 0xA0))),
    "next\x85line",
    # escape sequences
    "\x1b[31mred\x1b[0m",
    "\x1b[2J\x1b[Hcleared",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07clipboard",
    "\x9b31mred\x9b0m",
    "\x9d0;title\x9c",
    "\x1bPdevice\x1b\\control",
    "\x1b]never ends",
    "\x1b[",
    "\x1b",
    "\x1b\x1b[31m[31m",
    # direction and invisibility
    "\u202eelor\u202c",
    "\u2066isolated\u2069",
    "a\u200bb\u200cc\u200dd\ufeff",
    "line\u2028separator\u2029",
    "tag\U000e0041\U000e0042",
    "soft\u00adhyphen",
    # not Unicode, or hardly
    "half \ud800 pair",
    "\udfff\ud800",
    "\ufffe\uffff\ufdd0",
    "e\u0301\u0301\u0301 zalgo",
    "größe_日本語_данные",
    "👩‍👩‍👧 🏴‍☠️ 🎉",
    # workflow commands
    "::error::owned",
    "\n::error file=x::owned\n",
    "%0A::error::owned",
    "::stop-commands::x",
    "##[error]owned",
    "file=a,line=1::owned",
    "::add-mask::x%25",
    # Markdown
    "`",
    "``` ` ```",
    "`code` and ``more``",
    "a|b||c",
    "a\\|b\\",
    "| --- | --- |",
    "[link](http://evil.example)",
    "![image](http://evil.example/x.png)",
    "http://evil.example www.evil.example mail@evil.example",
    "@everyone and @org/team, #123, GH-4, :tada:",
    "# heading",
    "> quote",
    "1. one",
    "- list",
    "***bold*** __under__ ~~gone~~ $x^2$",
    "-->",
    "</details></summary>",
    # HTML and XML
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "]]>",
    "&lt;&amp;&#x41;&unknown;",
    "<!-- comment -->",
    # markup of rich
    "[red]not red[/red]",
    "a[/b]",
    "[link=http://evil.example]x[/link]",
    # Mermaid, SARIF, JSON, paths
    'end"] --> n1["%%{init: {}}%%',
    "{0} {{1}} [0](1)",
    '"quoted\\"',
    "../../etc/passwd",
    "/etc/passwd",
    "\x1b[m../\x1b[m../etc/passwd",
    "C:\\Windows\\system32",
    "a:b/c d/é%41?x#y",
    "",
    "   ",
    "x" * 10_000,
    "|`" * 5_000,
)


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
