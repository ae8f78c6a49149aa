with orders as (

    select * from {{ ref('int_orders_placed') }}

),

order_items as (

    select * from {{ ref('stg_order_items') }}

),

products as (

    select * from {{ ref('stg_products') }}

)

select
    order_items.order_item_id,
    order_items.order_id,
    order_items.product_id,
    orders.customer_id,
    orders.ordered_at,
    products.category,
    order_items.quantity,
    order_items.unit_price,
    order_items.quantity * order_items.unit_price as line_amount,
    order_items.quantity * products.cost as line_cost,
    order_items.quantity * (order_items.unit_price - products.cost) as line_margin,
    order_items.quantity * order_items.unit_price
    / sum(order_items.quantity * order_items.unit_price) over (partition by order_items.order_id)
        as share_of_order
from order_items
inner join orders using (order_id)
left join products using (product_id)
