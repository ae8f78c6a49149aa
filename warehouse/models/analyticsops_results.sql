{{ config(enabled=analyticsops.history_is_named()) }}
-- Each result, and what it means; see docs/history.md, "What counts as what".
with told as (
  select
    result.*,
    {{ dbt.split_part('result.unique_id', "'.'", 1) }} as resource_type,
    run.command,
    run.project,
    run.place as environment,
    run.job,
    run.started_at as run_at,
    run.retries,
    coalesce(run.{{ analyticsops.history_name('empty') }}, false) as is_empty,
    coalesce(run.{{ analyticsops.history_name('sample') }}, false) as is_sample,
    case when run.event_time_start is not null then true else false end as is_backfill
  from {{ analyticsops.history_relation('node_results') }} as result
  inner join {{ ref('analyticsops_invocations') }} as run
    on run.invocation_id = result.invocation_id
),

meant as (
  select
    told.*,
    case
      when command = 'source freshness' or resource_type = 'source' then 'freshness'
      when resource_type in ('model', 'seed', 'snapshot')
        then case when command = 'clone' then 'clone' else 'build' end
      when resource_type = 'test' then 'test'
      when resource_type = 'unit_test' then 'unit test'
      when resource_type = 'operation' then 'hook'
      when resource_type = 'measurement' then 'measurement'
      else 'other'
    end as kind,
    case
      when status in ('success', 'pass') then 'good'
      when status in ('warn') then 'warned'
      when status in ('error', 'fail', 'runtime error', 'unmeasured') then 'bad'
      when status in ('partial success') then 'partial'
      when status in ('skipped') then 'skipped'
      when status in ('no-op', 'reused') then 'none'
      else 'unknown'
    end as outcome
  from told
)

select
  meant.*,
  case
    when kind <> 'build' or outcome not in ('good', 'partial') then false
    when is_empty or is_sample then false
    when resource_type <> 'model' then true
    when materialized is null then null
    when materialized in ('view', 'ephemeral') then false
    else true
  end as is_load
from meant
