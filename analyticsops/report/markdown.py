"""Markdown: the comment on a pull request and the summary of a job.

What a reviewer asks comes first: does it break something, what, and for whom.
Everything that grows with the project is cut to fit; what was cut is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from itertools import islice

import msgspec

from analyticsops.findings import Accepted, Affected, Finding, Migration
from analyticsops.report import mermaid
from analyticsops.report.encode import (
    html_code,
    markdown_block,
    markdown_code,
    markdown_prose,
    markdown_text,
    one_line,
    shorten,
)
from analyticsops.report.examples import execution_row, markdown_rows
from analyticsops.report.model import Report, Verdict
from analyticsops.report.options import PLAIN, Options
from analyticsops.report.place import place
from analyticsops.report.summary import (
    VIA,
    active,
    changes_line,
    count,
    coverage_line,
    executions_line,
    project_line,
    reach_line,
    tally,
    verdict_rank,
)
from analyticsops.wording import quantity

# GitHub refuses a comment above 65,536 characters; the rest is for whoever adds a link.
LIMIT = 60_000
_ROWS = 40
_HITS_IN_ROW = 4
_HITS_IN_DETAILS = 25
_STEPS_SHOWN = 8
_MENTIONED = 20
_HANDLE = re.compile(
    r"@[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}(?:/[A-Za-z0-9](?:[-_.]?[A-Za-z0-9]){0,99})?"
)
_WORD = 120
_SENTENCE = 600
_SIGNS = {"error": "🛑", "warning": "⚠️", "info": "ℹ️"}
_VERDICT_SIGNS = {"breaking": "🛑", "removed": "🛑", "unknown": "❔"}


def render(report: Report, options: Options = PLAIN, *, limit: int = LIMIT) -> str:
    """The report as GitHub-flavoured Markdown.

    The first line is a hidden marker, ``<!-- analyticsops:diff -->``, by which a job
    finds the comment that it wrote before.

    Args:
        limit: most characters of the result.
    """
    head = [*_head(report), *_mentioned(report, options.mentions), ""]
    foot = [*_foot(report)]
    room = limit - _size(head) - _size(foot)
    body: list[str] = []
    parts = (_broken, _picture, _verdicts, _executions, _accepted, _details)
    for part in parts:
        fitted = _fit(part(report), room)
        body += fitted
        room -= _size(fitted)
    return "\n".join(head + body + foot) + "\n"


class _Section(msgspec.Struct, frozen=True):
    """A part that may be cut between its rows, of which there are ``total``."""

    opening: list[str]
    rows: Iterable[str]
    total: int
    noun: str
    closing: list[str]


def _fit(section: _Section, room: int) -> list[str]:
    """The section with as many rows as there is room for; none if not even one fits."""
    frame = _size(section.opening) + _size(section.closing) + 80  # and the line "… n more"
    kept: list[str] = []
    for row in section.rows:
        frame += len(row) + 1
        if frame > room:
            break
        kept.append(row)
    left = section.total - len(kept)
    rest = ["", f"… {quantity(left, f'more {section.noun}')}"] if left else []
    if not kept:
        # Counted even when nothing of it is shown, as long as that much fits.
        return [*rest[1:], ""] if left and room > 80 else []
    return [*section.opening, *kept, *section.closing, *rest, ""]


def _size(lines: list[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _head(report: Report) -> Iterator[str]:
    yield f"<!-- analyticsops:{re.sub('[^a-z]', '', report.command)} -->"
    yield f"### {_verdict_sign(report)} {_verdict_sentence(report)}"
    yield ""
    unknown = sum(verdict.verdict == "unknown" for verdict in report.verdicts)
    if unknown:
        yield f"**{quantity(unknown, 'changed model')} could not be judged.**"
        yield ""
    yield _text(project_line(report.project))
    if report.base:
        yield ""
        base, head = report.base.generated_at, report.project.generated_at
        commit = f" {_code(report.base.commit[:12])}, compiled" if report.base.commit else " of"
        yield f"Base{commit} {_code(base)}, head of {_code(head)}."
    for note in report.notes[:_ROWS]:
        yield f"\n> {_text(note)}"
    if len(report.notes) > _ROWS:
        yield f"\n> … {quantity(len(report.notes) - _ROWS, 'more note')}"


def _mentioned(report: Report, mentions: Mapping[str, str] | None) -> Iterator[str]:
    """A line that GitHub takes for mentions: the owners of what errors and warnings hit."""
    if mentions is None:
        return
    owners: dict[str, None] = {}
    for finding in active(report):
        if finding.severity.value != "info":
            owners.update(dict.fromkeys([finding.owner, *(hit.owner for hit in finding.affected)]))
    handles = dict.fromkeys(mentions.get(owner, owner) for owner in owners)
    # The only foreign words that leave as they are; this form can be nothing but a mention.
    known = [handle for handle in handles if _HANDLE.fullmatch(handle)]
    if known:
        rest = f" and {len(known) - _MENTIONED:,} more" if len(known) > _MENTIONED else ""
        yield f"\ncc {' '.join(known[:_MENTIONED])}{rest}"


def _verdict_sign(report: Report) -> str:
    if report.failed:
        return "🛑"
    unsure = any(verdict.verdict == "unknown" for verdict in report.verdicts)
    counts = count(report)
    return "⚠️" if unsure or counts.error or counts.warning else "✅"


def _verdict_sentence(report: Report) -> str:
    found = tally(msgspec.structs.replace(count(report), accepted=0))
    reach = reach_line(report)
    sentence = f"{found}, with an effect on {reach}" if reach else found
    return markdown_text(sentence[0].upper() + sentence[1:])


def _broken(report: Report) -> _Section:
    found = active(report)
    opening = ["| | What | Finding | Whom it hits |", "|---|---|---|---|"]
    rows = (_broken_row(finding) for finding in found[:_ROWS])
    return _Section(opening, rows, len(found), "finding", [])


def _broken_row(finding: Finding) -> str:
    what = f"{_text(finding.name)} {_code(finding.rule, cell=True)}"
    if not finding.proven:
        what += " (not proven)"
    hits = "<br>".join(_hit(hit, cell=True) for hit in finding.affected[:_HITS_IN_ROW])
    rest = len(finding.affected) - _HITS_IN_ROW
    if rest > 0:
        hits += f"<br>and {rest:,} more"
    subject = _code(finding.subject, cell=True)
    return f"| {_SIGNS[finding.severity.value]} | {subject} | {what} | {hits or '–'} |"


def _hit(hit: Affected, *, cell: bool) -> str:
    columns = ", ".join(_code(column, cell=cell) for column in hit.columns[:3])
    if len(hit.columns) > 3:
        columns += f" and {len(hit.columns) - 3:,} more"
    told = f"{_text(hit.kind)} {_code(hit.name, cell=cell)}"
    if columns:
        told += f" ({columns})"
    return f"{told}, {_owner(hit.owner, cell=cell)}"


def _owner(owner: str, *, cell: bool) -> str:
    return f"owner {_code(owner, cell=cell)}" if owner else "no owner"


def _picture(report: Report) -> _Section:
    drawing, missing = mermaid.impact(active(report))
    rows = [f"```mermaid\n{drawing}\n```"] if drawing else []
    if missing and rows:
        word = "is" if missing == 1 else "are"
        rows[0] += f"\n\n… {missing:,} more affected {word} not in the picture"
    opening = ["<details><summary>What it reaches, as a picture</summary>", ""]
    return _Section(opening, rows, len(rows), "picture", ["", "</details>"])


def _verdicts(report: Report) -> _Section:
    told = sorted(report.verdicts, key=lambda verdict: verdict_rank(verdict.verdict))
    opening = [
        f"<details><summary>{quantity(len(told), 'changed model')}:"
        f" {escape(shorten(one_line(_verdict_counts(report)), _SENTENCE))}</summary>",
        "",
        "| Model | Verdict | Why |",
        "|---|---|---|",
    ]
    rows = (_verdict_row(verdict) for verdict in told[:_ROWS])
    return _Section(opening, rows, len(told), "changed model", ["", "</details>"])


def _executions(report: Report) -> _Section:
    told = report.executions
    opening = [
        f"<details><summary>{quantity(len(told), 'execution')} on the same data:"
        f" {escape(executions_line(report).removeprefix('executed: '))}</summary>",
        "",
        "| Model | Outcome |",
        "|---|---|",
    ]
    rows = map(execution_row, told[:_ROWS])
    return _Section(opening, rows, len(told), "execution", ["", "</details>"])


def _verdict_counts(report: Report) -> str:
    return changes_line(report).removeprefix("changes: ")


def _verdict_row(verdict: Verdict) -> str:
    sign = _VERDICT_SIGNS.get(verdict.verdict, "")
    word = f"{sign} {_text(verdict.verdict)}".strip()
    why = _prose(verdict.reason, cell=True)
    return f"| {_code(verdict.name, cell=True)} | {word} | {why} |"


def _accepted(report: Report) -> _Section:
    found = [finding for finding in report.findings if finding.accepted]
    opening = [
        f"<details><summary>{quantity(len(found), 'finding')} accepted</summary>",
        "",
        "| What | Finding | Why | Until |",
        "|---|---|---|---|",
    ]
    rows = (_accepted_row(finding, finding.accepted) for finding in found if finding.accepted)
    return _Section(
        opening, islice(rows, _ROWS), len(found), "accepted finding", ["", "</details>"]
    )


def _accepted_row(finding: Finding, accepted: Accepted) -> str:
    what = f"{_text(finding.name)} {_code(finding.rule, cell=True)}"
    why = f"{_prose(accepted.reason, cell=True)} ({_text(accepted.by)})"
    until = _text(accepted.until) or "–"
    return f"| {_code(finding.subject, cell=True)} | {what} | {why} | {until} |"


def _details(report: Report) -> _Section:
    found = active(report)
    rows = ("\n".join(_detail(finding)) for finding in found)
    return _Section(["#### Details", ""], rows, len(found), "finding", [])


def _detail(finding: Finding) -> Iterator[str]:
    sign = _SIGNS[finding.severity.value]
    title = f"{finding.rule} {finding.name}"
    yield (
        f"<details><summary>{sign} {html_code(shorten(title, _WORD))}"
        f" {html_code(shorten(finding.subject, _WORD))}</summary>"
    )
    yield ""
    yield _prose(finding.message)
    yield ""
    where = place(finding)
    at = f"{where.path}:{where.line}" if where.line else where.path
    node = _code(finding.node) if finding.node else "the whole project"
    yield f"{node} in {_code(at)}, {_owner(finding.owner, cell=False)}"
    if finding.evidence:
        yield ""
        yield from (f"- {_prose(fact)}" for fact in finding.evidence[:_ROWS])
        if len(finding.evidence) > _ROWS:
            yield f"- … {len(finding.evidence) - _ROWS:,} more"
    if finding.counterexample is not None:
        yield from markdown_rows(finding.counterexample)
    yield from _detail_hits(finding.affected)
    if finding.fix:
        yield ""
        yield from _fix(finding.fix)
    yield from _migration(finding.migration)
    yield ""
    yield "</details>"


def _migration(steps: tuple[Migration, ...]) -> Iterator[str]:
    """The way out, ready to be copied."""
    for step in steps[:_HITS_IN_DETAILS]:
        yield ""
        yield f"Migration, {_text(step.step)}{f' in {_code(step.path)}' if step.path else ''}:"
        yield ""
        yield markdown_block(shorten(step.text.strip("\n"), 10 * _SENTENCE))
    if len(steps) > _HITS_IN_DETAILS:
        yield ""
        more = quantity(len(steps) - _HITS_IN_DETAILS, "more step")
        yield f"… {more} in the JSON report"


def _detail_hits(hits: tuple[Affected, ...]) -> Iterator[str]:
    if not hits:
        return
    yield ""
    yield "Hits:"
    yield ""
    for hit in hits[:_HITS_IN_DETAILS]:
        yield f"- {_hit(hit, cell=False)}: {_text(VIA.get(hit.via, hit.via))}"
        if len(hit.path) > 1:
            yield f"  - {_route(hit.path)}"
    if len(hits) > _HITS_IN_DETAILS:
        yield f"- … {len(hits) - _HITS_IN_DETAILS:,} more"


def _route(path: tuple[str, ...]) -> str:
    """The way there; of a long one the middle is left out."""
    if len(path) <= _STEPS_SHOWN:
        return " → ".join(_code(step) for step in path)
    half = _STEPS_SHOWN // 2
    start = " → ".join(_code(step) for step in path[:half])
    end = " → ".join(_code(step) for step in path[-half:])
    return f"{start} → … → {end}"


def _fix(fix: str) -> Iterator[str]:
    """Prose as prose; what is indented somewhere is code and keeps its shape."""
    steps = fix.strip("\n").split("\n")
    if any(step.startswith((" ", "\t")) for step in steps):
        yield "Fix:"
        yield ""
        yield markdown_block(shorten(fix.strip("\n"), 10 * _SENTENCE))
        return
    for number, step in enumerate(step for step in steps if step.strip()):
        if number:
            yield ""
        yield f"{'**Fix:** ' if number == 0 else ''}{_prose(step)}"


def _foot(report: Report) -> Iterator[str]:
    outcome = "Fails" if report.failed else "Passes"
    yield f"{outcome} with fail-on {_code(report.fail_on)}."
    yield ""
    yield f"{_text(coverage_line(report.coverage))}  "
    yield f"analyticsops {_code(report.version)}"


def _code(word: str, *, cell: bool = False) -> str:
    return markdown_code(shorten(one_line(word), _WORD), cell=cell)


def _text(sentence: str) -> str:
    return markdown_text(shorten(one_line(sentence), _SENTENCE))


def _prose(sentence: str, *, cell: bool = False) -> str:
    return markdown_prose(shorten(one_line(sentence), _SENTENCE), cell=cell)
