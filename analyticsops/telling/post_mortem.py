"""An incident as the beginning of a post-mortem, in Markdown: what is known is filled in, what
people have to think about is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyticsops.report.encode import markdown_code, markdown_text
from analyticsops.slo.alert import Alert, moment
from analyticsops.slo.durations import spoken
from analyticsops.slo.incident import Affected
from analyticsops.slo.log.course import course_of
from analyticsops.slo.log.events import ChangedEvent, OpenedEvent, ResolvedEvent, ToldEvent
from analyticsops.slo.log.state import Case, State
from analyticsops.slo.spans import Instant, time_of


def post_mortem(case: Case, state: State, now: Instant) -> str:
    """The document."""
    parts = (
        _head(case, now),
        _summary(case, now),
        _impact(case.incident.affected),
        _budgets(case),
        _timeline(case, state),
        _alerts(case, now),
        _told(case),
        _QUESTIONS,
    )
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


_QUESTIONS = (
    "## Causes",
    "",
    "*Why did it happen, and why did nothing prevent it? Conditions, not culprits.*",
    "",
    "## What went well, what did not, where we were lucky",
    "",
    "*Was it noticed by us or by those who use the data? Was the root named correctly?*",
    "",
    "## Actions",
    "",
    "| action | prevents, detects or mitigates | owner | until |",
    "| --- | --- | --- | --- |",
    "|  |  |  |  |",
)


def _head(case: Case, now: Instant) -> Iterator[str]:
    yield f"# Post-mortem: {markdown_text(case.incident.title)}"
    yield ""
    incident, root = case.incident, case.incident.root
    likely = "probably " if root.suspected else ""
    began = case.openings[0].since
    lasted = f"after {spoken((case.closed or now) - began)}"
    facts = {
        "incident": case.id,
        "project": " in ".join(filter(None, (case.project, case.environment))),
        "severity": incident.severity,
        "root": f"{likely}{root.label} ({root.kind})",
        "owner": incident.owner or "nobody",
        "began": moment(began),
        "ended": f"still open {lasted}"
        if case.closed is None
        else f"{moment(case.closed)} ({lasted})",
        "opened": f"{len(case.openings)} times" if len(case.openings) > 1 else "",
    }
    yield "| | |"
    yield "| --- | --- |"
    yield from (f"| {label} | {markdown_text(text)} |" for label, text in facts.items() if text)
    if incident.runbook:  # as code: nobody is led there by a click, and what is copied is whole
        yield f"| runbook | {markdown_code(incident.runbook, cell=True)} |"
    yield ""


def _summary(case: Case, now: Instant) -> Iterator[str]:
    at = now if case.closed is None else case.closed
    yield "## Summary"
    yield ""
    if case.incident.alerts:
        yield f"{markdown_text(case.incident.alerts[0].sentence(at))}."
        yield ""
    if case.into:
        yield f"It became part of incident {markdown_text(case.into)}."
        yield ""
    yield "*In two or three sentences, for those who were not there.*"
    yield ""


def _impact(affected: Affected) -> Iterator[str]:
    yield "## Impact"
    yield ""
    for label, names in (
        ("marts", affected.marts),
        ("metrics", affected.metrics),
        ("exposures", affected.exposures),
        ("owners", affected.owners),
    ):
        if names:
            yield f"- {label}: {', '.join(map(markdown_text, names))}"
    if affected.others:
        yield f"- other models downstream: {affected.others:,}"
    yield "- *who decided something by these numbers?*"
    yield ""


def _budgets(case: Case) -> Iterator[str]:
    """What each objective had spent when it was first told of here, and last."""
    spent: dict[str, list[tuple[Instant, str]]] = {}
    for event in case.events:
        if isinstance(event, OpenedEvent | ChangedEvent):
            for alert in event.incident.alerts:
                if alert.slo and alert.budget:
                    spent.setdefault(alert.slo, []).append((event.at, alert.budget))
        elif isinstance(event, ResolvedEvent):  # of each time, since it may have come back
            for slo, text in event.budgets.items():
                spent.setdefault(slo, []).append((event.at, text))
    yield "## Error budgets"
    yield ""
    if not spent:
        yield "No objective was hit."
    for slo, said in sorted(spent.items()):
        first, last = said[0], said[-1]
        text = f"{markdown_text(first[1])} at {moment(first[0])}"
        if last != first:
            word = "still so" if last[1] == first[1] else markdown_text(last[1])
            text += f", {word} at {moment(last[0])}"
        yield f"- {markdown_text(slo)}: {text}"
    yield ""


def _timeline(case: Case, state: State) -> Iterator[str]:
    yield "## Timeline (UTC)"
    yield ""
    for one in course_of(case, state):
        yield f"- {time_of(one.at):%Y-%m-%d %H:%M} {markdown_text(one.text)}"
    yield ""


def _alerts(case: Case, now: Instant) -> Iterator[str]:
    known: dict[str, Alert] = {}
    for event in case.events:
        if isinstance(event, OpenedEvent | ChangedEvent):
            known.update({alert.key: alert for alert in event.incident.alerts})
    yield "## Alerts"
    yield ""
    at = now if case.closed is None else case.closed
    for alert in known.values():
        severity = "page" if alert.page else "ticket"
        yield f"- {severity}, {markdown_text(alert.rule)}: {markdown_text(alert.sentence(at))}"
    yield ""


def _told(case: Case) -> Iterator[str]:
    told: Sequence[ToldEvent] = [e for e in case.events if isinstance(e, ToldEvent)]
    yield "## Who was told"
    yield ""
    if not told:
        yield "Nobody."
    for event in told:
        late = spoken(event.at - case.openings[0].since)
        how = "" if event.ok else f", which failed: {event.error}"
        text = f"{event.receiver}: {event.what}{how}"
        yield f"- {time_of(event.at):%Y-%m-%d %H:%M} (after {late}) {markdown_text(text)}"
    yield ""
