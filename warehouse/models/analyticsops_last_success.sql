-- When each node was last tried, was last good, and last got data.
select
  unique_id,
  environment,
  max(kind) as kind,
  max(run_at) as last_run_at,
  max(case when outcome in ('good', 'warned', 'none') then run_at end) as last_success_at,
  max(case when is_load then completed_at end) as last_load_at
from {{ ref('analyticsops_results') }}
where kind in ('build', 'test', 'unit test', 'freshness') and not is_empty and not is_sample
group by unique_id, environment
