select
    order_id,
    order_total,
    paid_amount
from {{ ref('fct_orders') }}
where
    order_status in ('shipped', 'completed', 'returned')
    and order_total <> paid_amount
