-- Superseded by version 2. Kept until the print shop reads dollars.
select
    product_id,
    sku,
    product_name,
    category,
    cast(price * 100 as integer) as price_cents,
    is_active
from {{ ref('stg_products') }}
