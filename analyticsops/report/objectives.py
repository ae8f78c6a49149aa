"""A report of objectives as Markdown: for whoever reads it on Monday, and for a post-mortem."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from analyticsops.report.encode import markdown_code, markdown_prose
from analyticsops.slo.alert import moment
from analyticsops.slo.burndown import burn_down
from analyticsops.slo.durations import spoken
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.incident import Incident
from analyticsops.slo.shares import percent, whole_percent
from analyticsops.slo.standing import Standing
from analyticsops.wording import quantity

_SIGNS = {"exhausted": "🛑", "breached": "🟠", "burning": "🟠", "unknown": "❔", "met": "✅"}
_DAYS = 40


def objectives_report(evaluation: Evaluation, standings: Sequence[Standing]) -> str:
    """The report.

    Args:
        standings: of the objectives that it is about, in the order in which they are shown.
    """
    return "\n".join(_lines(evaluation, standings)).rstrip() + "\n"


def _lines(evaluation: Evaluation, standings: Sequence[Standing]) -> Iterator[str]:
    where = f" in {markdown_prose(evaluation.environment)}" if evaluation.environment else ""
    yield f"# Objectives of {markdown_prose(evaluation.project)}{where}"
    yield ""
    counts = Counter(one.state for one in standings)
    told = [quantity(len(standings), "objective")]
    told += [f"{counts[state]:,} {state}" for state in _SIGNS if counts[state]]
    yield f"{moment(evaluation.at)}: {', '.join(told)}."
    yield from _table(standings)
    if evaluation.incidents:
        yield ""
        yield "## What is wrong"
        for incident in evaluation.incidents:
            yield from _incident(incident, evaluation.at)
    burned = [one for one in standings if one.measured.bad]
    if burned:
        yield ""
        yield "## What burned the budgets"
    for standing in burned:
        yield from _burned(evaluation, standing)
    invalid = evaluation.declared.invalid
    if invalid:
        yield ""
        yield "## What cannot be read"
        yield ""
        for one in invalid:
            yield f"- {markdown_prose(one.what)}"


def _table(standings: Sequence[Standing]) -> Iterator[str]:
    yield ""
    yield "| | objective | good | target | window | budget left | owner |"
    yield "|---|---|--:|--:|---|--:|---|"
    for one in standings:
        good = percent(one.sli)
        if one.worst.sli is not None and one.worst.sli != one.sli:
            good += f" ({percent(one.worst.sli)} if what is unknown was bad)"
        yield (
            f"| {_SIGNS[one.state]} {one.state} | {markdown_code(one.slo.full_name)} | {good} "
            f"| {percent(one.slo.target)} | {one.slo.window} "
            f"| {whole_percent(one.left)} "
            f"| {markdown_prose(one.slo.owner or 'nobody')} |"
        )


def _incident(incident: Incident, now: int) -> Iterator[str]:
    likely = " (suspected)" if incident.root.suspected else ""
    yield ""
    yield (
        f"### {incident.severity.capitalize()}: {markdown_prose(incident.root.label)}{likely} "
        f"({markdown_code(incident.id)})"
    )
    yield ""
    for alert in incident.alerts:
        yield f"- {markdown_prose(alert.sentence(now))}"
    reach = incident.affected
    for label, names in (
        ("Marts", reach.marts),
        ("Metrics", reach.metrics),
        ("Exposures", reach.exposures),
        ("Owners", reach.owners),
    ):
        if names:
            yield f"- {label}: {markdown_prose(', '.join(names))}"


def _burned(evaluation: Evaluation, standing: Standing) -> Iterator[str]:
    slo = standing.slo
    yield ""
    yield f"### {markdown_code(slo.full_name)}"
    yield ""
    if slo.is_about_time:
        allowed, spent = (
            spoken(int(standing.budget.allowed)),
            spoken(standing.budget.spent),
        )
    else:
        allowed, spent = (
            f"{float(standing.budget.allowed):.1f} events",
            f"{standing.budget.spent:,}",
        )
    were = "was" if spent == "1" else "were"
    yield f"{allowed} may be bad over {slo.window}, {spent} {were}."
    yield ""
    yield "| day (UTC) | left | burned | releases |"
    yield "|---|--:|---|---|"
    days = burn_down(standing, evaluation.observed.deployed).days
    for day in days[-_DAYS:]:
        releases = ", ".join(markdown_code(sha[:12]) for sha in day.releases)
        burned = markdown_prose("; ".join(day.because)) or "-"
        yield f"| {day.day} | {whole_percent(day.left)} | {burned} | {releases or '-'} |"
