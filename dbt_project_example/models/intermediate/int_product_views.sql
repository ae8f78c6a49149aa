with web_events as (

    select * from {{ ref('stg_web_events') }}

)

select
    web_events.event_id,
    viewed.product_id,
    web_events.visitor_id,
    web_events.occurred_at as viewed_at
from web_events
cross join unnest(web_events.product_ids) as viewed (product_id)
where web_events.event_type = 'product_view'
