"""How objectives stand, as metrics of Prometheus.

Timestamps and thresholds, never ages: ``time() - x`` keeps growing when nothing of ours runs. Only
objectives have series, and the nodes and jobs that they are about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from analyticsops.errors import UsageError
from analyticsops.invisible import all_seen
from analyticsops.slo.budget import Timeline
from analyticsops.slo.durations import written
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.exports.moments import counts, expires, in_a_row
from analyticsops.slo.exports.times import times_of
from analyticsops.slo.spec.indicators import Freshness
from analyticsops.slo.standing import PRESETS, Standing
from analyticsops.slo.tally import Tally

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import GaugeMetricFamily, Metric

LABELS = ("slo", "subject", "kind", "indicator", "tier", "owner", "group", "project", "environment")
"""Of each series of an objective."""

_SECOND = 1_000_000


class Family(NamedTuple):
    """A metric of an objective.

    Attributes:
        name: after ``analyticsops_slo_``.
        help: what it says.
        value: of an objective; None if it has none.
    """

    name: str
    help: str
    value: Callable[[Standing], float | None]


def _data(standing: Standing) -> float | None:
    oldest = standing.oldest
    return None if oldest is None or oldest.data is None else oldest.data / _SECOND


def _threshold(standing: Standing) -> float | None:
    if not isinstance(standing.slo.indicator, Freshness):
        return None
    oldest = standing.oldest
    return (oldest.threshold if oldest else standing.slo.indicator.threshold) / _SECOND


def _expires(standing: Standing) -> float | None:
    found = expires(standing)
    return None if found is None else found / _SECOND


def _share(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


def _amount(standing: Standing, which: str) -> float:
    amount = float(getattr(standing.measured, which))
    return amount / _SECOND if standing.slo.is_about_time else amount


FAMILIES: tuple[Family, ...] = (
    Family(
        "target_ratio", "Share of what counts that has to be good.", lambda s: float(s.slo.target)
    ),
    Family(
        "window_seconds", "Length of the window.", lambda s: (s.window[1] - s.window[0]) / _SECOND
    ),
    Family("sli_ratio", "Share that was good in the window.", lambda s: _share(s.sli)),
    Family(
        "budget_remaining_ratio",
        "Share of the error budget that is left; negative if more was spent.",
        lambda s: _share(s.left),
    ),
    Family(
        "window_counted",
        "What counts in the window: seconds of objectives about time, else events.",
        lambda s: _amount(s, "counted"),
    ),
    Family("window_bad", "The bad part of it.", lambda s: _amount(s, "bad")),
    Family("window_unknown", "Of what nothing is known.", lambda s: _amount(s, "unknown")),
    Family("data_timestamp_seconds", "Time of the data that decides how old it is.", _data),
    Family("threshold_seconds", "How old that data may be.", _threshold),
    Family(
        "expires_timestamp_seconds",
        "From when on the objective is not met if no data comes.",
        _expires,
    ),
    Family(
        "counts",
        "1 if the present counts: no maintenance, within the calendar.",
        lambda s: counts(s),
    ),
    Family(
        "met",
        "1 if it is met at this moment, 0 if not.",
        lambda s: {"good": 1, "bad": 0}.get(s.now),
    ),
    Family("unknown", "1 if nobody knows whether it is met.", lambda s: s.now == "unknown"),
    Family(
        "missed_in_a_row",
        "How many of the last events were bad.",
        lambda s: None if s.slo.is_about_time else in_a_row(s),
    ),
)
"""Of each objective."""

SHARED = (
    "burn_threshold",
    "burn_rate",
    "root_info",
    "node_last_success_timestamp_seconds",
    "job_last_run_timestamp_seconds",
    "job_last_success_timestamp_seconds",
    "open_incidents",
    "invalid_objectives",
    "evaluated_timestamp_seconds",
)
"""The others, after ``analyticsops_slo_``."""

NAMES = frozenset(f"analyticsops_slo_{name}" for name in (*(f.name for f in FAMILIES), *SHARED))
"""All metrics."""


def families(evaluation: Evaluation) -> Iterator[Metric]:
    """The metrics of an evaluation; in their labels everything can be seen.

    Raises:
        UsageError: prometheus-client is not installed.
    """
    for family in _families(evaluation):
        family.samples = [
            sample._replace(labels={key: all_seen(text) for key, text in sample.labels.items()})
            for sample in family.samples
        ]
        yield family


def _families(evaluation: Evaluation) -> Iterator[Metric]:
    try:
        from prometheus_client.metrics_core import GaugeMetricFamily
    except ImportError:
        raise UsageError(
            "the package 'prometheus-client' is not installed",
            hint="pip install 'analyticsops[slo]'",
        ) from None

    def gauge(name: str, text: str, labels: Sequence[str]) -> GaugeMetricFamily:
        return GaugeMetricFamily(f"analyticsops_slo_{name}", text, labels=labels)

    standings = evaluation.standings
    for family in FAMILIES:
        found = gauge(family.name, family.help, LABELS)
        for standing in standings:
            value = family.value(standing)
            if value is not None:
                found.add_metric(_labels(evaluation, standing), float(value))
        yield found
    thresholds = gauge("burn_threshold", "Burn rate from which a rule fires.", (*LABELS, "rule"))
    rates = gauge("burn_rate", "Of events, how fast the budget burns.", (*LABELS, "window"))
    roots = gauge(
        "root_info", "1; what is behind it.", (*LABELS, "root", "is_root", "times", "runbook")
    )
    for standing in standings:
        common = _labels(evaluation, standing)
        for name, value in _thresholds(standing):
            thresholds.add_metric([*common, name], value)
        for name, value in _rates(standing):
            rates.add_metric([*common, name], value)
        root, own = root_of(evaluation, standing)
        info = (root, str(own).lower(), times_of(evaluation, standing.slo), standing.slo.runbook)
        roots.add_metric([*common, *info], 1)
    yield from (thresholds, rates, roots)
    where = (evaluation.project, evaluation.environment)
    yield from _past(evaluation, gauge, where)
    open_ = gauge(
        "open_incidents", "Incidents that are open.", ("severity", "project", "environment")
    )
    for severity in ("page", "ticket"):
        count = sum(one.severity == severity for one in evaluation.incidents)
        open_.add_metric([severity, *where], count)
    invalid = gauge("invalid_objectives", "That cannot be read.", ("project", "environment"))
    invalid.add_metric(where, len(evaluation.declared.invalid))
    at = gauge("evaluated_timestamp_seconds", "Of this evaluation.", ("project", "environment"))
    at.add_metric(where, evaluation.at / _SECOND)
    yield from (open_, invalid, at)


def _past(
    evaluation: Evaluation,
    gauge: Callable[[str, str, Sequence[str]], GaugeMetricFamily],
    where: tuple[str, str],
) -> Iterator[Metric]:
    """When nodes and jobs with objectives went well."""
    observed = evaluation.observed
    built = gauge(
        "node_last_success_timestamp_seconds",
        "When a node was built without error.",
        ("node", "project", "environment"),
    )
    for node in sorted({one.slo.node for one in evaluation.standings} - {""}):
        good = (
            b.completed for b in observed.builds.get(node, ()) if b.outcome in ("good", "warned")
        )
        times = [time for time in good if time is not None]
        if times:
            built.add_metric([node, *where], max(times) / _SECOND)
    yield built
    jobs = sorted({one.slo.job for one in evaluation.standings} - {""})
    names = ("dbt_job", "project", "environment")  # `job` is Prometheus' own
    ran = gauge("job_last_run_timestamp_seconds", "When a job started.", names)
    went = gauge("job_last_success_timestamp_seconds", "When a job ended well.", names)
    for job in jobs:
        runs = [run for run in observed.runs if run.job == job]
        ended = [run.ended for run in runs if run.verdict == "ok" and run.ended is not None]
        if runs:
            ran.add_metric([job, *where], max(run.started for run in runs) / _SECOND)
        if ended:
            went.add_metric([job, *where], max(ended) / _SECOND)
    yield from (ran, went)


def _labels(evaluation: Evaluation, standing: Standing) -> list[str]:
    slo = standing.slo
    kind = slo.node.partition(".")[0] or ("job" if slo.job else "project")
    return [
        slo.full_name,
        slo.subject,
        kind,
        slo.indicator.type,
        slo.tier,
        slo.owner,
        slo.group,
        evaluation.project,
        evaluation.environment,
    ]


def _thresholds(standing: Standing) -> Iterator[tuple[str, float]]:
    slo, length = standing.slo, standing.window[1] - standing.window[0]
    if slo.is_about_time or slo.alerting != "batch":
        for rule in PRESETS[slo.alerting]:
            yield rule.name, float(rule.threshold(slo.target, length))


def _rates(standing: Standing) -> Iterator[tuple[str, float]]:
    """Of events, whose rates nobody can take from samples."""
    slo, recorded = standing.slo, standing.recorded
    if not isinstance(recorded, Tally) or slo.alerting == "batch":
        return
    lengths = {length for rule in PRESETS[slo.alerting] for length in (rule.long, rule.short)}
    for length in sorted(lengths):
        rate = recorded.measure(standing.at - length, standing.at).burn(slo.target)
        if rate is not None:
            yield written(length), float(rate)


def root_of(evaluation: Evaluation, standing: Standing) -> tuple[str, bool]:
    """What is behind an objective that is not met, and whether it is what the objective is about:
    the root of its incident, else the source that decides, else itself."""
    slo = standing.slo
    itself = slo.node or (f"job.{slo.job}" if slo.job else "project")
    for incident in evaluation.incidents:
        if any(alert.slo == slo.full_name for alert in incident.alerts):
            return incident.root.id, incident.root.id == itself
    oldest = standing.oldest
    if oldest is not None and isinstance(standing.recorded, Timeline) and standing.now == "bad":
        root = oldest.lag.blame or oldest.source
        return root, root == itself
    return itself, True


def registry(latest: Callable[[], Evaluation]) -> CollectorRegistry:
    """A registry whose metrics are those of the evaluation that it is given at each scrape.

    Raises:
        UsageError: prometheus-client is not installed.
    """
    try:
        from prometheus_client import CollectorRegistry
        from prometheus_client.registry import Collector
    except ImportError:
        raise UsageError(
            "the package 'prometheus-client' is not installed",
            hint="pip install 'analyticsops[slo]'",
        ) from None

    class Objectives(Collector):
        def collect(self) -> Iterator[Metric]:
            return families(latest())

        def describe(self) -> Iterator[Metric]:
            return iter(())

    found = CollectorRegistry(auto_describe=False)
    found.register(Objectives())
    return found


def exposition(evaluation: Evaluation) -> str:
    """The metrics as text, for the textfile collector of node_exporter.

    Raises:
        UsageError: prometheus-client is not installed.
    """
    metrics = registry(lambda: evaluation)
    from prometheus_client import generate_latest

    return generate_latest(metrics).decode()
