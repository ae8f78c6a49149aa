with source as (

    select * from {{ source('shop_raw', 'refunds') }}

)

select
    refund_id,
    payment_id,
    {{ cents_to_dollars('amount_cents') }} as amount,
    coalesce(reason, 'not given') as refund_reason,
    refunded_at,
    _loaded_at as loaded_at
from source
