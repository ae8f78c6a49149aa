{#-
  Remember this run in the warehouse.

      on-run-end: "{{ analyticsops.record_run(results) }}"

  Put it last: dbt skips every hook after one that fails. Nothing happens unless the target is
  in the variable `analyticsops_targets`, and `dbt run-operation analyticsops.install` has made
  the tables. Nothing here may raise where dbt lets us avoid it: docs/history.md says where
  it does not.
-#}
{% macro record_run(results) %}
  {%- if execute and analyticsops.history_is_on() -%}
    {%- set found = analyticsops.history_tables() -%}
    {%- if found -%}
      {%- set command = analyticsops.history_command() -%}
      {%- if command == 'source freshness' -%}
        {%- set rows = analyticsops.history_freshness_rows(results) -%}
      {%- elif command in ['build', 'clone', 'retry', 'run', 'seed', 'snapshot', 'test'] -%}
        {%- set rows = analyticsops.history_result_rows(results) -%}
      {%- else -%}
        {#- compile and docs generate call every node a success, and nothing ran. -#}
        {%- set rows = [] -%}
      {%- endif -%}
      {{- return(analyticsops.history_statements('finished', rows, found)) -}}
    {%- endif -%}
  {%- endif -%}
{% endmacro %}


{#-
  Remember that this run began: the only way to see one that died.

      on-run-start: "{{ analyticsops.record_start() }}"
-#}
{% macro record_start() %}
  {%- if execute and analyticsops.history_is_on() -%}
    {%- set found = analyticsops.history_tables() -%}
    {%- if found -%}
      {{- return(analyticsops.history_statements('started', [], found)) -}}
    {%- endif -%}
  {%- endif -%}
{% endmacro %}


{#- True if runs of this target are to be remembered. -#}
{% macro history_is_on() %}
  {%- set targets = var('analyticsops_targets', none) or [] -%}
  {%- set targets = [targets] if targets is string else targets -%}
  {%- if target.name not in targets -%}{{- return(false) -}}{%- endif -%}
  {%- if '0'.encode is not defined -%}
    {%- do analyticsops.history_warning(
      'this dbt cannot encode it; use `analyticsops ingest` after it') -%}
    {{- return(false) -}}
  {%- endif -%}
  {%- if not analyticsops.history_chunk() -%}
    {%- do analyticsops.history_warning('unknown adapter ' ~ adapter.type()) -%}
    {{- return(false) -}}
  {%- endif -%}
  {{- return(true) -}}
{% endmacro %}


{#- The tables that are there, by name; none if one is missing. -#}
{% macro history_tables() %}
  {%- set found = {} -%}
  {%- for table in ['invocations', 'node_results'] -%}
    {%- set relation = analyticsops.found_history_relation(table) -%}
    {%- if relation -%}
      {%- do found.update({table: relation}) -%}
    {%- else -%}
      {%- do analyticsops.history_warning(
        'there is no ' ~ analyticsops.history_relation(table)
        ~ '; `dbt run-operation analyticsops.install` makes it') -%}
      {{- return(none) -}}
    {%- endif -%}
  {%- endfor -%}
  {{- return(found) -}}
{% endmacro %}


{#- Write it: the results, and last the invocation, so that one that is there is whole.

    Args:
      state: started or finished.
      rows: of node_results.
      found: see history_tables.
-#}
{% macro history_statements(state, rows, found) %}
  {%- set known = 'select 1 from ' ~ found['invocations'] ~ " where invocation_id = '"
    ~ invocation_id ~ "'" ~ (" and state <> 'started'" if state == 'finished' else '') -%}
  {%- set statements = [] -%}
  {%- if rows -%}
    {%- do statements.extend(analyticsops.history_narrowed('node_results', found, rows, known)) -%}
  {%- endif -%}
  {%- set invocation = analyticsops.history_invocation_row(state, rows | length) -%}
  {%- do statements.extend(
    analyticsops.history_narrowed('invocations', found, [invocation], known)) -%}
  {{- return(analyticsops.history_run(statements)) -}}
{% endmacro %}


{#- Inserts into the columns that the table has. -#}
{% macro history_narrowed(table, found, rows, unless) %}
  {%- set relation = found[table] -%}
  {%- set all = analyticsops.history_columns(table) -%}
  {%- set present = analyticsops.present_history_columns(table, relation) -%}
  {%- if table == 'node_results' -%}
    {%- set whole = [] -%}
    {%- for row in rows -%}{%- do whole.append([invocation_id] + row) -%}{%- endfor -%}
    {%- set rows = whole -%}
  {%- endif -%}
  {%- if present | length < all | length -%}
    {%- do log('analyticsops: ' ~ relation ~ ' is of an earlier version; '
      ~ '`dbt run-operation analyticsops.install` adds what it lacks', info=true) -%}
    {%- set narrow = [] -%}
    {%- for row in rows -%}
      {%- set kept = [] -%}
      {%- for column in all if column in present -%}
        {%- do kept.append(row[all.index(column)]) -%}
      {%- endfor -%}
      {%- do narrow.append(kept) -%}
    {%- endfor -%}
    {%- set rows = narrow -%}
  {%- endif -%}
  {{- return(analyticsops.history_inserts(table, relation, present, rows, unless)) -}}
{% endmacro %}
