-- What each node used on each day, and what that costs with the prices of the variable
-- `analyticsops_prices`: {hour, terabyte, slot_hour}, each per unit of what it is called.
{%- set prices = var('analyticsops_prices', {}) %}
{%- set double = analyticsops.history_type('double') %}
select
  unique_id,
  environment,
  job,
  cast(run_at as date) as day,
  count(distinct invocation_id) as runs,
  coalesce(sum(execution_time), 0) as seconds,
  sum(bytes_processed) as bytes_processed,
  sum(slot_ms) as slot_ms,
  sum(rows_affected) as rows_affected,
  coalesce(sum(execution_time), 0) / 3600 * {{ prices.get('hour', 0) }}
    + cast(coalesce(sum(bytes_processed), 0) as {{ double }}) / 1e12 * {{ prices.get('terabyte', 0) }}
    + cast(coalesce(sum(slot_ms), 0) as {{ double }}) / 3.6e6 * {{ prices.get('slot_hour', 0) }} as price
from {{ ref('analyticsops_results') }}
group by unique_id, environment, job, cast(run_at as date)
