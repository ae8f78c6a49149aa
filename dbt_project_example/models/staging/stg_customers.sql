with source as (

    select * from {{ source('shop_raw', 'customers') }}
    where updated_at <= cast('{{ var("customers_as_of") }}' as timestamp)

),

latest as (

    select *
    from source
    qualify row_number() over (partition by customer_id order by updated_at desc) = 1

)

select
    customer_id,
    first_name,
    last_name,
    lower(trim(email)) as email,
    phone,
    country_code,
    coalesce(acquisition_channel, 'unknown') as acquisition_channel,
    marketing_opt_in as is_subscribed,
    created_at as signed_up_at,
    updated_at,
    _loaded_at as loaded_at
from latest
