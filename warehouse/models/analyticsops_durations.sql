-- How long each node takes, in seconds.
select
  unique_id,
  environment,
  max(kind) as kind,
  count(*) as runs,
  sum(execution_time) as total,
  {{ analyticsops_warehouse.percentile('execution_time', 0.5) }} as p50,
  {{ analyticsops_warehouse.percentile('execution_time', 0.95) }} as p95,
  max(execution_time) as longest
from {{ ref('analyticsops_results') }}
where kind in ('build', 'test', 'unit test', 'hook')
  and execution_time > 0
  and outcome in ('good', 'warned', 'bad', 'partial')
  and not is_empty
  and not is_sample
group by unique_id, environment
