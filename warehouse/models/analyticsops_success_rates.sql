-- How often a node is good at the first try, and how often in the end, after retries.
with ordered as (
  select
    attempt.first_invocation_id,
    result.unique_id,
    result.kind,
    result.environment,
    result.outcome,
    row_number() over (
      partition by attempt.first_invocation_id, result.unique_id
      order by attempt.started_at desc, attempt.invocation_id desc
    ) as from_last,
    row_number() over (
      partition by
        attempt.first_invocation_id,
        result.unique_id,
        case when result.outcome = 'skipped' then 1 else 0 end
      order by attempt.started_at, attempt.invocation_id
    ) as from_first
  from {{ ref('analyticsops_results') }} as result
  inner join {{ ref('analyticsops_attempts') }} as attempt
    on attempt.invocation_id = result.invocation_id
  where result.kind in ('build', 'test', 'unit test', 'clone')
),

chains as (
  select
    first_invocation_id,
    unique_id,
    max(kind) as kind,
    max(environment) as environment,
    max(case when from_first = 1 and outcome <> 'skipped'
      then case when outcome in ('good', 'warned', 'none') then 1 else 0 end end) as first_ok,
    max(case when from_last = 1
      then case when outcome in ('good', 'warned', 'none') then 1 else 0 end end) as final_ok
  from ordered
  group by first_invocation_id, unique_id
)

select
  unique_id,
  environment,
  max(kind) as kind,
  count(*) as runs,
  sum(first_ok) as first_ok,
  sum(final_ok) as final_ok,
  {{ analyticsops_warehouse.share_of('sum(first_ok)', 'count(*)') }} as first_rate,
  {{ analyticsops_warehouse.share_of('sum(final_ok)', 'count(*)') }} as final_rate
from chains
-- What was only ever skipped was not tried.
where first_ok is not null
group by unique_id, environment
