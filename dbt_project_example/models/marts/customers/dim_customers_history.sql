with versions as (

    select * from {{ ref('customers_snapshot') }}

)

select
    customer_id,
    row_number() over (partition by customer_id order by dbt_valid_from) as version_number,
    email,
    lag(email) over (partition by customer_id order by dbt_valid_from) as previous_email,
    country_code,
    is_subscribed,
    dbt_valid_from as valid_from,
    dbt_valid_to as valid_to,
    dbt_valid_to is null as is_current
from versions
