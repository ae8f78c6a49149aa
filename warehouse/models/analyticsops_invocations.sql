-- Each invocation once: a hook at the start and one at the end write a row each.
with ranked as (
  select
    given.*,
    row_number() over (
      partition by invocation_id
      order by
        case state
          when 'finished' then 6
          when 'interrupted' then 5
          when 'failed' then 4
          when 'crashed' then 3
          when 'unknown' then 2
          when 'started' then 1
          else 0
        end desc,
        results desc,
        ended_at desc
    ) as candidate
  from {{ analyticsops.history_relation('invocations') }} as given
)

select
  {%- for name, _ in analyticsops.history_columns('invocations') %}
  {{ analyticsops.history_name(name) }},
  {%- endfor %}
  -- Where it ran: as somebody named it, else dbt's target, else where its tables are.
  coalesce(
    environment,
    target,
    case
      when location is not null
        and min(target) over (partition by project, location)
          = max(target) over (partition by project, location)
        then min(target) over (partition by project, location)
    end,
    location
  ) as place
from ranked
where candidate = 1
