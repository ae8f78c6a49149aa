{#- How many rows of a group are so. -#}
{% macro count_if(condition) -%}
  sum(case when {{ condition }} then 1 else 0 end)
{%- endmacro %}

{#- A part of a whole, from 0 to 1; null of nothing. -#}
{% macro share_of(part, whole) -%}
  cast({{ part }} as {{ analyticsops.history_type('double') }}) / nullif({{ whole }}, 0)
{%- endmacro %}
