{#- Statements that put rows into a table, one a chunk.

    Args:
      table: invocations or node_results.
      relation: the table in the warehouse.
      columns: of it that are there, as [name, type].
      rows: lists of texts or none, one for each column.
      unless: a condition under which nothing is to be written.
-#}
{% macro history_inserts(table, relation, columns, rows, unless) %}
  {#- Looked up once: that takes longer than to call them. -#}
  {%- set name_of = adapter.dispatch('history_name', 'analyticsops') -%}
  {%- set cell_of = adapter.dispatch('history_cell', 'analyticsops') -%}
  {%- set names, cells = [], [] -%}
  {%- for name, kind in columns -%}
    {%- do names.append(name_of(name)) -%}
    {%- set cell = cell_of(loop.index0) -%}
    {%- do cells.append(cell if kind == 'text' else analyticsops.history_value(cell, kind)) -%}
  {%- endfor -%}
  {%- set statements = [] -%}
  {%- for chunk in analyticsops.history_chunks(rows, analyticsops.history_chunk()) -%}
    {%- set digits = chunk.encode('utf-8').hex() -%}
    {%- do statements.append(
      'insert into ' ~ relation ~ ' (' ~ names | join(', ') ~ ')\nselect '
      ~ cells | join(', ') ~ '\nfrom (' ~ analyticsops.history_payload(digits)
      ~ ') as given\nwhere not exists (' ~ unless ~ ')'
    ) -%}
  {%- endfor -%}
  {{- return(statements) -}}
{% endmacro %}


{#- A text as a value of another type of the layout. -#}
{% macro history_value(text, kind) %}
  {%- if kind == 'boolean' -%}
    {{- return('case ' ~ text ~ " when 'true' then true when 'false' then false end") -}}
  {%- elif kind == 'timestamp' -%}
    {{- return(analyticsops.history_instant(text)) -}}
  {%- else -%}
    {{- return('cast(' ~ text ~ ' as ' ~ analyticsops.history_type(kind) ~ ')') -}}
  {%- endif -%}
{% endmacro %}


{#- `2026-11-21 00:14:11.123456`, UTC, as a timestamp. -#}
{% macro history_instant(text) %}
  {{- return(adapter.dispatch('history_instant', 'analyticsops')(text)) -}}
{% endmacro %}

{% macro default__history_instant(text) %}
  {{- return('cast(' ~ text ~ ' as ' ~ analyticsops.history_type('timestamp') ~ ')') -}}
{% endmacro %}

{#- Their timestamps are instants, and a text without a zone is in the session's. -#}
{% macro spark__history_instant(text) %}
  {{- return('cast(concat(' ~ text ~ ", 'Z') as timestamp)") -}}
{% endmacro %}

{% macro bigquery__history_instant(text) %}
  {{- return('cast(concat(' ~ text ~ ", 'Z') as timestamp)") -}}
{% endmacro %}


{#- Run statements so that the run goes on whatever happens, as far as the warehouse lets us:
    what is returned is the rest, to be the text of the hook. A statement that dbt runs as a hook
    and that fails ends the run with exit code 1, and one that a macro runs with 2, without
    results of the hooks. -#}
{% macro history_run(statements) %}
  {{- return(adapter.dispatch('history_run', 'analyticsops')(statements)) -}}
{% endmacro %}

{% macro default__history_run(statements) %}
  {%- for statement in statements[:-1] -%}{%- do run_query(statement) -%}{%- endfor -%}
  {%- do analyticsops.history_commit() -%}
  {{- return(statements[-1]) -}}
{% endmacro %}

{#- Several statements are one text there. -#}
{% macro duckdb__history_run(statements) %}
  {%- do analyticsops.history_commit() -%}
  {{- return('begin;\n' ~ statements | join(';\n') ~ ';\ncommit') -}}
{% endmacro %}

{#- A block catches whatever its statements raise, and waits for no lock longer than 10 s. -#}
{% macro postgres__history_run(statements) %}
  {%- do run_query(
    "do $analyticsops$\nbegin\nperform set_config('analyticsops.fault', '', false);\n"
    ~ "perform set_config('lock_timeout', '10s', true);\n" ~ statements | join(';\n')
    ~ ";\nexception when others or query_canceled or assert_failure then\n"
    ~ "perform set_config('analyticsops.fault', sqlerrm, false);\nend\n$analyticsops$"
  ) -%}
  {%- set fault = run_query("select current_setting('analyticsops.fault', true)").rows[0][0] -%}
  {%- do analyticsops.history_commit() -%}
  {%- if fault -%}{%- do analyticsops.history_warning(fault) -%}{%- endif -%}
  {{- return('') -}}
{% endmacro %}

{% macro redshift__history_run(statements) %}
  {{- return(analyticsops.default__history_run(statements)) -}}
{% endmacro %}


{#- Keep what was done so far. Asking for relations may have begun a transaction, which nobody
    ends, and dbt refuses to end one that was not begun: so one is begun first. -#}
{% macro history_commit() %}
  {{- return(adapter.dispatch('history_commit', 'analyticsops')()) -}}
{% endmacro %}

{% macro default__history_commit() %}
  {%- call statement('analyticsops', auto_begin=true) -%}select 1{%- endcall -%}
  {%- do adapter.commit() -%}
{% endmacro %}

{#- dbt knows no transactions there. -#}
{% macro bigquery__history_commit() %}{% endmacro %}
{% macro spark__history_commit() %}{% endmacro %}
{% macro trino__history_commit() %}{% endmacro %}


{#- One line for a person. It is no dbt warning: --warn-error would make it an error. -#}
{% macro history_warning(words) %}
  {%- do log('analyticsops: this run is not recorded: ' ~ words, info=true) -%}
{% endmacro %}
