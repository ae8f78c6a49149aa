{{ config(materialized='table') }}

with payments as (

    select * from {{ ref('stg_payments') }}
    where payment_status = 'captured'

),

refunds as (

    select * from {{ ref('stg_refunds') }}

),

money_in as (

    select
        'payment-' || payment_id as movement_id,
        'payment' as movement_type,
        order_id,
        payment_method,
        paid_at as moved_at,
        amount
    from payments

),

money_out as (

    select
        'refund-' || refunds.refund_id as movement_id,
        'refund' as movement_type,
        payments.order_id,
        payments.payment_method,
        refunds.refunded_at as moved_at,
        -refunds.amount as amount
    from refunds
    inner join payments
        on refunds.payment_id = payments.payment_id

)

select * from money_in
union all
select * from money_out
