with orders as (

    select * from {{ ref('stg_orders') }}
    where not is_test

),

web_events as (

    select * from {{ ref('stg_web_events') }}

)

-- `union`, not `union all`: a day counts once, however much happened on it
select
    customer_id,
    cast(ordered_at as date) as active_on
from orders
where customer_id is not null

union

select
    customer_id,
    cast(occurred_at as date) as active_on
from web_events
where customer_id is not null
