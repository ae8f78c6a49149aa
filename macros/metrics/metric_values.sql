{#
  The numbers of a metric, by nothing but dbt: a query of `place` (text that names a row: a month,
  a country; 'all' for the whole) and `value`.

  metric: the name of a metric of the project, whichever spec it is written in. Simple metrics,
    ratios and derived metrics are computed; what is laid out along a time spine (cumulative,
    offsets, join_to_timespine) and conversions are refused: `analyticsops metrics verify` knows
    them.
  by: what it is grouped by, as in MetricFlow: metric_time__month, order__status,
    customer__country (one join further).
  place_by: how many of these name the place; by default all. With fewer the rest are parts.
  relations: {name of a model: relation} that stand for what the semantic models name.
#}
{% macro metric_values(metric, by=[], place_by=none, relations={}) %}
  {{ return(adapter.dispatch('metric_values', 'analyticsops')(metric, by, place_by, relations)) }}
{% endmacro %}

{% macro default__metric_values(metric, by=[], place_by=none, relations={}) %}
  {% if not execute %}{{ return("select 'all' as place, 0 as value") }}{% endif %}
  {% set named = by[:place_by] if place_by is not none else by %}
  {% set place = [] %}
  {% for group in named %}
    {% set text = "cast(k" ~ loop.index ~ " as " ~ dbt.type_string() ~ ")" %}
    {% do place.append("coalesce(" ~ text ~ ", '(none)')") %}
    {% if not loop.last %}{% do place.append("', '") %}{% endif %}
  {% endfor %}
  {% set sql = analyticsops.metric_numbers(metric, by, [], relations, []) %}
  {% set value = "cast(value as " ~ analyticsops.type_double() ~ ")" %}
  {{ return("select " ~ (dbt.concat(place) if place else "'all'") ~ " as place, " ~ value ~ " as value from (\n" ~ sql ~ "\n) as numbers") }}
{% endmacro %}

{# A number with a fraction. Postgres' and Redshift's `float` has eight bytes; Spark's has four. #}
{% macro type_double() %}{{ return(adapter.dispatch('type_double', 'analyticsops')()) }}{% endmacro %}
{% macro default__type_double() %}{{ return(dbt.type_float()) }}{% endmacro %}
{% macro duckdb__type_double() %}{{ return('double') }}{% endmacro %}
{% macro spark__type_double() %}{{ return('double') }}{% endmacro %}

{# A metric by k1, k2, ... as `value`; further filters are those of whatever asks for it. #}
{% macro metric_numbers(name, by, filters, relations, seen) %}
  {% set metric = analyticsops.metric_named(name) %}
  {% if name in seen %}{% do analyticsops.refuse_metric(name, 'is computed from itself') %}{% endif %}
  {% set params = metric.type_params %}
  {% set own = filters + analyticsops.filter_templates(metric.filter) %}
  {% if metric.type == 'simple' %}
    {{ return(analyticsops.simple_numbers(metric, by, own, relations)) }}
  {% elif metric.type == 'ratio' %}
    {% set inputs = [[params.numerator, 'numerator'], [params.denominator, 'denominator']] %}
    {% set double = analyticsops.type_double() %}
    {% set expression = "cast(numerator as " ~ double ~ ") / cast(nullif(denominator, 0) as " ~ double ~ ")" %}
  {% elif metric.type == 'derived' %}
    {% set inputs = [] %}
    {% for input in params.metrics %}{% do inputs.append([input, input.alias or input.name]) %}{% endfor %}
    {% set expression = params.expr %}
  {% else %}
    {% do analyticsops.refuse_metric(name, 'is of type ' ~ metric.type) %}
  {% endif %}
  {% set branches = [] %}
  {% set keys = [] %}
  {% for group in by %}{% do keys.append("k" ~ loop.index) %}{% endfor %}
  {% for input, called in inputs %}
    {% if input.offset_window or input.offset_to_grain %}
      {% do analyticsops.refuse_metric(name, 'takes ' ~ input.name ~ ' of another period') %}
    {% endif %}
    {% set inner = analyticsops.metric_numbers(input.name, by, own + analyticsops.filter_templates(input.filter), relations, seen + [name]) %}
    {% set columns = keys | list %}
    {% for other, alias in inputs %}
      {% do columns.append(("value" if alias == called else "null") ~ " as " ~ alias) %}
    {% endfor %}
    {% do branches.append("select " ~ columns | join(", ") ~ " from (\n" ~ inner ~ "\n) as n" ~ loop.index) %}
  {% endfor %}
  {% set numbers = keys | list %}
  {% for input, alias in inputs %}
    {% set fill = analyticsops.fill_of(input.name) %}
    {% set most = "max(" ~ alias ~ ")" %}
    {% do numbers.append((most if fill is none else "coalesce(" ~ most ~ ", " ~ fill ~ ")") ~ " as " ~ alias) %}
  {% endfor %}
  {% set grouped = " group by " ~ keys | join(", ") if keys else "" %}
  {{ return("select " ~ (keys + [expression ~ " as value"]) | join(", ") ~ " from (\nselect " ~ numbers | join(", ") ~ " from (\n" ~ branches | join("\nunion all\n") ~ "\n) as side_by_side" ~ grouped ~ "\n) as inputs") }}
{% endmacro %}
