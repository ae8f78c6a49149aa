select order_id, amount, placed_at from {{ ref('raw_orders') }}
