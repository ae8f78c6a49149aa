{% macro broken(where) %}
  {%- set how = env_var('BREAK_' ~ where, '') -%}
  {%- if execute and how == 'jinja' -%}{{ exceptions.raise_compiler_error('broken on purpose') }}
  {%- elif how == 'sql' -%} select * from no_such_table
  {%- else -%} select 1
  {%- endif -%}
{% endmacro %}

{% macro started() %}{{ broken('START') }}{% endmacro %}
{% macro ended() %}{{ broken('END') }}{% endmacro %}
{% macro greet() %}{{ log('hello', info=true) }}{% endmacro %}
{% macro slowly() %}
  {%- if execute and env_var('SLOW', '') -%}
    {%- for n in range(700) -%}{%- for m in range(90000) -%}{%- endfor -%}{%- endfor -%}
  {%- endif -%}
{% endmacro %}
