"""The rules of OPS as data: how data gets in and how it is built."""

from __future__ import annotations

from analyticsops.findings import Direction, Rule, Severity, Strictness

STRATEGY_CHANGED = Rule(
    code="OPS701",
    name="incremental-strategy-changed",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="OPS701",
    summary="An incremental model adds its rows in another way.",
    why="What was merged is now appended, or the other way round: rows are doubled or lost.",
    example="```diff\n- incremental_strategy: merge\n+ incremental_strategy: append\n```",
    advice="Build it once with `--full-refresh`, and compare the number of rows.",
)

KEY_CHANGED = Rule(
    code="OPS702",
    name="unique-key-changed",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="OPS702",
    summary="The `unique_key` of an incremental model or snapshot changed.",
    why="New rows no longer replace those that they should replace, or replace others.",
    example="```diff\n- unique_key: order_id\n+ unique_key: [order_id, line]\n```",
    advice="Build it once with `--full-refresh`; a snapshot has to be begun anew.",
)

ON_SCHEMA_CHANGE = Rule(
    code="OPS703",
    name="on-schema-change-changed",
    severity=Severity.WARNING,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="OPS703",
    summary="What an incremental model does with new columns changed.",
    why="`ignore` drops new columns without a word, `sync_all_columns` drops old ones.",
    example="```diff\n- on_schema_change: fail\n+ on_schema_change: ignore\n```",
    advice="Prefer `fail` or `append_new_columns` for what others rely on.",
)

PARTITION_CHANGED = Rule(
    code="OPS704",
    name="partition-or-cluster-changed",
    severity=Severity.WARNING,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="OPS704",
    summary="A table is partitioned, clustered, sorted or distributed otherwise.",
    why=(
        "Queries that filter by the old partition scan everything; an existing table "
        "must be rebuilt."
    ),
    example="```diff\n- partition_by: {field: ordered_at}\n+ partition_by: {field: loaded_at}\n```",
    advice="Build it once with `--full-refresh`, and look at the cost of its readers.",
)

HISTORY = Rule(
    code="OPS705",
    name="history-not-restated",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="OPS705",
    summary="The SQL of an incremental model or snapshot changed what it computes.",
    why="Rows that are there keep the old meaning, new ones have the new: one column, two numbers.",
    example="`net_amount` of an incremental model subtracts taxes from today on.",
    advice="Build it, and the incremental models behind it, once with `--full-refresh`.",
    unknown="Whether a full refresh is planned is not known.",
)

SNAPSHOT_CHANGED = Rule(
    code="OPS706",
    name="snapshot-definition-changed",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="OPS706",
    summary="A snapshot recognises changes in another way.",
    why="History has a seam: versions before and after the day mean different things.",
    example="```diff\n- strategy: timestamp\n+ strategy: check\n```",
    advice="Begin a new snapshot beside the old one, and union them in a model.",
)

SOURCE_MOVED = Rule(
    code="OPS707",
    name="source-relation-changed",
    severity=Severity.ERROR,
    strictness=Strictness.RELATION,
    direction=Direction.BOTH,
    mirror="OPS707",
    summary="A source stands for another table in the warehouse.",
    why="Everything behind it is computed from other data, and no SQL changed.",
    example="```diff\n- identifier: orders\n+ identifier: orders_v2\n```",
    advice="Compare columns, row counts and the newest row of both tables.",
    unknown=(
        "A source in the schema into which dbt builds as well, or whose schema is written the "
        "same before Jinja, is taken to move with the target."
    ),
)

FRESHNESS_LOOSENED = Rule(
    code="OPS708",
    name="freshness-loosened",
    severity=Severity.WARNING,
    strictness=Strictness.DATA,
    direction=Direction.LOOSENS,
    mirror="OPS715",
    summary="A source may be older than before until somebody is told.",
    why="Late data reaches dashboards without a warning.",
    example=(
        "```diff\n- error_after: {count: 12, period: hour}\n"
        "+ error_after: {count: 2, period: day}\n```"
    ),
    advice="Agree on it with the owners of what is read from it.",
)

LOADED_AT_CHANGED = Rule(
    code="OPS709",
    name="loaded-at-changed",
    severity=Severity.WARNING,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="OPS709",
    summary="The freshness of a source is measured by something else.",
    why="A column of event times and one of load times say different things about lateness.",
    example="```diff\n- loaded_at_field: _loaded_at\n+ loaded_at_field: ordered_at\n```",
    advice="Take the time at which the row arrived.",
)

SEED_VALUES = Rule(
    code="OPS710",
    name="seed-values-changed",
    severity=Severity.INFO,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="OPS710",
    summary="The content of a seed file changed.",
    why="Every number computed from it may change, by intention or by a slip in a CSV file.",
    example="`seeds/exchange_rates.csv` has another rate for a day in the past.",
    advice="Look at the diff of the file; the nodes that read it are listed.",
)

HOOK_CHANGED = Rule(
    code="OPS711",
    name="hook-changed",
    severity=Severity.WARNING,
    strictness=Strictness.DATA,
    direction=Direction.UNDETERMINED,
    mirror="OPS711",
    summary="A `pre-hook` or `post-hook` changed.",
    why="It may delete, update or grant, after everything that the model's SQL says.",
    example='```diff\n- post_hook: "delete from {{ this }} where is_test"\n```',
    advice="Look at the statement; the columns that it writes and wrote are listed with it.",
    unknown="Hooks are compared as texts: two that mean the same are told as a change.",
)

VARIABLE_CHANGED = Rule(
    code="OPS713",
    name="variable-changed",
    severity=Severity.INFO,
    strictness=Strictness.DATA,
    direction=Direction.UNDETERMINED,
    mirror="OPS713",
    summary="Models whose files and macros are the same have other SQL after Jinja.",
    why=(
        "A variable, an environment variable or the target differs. dbt's `state:modified` does "
        "not see it; what it does to rows and values is reported for each model."
    ),
    example="```diff\n  vars:\n-   first_day: 2024-01-01\n+   first_day: 2025-01-01\n```",
    advice="Compile both versions with the same target and variables if it is not meant.",
)

MACRO_CHANGED = Rule(
    code="OPS714",
    name="macro-changed",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.UNDETERMINED,
    mirror="OPS714",
    summary="The text of a macro that models use changed.",
    why="What it does to rows and values is reported for each model; often it is nothing.",
    example="`cents_to_dollars` rounds to four digits now.",
    advice="Look at the models that are named as evidence; without any, nothing differs.",
)

FRESHNESS_TIGHTENED = Rule(
    code="OPS715",
    name="freshness-tightened",
    severity=Severity.INFO,
    producer=Severity.WARNING,
    strictness=Strictness.STRICT,
    direction=Direction.TIGHTENS,
    mirror="OPS708",
    summary="A source has to be fresher than before.",
    why="Whoever loads it is told sooner.",
    example=(
        "```diff\n- error_after: {count: 2, period: day}\n"
        "+ error_after: {count: 12, period: hour}\n```"
    ),
    advice="Ask whoever loads it whether they can keep it.",
)
