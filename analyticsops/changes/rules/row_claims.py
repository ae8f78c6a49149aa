"""The rules of ROW as data: which rows a model has."""

from __future__ import annotations

from analyticsops.findings import Direction, Rule, Severity, Strictness

FILTER_CHANGED = Rule(
    code="ROW301",
    name="filter-changed",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="ROW301",
    summary="A filter of a model's SQL was added, removed or changed.",
    why=(
        "Counts and sums downstream change though no column and no metric definition does; "
        "tests rarely notice."
    ),
    example="```diff\n- where status <> 'cancelled'\n+ where status <> 'canceled'\n```",
    advice="If it is meant, tell the owners of the metrics named here; else restore the filter.",
    unknown="If the row set is not understood, `rows-unproven` is reported instead.",
)

JOIN_TYPE_CHANGED = Rule(
    code="ROW302",
    name="join-type-changed",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="ROW302",
    summary="A join became an inner, left, right, full or cross join.",
    why="Rows without a match are kept where they were lost, or lost where they were kept.",
    example=(
        "```diff\n- from orders join customers using (customer_id)\n"
        "+ from orders left join customers using (customer_id)\n```"
    ),
    advice="Count the rows without a match before and after, and say which is meant.",
    unknown="If every row finds its match, nothing changes; SQL alone does not tell.",
)

JOIN_KEY_CHANGED = Rule(
    code="ROW303",
    name="join-key-changed",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="ROW303",
    summary="The condition of a join changed.",
    why="Other rows find each other: some are lost, some are multiplied.",
    example="```diff\n- on o.customer_id = c.id\n+ on o.email = c.email\n```",
    advice="Make sure that the new key is unique on one side, by a test.",
    unknown="Two conditions may select the same rows; SQL alone does not tell.",
)

FAN_OUT = Rule(
    code="ROW304",
    name="fan-out-possible",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="ROW304",
    summary="A join was added or removed that may multiply or lose rows.",
    why="Sums of what stands on the other side of the join count it once for each match.",
    example=(
        "```diff\n  from orders o\n"
        "+ left join payments p on p.order_id = o.id  -- several each\n```"
    ),
    advice="Aggregate the joined table to the key first, or test that the key is unique in it.",
    unknown="If a test or constraint says that the key is unique, it is named as an assumption.",
)

GRAIN_CHANGED = Rule(
    code="ROW305",
    name="grain-changed",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="ROW305",
    summary="The grouping or DISTINCT changed: a row stands for something else.",
    why="Joins on the old key multiply rows, and averages over rows mean something else.",
    example="```diff\n- group by customer_id\n+ group by customer_id, country\n```",
    advice="Publish the new grain as a new model, or adapt every reader and the test of the key.",
    unknown="A key that depends on the others changes no grain; SQL alone does not tell.",
)

CHOICE_CHANGED = Rule(
    code="ROW306",
    name="row-choice-changed",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="ROW306",
    summary="Of several rows another one is kept: the order behind a limit or a row number.",
    why="The number of rows stays, so tests and counts see nothing, but their content is another.",
    example=(
        "```diff\n- qualify row_number() over (partition by id order by updated_at desc) = 1\n"
        "+ qualify row_number() over (partition by id order by created_at desc) = 1\n```"
    ),
    advice="Say which row is meant, and make the order total so that ties do not decide.",
    unknown="If the old and the new order agree on the first row, nothing changes.",
)

OPERATION_CHANGED = Rule(
    code="ROW307",
    name="set-operation-changed",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="ROW307",
    summary="A UNION, INTERSECT or EXCEPT was added, removed or became another.",
    why="UNION drops duplicates and UNION ALL keeps them; a new branch brings other rows.",
    example=(
        "```diff\n- select id from a union select id from b\n"
        "+ select id from a union all select id from b\n```"
    ),
    advice="If duplicates cannot occur say so with a test of the key.",
    unknown="Where no duplicates occur UNION and UNION ALL are the same.",
)

LIMIT_CHANGED = Rule(
    code="ROW308",
    name="limit-changed",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="ROW308",
    summary="A LIMIT, OFFSET or sample was added, removed or changed.",
    why="A limit that was left in from development silently cuts every number downstream.",
    example="```diff\n  select * from {{ source('shop', 'orders') }}\n+ limit 100\n```",
    advice="Remove it, or bind it to the target with `target.name`.",
)

OTHER_RELATION = Rule(
    code="ROW309",
    name="reads-other-relation",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="ROW309",
    summary="A model takes its rows from another table, or from one table less.",
    why="The new table may be filtered, later, or at another grain, whatever its columns say.",
    example="```diff\n- from {{ ref('stg_orders') }}\n+ from {{ ref('stg_orders_all') }}\n```",
    advice="Compare row counts of both versions by day.",
)

UNNEST_CHANGED = Rule(
    code="ROW310",
    name="unnest-changed",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="ROW310",
    summary="An UNNEST, FLATTEN or lateral join was added, removed or changed.",
    why="Each element becomes a row, and a row without elements is lost.",
    example="```diff\n  from orders o\n+ cross join unnest(o.items) as item\n```",
    advice="Keep the exploded rows in a model of their own.",
)

ROWS_UPSTREAM = Rule(
    code="ROW311",
    name="rows-changed-upstream",
    severity=Severity.WARNING,
    strictness=Strictness.STRICT,
    direction=Direction.BOTH,
    mirror="ROW311",
    summary="A model that others rely on has other rows because of a change further up.",
    why=(
        "Its own SQL is untouched, so nobody looks at it. By default it stands only in the list "
        "of whom the change upstream hits."
    ),
    example="`stg_orders` has a new filter; `fct_orders`, which is public, has fewer rows.",
    advice="Look at the finding upstream that is named as evidence.",
)

ROWS_UNPROVEN = Rule(
    code="ROW390",
    name="rows-unproven",
    severity=Severity.WARNING,
    strictness=Strictness.DATA,
    direction=Direction.UNDETERMINED,
    mirror="ROW390",
    summary="A model's rows could not be proven to be the same as before.",
    why="Something changed that decides about rows, and it is not known what; some may be lost.",
    example="A subquery was rewritten in a way that no rule of equivalence covers.",
    advice="Compare row counts of both versions, or split the change until it can be proven.",
    unknown="This rule is the unknown: it claims a doubt, not a difference.",
)
