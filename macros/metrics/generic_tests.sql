{#
  The numbers of metrics as generic tests, which `dbt build` runs with nothing but dbt. Each belongs
  to the model behind the metric, and yields the places at which the number is not what it should be.
  What a test reads besides its model is named under `reads: [ref('dim_customers')]`, so that dbt
  builds it first.
#}

{# Values that are known to be right: a seed with a column for each thing that the metric is grouped
   by, `value`, and perhaps `tolerance`. The same file serves `analyticsops metrics verify`. #}
{% test metric_golden(model, metric, golden, by=[], tolerance=0, reads=[]) %}
{% set keys = [] %}
{% for group in by %}
  {% set column = adapter.quote(group) if group != group | lower else group %}
  {% if group.startswith('metric_time') %}{% set column = "cast(" ~ column ~ " as date)" %}{% endif %}
  {% do keys.append("coalesce(cast(" ~ column ~ " as " ~ dbt.type_string() ~ "), '(none)')") %}
  {% if not loop.last %}{% do keys.append("', '") %}{% endif %}
{% endfor %}
select expected.place, found.value, expected.value as expected
from (
    select {{ dbt.concat(keys) if keys else "'all'" }} as place, value, {{ tolerance }} as tolerance
    from {{ golden }}
) as expected
left join (
    {{ analyticsops.metric_values(metric, by, none, analyticsops.relations_of(model)) }}
) as found on expected.place = found.place
where found.value is null
    or abs(found.value - expected.value) > {{ analyticsops.slack('expected.tolerance', 'expected.value') }}
{% endtest %}

{# Bounds, both included: over all, and by what is named. #}
{% test metric_bounds(model, metric, min=none, max=none, by=[], reads=[]) %}
select place, value
from (
    {{ analyticsops.metric_values(metric, by, none, analyticsops.relations_of(model)) }}
) as found
where 1 = 0
    {% if min is not none %}or value < {{ min }}{% endif %}
    {% if max is not none %}or value > {{ max }}{% endif %}
{% endtest %}

{# What is always true of a value, as SQL over `value`. NULL is no value. #}
{% test metric_invariant(model, metric, condition, by=[], reads=[]) %}
select place, value
from (
    {{ analyticsops.metric_values(metric, by, none, analyticsops.relations_of(model)) }}
) as found
where not ({{ condition }})
{% endtest %}

{# The parts by a dimension add up to the whole, by month or what else is named. #}
{% test metric_parts(model, metric, dimensions, by=['metric_time__month'], reads=[]) %}
{% set relations = analyticsops.relations_of(model) %}
{% for dimension in dimensions %}
select {{ dbt.concat(["'" ~ dimension ~ " of '", "place"]) }} as place, value, expected
from (
    {{ analyticsops.places_that_differ(
        analyticsops.metric_values(metric, by + [dimension], by | length, relations),
        analyticsops.metric_values(metric, by, none, relations)) }}
) as differing_{{ loop.index }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
{% endtest %}

{# The days add up to the month. #}
{% test metric_days(model, metric, reads=[]) %}
{% set relations = analyticsops.relations_of(model) %}
{{ analyticsops.places_that_differ(
    analyticsops.metric_values(metric, ['metric_time__month', 'metric_time__day'], 1, relations),
    analyticsops.metric_values(metric, ['metric_time__month'], none, relations)) }}
{% endtest %}

{# A column of a model holds the same number: in all, or by {what the metric is grouped by: a
   column of that model}; rows in which that is NULL are left out. #}
{% test metric_equals(model, metric, to, column, by={}, agg='sum', tolerance=0, reads=[]) %}
{% set keys = [] %}
{% for group, key in by.items() %}
  {% set grain = group.split('__')[-1] if group.startswith('metric_time__') else ('day' if group == 'metric_time' else '') %}
  {% set key = analyticsops.date_at(grain, key) if grain else key %}
  {% do keys.append("cast(" ~ key ~ " as " ~ dbt.type_string() ~ ")") %}
  {% if not loop.last %}{% do keys.append("', '") %}{% endif %}
{% endfor %}
{% set found = analyticsops.metric_values(metric, by.keys() | list, none, analyticsops.relations_of(model)) %}
{% set expected %}
    select {{ dbt.concat(keys) if keys else "'all'" }} as place,
        cast({{ agg }}({{ column }}) as {{ analyticsops.type_double() }}) as value
    from {{ to }}
    where 1 = 1{% for key in by.values() %} and {{ key }} is not null{% endfor %}
    {% if keys %}group by {{ dbt.concat(keys) }}{% endif %}
{% endset %}
{% set filled = "select place, value from (\n" ~ found ~ "\n) as every where place not like '%(none)%'" %}
{{ analyticsops.places_that_differ(filled, expected, tolerance) }}
{% endtest %}

{# Beside the model as it is built in another schema: in production, before this change. #}
{% test metric_version(model, metric, other_schema, other_database=none, by=['metric_time__month'], tolerance=0, reads=[]) %}
{% set now = analyticsops.relations_of(model) %}
{% set before = {} %}
{% for name, relation in now.items() %}
  {% do before.update({name: api.Relation.create(database=other_database or relation.database, schema=other_schema, identifier=relation.identifier)}) %}
{% endfor %}
{{ analyticsops.places_that_differ(
    analyticsops.metric_values(metric, by, none, now),
    analyticsops.metric_values(metric, by, none, before), tolerance) }}
{% endtest %}

{# The newest row that the metric counts is no older than agreed. #}
{% test metric_fresh(model, metric, hours, reads=[]) %}
{% if execute %}
{% set found = analyticsops.aggregation_of(analyticsops.metric_named(metric)) %}
{% set name = found.time or found.semantic_model.defaults.agg_time_dimension %}
{% set time = analyticsops.dimension_named(found.semantic_model, name) %}
select 'newest row' as place, newest
from (select max({{ time.expr or time.name }}) as newest from {{ model }}) as rows_of_metric
where newest is null or newest < {{ dbt.dateadd('hour', -hours, analyticsops.now()) }}
{% else %}
select 1 as place
{% endif %}
{% endtest %}

{% macro now() %}{{ return(adapter.dispatch('now', 'analyticsops')()) }}{% endmacro %}
{% macro default__now() %}{{ return(dbt.current_timestamp()) }}{% endmacro %}
{# Columns of time zone and columns without do not compare, or compare as local time. #}
{% macro duckdb__now() %}{{ return("cast(now() at time zone 'UTC' as timestamp)") }}{% endmacro %}
{% macro postgres__now() %}{{ return("cast(now() at time zone 'UTC' as timestamp)") }}{% endmacro %}

{# {name of the model: relation}, or what a `where:` in the config of a test left of it. #}
{% macro relations_of(model) %}
  {% if model is not string %}{{ return({model.identifier: model}) }}{% endif %}
  {% set found = {} %}
  {% for semantic in (graph.semantic_models or {}).values() if semantic.node_relation.relation_name in model %}
    {% do found.update({semantic.node_relation.alias: model}) %}
  {% endfor %}
  {{ return(found) }}
{% endmacro %}

{# As far as two sums may be apart: a tolerance, else what another order of adding makes of them. #}
{% macro slack(tolerance, expected) %}
  {{ return("(" ~ tolerance ~ " + 0.000001 + 0.000000001 * abs(" ~ expected ~ "))") }}
{% endmacro %}

{# Places at which two queries of place and value differ; nothing there counts as zero. No FULL
   JOIN, which not every engine has. #}
{% macro places_that_differ(found, expected, tolerance=0) %}
  {% set sql %}
select place, value, expected from (
    select place, coalesce(sum(value), 0) as value, coalesce(sum(other), 0) as expected from (
        select place, value, 0 as other from (
{{ found }}
        ) as f
        union all
        select place, 0 as value, value as other from (
{{ expected }}
        ) as e
    ) as both_sides
    group by place
) as by_place
where abs(value - expected) > {{ analyticsops.slack(tolerance, 'expected') }}
  {% endset %}
  {{ return(sql) }}
{% endmacro %}
