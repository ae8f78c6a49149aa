"""SLO3: what `slo evaluate` tells."""

from __future__ import annotations

from analyticsops.findings import Rule, Severity

BUDGET_BURNING = Rule(
    code="SLO301",
    name="budget-burning",
    severity=Severity.ERROR,
    summary="An error budget burns faster than it lasts, over a long and a short time alike.",
    why="If it goes on, the objective will be missed; the long time says that it matters, the "
    "short one that it has not ended.",
    example="99% over 28 days: the data was stale for 8 minutes of the last hour, and still is.",
    advice="Look at the cause that is named, then at the runbook. Pages only for critical "
    "objectives; `alerting: off` switches it off.",
)

BUDGET_EXHAUSTED = Rule(
    code="SLO302",
    name="budget-exhausted",
    severity=Severity.ERROR,
    summary="More was bad in the window of an objective than it allows.",
    why="What was promised was not kept. `slo gate` closes, if the policy says so.",
    example="99% of 28 days allow 6 h 43 min; the data was stale for 8 h.",
    advice="Repair what burns it before anything is added; or agree on another objective.",
)

EXHAUSTS_SOON = Rule(
    code="SLO303",
    name="budget-exhausts-soon",
    severity=Severity.WARNING,
    summary="An error budget will be used up within days if things go on as recently.",
    why="There is time to repair it in working hours.",
    example="`exhausts_within: 3d`, and at the rate of the last week it ends tomorrow.",
    advice="`analyticsops slo forecast` shows when, and which old burn leaves the window before.",
)

BREACH_CERTAIN = Rule(
    code="SLO304",
    name="breach-certain",
    severity=Severity.ERROR,
    summary="Data will be too old before the next run can have brought newer data.",
    why="It is known beforehand, so that somebody can start a run, or tell the readers.",
    example="The data is 24 h old, 26 h are allowed; the next run is due in 3 h.",
    advice="Start the run by hand. It needs a schedule, of the objective or of its job.",
)

DEADLINE_MISSED = Rule(
    code="SLO305",
    name="deadline-missed",
    severity=Severity.ERROR,
    summary="Data of a scheduled time is not there, and its grace has passed.",
    why="Somebody who was promised it in the morning looks at yesterday's.",
    example="`cron: 0 5 * * 1-5`, `grace: 2h`, and it is 07:10.",
    advice="Look at the cause that is named.",
)

RUN_MISSING = Rule(
    code="SLO306",
    name="run-missing",
    severity=Severity.ERROR,
    summary="A job that was due did not start.",
    why="What does not run writes no error, so nobody hears of it.",
    example="The scheduler is down, or somebody switched the job off.",
    advice="Look into the scheduler. The job is called what `--job` said when runs were recorded.",
)

RUN_CRASHED = Rule(
    code="SLO307",
    name="run-crashed",
    severity=Severity.ERROR,
    summary="A run did not end, and none of its job went well since.",
    why="dbt writes nothing when it is killed: the old results stay and look like news.",
    example="The machine ran out of memory; `run_results.json` is that of the day before.",
    advice="`analyticsops runs show latest` has what is known; then run it again.",
)

NODE_FAILING = Rule(
    code="SLO308",
    name="node-failing",
    severity=Severity.ERROR,
    summary="The last build of a node failed.",
    why="All that is below it is skipped, and shows old data.",
    example='`column "x" does not exist` since this morning\'s run.',
    advice="Its message stands in `analyticsops runs show latest`.",
)

CHECKS_FAILING = Rule(
    code="SLO309",
    name="checks-failing",
    severity=Severity.ERROR,
    summary="Tests of a node failed when they were last run, or an objective about its numbers is "
    "not met.",
    why="The data is there and wrong, which nobody sees in a dashboard.",
    example="`unique_orders_order_id` finds 12 rows.",
    advice="Look at the rows that fail (`--store-failures`), upstream first.",
)

RETRIES_MASKING = Rule(
    code="SLO310",
    name="retries-masking",
    severity=Severity.WARNING,
    summary="An objective is met only because runs are tried again.",
    why="The next failure that a retry does not heal comes without a warning.",
    example="99% in the end, 91% at the first try.",
    advice="`analyticsops runs retries` lists what they save.",
)

OBJECTIVE_UNMEASURED = Rule(
    code="SLO311",
    name="objective-unmeasured",
    severity=Severity.WARNING,
    summary="Nobody can say whether an objective is met at this moment.",
    why="An objective that is not measured looks like one that is met.",
    example="The source was measured yesterday, and is allowed to be 4 h old.",
    advice="Run `dbt source freshness` as often as the threshold asks, and `ingest` after it.",
    unknown="This rule is the unknown.",
)

FLAPPING = Rule(
    code="SLO312",
    name="node-flapping",
    severity=Severity.WARNING,
    summary="A node or test went from good to bad or back several times within a day.",
    why="It is neither broken nor sound, and each of its alerts looks like a new one.",
    example="A test that depends on the order of rows.",
    advice="`analyticsops runs flapping` shows how often. Repeated news of its incident is held "
    "back.",
)

SLOWER = Rule(
    code="SLO313",
    name="builds-slower",
    severity=Severity.WARNING,
    summary="The runs of a job, or builds of a node, take much longer than they used to.",
    why="Data comes later, until a deadline is missed.",
    example="P95 was 12 min before, and 25 min in the last runs.",
    advice="`analyticsops runs slow` shows where the time goes.",
)

COSTLIER = Rule(
    code="SLO314",
    name="runs-costlier",
    severity=Severity.WARNING,
    summary="The last run of a job used several times what its runs usually use.",
    why="A full refresh by mistake, or a join that lost its key, is paid for.",
    example="`costlier: 3`, and it processed ten times as many bytes.",
    advice="`analyticsops runs cost --by node` shows which node it was.",
)

CLOCK_AHEAD = Rule(
    code="SLO315",
    name="clock-ahead",
    severity=Severity.WARNING,
    summary="The newest data of a source is later than the moment at which it was measured.",
    why="One row from the future hides every later delay, until that day has come.",
    example="Local times that are read as UTC.",
    advice="Leave out such rows with `filter`, or convert the time in `loaded_at_field`.",
)

SCHEMA_CHANGED = Rule(
    code="SLO316",
    name="schema-changed",
    severity=Severity.ERROR,
    summary="Something that a node reads is not there any more: its code is the same as when it "
    "last worked.",
    why="Somebody changed a table without those who read it.",
    example='`Referenced column "coupon" not found`, and the model\'s file did not change.',
    advice="Ask the owner of the source; comparing two catalogs shows what changed.",
    unknown="It is suspected from the database's message.",
)

EVALUATION_SILENT = Rule(
    code="SLO317",
    name="evaluation-silent",
    severity=Severity.ERROR,
    summary="`slo evaluate` itself was silent for longer than twice its interval.",
    why="While it does not run nobody hears of anything.",
    example="`every: 1h`, and the evaluation before was 9 hours ago.",
    advice="Look into what calls it. A receiver of type `heartbeat`, or the rule "
    "`AnalyticsopsSilent` in Prometheus, tells it at once.",
)

RULES = (
    BUDGET_BURNING,
    BUDGET_EXHAUSTED,
    EXHAUSTS_SOON,
    BREACH_CERTAIN,
    DEADLINE_MISSED,
    RUN_MISSING,
    RUN_CRASHED,
    NODE_FAILING,
    CHECKS_FAILING,
    RETRIES_MASKING,
    OBJECTIVE_UNMEASURED,
    FLAPPING,
    SLOWER,
    COSTLIER,
    CLOCK_AHEAD,
    SCHEMA_CHANGED,
    EVALUATION_SILENT,
)
