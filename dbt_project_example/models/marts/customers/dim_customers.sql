with customers as (

    select * from {{ ref('stg_customers') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

activity as (

    select * from {{ ref('int_customer_activity') }}

),

orders_by_customer as (

    select
        customer_id,
        count(*) as order_count,
        min(ordered_at) as first_ordered_at,
        max(ordered_at) as last_ordered_at,
        sum(net_revenue) as lifetime_revenue
    from orders
    group by customer_id

),

activity_by_customer as (

    select
        customer_id,
        count(*) as active_days
    from activity
    group by customer_id

)

select
    customers.customer_id,
    customers.first_name,
    customers.last_name,
    customers.email,
    customers.phone,
    customers.country_code,
    customers.acquisition_channel,
    customers.is_subscribed and customers.email is not null as can_be_emailed,
    customers.signed_up_at,
    orders_by_customer.first_ordered_at,
    orders_by_customer.last_ordered_at,
    cast(coalesce(orders_by_customer.order_count, 0) as integer) as order_count,
    cast(coalesce(orders_by_customer.lifetime_revenue, 0) as decimal(16, 2)) as lifetime_revenue,
    cast(coalesce(activity_by_customer.active_days, 0) as integer) as active_days
from customers
left join orders_by_customer using (customer_id)
left join activity_by_customer using (customer_id)
