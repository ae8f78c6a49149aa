with source as (

    select * from {{ source('shop_raw', 'orders') }}

)

select
    order_id,
    customer_id,
    ordered_at,
    lower(status) as order_status,
    sales_channel,
    coupon_code,
    {{ cents_to_dollars('discount_cents') }} as discount_amount,
    {{ cents_to_dollars('shipping_cents') }} as shipping_amount,
    is_test,
    _loaded_at as loaded_at
from source
