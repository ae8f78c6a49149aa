{#- The two tables: analyticsops/history/layout.py in the warehouse, column by column. -#}

{% macro history_columns(table) %}
  {%- set columns = {
    'invocations': [
      ['invocation_id', 'text'],
      ['started_at', 'timestamp'],
      ['ended_at', 'timestamp'],
      ['state', 'text'],
      ['command', 'text'],
      ['retries', 'boolean'],
      ['success', 'boolean'],
      ['exit_code', 'bigint'],
      ['elapsed', 'double'],
      ['project', 'text'],
      ['environment', 'text'],
      ['target', 'text'],
      ['location', 'text'],
      ['job', 'text'],
      ['git_sha', 'text'],
      ['adapter', 'text'],
      ['dbt_version', 'text'],
      ['selected', 'boolean'],
      ['full_refresh', 'boolean'],
      ['empty', 'boolean'],
      ['sample', 'boolean'],
      ['defer', 'boolean'],
      ['event_time_start', 'text'],
      ['event_time_end', 'text'],
      ['manifest', 'text'],
      ['results', 'bigint'],
      ['door', 'text'],
    ],
    'node_results': [
      ['invocation_id', 'text'],
      ['unique_id', 'text'],
      ['status', 'text'],
      ['started_at', 'timestamp'],
      ['completed_at', 'timestamp'],
      ['execution_time', 'double'],
      ['failures', 'bigint'],
      ['materialized', 'text'],
      ['checksum', 'text'],
      ['tested', 'text'],
      ['rows_affected', 'bigint'],
      ['bytes_processed', 'bigint'],
      ['slot_ms', 'bigint'],
      ['query_id', 'text'],
      ['batches_ok', 'bigint'],
      ['batches_failed', 'bigint'],
      ['max_loaded_at', 'timestamp'],
      ['measured_at', 'timestamp'],
      ['message', 'text'],
    ],
  } -%}
  {{- return(columns[table]) -}}
{% endmacro %}


{#- A column as it is written in SQL. -#}
{% macro history_name(column) %}
  {{- return(adapter.dispatch('history_name', 'analyticsops')(column)) -}}
{% endmacro %}

{% macro default__history_name(column) %}{{- return(column) -}}{% endmacro %}

{#- `sample` is a reserved word there; in capitals, quoted and unquoted are the same. -#}
{% macro snowflake__history_name(column) %}{{- return('"' ~ column | upper ~ '"') -}}{% endmacro %}


{#- Where a table is: schema `analyticsops` of the target's database, unless
    `analyticsops_schema` and `analyticsops_database` say otherwise. -#}
{% macro history_relation(table) %}
  {{- return(adapter.dispatch('history_relation', 'analyticsops')(table)) -}}
{% endmacro %}

{% macro default__history_relation(table) %}
  {{- return(api.Relation.create(
    database=var('analyticsops_database', target.database),
    schema=var('analyticsops_schema', 'analyticsops'),
    identifier=table,
    type='table',
  )) -}}
{% endmacro %}

{#- One level less: a schema is a database there. -#}
{% macro spark__history_relation(table) %}
  {{- return(api.Relation.create(
    schema=var('analyticsops_schema', 'analyticsops'), identifier=table, type='table',
  )) -}}
{% endmacro %}

{% macro databricks__history_relation(table) %}
  {{- return(analyticsops.default__history_relation(table)) -}}
{% endmacro %}


{#- The table as it is in the warehouse; none if it is not there. -#}
{% macro found_history_relation(table) %}
  {%- set wanted = analyticsops.history_relation(table) -%}
  {{- return(adapter.get_relation(
    database=wanted.database, schema=wanted.schema, identifier=wanted.identifier,
  )) -}}
{% endmacro %}


{#- Of the columns of a table those that the warehouse has: it may be of an earlier version. -#}
{% macro present_history_columns(table, relation) %}
  {%- set present = adapter.get_columns_in_relation(relation)
    | map(attribute='name') | map('lower') | list -%}
  {%- set columns = [] -%}
  {%- for column in analyticsops.history_columns(table) -%}
    {%- if column[0] in present -%}{%- do columns.append(column) -%}{%- endif -%}
  {%- endfor -%}
  {{- return(columns) -}}
{% endmacro %}
