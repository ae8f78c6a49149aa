with source as (

    select * from {{ source('shop_raw', 'web_events') }}

),

-- the tracker delivers at least once; the first delivery counts
deduplicated as (

    select *
    from source
    qualify row_number() over (partition by event_id order by _loaded_at) = 1

)

select
    event_id,
    visitor_id,
    customer_id,
    event_type,
    occurred_at,
    json_extract_string(properties, '$.path') as page_path,
    json_extract_string(properties, '$.utm_source') as utm_source,
    cast(json_extract(properties, '$.product_ids') as integer[]) as product_ids,
    _loaded_at as loaded_at
from deduplicated
