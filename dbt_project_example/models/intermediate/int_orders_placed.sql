{{ config(materialized='ephemeral') }}

-- The one place that decides which orders count.
select *
from {{ ref('stg_orders') }}
where
    order_status <> 'cancelled'
    and not is_test
