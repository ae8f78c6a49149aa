"""The page that a person sees on a terminal: grouped by file, aligned, coloured.

Foreign words reach rich only as :class:`rich.text.Text`, so that ``[red]`` in a name
stays what it is, and only through the encoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from analyticsops.executed import told
from analyticsops.findings import Affected, Finding, Migration
from analyticsops.report.encode import lines, one_line, shorten
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

_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan"}
_VERDICT_STYLES = {"breaking": "bold red", "unknown": "magenta", "removed": "red"}
_HIT_STYLES = ("", "bold", "", "dim")
_HITS_SHOWN = 8
_STEPS_SHOWN = 6
_VERDICTS_SHOWN = 40
# Wider words would push a table off the screen; the finding itself is not cut.
_WORD_WIDTH = 44
_INDENT = 10
_BUILT = {
    "model": "executed on the same data",
    "downstream": "built on what changed, in both versions",
}


class _Page:
    """Lines for a terminal of a given width, with hanging indents."""

    def __init__(self, width: int, *, color: bool) -> None:
        self.width = width
        self._out = StringIO()
        # `_environ` keeps COLUMNS, NO_COLOR and friends of the caller's process
        # away: whoever calls has decided already, and same input is same bytes.
        self._console = Console(
            file=self._out,
            width=width,
            force_terminal=color,
            force_jupyter=False,
            color_system="standard" if color else None,
            no_color=not color,
            markup=False,
            emoji=False,
            highlight=False,
            legacy_windows=False,
            _environ={},
        )

    def line(self, text: Text, lead: Text | None = None) -> None:
        """Write ``text`` after ``lead``; further lines align with its start."""
        lead = lead or Text()
        margin = cell_len(lead.plain)
        if margin > self.width - 20:
            # No room beside it: it gets a line of its own.
            self.line(lead)
            lead = Text(" " * 4)
            margin = 4
        wrapped = text.wrap(self._console, self.width - margin)
        for number, part in enumerate(wrapped or [Text()]):
            part.rstrip()
            row = Text.assemble(lead if number == 0 else " " * margin, part)
            row.rstrip()
            self._console.print(row, soft_wrap=True)

    def gap(self) -> None:
        """Write an empty line."""
        self._console.print()

    def read(self) -> str:
        """Everything that was written."""
        return self._out.getvalue()


def render(report: Report, *, width: int = 100, color: bool = False) -> str:
    """The report as a page.

    Args:
        width: of the terminal, in cells.
        color: write colours (SGR sequences, and no others).
    """
    page = _Page(width, color=color)
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


def _heading(page: _Page, report: Report) -> None:
    title = Text(f"analyticsops {one_line(report.command)}", style="bold")
    page.line(Text.assemble(title, "  ", one_line(project_line(report.project))))
    if report.base:
        span = f"base of {report.base.generated_at} to head of {report.project.generated_at}"
        page.line(Text(one_line(span), style="dim"))
    for note in report.notes:
        page.line(Text(one_line(note)), Text("note  ", style="yellow"))


def _groups(findings: tuple[Finding, ...]) -> list[list[Finding]]:
    """Findings of one file and node together; the group with the worst comes first."""
    first: dict[tuple[str, str], int] = {}
    for number, finding in enumerate(findings):
        first.setdefault(_group_key(finding), number)
    ordered = sorted(findings, key=lambda finding: first[_group_key(finding)])
    return [list(group) for _, group in groupby(ordered, key=_group_key)]


def _group_key(finding: Finding) -> tuple[str, str]:
    return place(finding).path, finding.node


def _group_heading(page: _Page, finding: Finding) -> None:
    where = place(finding)
    heading = Text(one_line(where.path), style="underline")
    facts = [finding.node or "the whole project"]
    if finding.owner:
        facts.append(f"owner {finding.owner}")
    page.line(Text.assemble(heading, Text(f"  {one_line(', '.join(facts))}", style="dim")))


def _finding(page: _Page, finding: Finding) -> None:
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


def _migration(page: _Page, steps: tuple[Migration, ...]) -> None:
    """The way out: files by name, lines and commands as they are."""
    for number, step in enumerate(steps[:_STEPS_SHOWN]):
        lead = Text(" " * _INDENT + ("plan  " if number == 0 else " " * 6), style="green")
        text = step.text.strip()
        told = (step.step.replace("-", " "), step.path, "" if "\n" in text else text)
        page.line(Text(one_line("  ".join(filter(None, told)))), lead)
    if len(steps) > _STEPS_SHOWN:
        more = f"… {len(steps) - _STEPS_SHOWN:,} more in the Markdown and JSON reports"
        page.line(Text(more, style="dim"), Text(" " * (_INDENT + 6)))


def _hits(page: _Page, hits: tuple[Affected, ...]) -> None:
    shown = hits[:_HITS_SHOWN]
    rows = [
        (
            shorten(one_line(hit.kind), 20),
            shorten(one_line(hit_name(hit)), _WORD_WIDTH),
            one_line(VIA.get(hit.via, hit.via)),
            shorten(one_line(f"owner {hit.owner}" if hit.owner else "no owner"), _WORD_WIDTH),
        )
        for hit in shown
    ]
    if len(hits) > len(shown):
        rows.append(("…", f"{len(hits) - len(shown):,} more", "", ""))
    for number, row in enumerate(_aligned(rows, page.width - _INDENT - 6)):
        page.line(row, Text(" " * _INDENT + ("hits  " if number == 0 else " " * 6), style="red"))


def _verdicts(page: _Page, report: Report) -> None:
    told = sorted(report.verdicts, key=lambda verdict: verdict_rank(verdict.verdict))
    shown = told[:_VERDICTS_SHOWN]
    if not shown:
        return
    page.gap()
    page.line(Text("changed models", style="bold"))
    names = _pad([shorten(one_line(verdict.name), _WORD_WIDTH) for verdict in shown])
    words = _pad([one_line(verdict.verdict) for verdict in shown])
    for verdict, name, word in zip(shown, names, words, strict=True):
        lead = Text.assemble(
            f"  {name}  ", Text(word, style=_VERDICT_STYLES.get(verdict.verdict, "")), "  "
        )
        page.line(Text(one_line(verdict.reason), style="dim"), lead)
    if len(told) > len(shown):
        page.line(Text(f"  … {len(told) - len(shown):,} more"))


def _executions(page: _Page, report: Report) -> None:
    for built, heading in _BUILT.items():
        found = [execution for execution in report.executions if execution.built == built]
        shown = found[:_VERDICTS_SHOWN]
        if not shown:
            continue
        page.gap()
        page.line(Text(heading, style="bold"))
        names = _pad([shorten(one_line(execution.name), _WORD_WIDTH) for execution in shown])
        before = ""
        for execution, name in zip(shown, names, strict=True):
            lead = " " * cell_len(name) if execution.node == before else name
            before = execution.node
            style = "magenta" if execution.outcome == "unknown" else ""
            page.line(Text(one_line(told(execution)), style=style), Text(f"  {lead}  "))
        if len(found) > len(shown):
            page.line(Text(f"  … {len(found) - len(shown):,} more"))


def _closing(page: _Page, report: Report) -> None:
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


def _aligned(rows: Sequence[tuple[str, str, str, str]], width: int) -> list[Text]:
    """Rows as lines whose columns stand below each other, if that fits."""
    columns = [_pad(list(column)) for column in zip(*rows, strict=True)]
    padded = [Text("  ").join(_styled(row)) for row in zip(*columns, strict=True)]
    if all(cell_len(row.plain) <= width for row in padded):
        return padded
    return [_running(_styled(row)) for row in rows]


def _running(cells: list[Text]) -> Text:
    kind, *told = (cell for cell in cells if cell.plain)
    return Text.assemble(kind, " ", Text(", ").join(told))


def _styled(row: Sequence[str]) -> list[Text]:
    return [Text(cell, style=style) for cell, style in zip(row, _HIT_STYLES, strict=True)]


def _pad(words: list[str]) -> list[str]:
    width = max(map(cell_len, words), default=0)
    return [word + " " * (width - cell_len(word)) for word in words]
