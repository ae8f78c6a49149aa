with orders as (

    select * from {{ ref('fct_orders') }}

),

payments as (

    select
        order_id,
        sum(amount) filter (where payment_status = 'captured') - sum(refunded_amount) as kept_amount
    from {{ ref('fct_payments') }}
    group by order_id

)

select
    orders.order_id,
    orders.net_revenue,
    payments.kept_amount
from orders
left join payments using (order_id)
where orders.net_revenue <> coalesce(payments.kept_amount, 0)
