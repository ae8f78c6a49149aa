"""Objectives as they are written: the entries of `slos/*.yml` and `config.meta.analyticsops.slo`.

Validation and the JSON Schemas for editors come from these structs.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any, Literal

import msgspec

from analyticsops.slo.spec.indicators import AnyIndicator
from analyticsops.slo.spec.words import (
    Cron,
    Days,
    Duration,
    Hours,
    Moment,
    Share,
    Target,
    Zone,
    word_form,
)

Tier = Literal["critical", "standard"]
Severity = Literal["page", "ticket"]


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody wrote as a mapping."""


class CountryEntry(Entry, frozen=True, kw_only=True):
    """Public holidays.

    Attributes:
        country: by its ISO 3166 code, such as DE.
        subdivision: such as BY.
    """

    country: str
    subdivision: str = ""


class ScheduleEntry(Entry, frozen=True, kw_only=True):
    """When something is expected.

    Attributes:
        cron: five fields.
        timezone: in which they are read.
        grace: time after a slot until it is missed.
        holidays: days on which nothing is expected, or the country whose they are.
    """

    cron: Cron
    timezone: Zone = msgspec.field(default_factory=lambda: Zone("UTC"))
    grace: Duration = msgspec.field(default_factory=lambda: Duration(0))
    holidays: tuple[date, ...] | CountryEntry = ()


class CalendarEntry(Entry, frozen=True, kw_only=True):
    """Time that counts.

    Attributes:
        days: of the week.
        hours: of these days, by the clock on the wall.
        timezone: of that clock.
        holidays: days that do not count, or the country whose they are.
        mode: evaluate_only: the time outside is not judged; pause_age: data does not grow older
            outside, either.
    """

    days: Days = msgspec.field(default_factory=lambda: Days(range(7)))
    hours: Hours = msgspec.field(default_factory=lambda: Hours(((0, 1_440),)))
    timezone: Zone = msgspec.field(default_factory=lambda: Zone("UTC"))
    holidays: tuple[date, ...] | CountryEntry = ()
    mode: Literal["evaluate_only", "pause_age"] = "evaluate_only"


class MaintenanceEntry(Entry, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """A time of planned work.

    Attributes:
        reason: why.
        from: when it begins (`start` in Python).
        to: when it is over (`end` in Python).
        cron: instead of from and to, when it begins each time; `lasts` says how long.
        lasts: with cron.
        timezone: of cron.
        applies_to: what is worked on, in dbt's selection syntax; by default everything.
        budget: exclude: the time does not count; count: it does, only alerts are silent.
    """

    reason: str
    start: Moment | None = None
    end: Moment | None = None
    cron: Cron | None = None
    lasts: Duration | None = None
    timezone: Zone = msgspec.field(default_factory=lambda: Zone("UTC"))
    applies_to: str = ""
    budget: Literal["exclude", "count"] = "exclude"

    def __post_init__(self) -> None:
        once = self.start is not None and self.end is not None
        again = self.cron is not None and self.lasts is not None
        halves = (self.start, self.end, self.cron, self.lasts)
        if once == again or sum(half is not None for half in halves) != 2:
            raise ValueError("write from and to, or cron and lasts")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError("to is not after from")


class WindowEntry(Entry, frozen=True, kw_only=True):
    """The time over which an objective holds.

    Attributes:
        rolling: so long back from now.
        calendar: instead, the present week (from Monday), month, quarter or year.
        timezone: of the calendar.
    """

    rolling: Duration | None = None
    calendar: Literal["week", "month", "quarter", "year"] | None = None
    timezone: Zone = msgspec.field(default_factory=lambda: Zone("UTC"))

    def __post_init__(self) -> None:
        if (self.rolling is None) == (self.calendar is None):
            raise ValueError("write rolling or calendar")


FOUR_WEEKS = WindowEntry(rolling=Duration.read("28d"))


class TargetEntry(Entry, frozen=True, kw_only=True):
    """What an objective of a file is about: one of the four.

    Attributes:
        node: one node by its ``unique_id``, as in the manifest.
        select: nodes, in dbt's selection syntax: each has an objective of its own.
        job: as it was named when its runs were recorded.
        project: true for the project as a whole.
    """

    select: str = ""
    job: str = ""
    project: bool = False
    node: str = ""

    def __post_init__(self) -> None:
        if sum((bool(self.select), bool(self.job), self.project, bool(self.node))) != 1:
            raise ValueError("write select, job, project or node")


class SloEntry(Entry, frozen=True, kw_only=True):
    """A service level objective.

    Attributes:
        indicator: what is measured.
        name: short; by default the type of the indicator.
        target: what it is about; beside a node it is that node.
        objective: share of what counts that has to be good.
        window: over which it holds.
        schedule: when something is expected: the name of one, or the schedule itself.
        calendar: time that counts: the name of one, or the calendar itself.
        missing: what counts as which nothing is known: bad, unknown (told, not counted), exclude.
        tier: critical objectives may page, others make tickets.
        owner: who answers for it; by default the owner of the node.
        runbook: address of what to do.
        description: for people.
        alerting: rules for burn rates: batch, google or seed4x; off for none.
        maintenance: planned work on it alone, besides that of the files.
    """

    indicator: AnyIndicator
    name: str = ""
    target: TargetEntry | None = None
    objective: Target = msgspec.field(default_factory=lambda: Target(Fraction(99, 100)))
    window: WindowEntry = msgspec.field(
        default_factory=lambda: WindowEntry(rolling=Duration.read("28d"))
    )
    schedule: str | ScheduleEntry | None = None
    calendar: str | CalendarEntry | None = None
    missing: Literal["bad", "unknown", "exclude"] | None = None
    tier: Tier = "standard"
    owner: str = ""
    runbook: str = ""
    description: str = ""
    alerting: Literal["batch", "google", "seed4x", "off"] | None = None
    maintenance: tuple[MaintenanceEntry, ...] = ()


class MatchEntry(Entry, frozen=True, kw_only=True):
    """Which incidents take a route; everything for nothing said. `*` and `?` as in file names.

    Attributes:
        severity: page or ticket.
        owner: of the root or of an objective that is hit.
        group: dbt group of the root or of what is hit.
        tier: of an objective that is hit.
        node: name of the root or of what is hit.
    """

    severity: Severity | None = None
    owner: str = ""
    group: str = ""
    tier: Tier | None = None
    node: str = ""


class ReceiverEntry(Entry, frozen=True, kw_only=True):
    """Where incidents are sent. Addresses and keys stand in environment variables, never here.

    Attributes:
        type: slack, webhook, pagerduty, alertmanager, or heartbeat (called after each evaluation
            that went well, so that its silence is noticed).
        url_env: environment variable with the address.
        key_env: pagerduty: environment variable with the routing key.
        token_env: environment variable with a bearer token.
    """

    type: Literal["slack", "webhook", "pagerduty", "alertmanager", "heartbeat"]
    url_env: str = ""
    key_env: str = ""
    token_env: str = ""

    def __post_init__(self) -> None:
        if self.type == "pagerduty":
            if not self.key_env:
                raise ValueError("pagerduty needs key_env, the variable with the routing key")
        elif not self.url_env:
            raise ValueError(f"{self.type} needs url_env, the variable with the address")


class RouteEntry(Entry, frozen=True, kw_only=True):
    """Who is told of which incidents. All routes that match are taken.

    Attributes:
        to: names of receivers.
        match: which incidents.
    """

    to: tuple[str, ...]
    match: MatchEntry = MatchEntry()


class AlertingEntry(Entry, frozen=True, kw_only=True):
    """How alerts are made.

    Attributes:
        preset: rules for burn rates of objectives that say nothing else.
        every: how often `slo evaluate` is run; if it was silent for more than twice as long, that
            is an incident.
        flapping: changes between good and bad within a day from which a node flaps.
        slower: share by which a node's P95 must grow to be told.
        costlier: times the usual cost of a job from which it is told.
        exhausts_within: tell of budgets that will be used up within that time.
        node_failures: tell of nodes that fail although no objective is hit.
    """

    preset: Literal["batch", "google", "seed4x", "off"] = "batch"
    every: Duration = msgspec.field(default_factory=lambda: Duration.read("1h"))
    flapping: int = 3
    slower: Share = msgspec.field(default_factory=lambda: Share(1, 2))
    costlier: float = 3.0
    exhausts_within: Duration = msgspec.field(default_factory=lambda: Duration.read("3d"))
    node_failures: bool = True


class PricesEntry(Entry, frozen=True, kw_only=True):
    """What a unit costs, in any one currency.

    Attributes:
        hour: of a node's execution time.
        terabyte: processed, as the adapter says.
        slot_hour: as BigQuery says.
    """

    hour: float = 0.0
    terabyte: float = 0.0
    slot_hour: float = 0.0


class PolicyEntry(Entry, frozen=True, kw_only=True):
    """The error budget policy: what `slo gate` lets pass when a budget is used up.

    Attributes:
        tiers: objectives of these tiers close the gate.
        allow_branches: branches that pass, as in file names: fixes.
        allow_labels: labels of a pull request that let it pass.
        warn_at: share of a budget from which the gate warns.
    """

    tiers: tuple[Tier, ...] = ("critical",)
    allow_branches: tuple[str, ...] = ("fix/*", "hotfix/*", "revert-*")
    allow_labels: tuple[str, ...] = ("reliability", "fix")
    warn_at: Share = msgspec.field(default_factory=lambda: Share(3, 4))


class SloFile(Entry, frozen=True, kw_only=True):
    """Objectives, and what they share. Several files in `slos/` are read as one.

    Attributes:
        version: of this format; always 1.
        environment: whose runs count; by default the only one in the history.
        schedules: by name.
        calendars: by name.
        maintenance: planned work.
        slos: objectives of nodes, jobs and the project.
        alerting: how alerts are made.
        receivers: by name.
        routes: who is told.
        prices: for costs.
        policy: of error budgets.
    """

    version: Literal[1]
    environment: str = ""
    schedules: dict[str, ScheduleEntry] = {}
    calendars: dict[str, CalendarEntry] = {}
    maintenance: tuple[MaintenanceEntry, ...] = ()
    slos: tuple[SloEntry, ...] = ()
    alerting: AlertingEntry | None = None
    receivers: dict[str, ReceiverEntry] = {}
    routes: tuple[RouteEntry, ...] = ()
    prices: PricesEntry | None = None
    policy: PolicyEntry | None = None


def schema() -> dict[str, Any]:
    """The JSON Schema of `slos/*.yml`, for editors."""
    found = msgspec.json.schema(SloFile, schema_hook=word_form)
    for definition in found["$defs"].values():
        chosen = definition.get("properties", {}).get("type", {})
        if len(chosen.get("enum", ())) == 1:
            chosen["description"] = "chooses this indicator."
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "slos/*.yml, version 1",
        **found,
    }
