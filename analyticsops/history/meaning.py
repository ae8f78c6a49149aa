"""What an invocation and a result mean, as SQL over the two tables.

One definition for every reader, so that nothing is counted in two ways:

* ``kind`` of a result: ``build`` (a model, seed or snapshot), ``test`` (of data), ``unit
  test`` (of a definition), ``hook``, ``freshness``, ``clone``, ``measurement`` (of an
  objective, by analyticsops), ``other`` (exposures, metrics).
* ``outcome``: ``good``, ``warned``, ``bad``, ``partial``, ``skipped``, ``none`` (nothing to
  do) or ``unknown`` (a status that this version does not know).
* ``is_load``: true if new data came into a relation; null if that is not known.

A view has no data of its own, a run with ``--empty`` loads nothing, and one with
``--sample`` a part that nobody should take for the whole. A clone is a copy of what was
loaded elsewhere, at another time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

OUTCOMES: dict[str, tuple[str, ...]] = {
    "good": ("success", "pass"),
    "warned": ("warn",),
    "bad": ("error", "fail", "runtime error", "unmeasured"),
    "partial": ("partial success",),
    "skipped": ("skipped",),
    "none": ("no-op", "reused"),
}
"""Outcome -> dbt's statuses."""

_BUILT = ("model", "seed", "snapshot")


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


PLACED = """
create or replace temp view placed as
select * replace (coalesce(
  project,
  case when min(project) over alike = max(project) over alike then min(project) over alike end
) as project), coalesce(
  environment,
  target,
  case
    when location is not null and min(target) over here = max(target) over here
      then min(target) over here
  end,
  location
) as place
from invocations
window here as (partition by project, location), alike as (partition by environment, job)
"""
"""``place``: the environment as somebody named it, else dbt's target, also where only
another run says which target has its tables there, else where they are. ``project``: of a run
that has only begun, or that died before it wrote a manifest, that of the other runs of its job."""

RESULTS = f"""
create or replace temp view results as
with told as (
  select
    result.*,
    split_part(unique_id, '.', 1) as resource_type,
    run.command,
    run.project,
    run.place as environment,
    run.started_at as run_at,
    run.retries,
    coalesce(run.empty, false) as is_empty,
    coalesce(run.sample, false) as is_sample,
    run.event_time_start is not null as is_backfill
  from node_results as result join placed as run using (invocation_id)
), meant as (
  select
    *,
    case
      when command = 'source freshness' or resource_type = 'source' then 'freshness'
      when resource_type in ({_listed(_BUILT)}) then
        case when command = 'clone' then 'clone' else 'build' end
      when resource_type = 'test' then 'test'
      when resource_type = 'unit_test' then 'unit test'
      when resource_type = 'operation' then 'hook'
      when resource_type = 'measurement' then 'measurement'
      else 'other'
    end as kind,
    case
      {
    " ".join(
        f"when status in ({_listed(statuses)}) then '{outcome}'"
        for outcome, statuses in OUTCOMES.items()
    )
}
      else 'unknown'
    end as outcome
  from told
)
select
  *,
  case
    when kind <> 'build' or outcome not in ('good', 'partial') then false
    when is_empty or is_sample then false
    when resource_type <> 'model' then true
    when materialized is null then null
    else materialized not in ('view', 'ephemeral')
  end as is_load
from meant
"""

RUNS = """
create or replace temp view runs as
with counted as (
  select
    invocation_id,
    count(*) filter (kind = 'build' and outcome = 'good') as built,
    count(*) filter (kind = 'build' and outcome in ('bad', 'partial')) as failed,
    count(*) filter (outcome = 'skipped' and kind in ('build', 'test')) as skipped,
    count(*) filter (kind = 'test' and outcome in ('good', 'warned', 'bad')) as tests,
    count(*) filter (kind = 'test' and outcome = 'bad') as tests_failed,
    count(*) filter (kind = 'test' and outcome = 'warned') as tests_warned,
    count(*) filter (is_load) as loads,
    count(*) filter (is_load is null) as perhaps_loads,
    count(*) filter (outcome in ('bad', 'partial')) as bad,
    count(*) filter (kind = 'freshness' and outcome = 'bad') as stale
  from results group by 1
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
  coalesce(perhaps_loads, 0) as perhaps_loads,
  coalesce(bad, 0) as bad,
  case
    when state in ('started', 'unknown') then 'unknown'
    when state in ('crashed', 'interrupted', 'failed') then state
    when bad > 0 or success = false then 'failed'
    else 'ok'
  end as verdict
from placed as run left join counted using (invocation_id)
where run.command is distinct from 'slo measure'
"""
"""``verdict``: ok, failed, interrupted, crashed or unknown. A run that was interrupted or
crashed did not do what it was asked to, whatever its results say. What `slo measure` records
is no run of dbt's."""


def define(connection: DuckDBPyConnection) -> None:
    """Make the views ``results`` and ``runs`` over an open history."""
    connection.execute(PLACED)
    connection.execute(RESULTS)
    connection.execute(RUNS)
