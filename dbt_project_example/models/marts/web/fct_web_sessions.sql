{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='visitor_id',
        on_schema_change='append_new_columns',
    )
}}

with events as (

    select * from {{ ref('stg_web_events') }}

    {% if is_incremental() %}
    -- A visitor with a new event is rebuilt as a whole: a late event can join two sessions.
    where visitor_id in (
        select visitor_id
        from {{ ref('stg_web_events') }}
        where loaded_at > (select max(last_loaded_at) from {{ this }})
    )
    {% endif %}

),

with_gaps as (

    select
        *,
        occurred_at - lag(occurred_at) over (partition by visitor_id order by occurred_at, event_id) as gap
    from events

),

numbered as (

    select
        *,
        sum(case when gap is null or gap > interval '{{ var("session_timeout_minutes") }} minutes' then 1 else 0 end)
            over (
                partition by visitor_id
                order by occurred_at, event_id
                rows between unbounded preceding and current row
            ) as session_number
    from with_gaps

)

select
    visitor_id || '-' || session_number as session_id,
    visitor_id,
    max(customer_id) as customer_id,
    min(occurred_at) as session_started_at,
    max(occurred_at) as session_ended_at,
    coalesce(min_by(utm_source, occurred_at), 'direct') as utm_source,
    count(*) as event_count,
    count(*) filter (where event_type = 'product_view') as product_view_count,
    bool_or(event_type = 'checkout') as reached_checkout,
    max(loaded_at) as last_loaded_at
from numbered
group by visitor_id, session_number
