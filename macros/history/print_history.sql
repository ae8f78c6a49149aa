{#-
  Print rows of the history for `analyticsops history pull`, which calls it:

      dbt --quiet run-operation analyticsops.print_history --args '{since: "2026-11-01 00:00:00"}'

  One line is `analyticsops ` and the table, then a JSON list of rows, whose values are
  texts or null, in the order of history_columns; a timestamp is in microseconds since 1970.

  Args:
    since: print invocations that started at this moment or later; all if it is empty.
    groups: lists of invocation ids: print their node_results instead, a group at a time.
-#}
{% macro print_history(since='', groups=none) %}
  {%- set tables = analyticsops.history_tables() -%}
  {%- if not tables -%}
    {%- do exceptions.raise_compiler_error('there are no tables of a history to be read') -%}
  {%- endif -%}
  {%- if groups is none -%}
    {%- set moment = "'" ~ since.replace("'", '') ~ "'" -%}
    {%- do analyticsops.history_print('invocations', tables,
      'started_at >= ' ~ analyticsops.history_instant(moment) if since else '1 = 1') -%}
  {%- else -%}
    {%- for ids in groups -%}
      {%- for id in ids if not modules.re.match('[0-9A-Za-z-]{1,64}$', id) -%}
        {%- do exceptions.raise_compiler_error('no invocation id: ' ~ id) -%}
      {%- endfor -%}
      {%- do analyticsops.history_print('node_results', tables,
        "invocation_id in ('" ~ ids | join("', '") ~ "')") -%}
    {%- endfor -%}
  {%- endif -%}
{% endmacro %}


{% macro history_print(table, tables, condition) %}
  {%- set relation = tables[table] -%}
  {%- set present = analyticsops.present_history_columns(table, relation) -%}
  {%- set texts = [] -%}
  {%- for column in analyticsops.history_columns(table) -%}
    {%- set text = analyticsops.history_text(column[0], column[1]) if column in present
      else 'cast(null as ' ~ analyticsops.history_type('text') ~ ')' -%}
    {%- do texts.append(text ~ ' as c' ~ loop.index) -%}
  {%- endfor -%}
  {%- set found = run_query(
    'select ' ~ texts | join(', ') ~ ' from ' ~ relation ~ ' where ' ~ condition) -%}
  {%- for rows in found.rows | batch(500) -%}
    {%- set lists = [] -%}
    {%- for row in rows -%}{%- do lists.append(row.values() | list) -%}{%- endfor -%}
    {%- do print('analyticsops ' ~ table ~ ' ' ~ tojson(lists)) -%}
  {%- endfor -%}
{% endmacro %}


{#- A column as a text. -#}
{% macro history_text(column, kind) %}
  {%- set name = analyticsops.history_name(column) -%}
  {%- if kind == 'text' -%}{{- return(name) -}}{%- endif -%}
  {%- if kind == 'boolean' -%}
    {{- return('case when ' ~ name ~ " then 'true' when not " ~ name ~ " then 'false' end") -}}
  {%- endif -%}
  {{- return('cast('
    ~ (analyticsops.history_microseconds(name) if kind == 'timestamp' else name)
    ~ ' as ' ~ analyticsops.history_type('text') ~ ')') -}}
{% endmacro %}


{#- A timestamp as a whole number of microseconds since 1970. -#}
{% macro history_microseconds(name) %}
  {{- return(adapter.dispatch('history_microseconds', 'analyticsops')(name)) -}}
{% endmacro %}

{% macro default__history_microseconds(name) %}{{- return('unix_micros(' ~ name ~ ')') -}}{% endmacro %}

{% macro duckdb__history_microseconds(name) %}{{- return('epoch_us(' ~ name ~ ')') -}}{% endmacro %}

{% macro postgres__history_microseconds(name) %}
  {{- return('cast(extract(epoch from ' ~ name ~ ') * 1000000 as bigint)') -}}
{% endmacro %}

{% macro redshift__history_microseconds(name) %}
  {{- return("datediff(microsecond, timestamp '1970-01-01', " ~ name ~ ')') -}}
{% endmacro %}

{% macro snowflake__history_microseconds(name) %}
  {{- return('date_part(epoch_microsecond, ' ~ name ~ ')') -}}
{% endmacro %}

{#- As a double it is exact to a quarter of a microsecond until 2038, so rounding is right. -#}
{% macro trino__history_microseconds(name) %}
  {{- return('cast(round(to_unixtime(' ~ name ~ ') * 1000000) as bigint)') -}}
{% endmacro %}
