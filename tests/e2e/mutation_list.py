"""The changes themselves."""

from __future__ import annotations

from tests.e2e.mutations import (
    ACCEPTED,
    METRIC,
    NOT_NULL,
    ORDERS,
    PAYMENTS,
    SAVED,
    SESSIONS,
    SNAPSHOT,
    SOURCE,
    TEST,
    UNIQUE,
    V1,
    V2,
    Mutation,
    all_of,
    code,
    drop,
    part,
    put,
    rendered,
    setting,
    spaced,
    without_part,
)

WEEK = {"where_filters": [{"where_sql_template": "{{ Dimension('order__is_first_order') }}"}]}

MUTATIONS = (
    # -- contracts, constraints, versions, access: what dbt looks at
    Mutation(
        "a column of a contract is gone",
        all_of(
            drop(f"{ORDERS} > columns > coupon_code"),
            code("fct_orders", "    orders.coupon_code,\n", ""),
        ),
    ),
    Mutation(
        "a contract promises a wider type",
        put(f"{ORDERS} > columns > net_revenue > data_type", "decimal(18, 2)"),
    ),
    Mutation(
        "a contract promises a narrower type",
        put(f"{ORDERS} > columns > net_revenue > data_type", "decimal(10, 2)"),
    ),
    Mutation(
        "a contract calls the same type otherwise",
        put(f"{ORDERS} > columns > order_status > data_type", "text"),
    ),
    Mutation("a contract is off", put(f"{ORDERS} > contract > enforced", False)),
    Mutation("a constraint is gone", put(f"{ORDERS} > columns > ordered_at > constraints", [])),
    Mutation(
        "a constraint is new",
        put(
            f"{ORDERS} > columns > sales_channel > constraints",
            [{"type": "not_null", "expression": None, "name": None}],
        ),
    ),
    Mutation(
        "a table with constraints becomes a view",
        setting(ORDERS, "materialized", "view"),
    ),
    Mutation("a version is removed early", drop(V1)),
    Mutation("a version is edited in place", code("dim_products.v1", "price * 100", "price * 10")),
    Mutation(
        "the latest version moves",
        all_of(put(f"{V1} > latest_version", 1), put(f"{V2} > latest_version", 1)),
    ),
    Mutation("a deprecation comes earlier", put(f"{V1} > deprecation_date", "2027-01-31")),
    Mutation("a deprecation is called off", put(f"{V1} > deprecation_date", None)),
    Mutation("access is tightened", put(f"{ORDERS} > access", "protected")),
    Mutation("access is loosened", put(f"{PAYMENTS} > access", "public")),
    Mutation("a grant is given", setting(ORDERS, "grants", {"select": ["bi"]})),
    Mutation(
        "a group is gone",
        all_of(
            put(f"{PAYMENTS} > group", None),
            put(f"{PAYMENTS} > config > group", None),
        ),
    ),
    # -- relations
    Mutation("a model is removed", drop(PAYMENTS)),
    Mutation(
        "a model is disabled",
        all_of(
            drop(PAYMENTS),
            put(
                "disabled > model.shop.fct_payments",
                [{"unique_id": "model.shop.fct_payments", "resource_type": "model"}],
            ),
        ),
    ),
    Mutation("another alias", setting(ORDERS, "alias", "orders")),
    Mutation("another schema", setting(ORDERS, "schema", "core")),
    Mutation("a model becomes ephemeral", setting(PAYMENTS, "materialized", "ephemeral")),
    Mutation("a table becomes a view", setting(PAYMENTS, "materialized", "view")),
    # -- incremental models, snapshots, seeds, sources
    Mutation("another unique key", setting(SESSIONS, "unique_key", "session_id")),
    Mutation(
        "another incremental strategy",
        setting(SESSIONS, "incremental_strategy", "append"),
    ),
    Mutation("another on_schema_change", setting(SESSIONS, "on_schema_change", "ignore")),
    Mutation("a hook", put(f"{ORDERS} > config > post-hook", [{"sql": "analyze {{ this }}"}])),
    Mutation("another partition", setting(ORDERS, "partition_by", ["ordered_at"])),
    Mutation("another snapshot strategy", setting(SNAPSHOT, "strategy", "check")),
    Mutation("other columns to check", setting(SNAPSHOT, "check_cols", ["email"])),
    Mutation("another key of a snapshot", setting(SNAPSHOT, "unique_key", "email")),
    Mutation(
        "another content of a seed",
        put("nodes > seed.shop.raw_orders > checksum > checksum", "0"),
    ),
    Mutation("another table of a source", put(f"{SOURCE} > identifier", "raw_orders_v2")),
    Mutation("a source is removed", drop("sources > source.shop.shop_raw.refunds")),
    Mutation(
        "freshness is loosened",
        put(f"{SOURCE} > freshness > error_after > count", 48),
    ),
    Mutation(
        "freshness is no longer checked",
        all_of(put(f"{SOURCE} > freshness", None), put(f"{SOURCE} > config > freshness", None)),
    ),
    Mutation("freshness by another column", put(f"{SOURCE} > loaded_at_field", "ordered_at")),
    # -- tests
    Mutation("a unique test is gone", drop(UNIQUE)),
    Mutation("a not_null test is gone", drop(NOT_NULL)),
    Mutation("a test only warns", put(f"{NOT_NULL} > config > severity", "warn")),
    Mutation("a test looks at fewer rows", put(f"{NOT_NULL} > config > where", "amount > 0")),
    Mutation("a test lets some fail", put(f"{NOT_NULL} > config > error_if", "> 10")),
    Mutation(
        "one accepted value more",
        put(
            f"{ACCEPTED} > test_metadata > kwargs > values",
            ["credit_card", "paypal", "bank_transfer", "gift_card", "crypto"],
        ),
    ),
    Mutation(
        "one accepted value less",
        put(
            f"{ACCEPTED} > test_metadata > kwargs > values",
            ["credit_card", "paypal", "bank_transfer"],
        ),
    ),
    Mutation(
        "a relationship to another table",
        put(
            TEST
            + "relationships_fct_orders_customer_id__customer_id__ref_dim_customers_.d5636051d4"
            " > test_metadata > kwargs > to",
            "ref('stg_customers')",
        ),
    ),
    Mutation(
        "a unit test is gone",
        drop("unit_tests > unit_test.shop.int_money_movements.only_captured_payments_move_money"),
    ),
    # -- SQL
    Mutation("a filter is gone", code("fct_payments", "    where not is_test\n", "")),
    Mutation(
        "another join",
        code("fct_payments", "inner join orders", "left join orders"),
    ),
    Mutation(
        "another aggregate",
        code("fct_orders", "sum(quantity) as units", "max(quantity) as units"),
    ),
    Mutation(
        "no default for NULL",
        code(
            "fct_payments",
            "    coalesce(refunds.refunded_amount, 0) as",
            "    refunds.refunded_amount as",
        ),
    ),
    Mutation(
        "another value of a variable", rendered("fct_web_sessions", "30 minutes", "60 minutes")
    ),
    Mutation(
        "a comment",
        code("fct_orders", "items_by_order as (", "-- by order\nitems_by_order as ("),
    ),
    Mutation(
        "a comment of Jinja",
        put(f"{PAYMENTS} > raw_code", "{# payments #}\nselect 1"),
    ),
    Mutation("blanks", code("fct_orders", "    orders.order_id,\n", "  orders.order_id ,\n\n")),
    Mutation(
        "blanks of a macro",
        spaced("macros > macro.shop.cents_to_dollars > macro_sql"),
    ),
    # -- metrics
    Mutation("a metric is gone", drop(METRIC + "gross_margin")),
    Mutation("a metric's filter is gone", put(METRIC + "first_orders > filter", None)),
    Mutation("a metric has a filter", put(METRIC + "revenue > filter", WEEK)),
    Mutation(
        "another measure of a metric",
        put(METRIC + "revenue > type_params > measure > name", "gross_amount"),
    ),
    Mutation(
        "another denominator",
        put(METRIC + "average_order_value > type_params > denominator > name", "units_sold"),
    ),
    Mutation("another aggregation", part("measures", "orders", "buying_customers", "agg", "count")),
    Mutation(
        "another expression of a measure",
        part("measures", "orders", "net_revenue", "expr", "gross_amount"),
    ),
    Mutation(
        "a coarser time dimension",
        part("dimensions", "orders", "ordered_at", "type_params", {"time_granularity": "month"}),
    ),
    Mutation("a dimension is gone", without_part("dimensions", "orders", "sales_channel")),
    Mutation("another join of an entity", part("entities", "orders", "order", "type", "foreign")),
    Mutation(
        "another window",
        put(
            METRIC + "revenue_last_28_days > type_params > cumulative_type_params > window > count",
            7,
        ),
    ),
    Mutation("another saved query", put(f"{SAVED} > query_params > metrics > 3", "refunds")),
    Mutation("another label", put(METRIC + "revenue > label", "Net revenue")),
    Mutation("another description", put(METRIC + "revenue > description", "What came in.")),
    # -- exposures, owners
    Mutation(
        "an exposure is gone",
        drop("exposures > exposure.shop.payment_reconciliation"),
    ),
)
