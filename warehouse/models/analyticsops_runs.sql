-- Each invocation, what it did, and whether it went well.
with counted as (
  select
    invocation_id,
    {{ analyticsops_warehouse.count_if("kind = 'build' and outcome = 'good'") }} as built,
    {{ analyticsops_warehouse.count_if("kind = 'build' and outcome in ('bad', 'partial')") }} as failed,
    {{ analyticsops_warehouse.count_if("outcome = 'skipped' and kind in ('build', 'test')") }} as skipped,
    {{ analyticsops_warehouse.count_if("kind = 'test' and outcome in ('good', 'warned', 'bad')") }} as tests,
    {{ analyticsops_warehouse.count_if("kind = 'test' and outcome = 'bad'") }} as tests_failed,
    {{ analyticsops_warehouse.count_if("kind = 'test' and outcome = 'warned'") }} as tests_warned,
    {{ analyticsops_warehouse.count_if("is_load") }} as loads,
    {{ analyticsops_warehouse.count_if("outcome in ('bad', 'partial')") }} as bad
  from {{ ref('analyticsops_results') }}
  group by invocation_id
)

select
  run.*,
  coalesce(built, 0) as built,
  coalesce(failed, 0) as failed,
  coalesce(skipped, 0) as skipped,
  coalesce(tests, 0) as tests,
  coalesce(tests_failed, 0) as tests_failed,
  coalesce(tests_warned, 0) as tests_warned,
  coalesce(loads, 0) as loads,
  coalesce(bad, 0) as bad,
  case
    when state in ('started', 'unknown') then 'unknown'
    when state in ('crashed', 'interrupted', 'failed') then state
    when bad > 0 or success = false then 'failed'
    else 'ok'
  end as verdict
from {{ ref('analyticsops_invocations') }} as run
left join counted on counted.invocation_id = run.invocation_id
