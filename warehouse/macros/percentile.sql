{#- A percentile of a column within a group, interpolated where the warehouse can. -#}
{% macro percentile(column, share) %}
  {{- return(adapter.dispatch('percentile', 'analyticsops_warehouse')(column, share)) -}}
{% endmacro %}

{% macro default__percentile(column, share) -%}
  percentile_cont({{ share }}) within group (order by {{ column }})
{%- endmacro %}

{#- Approximate: its percentile_cont does not aggregate. -#}
{% macro bigquery__percentile(column, share) -%}
  approx_quantiles({{ column }}, 100)[offset({{ (share * 100) | int }})]
{%- endmacro %}

{% macro trino__percentile(column, share) -%}
  approx_percentile({{ column }}, {{ share }})
{%- endmacro %}
