with source as (

    select * from {{ source('shop_raw', 'products') }}

)

select
    * exclude (price_cents, cost_cents),
    {{ cents_to_dollars('price_cents') }} as price,
    {{ cents_to_dollars('cost_cents') }} as cost
from source
