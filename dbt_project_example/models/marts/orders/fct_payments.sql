with payments as (

    select * from {{ ref('stg_payments') }}

),

orders as (

    select * from {{ ref('stg_orders') }}
    where not is_test

)

select
    payments.* exclude (loaded_at),
    orders.customer_id,
    orders.order_status,
    coalesce(refunds.refunded_amount, 0) as refunded_amount,
    payments.amount - coalesce(refunds.refunded_amount, 0) as kept_amount
from payments
inner join orders using (order_id)
left join (
    select
        payment_id,
        sum(amount) as refunded_amount
    from {{ ref('stg_refunds') }}
    group by payment_id
) as refunds using (payment_id)
