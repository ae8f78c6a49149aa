with orders as (

    select * from {{ ref('int_orders_placed') }}

),

order_items as (

    select * from {{ ref('fct_order_items') }}

),

money_movements as (

    select * from {{ ref('int_money_movements') }}

),

items_by_order as (

    select
        order_id,
        sum(quantity) as units,
        sum(line_amount) as gross_amount
    from order_items
    group by order_id

),

money_by_order as (

    select
        order_id,
        count(*) filter (where movement_type = 'payment') as payment_count,
        sum(amount) filter (where movement_type = 'payment') as paid_amount,
        -sum(amount) filter (where movement_type = 'refund') as refunded_amount,
        sum(amount) as net_revenue
    from money_movements
    group by order_id

)

select
    orders.order_id,
    orders.customer_id,
    orders.ordered_at,
    orders.order_status,
    orders.sales_channel,
    orders.coupon_code,
    case
        when orders.customer_id is not null
            then row_number() over (partition by orders.customer_id order by orders.ordered_at, orders.order_id)
    end as customer_order_number,
    cast(items_by_order.units as integer) as units,
    cast(items_by_order.gross_amount as decimal(16, 2)) as gross_amount,
    orders.discount_amount,
    orders.shipping_amount,
    cast(
        items_by_order.gross_amount - orders.discount_amount + orders.shipping_amount as decimal(16, 2)
    ) as order_total,
    cast(coalesce(money_by_order.payment_count, 0) as integer) as payment_count,
    cast(coalesce(money_by_order.paid_amount, 0) as decimal(16, 2)) as paid_amount,
    cast(coalesce(money_by_order.refunded_amount, 0) as decimal(16, 2)) as refunded_amount,
    cast(coalesce(money_by_order.net_revenue, 0) as decimal(16, 2)) as net_revenue
from orders
inner join items_by_order
    on orders.order_id = items_by_order.order_id
left join money_by_order
    on orders.order_id = money_by_order.order_id
