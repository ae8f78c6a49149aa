with source as (

    select * from {{ source('shop_raw', 'order_items') }}

)

select
    order_item_id,
    order_id,
    product_id,
    quantity,
    {{ cents_to_dollars('unit_price_cents') }} as unit_price,
    _loaded_at as loaded_at
from source
