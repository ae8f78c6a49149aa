{#- A type of the layout (text, timestamp, double, bigint, boolean) as this warehouse spells it. -#}
{% macro history_type(kind) %}
  {{- return(adapter.dispatch('history_type', 'analyticsops')(kind)) -}}
{% endmacro %}

{% macro default__history_type(kind) %}
  {{- return({
    'text': 'varchar', 'timestamp': 'timestamp', 'double': 'double precision',
    'bigint': 'bigint', 'boolean': 'boolean',
  }[kind]) -}}
{% endmacro %}

{% macro duckdb__history_type(kind) %}
  {{- return('double' if kind == 'double' else analyticsops.default__history_type(kind)) -}}
{% endmacro %}

{% macro postgres__history_type(kind) %}
  {{- return('text' if kind == 'text' else analyticsops.default__history_type(kind)) -}}
{% endmacro %}

{#- A varchar without a length holds 256 bytes there. -#}
{% macro redshift__history_type(kind) %}
  {{- return('varchar(65535)' if kind == 'text' else analyticsops.default__history_type(kind)) -}}
{% endmacro %}

{#- Its float has 64 bits. -#}
{% macro snowflake__history_type(kind) %}
  {{- return({
    'text': 'varchar', 'timestamp': 'timestamp_ntz', 'double': 'float',
    'bigint': 'bigint', 'boolean': 'boolean',
  }[kind]) -}}
{% endmacro %}

{% macro bigquery__history_type(kind) %}
  {{- return({
    'text': 'string', 'timestamp': 'timestamp', 'double': 'float64',
    'bigint': 'int64', 'boolean': 'bool',
  }[kind]) -}}
{% endmacro %}

{% macro spark__history_type(kind) %}
  {{- return({
    'text': 'string', 'timestamp': 'timestamp', 'double': 'double',
    'bigint': 'bigint', 'boolean': 'boolean',
  }[kind]) -}}
{% endmacro %}

{#- A timestamp without digits has milliseconds there. -#}
{% macro trino__history_type(kind) %}
  {{- return({
    'text': 'varchar', 'timestamp': 'timestamp(6)', 'double': 'double',
    'bigint': 'bigint', 'boolean': 'boolean',
  }[kind]) -}}
{% endmacro %}
