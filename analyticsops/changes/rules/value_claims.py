"""The rules of VAL as data: what a column's values mean."""

from __future__ import annotations

from analyticsops.findings import Direction, Rule, Severity, Strictness

REFACTORED = Rule(
    code="VAL400",
    name="refactor-proved-equal",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.BOTH,
    mirror="VAL400",
    summary="A model's SQL was rewritten and yields the same rows and values.",
    why="A reviewer can spend the time elsewhere; readers need not be built anew.",
    example="A subquery becomes a CTE, `a = 1 and b = 2` becomes `b = 2 and a = 1`.",
    advice="Nothing to do.",
)

MEANING_CHANGED = Rule(
    code="VAL401",
    name="meaning-changed",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="VAL401",
    summary="The expression of a column changed and is not proven equal to the old one.",
    why="The column keeps its name and type, so nothing fails, but its numbers are others.",
    example="```diff\n- amount_cents / 100 as amount\n+ amount_cents / 1000 as amount\n```",
    advice=(
        "If it is meant, tell the owners of what is hit, or publish the new meaning under a new "
        "name."
    ),
    unknown=(
        "Equal canonical expressions are proven equal; unequal ones may still be equal by an "
        "identity that the comparison does not know."
    ),
)

NULL_DEFAULT = Rule(
    code="VAL402",
    name="null-default-changed",
    severity=Severity.WARNING,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="VAL402",
    summary="What a column has in place of NULL changed, appeared or went.",
    why="Averages and counts treat zero and NULL differently; joins and filters lose NULLs.",
    example="```diff\n- coalesce(amount, 0) as amount\n+ amount\n```",
    advice="Say which of the two readers expect; a test `not_null` holds it.",
    unknown="Where the value is never NULL nothing changes.",
)

AGGREGATE_CHANGED = Rule(
    code="VAL403",
    name="aggregate-changed",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="VAL403",
    summary="A column is computed by another aggregate.",
    why="A sum that became a maximum or lost its DISTINCT is another number under one name.",
    example=(
        "```diff\n- count(distinct customer_id) as customers\n"
        "+ count(customer_id) as customers\n```"
    ),
    advice="Publish the new number under a new name.",
)

WINDOW_CHANGED = Rule(
    code="VAL404",
    name="window-changed",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="VAL404",
    summary="The partition, order or frame of a window changed.",
    why="Running totals, ranks and first or last values are others for the same rows.",
    example=(
        "```diff\n- sum(x) over (partition by customer_id order by day)\n"
        "+ sum(x) over (order by day)\n```"
    ),
    advice="Compare a few partitions of both versions by hand.",
)

TIME_CHANGED = Rule(
    code="VAL405",
    name="time-grain-or-zone-changed",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="VAL405",
    summary="A time is cut to another grain, or taken in another time zone.",
    why="Events move to another day, week or month, and every report by time with them.",
    example="```diff\n- date_trunc('week', ordered_at)\n+ date_trunc('month', ordered_at)\n```",
    advice="Publish the new grain as a column of its own.",
)

OTHER_TABLE = Rule(
    code="VAL406",
    name="taken-from-other-table",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="VAL406",
    summary="A column is read from another table than before.",
    why="Two tables may call different things the same, or hold them at different times.",
    example=(
        "```diff\n- select o.country from orders o join customers c using (id)\n"
        "+ select c.country from orders o join customers c using (id)\n```"
    ),
    advice="Compare both columns on the same keys.",
)

ROUNDING_CHANGED = Rule(
    code="VAL407",
    name="rounding-changed",
    severity=Severity.WARNING,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="VAL407",
    summary="A value is rounded, cut or cast to another precision.",
    why="Single values differ little, but their sums no longer agree with other reports.",
    example="```diff\n- round(amount / 100, 2) as amount\n+ round(amount / 100) as amount\n```",
    advice="Round where a number is shown, not where it is stored.",
    unknown="If no value has more digits nothing changes.",
)

NONDETERMINISTIC = Rule(
    code="VAL408",
    name="became-nondeterministic",
    severity=Severity.WARNING,
    strictness=Strictness.DATA,
    direction=Direction.LOOSENS,
    mirror="VAL410",
    summary="A column is computed from the clock or from chance, and was not before.",
    why="Two runs on the same data differ, so nobody can build it again or compare versions.",
    example="```diff\n- loaded_at as seen_at\n+ current_timestamp as seen_at\n```",
    advice="Take the time from the data, or from `run_started_at`.",
)

UPSTREAM = Rule(
    code="VAL409",
    name="meaning-changed-upstream",
    severity=Severity.WARNING,
    strictness=Strictness.STRICT,
    direction=Direction.BOTH,
    mirror="VAL409",
    summary="Columns of a model that others rely on mean something else by a change further up.",
    why=(
        "Its own SQL is untouched, so nobody looks at it. By default it stands only in the list "
        "of whom the change upstream hits."
    ),
    example="`stg_payments.amount` is divided by 1000; `fct_orders.revenue`, public, follows.",
    advice="Look at the finding upstream that is named as evidence.",
)

DETERMINISTIC = Rule(
    code="VAL410",
    name="became-deterministic",
    severity=Severity.INFO,
    strictness=Strictness.DATA,
    direction=Direction.TIGHTENS,
    mirror="VAL408",
    summary="A column is no longer computed from the clock or from chance.",
    why="Its values are others, and from now on the same in each run.",
    example="```diff\n- current_timestamp as seen_at\n+ loaded_at as seen_at\n```",
    advice="Nothing to do, unless a reader relies on the time of the run.",
)

VALUE_UNPROVEN = Rule(
    code="VAL490",
    name="value-unproven",
    severity=Severity.WARNING,
    strictness=Strictness.DATA,
    direction=Direction.UNDETERMINED,
    mirror="VAL490",
    summary="A column's expression could not be compared.",
    why="What is not understood on one of the sides may have changed without a trace.",
    example="Nobody knows which of two tables without a list of columns `amount` belongs to.",
    advice="Qualify the name, or list the columns of the tables in YAML.",
    unknown="This rule is the unknown: it claims a doubt, not a difference.",
)
