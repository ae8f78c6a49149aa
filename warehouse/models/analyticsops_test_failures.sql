-- How often each test of data fails, of the times that it gave an answer.
select
  unique_id,
  environment,
  max(tested) as tested,
  count(*) as runs,
  {{ analyticsops_warehouse.count_if("outcome = 'bad'") }} as failed,
  {{ analyticsops_warehouse.count_if("outcome = 'warned'") }} as warned,
  {{ analyticsops_warehouse.share_of(
    analyticsops_warehouse.count_if("outcome = 'bad'"), 'count(*)') }} as failure_rate,
  max(case when outcome = 'bad' then run_at end) as last_failed_at
from {{ ref('analyticsops_results') }}
where kind = 'test'
  and outcome in ('good', 'warned', 'bad')
  and not is_empty
  and not is_sample
group by unique_id, environment
