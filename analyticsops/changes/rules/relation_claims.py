"""The rules of SCH1 as data: relations."""

from __future__ import annotations

from analyticsops.findings import Direction, Rule, Severity, Strictness

MODEL_REMOVED = Rule(
    code="SCH101",
    name="model-removed",
    severity=Severity.ERROR,
    strictness=Strictness.RELATION,
    direction=Direction.LOOSENS,
    mirror="SCH107",
    summary="A model, seed, snapshot or source was removed.",
    why=(
        "Its table stays in the warehouse and grows old, or goes away under queries and "
        "dashboards that dbt does not know."
    ),
    example="`models/marts/orders.sql` is deleted while a dashboard reads `marts.orders`.",
    advice=(
        "Deprecate it first: set `deprecation_date`, tell the owners named here, and remove it "
        "when nothing reads it."
    ),
)

MODEL_DISABLED = Rule(
    code="SCH102",
    name="model-disabled",
    severity=Severity.ERROR,
    strictness=Strictness.RELATION,
    direction=Direction.LOOSENS,
    mirror="SCH108",
    summary="A node was switched off with `enabled: false`.",
    why="For its readers that is the same as removing it, but no file disappears.",
    example="`{{ config(enabled=false) }}` appears in `orders.sql`.",
    advice="Keep it enabled until nothing reads it, or remove it for good.",
)

RELATION_MOVED = Rule(
    code="SCH103",
    name="relation-moved",
    severity=Severity.ERROR,
    strictness=Strictness.RELATION,
    direction=Direction.BOTH,
    mirror="SCH103",
    summary="A model is built into another database, schema or name.",
    why=(
        "`ref()` follows, but dashboards, exports and people who query the table do not; the "
        "old table stays and grows old unnoticed."
    ),
    example="```diff\n- {{ config(alias='orders') }}\n+ {{ config(alias='fct_orders') }}\n```",
    advice="Leave a view under the old name until its readers have moved.",
    unknown=(
        "Settings are compared as they are written: schemas that differ because base and head "
        "were compiled for two targets are no change."
    ),
)

MODEL_RENAMED = Rule(
    code="SCH104",
    name="model-renamed-same-meaning",
    severity=Severity.ERROR,
    strictness=Strictness.RELATION,
    direction=Direction.BOTH,
    mirror="SCH104",
    summary="A model has another name, and the same columns and rows.",
    why="Whoever reads the table under its old name finds it gone, or a copy that grows old.",
    example="`stg_order.sql` becomes `stg_orders.sql`; its SQL stays the same.",
    advice="Keep the old name as a view for a while, or set `alias` to the old name.",
    unknown="Without equal canonical SQL it is `model-removed`, and a model that is new.",
)

BECAME_EPHEMERAL = Rule(
    code="SCH105",
    name="became-ephemeral",
    severity=Severity.ERROR,
    strictness=Strictness.RELATION,
    direction=Direction.LOOSENS,
    mirror="SCH109",
    summary="A model is no longer built as a table or view.",
    why="dbt inlines it into its readers; everybody else finds its table gone or stale.",
    example=(
        "```diff\n- {{ config(materialized='table') }}\n"
        "+ {{ config(materialized='ephemeral') }}\n```"
    ),
    advice="Keep it a view if anything outside dbt may read it.",
)

MATERIALIZATION_CHANGED = Rule(
    code="SCH106",
    name="materialization-changed",
    severity=Severity.WARNING,
    strictness=Strictness.RELATION,
    direction=Direction.BOTH,
    mirror="SCH106",
    summary="A table became a view, or a view a table.",
    why=(
        "A view is computed at each read and always fresh, a table is as old as its last run; "
        "dbt drops one before it makes the other, and grants may go with it."
    ),
    example=(
        "```diff\n- {{ config(materialized='table') }}\n+ {{ config(materialized='view') }}\n```"
    ),
    advice="Look at cost and freshness of what reads it; grants belong into the `grants` config.",
)

MODEL_ADDED = Rule(
    code="SCH107",
    name="model-added",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.TIGHTENS,
    mirror="SCH101",
    summary="A model, seed, snapshot or source is new.",
    why="It breaks nobody; shown so that a reviewer sees what has to be owned and tested.",
    example="`models/marts/fct_refunds.sql` is added.",
    advice="Give it a description, an owner and a test of its key.",
)

MODEL_ENABLED = Rule(
    code="SCH108",
    name="model-enabled",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.TIGHTENS,
    mirror="SCH102",
    summary="A node that was disabled is switched on.",
    why="It is built from now on, with all that it costs and all that may fail in it.",
    example="`enabled: false` disappears from the config of `orders.sql`.",
    advice="Run its tests once before others rely on it.",
)

EPHEMERAL_NO_MORE = Rule(
    code="SCH109",
    name="no-longer-ephemeral",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.TIGHTENS,
    mirror="SCH105",
    summary="A model that was inlined is built as a table or view.",
    why="Others can now read it, and will.",
    example=(
        "```diff\n- {{ config(materialized='ephemeral') }}\n"
        "+ {{ config(materialized='view') }}\n```"
    ),
    advice="Say with `access` who may rely on it.",
)
