"""SLO4: rules about objectives that are impossible, or mean nothing."""

from __future__ import annotations

from analyticsops.findings import Rule, Severity


def _rule(
    code: str, name: str, severity: Severity, summary: str, why: str, example: str, advice: str
) -> Rule:
    return Rule(
        code=code,
        name=name,
        severity=severity,
        summary=summary,
        why=why,
        example=example,
        advice=advice,
    )


INVALID = _rule(
    "SLO401",
    "objective-invalid",
    Severity.ERROR,
    "An objective beside a node cannot be read, so nobody evaluates it.",
    "What is not evaluated looks like what is met.",
    "`threshold: 26 horas` under `config.meta.analyticsops.slo`.",
    "The message says what was expected, and where.",
)
CAPPED = _rule(
    "SLO402",
    "burn-rule-capped",
    Severity.INFO,
    "A rule for burn rates wants a rate that the objective's target can never reach.",
    "The fastest possible burn is 1 / (1 - target): with 90% it is 10, and the usual page at 13.4 "
    "would never come. The rule is capped: it fires when nine tenths of its time were bad.",
    "`objective: 90%` with `alerting: google`.",
    "Raise the target, use `alerting: seed4x`, or accept that a page needs nearly all of an hour.",
)
ONE_FAILURE = _rule(
    "SLO403",
    "budget-under-one-failure",
    Severity.WARNING,
    "One failure uses up the whole error budget.",
    "The budget is (1 - target) x N events; under 1 the objective means `never fail`, and says so "
    "only after the first failure.",
    "99% of 28 daily runs: a budget of 0.28 failures.",
    "Lower the target, or lengthen the window until at least one failure fits.",
)
TOO_YOUNG = _rule(
    "SLO404",
    "threshold-below-schedule",
    Severity.WARNING,
    "Data is too old before the next of its schedule is due, even if everything goes well.",
    "Part of every day burns budget although nobody could do better.",
    "`threshold: 12h` with a schedule of `0 5 * * *`.",
    "Allow the longest pause of the schedule and the time that a run takes, count only office "
    "hours by a calendar, or use `type: deadline`.",
)
TOO_RARE = _rule(
    "SLO405",
    "threshold-below-usual-interval",
    Severity.WARNING,
    "A source's data usually comes less often than the objective allows it to be old.",
    "The objective is breached most of the time, whatever anybody does.",
    "`threshold: 2h` on a source whose loads are 24 hours apart.",
    "Allow more than what is usual between two loads, or load it more often.",
)
SHORT_WINDOW = _rule(
    "SLO406",
    "window-below-schedule",
    Severity.WARNING,
    "The window is shorter than the time between two slots of the schedule.",
    "At times nothing falls into the window, and the objective says nothing.",
    "`window: {rolling: 7d}` on a monthly job.",
    "Make the window hold several slots.",
)
NEVER = _rule(
    "SLO407",
    "schedule-never-due",
    Severity.ERROR,
    "A schedule never fires.",
    "An objective by it has no events, and is never missed.",
    "`0 5 25 12 *` with `holidays: {country: DE}`.",
    "Correct the cron expression, or its holidays.",
)
SKIPPED_HOUR = _rule(
    "SLO408",
    "schedule-in-skipped-hour",
    Severity.INFO,
    "A schedule means a time that the clock skips in spring.",
    "Here it is then due at the end of the skipped hour; some schedulers run it an hour later, "
    "some not at all that day.",
    '`cron: "30 2 * * *"` in Europe/Berlin on the last Sunday of March.',
    "Move it out of that hour, or give it an hour of grace.",
)
NOTHING_COUNTS = _rule(
    "SLO409",
    "no-time-counts",
    Severity.ERROR,
    "No time of the window counts: the calendar or planned work leaves nothing.",
    "The objective can neither be met nor missed.",
    "Maintenance of 30 days in a rolling window of 28.",
    "Shorten the maintenance, or count other hours.",
)
IDLE_WORK = _rule(
    "SLO410",
    "maintenance-without-effect",
    Severity.INFO,
    "Planned work was over long before any window began, or is on no node.",
    "Entries without effect hide those that have one; work on a node that was renamed silences "
    "nothing.",
    "`to: 2024-12-01T06:00Z`, seen in 2026; `applies_to: tag:payments`, and nothing has the tag.",
    "Remove the entry, or name what is worked on.",
)
NO_SOURCE = _rule(
    "SLO411",
    "no-source-behind",
    Severity.ERROR,
    "Nothing that ages is behind an objective about the age of data.",
    "With no source, or with static ones alone, there is no data time to compare with.",
    "`type: freshness` on a model that reads only seeds.",
    "Use `scope: own` (since its last build), or `type: success`.",
)
UNMEASURABLE = _rule(
    "SLO412",
    "source-never-measured",
    Severity.WARNING,
    "A source behind an objective has no freshness criterion, so dbt never measures it.",
    "Its age is unknown, and so is that of everything built from it: for ever.",
    "A source without `loaded_at_field` and `freshness:` behind a mart.",
    "Give it a freshness criterion, or call it `static` under `indicator.sources`.",
)
OWN_OF_VIEW = _rule(
    "SLO413",
    "own-age-of-view",
    Severity.WARNING,
    "An objective is about the own age of something that holds no data.",
    "A view, an exposure and a metric are as new as what they read; when it was created says "
    "nothing about its data.",
    "`{type: freshness, scope: own}` on a view.",
    "Use `scope: end_to_end`.",
)
NOT_BUILT = _rule(
    "SLO414",
    "indicator-needs-build",
    Severity.ERROR,
    "An objective counts builds of something that dbt never builds.",
    "There will never be an event.",
    "`type: success` on an exposure.",
    "Put it on the model behind it, or on the job.",
)
NO_PRICES = _rule(
    "SLO415",
    "cost-without-prices",
    Severity.ERROR,
    "An objective about cost, and no prices.",
    "Without a price nothing has a known cost.",
    "`type: cost` without `prices:` in slos/*.yml.",
    "Write `prices: {hour: 3}`, `{terabyte: 5}` or `{slot_hour: 0.04}`.",
)
NO_ROWS = _rule(
    "SLO416",
    "rows-never-told",
    Severity.WARNING,
    "An objective about volume, and no build on record told its rows.",
    "Some adapters (DuckDB's is one) do not say how many rows a statement wrote.",
    "`type: volume` where `rows_affected` is missing in all run results.",
    "Count the rows by `type: custom_sql`.",
)
NOT_MEASURED = _rule(
    "SLO417",
    "nothing-measured",
    Severity.WARNING,
    "An objective about what no artifact of dbt's says, and no measurement on record.",
    "It stays unknown until somebody measures.",
    "`type: null_rate`, and no measurement recorded.",
    "Record measurements before you rely on it.",
)
NOBODY = _rule(
    "SLO418",
    "critical-without-help",
    Severity.WARNING,
    "A critical objective has no owner or no runbook.",
    "It wakes somebody, who does not know why them or what to do.",
    "`tier: critical` without `runbook:`.",
    "Write `owner:` (or a dbt group with one) and `runbook:`.",
)
NO_RECEIVER = _rule(
    "SLO419",
    "receiver-unknown",
    Severity.ERROR,
    "A route leads to a receiver that does not exist.",
    "Its incidents are told nobody.",
    "`to: [pager]`, and no `pager` under `receivers:`.",
    "Correct the name, or declare the receiver.",
)
UNUSED_RECEIVER = _rule(
    "SLO420",
    "receiver-unused",
    Severity.INFO,
    "No route leads to a receiver.",
    "Somebody believes that they are told.",
    "`receivers: {ops: ...}`, and no route `to: [ops]`.",
    "Add a route, or remove the receiver.",
)
NO_ROUTE = _rule(
    "SLO421",
    "incidents-without-route",
    Severity.WARNING,
    "Routes are declared, and some incidents match none of them.",
    "Those are told nobody.",
    "A single route with `match: {group: finance}`.",
    "Add a last route with `match: {}`.",
)
DUPLICATE = _rule(
    "SLO422",
    "objective-duplicated",
    Severity.WARNING,
    "Two objectives of one subject promise the same under two names.",
    "One failure makes two alerts and burns two budgets.",
    "`fresh` beside the node and `freshness` in slos/*.yml, both of 26h and 99%.",
    "Give both one name, so that the later adds to the earlier.",
)
NO_TESTS = _rule(
    "SLO423",
    "quality-without-tests",
    Severity.ERROR,
    "An objective about checks on a node that has no data test.",
    "There is nothing that could fail.",
    "`type: quality` on a model without `data_tests:`.",
    "Add data tests.",
)
BELOW_SOURCE = _rule(
    "SLO424",
    "threshold-below-source",
    Severity.WARNING,
    "Data may be less old in a node than its source's own objective allows at the source.",
    "A source that keeps its promise breaks this one.",
    "End to end `threshold: 6h`, and the source behind it promises 12h.",
    "Ask the source for more, or promise less.",
)
HIDES = _rule(
    "SLO425",
    "missing-excluded",
    Severity.INFO,
    "What is not known is left out of an objective without being told.",
    "When nothing is measured any more the objective stays as good as it was.",
    "`missing: exclude` on a source that may stop being measured.",
    "Use `missing: unknown`, or `bad`.",
)

RULES = (
    INVALID,
    CAPPED,
    ONE_FAILURE,
    TOO_YOUNG,
    TOO_RARE,
    SHORT_WINDOW,
    NEVER,
    SKIPPED_HOUR,
    NOTHING_COUNTS,
    IDLE_WORK,
    NO_SOURCE,
    UNMEASURABLE,
    OWN_OF_VIEW,
    NOT_BUILT,
    NO_PRICES,
    NO_ROWS,
    NOT_MEASURED,
    NOBODY,
    NO_RECEIVER,
    UNUSED_RECEIVER,
    NO_ROUTE,
    DUPLICATE,
    NO_TESTS,
    BELOW_SOURCE,
    HIDES,
)
