{#-
  Make the tables of the history, or add the columns that a later version has:

      dbt run-operation analyticsops.install

  Calling it again changes nothing. Runs then need no right to create anything.
-#}
{% macro install() %}
  {%- if not analyticsops.history_chunk() -%}
    {%- do exceptions.raise_compiler_error(
      'analyticsops: unknown adapter ' ~ adapter.type() ~ '; use `analyticsops ingest` after dbt') -%}
  {%- endif -%}
  {%- set wanted = analyticsops.history_relation('invocations') -%}
  {%- if not adapter.check_schema_exists(wanted.database, wanted.schema) -%}
    {%- do adapter.create_schema(wanted.without_identifier()) -%}
  {%- endif -%}
  {%- for table in ['invocations', 'node_results'] -%}
    {%- set relation = analyticsops.found_history_relation(table) -%}
    {%- set columns = analyticsops.history_columns(table) -%}
    {%- if relation -%}
      {%- set present = analyticsops.present_history_columns(table, relation) -%}
      {%- set missing = columns | reject('in', present) | list -%}
      {%- if missing -%}
        {%- for statement in analyticsops.history_add_columns(relation, missing) -%}
          {%- do run_query(statement) -%}
        {%- endfor -%}
      {%- endif -%}
      {%- do log('analyticsops: ' ~ relation ~ (
        ' got ' ~ missing | map('first') | join(', ') if missing else ' is as it should be'),
        info=true) -%}
    {%- else -%}
      {%- set relation = analyticsops.history_relation(table) -%}
      {%- do run_query(analyticsops.history_create(relation, columns)) -%}
      {%- do log('analyticsops: ' ~ relation ~ ' was made', info=true) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- do analyticsops.history_commit() -%}
{% endmacro %}


{% macro history_create(relation, columns) %}
  {{- return(adapter.dispatch('history_create', 'analyticsops')(relation, columns)) -}}
{% endmacro %}

{% macro default__history_create(relation, columns) %}
  {%- set defined = [] -%}
  {%- for name, kind in columns -%}
    {%- do defined.append(analyticsops.history_name(name) ~ ' ' ~ analyticsops.history_type(kind)) -%}
  {%- endfor -%}
  {{- return('create table ' ~ relation ~ ' (' ~ defined | join(', ') ~ ')') -}}
{% endmacro %}

{% macro spark__history_create(relation, columns) %}
  {{- return(analyticsops.default__history_create(relation, columns)
    ~ ' using ' ~ var('analyticsops_file_format', 'parquet')) -}}
{% endmacro %}

{#- Delta, which is the default there. -#}
{% macro databricks__history_create(relation, columns) %}
  {{- return(analyticsops.default__history_create(relation, columns)) -}}
{% endmacro %}


{#- Statements that add columns to a table. -#}
{% macro history_add_columns(relation, columns) %}
  {{- return(adapter.dispatch('history_add_columns', 'analyticsops')(relation, columns)) -}}
{% endmacro %}

{#- One at a time: not every warehouse takes several. -#}
{% macro default__history_add_columns(relation, columns) %}
  {%- set statements = [] -%}
  {%- for name, kind in columns -%}
    {%- do statements.append('alter table ' ~ relation ~ ' add column '
      ~ analyticsops.history_name(name) ~ ' ' ~ analyticsops.history_type(kind)) -%}
  {%- endfor -%}
  {{- return(statements) -}}
{% endmacro %}

{% macro spark__history_add_columns(relation, columns) %}
  {%- set defined = [] -%}
  {%- for name, kind in columns -%}
    {%- do defined.append(analyticsops.history_name(name) ~ ' ' ~ analyticsops.history_type(kind)) -%}
  {%- endfor -%}
  {{- return(['alter table ' ~ relation ~ ' add columns (' ~ defined | join(', ') ~ ')']) -}}
{% endmacro %}
