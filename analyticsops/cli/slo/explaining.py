"""slo explain: one objective, with its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from analyticsops.cli.options import format_option
from analyticsops.cli.slo.opening import evaluation_options, open_evaluation

if TYPE_CHECKING:
    from analyticsops.slo.evaluation import Evaluation
    from analyticsops.slo.standing import Standing

_SHOWN = 12


@click.command()
@click.argument("objective")
@evaluation_options
@format_option
def explain(objective: str, format_: str, **options: Any) -> None:
    """Explain one objective: what counted, what burned, why, and what is to come.

    OBJECTIVE is a full name as `slo status` lists it (`orders/freshness`), or its subject or
    its own name if that is the only one.

    \b
    Examples:
      analyticsops slo explain fct_orders/orders-fresh
    """
    from analyticsops.cli.tables import heading, print_facts, print_json
    from analyticsops.slo.burndown import burn_down
    from analyticsops.slo.facts import standing_facts
    from analyticsops.slo.shares import whole_percent

    _, evaluation = open_evaluation(**options)
    standing = find_standing(evaluation, objective)
    burned = burn_down(standing, evaluation.observed.deployed)
    if format_ == "json":
        print_json({"standing": standing_facts(standing), "burn_down": burned})
        return
    heading(f"{standing.slo.full_name} is {standing.state}")
    print_facts(_facts(standing))
    if burned.days:
        click.echo()
        heading("What burned, by day (UTC)")
        print_facts(
            (
                f"{day.day:%Y-%m-%d}",
                [
                    f"{whole_percent(day.left)} left",
                    *day.because[:_SHOWN],
                    *(f"release {sha[:12]}" for sha in day.releases),
                ],
            )
            for day in burned.days
        )
    for incident in evaluation.incidents:
        told = [one for one in incident.alerts if one.slo == standing.slo.full_name]
        if told:
            click.echo()
            heading(f"Incident {incident.id}: {incident.title}")
            print_facts((one.rule, [one.sentence(evaluation.at)]) for one in told)


def find_standing(evaluation: Evaluation, name: str) -> Standing:
    """The objective that a person means."""
    from analyticsops.errors import NotFoundError

    known = evaluation.by_name
    if name in known:
        return known[name]
    found = [one for one in evaluation.standings if name in (one.slo.subject, one.slo.name)]
    if len(found) != 1:
        raise NotFoundError("objective", name, list(known), where="OBJECTIVE")
    return found[0]


def _facts(standing: Standing) -> Iterator[tuple[str, Sequence[str]]]:
    from analyticsops.slo.alert import moment
    from analyticsops.slo.shares import percent

    slo = standing.slo
    if slo.description:
        yield "promise", [slo.description]
    yield "indicator", [_indicator(standing)]
    yield "objective", [f"{percent(slo.target)} over {slo.window}, tier {slo.tier}"]
    yield "owner", [slo.owner or "nobody"]
    yield "written", [{"dbt": "by dbt's own freshness, "}.get(slo.origin, "") + (slo.where or "-")]
    yield "counted", [_counted(standing)]
    yield "budget", [_budget(standing)]
    now = standing.now + (f": {standing.because}" if standing.because else "")
    if standing.since is not None:
        now += f", since {moment(standing.since)}"
    if standing.stays:
        now += f"; nobody looked since {moment(standing.known)}"
    yield "now", [now]
    if standing.oldest is not None:
        yield "age", list(_age(standing))
    if standing.burning:
        yield (
            "burning",
            [
                f"{one.rule.name}: {float(one.rate):.1f} times, from {float(one.threshold):.1f} on"
                for one in standing.burning
            ],
        )
    if standing.exhausts is not None:
        yield "used up", [moment(standing.exhausts)]
    elif standing.chance is not None:
        yield "used up", [f"with a probability of {standing.chance:.0%} by the end of the window"]
    if standing.arrives is not None:
        yield "next data", [f"expected {moment(standing.arrives)}"]
    if slo.runbook:
        yield "runbook", [slo.runbook]


def _indicator(standing: Standing) -> str:
    import msgspec

    from analyticsops.slo.spec.indicators import Deadline, Freshness

    indicator = standing.slo.indicator
    if isinstance(indicator, Freshness | Deadline):
        from analyticsops.slo.durations import written

        age = (
            f", at most {written(indicator.threshold)} old"
            if hasattr(indicator, "threshold")
            else ""
        )
        gate = (
            ", builds count when tests passed"
            if getattr(indicator, "quality_gate", "") == "error"
            else ""
        )
        return f"{indicator.type} ({(indicator.scope or '').replace('_', ' ')}){age}{gate}"
    parts = [f"{key} {value}" for key, value in msgspec.structs.asdict(indicator).items() if value]
    return f"{indicator.type}{': ' if parts else ''}{', '.join(parts)}"


def _counted(standing: Standing) -> str:
    from analyticsops.slo.durations import spoken
    from analyticsops.slo.shares import percent

    measured = standing.measured
    if standing.slo.is_about_time:
        amounts = [spoken(length) for length in measured]
    else:
        amounts = [f"{number:,} events" for number in measured]
    text = f"{amounts[0]}, of which {amounts[1]} bad: {percent(standing.sli)} good"
    if measured.unknown:
        text += f"; besides {amounts[2]} unknown ({percent(standing.worst.sli)} if all were bad)"
    return text


def _budget(standing: Standing) -> str:
    from analyticsops.slo.durations import spoken
    from analyticsops.slo.shares import whole_percent

    allowed = standing.budget.allowed
    if standing.slo.is_about_time:
        amounts = f"{spoken(int(allowed))} may be bad, {spoken(standing.budget.spent)} were"
    else:
        amounts = f"{float(allowed):.1f} events may be bad, {standing.budget.spent:,} were"
    return f"{amounts}: {whole_percent(standing.left)} left"


def _age(standing: Standing) -> Iterator[str]:
    from analyticsops.slo.alert import moment
    from analyticsops.slo.durations import spoken

    oldest = standing.oldest
    assert oldest is not None, "asked for by who calls"
    source = oldest.source.split(".", 2)[-1] if "." in oldest.source else oldest.source
    if oldest.data is None:
        yield f"nothing is known of {source}"
        return
    at = min(standing.known, standing.at)
    # To a deadline no age is too old: its data is of the slot, or it is not.
    allowed = f", {spoken(oldest.threshold)} are allowed" if oldest.threshold else ""
    yield (
        f"{spoken(max(at - oldest.data, 0))} by {source} (data of {moment(oldest.data)}){allowed}"
    )
    lag = oldest.lag
    if lag.source is not None and lag.pipeline is not None and oldest.source != standing.slo.node:
        yield f"the source had nothing newer for {spoken(lag.source)}"
        yield f"the pipeline is {spoken(lag.pipeline)} behind the source"
        yield f"behind what it reads: {lag.blame.split('.', 2)[-1]}"
    if standing.runs_out is not None and standing.now == "good":
        yield f"too old from {moment(standing.runs_out)} on, if nothing comes"
