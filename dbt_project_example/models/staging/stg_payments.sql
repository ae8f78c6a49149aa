with source as (

    select * from {{ source('shop_raw', 'payments') }}

)

select
    payment_id,
    order_id,
    payment_method,
    {{ cents_to_dollars('amount_cents') }} as amount,
    status as payment_status,
    created_at as paid_at,
    _loaded_at as loaded_at
from source
