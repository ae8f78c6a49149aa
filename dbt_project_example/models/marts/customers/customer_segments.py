"""Segments of customers by recency, frequency and money (RFM).

In Python because the segments are a table of rules that marketing reads and edits: the first rule
that holds gives the segment. DuckDB does the work; no data frame is built.
"""

SEGMENTS = {
    "champion": "recency >= 3 and frequency >= 3 and money >= 3",
    "loyal": "frequency >= 3",
    "promising": "recency >= 3",
    "at risk": "money >= 3",
    "asleep": "true",
}


def model(dbt, session):
    dbt.config(materialized="table")

    customers = (
        dbt.ref("fct_orders")
        .filter("customer_id is not null")
        .aggregate(
            "customer_id, max(ordered_at) as last_ordered_at, "
            "count(*) as order_count, sum(net_revenue) as revenue",
            "customer_id",
        )
    )
    # Quartiles, 4 is best; customer_id settles ties, so that a rerun gives the same scores.
    scored = customers.project(
        "customer_id, "
        "ntile(4) over (order by last_ordered_at, customer_id) as recency, "
        "ntile(4) over (order by order_count, customer_id) as frequency, "
        "ntile(4) over (order by revenue, customer_id) as money"
    )
    rules = " ".join(f"when {rule} then '{name}'" for name, rule in SEGMENTS.items())
    return scored.project(f"*, case {rules} end as segment")
