-- Runs and what they retry. `dbt retry` does not say it; but it takes exactly what did not
-- succeed: it belongs to the latest run before it, in the same project and place, among
-- whose unsuccessful nodes all of its nodes are.
with attempts as (
  select
    invocation_id,
    started_at,
    verdict,
    coalesce(project, '') as project,
    coalesce(place, '') as place,
    coalesce(retries, false) as is_retry
  from {{ ref('analyticsops_runs') }}
  where command in ('build', 'run', 'test', 'seed', 'snapshot', 'clone', 'retry')
),

tried as (
  select invocation_id, unique_id, outcome
  from {{ ref('analyticsops_results') }}
  where kind in ('build', 'test', 'unit test', 'clone')
),

needed as (
  select
    attempts.invocation_id,
    attempts.started_at,
    attempts.project,
    attempts.place,
    count(tried.unique_id) as nodes
  from attempts
  left join tried on tried.invocation_id = attempts.invocation_id
  where attempts.is_retry
  group by attempts.invocation_id, attempts.started_at, attempts.project, attempts.place
),

matched as (
  select
    needed.invocation_id,
    earlier.invocation_id as first_invocation_id,
    earlier.started_at as first_started_at,
    needed.nodes,
    count(*) as found
  from needed
  inner join tried on tried.invocation_id = needed.invocation_id
  inner join tried as unsuccessful
    on unsuccessful.unique_id = tried.unique_id
    and unsuccessful.outcome in ('bad', 'partial', 'skipped')
  inner join attempts as earlier
    on earlier.invocation_id = unsuccessful.invocation_id
    and not earlier.is_retry
    and earlier.project = needed.project
    and earlier.place = needed.place
    and earlier.started_at < needed.started_at
  group by
    needed.invocation_id, earlier.invocation_id, earlier.started_at, needed.nodes
),

possible as (
  select invocation_id, first_invocation_id, first_started_at
  from matched
  where found = nodes
  union all
  -- Nothing was left to do.
  select needed.invocation_id, earlier.invocation_id, earlier.started_at
  from needed
  inner join attempts as earlier
    on not earlier.is_retry
    and earlier.project = needed.project
    and earlier.place = needed.place
    and earlier.started_at < needed.started_at
  where needed.nodes = 0
),

latest as (
  select
    invocation_id,
    first_invocation_id,
    row_number() over (
      partition by invocation_id order by first_started_at desc, first_invocation_id desc
    ) as candidate
  from possible
)

select
  attempts.invocation_id,
  attempts.started_at,
  attempts.verdict,
  attempts.is_retry,
  coalesce(latest.first_invocation_id, attempts.invocation_id) as first_invocation_id
from attempts
left join latest on latest.invocation_id = attempts.invocation_id and latest.candidate = 1
