{#- A row of `invocations` about this invocation.

    Args:
      state: started or finished.
      results: how many there are.
-#}
{% macro history_invocation_row(state, results) %}
  {%- set args = invocation_args_dict -%}
  {%- set ended = state == 'finished' -%}
  {%- set command = analyticsops.history_command() -%}
  {%- set selected = [] -%}
  {%- for key in ['select', 'exclude', 'selector', 'models', 'resource_types', 'exclude_resource_types']
      if key in args -%}
    {%- do selected.append(true if args[key] else false) -%}
  {%- endfor -%}
  {%- set words = (args.get('invocation_command') or '').split() -%}
  {%- set now = modules.datetime.datetime.now(modules.pytz.utc) -%}
  {{- return([
    invocation_id,
    analyticsops.history_moment(run_started_at),
    analyticsops.history_moment(now) if ended else none,
    state,
    command,
    analyticsops.history_flag('retry' in words or command == 'retry'),
    none,
    none,
    none,
    project_name,
    analyticsops.history_told('ENVIRONMENT'),
    target.name,
    analyticsops.history_location(),
    analyticsops.history_told('JOB', 'DBT_CLOUD_JOB_ID'),
    analyticsops.history_told('GIT_SHA', 'DBT_CLOUD_GIT_SHA'),
    adapter.type(),
    dbt_version,
    analyticsops.history_flag(true in selected) if selected else none,
    analyticsops.history_flag(args.get('full_refresh')),
    analyticsops.history_flag(args.get('empty')),
    analyticsops.history_flag(true if args['sample'] else false) if 'sample' in args else none,
    analyticsops.history_flag(args.get('defer')),
    analyticsops.history_bound(args.get('event_time_start')),
    analyticsops.history_bound(args.get('event_time_end')),
    'own',
    results | string,
    'hook',
  ]) -}}
{% endmacro %}


{#- dbt's command, as the history spells it. -#}
{% macro history_command() %}
  {%- set which = invocation_args_dict.get('which') or flags.WHICH -%}
  {{- return({'generate': 'docs generate', 'freshness': 'source freshness'}.get(which, which)) -}}
{% endmacro %}


{#- What dbt does not know, from the same variables of the environment as the command line reads. -#}
{% macro history_told(name, otherwise='') %}
  {%- set told = env_var('ANALYTICSOPS_' ~ name, '') -%}
  {%- if not told and otherwise -%}{%- set told = env_var(otherwise, '') -%}{%- endif -%}
  {{- return(told or none) -}}
{% endmacro %}


{% macro history_flag(value) %}
  {{- return(('true' if value else 'false') if value is boolean else none) -}}
{% endmacro %}


{#- A bound of a backfill as dbt writes it into its artifacts. -#}
{% macro history_bound(moment) %}
  {{- return((moment.isoformat() if moment.isoformat is defined else moment | string)[:64]
    if moment else none) -}}
{% endmacro %}


{#- database.schema in which most models lie; of several the last by name. -#}
{% macro history_location() %}
  {%- set places = [] -%}
  {%- for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
      | selectattr('schema') -%}
    {%- do places.append((node.database or '') ~ '.' ~ node.schema) -%}
  {%- endfor -%}
  {%- set best = namespace(place=none, count=0) -%}
  {%- for place in places | unique(case_sensitive=true) | sort(case_sensitive=true) -%}
    {%- if places.count(place) >= best.count -%}
      {%- set best.place, best.count = place, places.count(place) -%}
    {%- endif -%}
  {%- endfor -%}
  {{- return(best.place) -}}
{% endmacro %}
