"""The page that a person sees on a terminal: grouped by file, aligned, coloured.

Foreign words reach rich only as :class:`rich.text.Text`, so that ``[red]`` in a name
stays what it is, and only through the encoder.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from rich.cells import cell_len
from rich.text import Text

from analyticsops.executed import told
from analyticsops.findings import Affected, Finding, Migration
from analyticsops.report.encode import lines, one_line
from analyticsops.report.model import Report
from analyticsops.report.place import place
from analyticsops.report.summary import (
    VIA,
    active,
    changes_line,
    coverage_line,
    executions_line,
    hit_name,
    project_line,
    result_line,
    verdict_rank,
)
from analyticsops.report.terminal_examples import terminal_rows
from analyticsops.screen.page import Page
from analyticsops.screen.table import GAP, listing

_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan"}
_VERDICT_STYLES = {"breaking": "bold red", "unknown": "magenta", "removed": "red"}
_HITS_SHOWN = 8
_STEPS_SHOWN = 6
_VERDICTS_SHOWN = 40
_INDENT = 10
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|\+00:00)")
_BUILT = {
    "model": "executed on the same data",
    "downstream": "built on what changed, in both versions",
}


def render(report: Report, *, width: int = 100, color: bool = False) -> str:
    """The report as a page.

    Args:
        width: of the terminal, in cells.
        color: write colours (SGR sequences, and no others).
    """
    page = Page(width, color=color)
    _heading(page, report)
    for group in _groups(active(report)):
        page.gap()
        _group_heading(page, group[0])
        for finding in group:
            _finding(page, finding)
    _verdicts(page, report)
    _executions(page, report)
    page.gap()
    _closing(page, report)
    return page.read()


def _heading(page: Page, report: Report) -> None:
    title = Text(f"analyticsops {one_line(report.command)}", style="bold")
    page.line(Text.assemble(title, "  ", one_line(project_line(report.project))))
    if report.base:
        made = [_to_the_second(facts.generated_at) for facts in (report.base, report.project)]
        page.line(Text(one_line(f"base of {made[0]} to head of {made[1]}"), style="dim"))
    for note in report.notes:
        page.line(Text(one_line(note)), Text("note  ", style="yellow"))


def _to_the_second(moment: str) -> str:
    """``2026-11-27 08:34:06 UTC``; what is no such moment stays as it is."""
    found = _MOMENT.fullmatch(moment)
    return f"{found[1]} {found[2]} UTC" if found else moment


def _groups(findings: tuple[Finding, ...]) -> list[list[Finding]]:
    """Findings of one file and node together; the group with the worst comes first."""
    first: dict[tuple[str, str], int] = {}
    for number, finding in enumerate(findings):
        first.setdefault(_group_key(finding), number)
    ordered = sorted(findings, key=lambda finding: first[_group_key(finding)])
    return [list(group) for _, group in groupby(ordered, key=_group_key)]


def _group_key(finding: Finding) -> tuple[str, str]:
    return place(finding).path, finding.node


def _group_heading(page: Page, finding: Finding) -> None:
    where = place(finding)
    heading = Text(one_line(where.path), style="underline")
    facts = [finding.node or "the whole project"]
    if finding.owner:
        facts.append(f"owner {finding.owner}")
    told = Text(one_line(", ".join(facts)), style="dim")
    if heading.cell_len + 2 + told.cell_len <= page.width:
        page.line(Text.assemble(heading, "  ", told))
    else:
        page.line(heading)
        page.line(told, Text("  "))


def _finding(page: Page, finding: Finding) -> None:
    severity = Text(f"  {finding.severity.value:<8}", style=_STYLES[finding.severity.value])
    title = Text.assemble(
        Text(one_line(finding.rule), style="bold"),
        f" {one_line(finding.name)}  ",
        Text(one_line(finding.subject), style="bold"),
    )
    where = place(finding)
    if where.line is not None:
        numbers = [str(number) for number in (where.line, where.column) if number is not None]
        title.append(f"  line {':'.join(numbers)}", style="dim")
    if not finding.proven:
        title.append("  not proven", style="magenta")
    page.line(title, severity)
    page.line(Text(one_line(finding.message)), Text(" " * _INDENT))
    for fact in finding.evidence:
        page.line(Text(one_line(fact), style="dim"), Text(" " * _INDENT + "· ", style="dim"))
    if finding.counterexample is not None:
        margin = Text(" " * _INDENT)
        page.line(Text("· made-up rows on which both versions differ", style="dim"), margin)
        for beside, row in terminal_rows(finding.counterexample, page.width - _INDENT):
            page.line(Text(row), Text.assemble(margin, Text(beside, style="dim")))
    _hits(page, finding.affected)
    for number, step in enumerate(lines(finding.fix) if finding.fix else ()):
        lead = Text(" " * _INDENT + ("fix   " if number == 0 else " " * 6), style="green")
        page.line(Text(step), lead)
    _migration(page, finding.migration)


def _migration(page: Page, steps: tuple[Migration, ...]) -> None:
    """The way out: files by name, lines and commands as they are."""
    for number, step in enumerate(steps[:_STEPS_SHOWN]):
        lead = Text(" " * _INDENT + ("plan  " if number == 0 else " " * 6), style="green")
        text = step.text.strip()
        told = (step.step.replace("-", " "), step.path, "" if "\n" in text else text)
        page.line(Text(one_line("  ".join(filter(None, told)))), lead)
    if len(steps) > _STEPS_SHOWN:
        more = f"… {len(steps) - _STEPS_SHOWN:,} more in the Markdown and JSON reports"
        page.line(Text(more, style="dim"), Text(" " * (_INDENT + 6)))


def _hits(page: Page, hits: tuple[Affected, ...]) -> None:
    shown = hits[:_HITS_SHOWN]
    if not shown:
        return
    owners = [one_line(f"owner {hit.owner}" if hit.owner else "no owner") for hit in shown]
    kinds = [one_line(hit.kind) for hit in shown]
    names = [one_line(hit_name(hit)) for hit in shown]
    ways = [one_line(VIA.get(hit.via, hit.via)) for hit in shown]
    gaps = _INDENT + len("hits") + 4 * GAP
    room = page.width - gaps - _widest(kinds) - _widest(ways)
    if _widest(names) + _widest(owners) > room:  # each of them in fewer words
        owners = [one_line(hit.owner) if hit.owner else "no owner" for hit in shown]
        ways = [one_line(hit.via) for hit in shown]
        room = page.width - gaps - _widest(kinds) - _widest(ways)
        names = [_hit_in_short(hit, room * 2 // 3) for hit in shown]
    beside = min(_widest(owners), max(room // 3, room - _widest(names)))
    rows = [
        (Text(), Text(kind), Text(name, style="bold"), Text(way), _dim(owner))
        for kind, name, way, owner in zip(kinds, names, ways, owners, strict=True)
    ]
    if len(hits) > len(shown):
        rows.append((Text(), _dim("…"), _dim(f"{len(hits) - len(shown):,} more"), Text(), Text()))
    rows[0] = (Text("hits", style="red"), *rows[0][1:])
    page.draw(listing([4, None, None, None, beside], rows, indent=_INDENT))


def _hit_in_short(hit: Affected, width: int) -> str:
    """All columns are in the JSON report; here they are named if there is room for them."""
    named = one_line(hit_name(hit))
    if len(hit.columns) < 2 or cell_len(named) <= width:
        return named
    return one_line(f"{hit.name} ({len(hit.columns):,} columns)")


def _widest(words: Sequence[str]) -> int:
    return max(map(cell_len, words))


def _dim(text: str) -> Text:
    return Text(text, style="dim")


def _verdicts(page: Page, report: Report) -> None:
    told = sorted(report.verdicts, key=lambda verdict: verdict_rank(verdict.verdict))
    shown = told[:_VERDICTS_SHOWN]
    if not shown:
        return
    page.gap()
    page.line(Text("changed models", style="bold"))
    rows = [
        (
            Text(one_line(verdict.name)),
            Text(one_line(verdict.verdict), style=_VERDICT_STYLES.get(verdict.verdict, "")),
            Text(one_line(verdict.reason), style="dim"),
        )
        for verdict in shown
    ]
    page.draw(listing([None, None, None], rows, indent=2))
    if len(told) > len(shown):
        page.line(Text(f"  … {len(told) - len(shown):,} more"))


def _executions(page: Page, report: Report) -> None:
    for built, heading in _BUILT.items():
        found = [execution for execution in report.executions if execution.built == built]
        shown = found[:_VERDICTS_SHOWN]
        if not shown:
            continue
        page.gap()
        page.line(Text(heading, style="bold"))
        rows = []
        before = ""
        for execution in shown:
            name = "" if execution.node == before else one_line(execution.name)
            before = execution.node
            style = "magenta" if execution.outcome == "unknown" else ""
            rows.append((Text(name), Text(one_line(told(execution)), style=style)))
        page.draw(listing([None, None], rows, indent=2))
        if len(found) > len(shown):
            page.line(Text(f"  … {len(found) - len(shown):,} more"))


def _closing(page: Page, report: Report) -> None:
    style = "bold red" if report.failed else "bold green"
    for line, look in (
        (changes_line(report), ""),
        (executions_line(report), ""),
        (result_line(report), style),
        (coverage_line(report.coverage), ""),
    ):
        label, _, told = one_line(line).partition(": ")
        if line:
            page.line(Text(told, style=look), Text(f"{label}: ", style=look))
