{# What stands in the manifest, and how rows of a semantic model become numbers. #}

{% macro metric_named(name) %}
  {% set found = graph.metrics.values() | selectattr('name', 'equalto', name) | list %}
  {% if not found %}{% do exceptions.raise_compiler_error("analyticsops: there is no metric '" ~ name ~ "'") %}{% endif %}
  {{ return(found[0]) }}
{% endmacro %}

{% macro refuse_metric(name, why) %}
  {% do exceptions.raise_compiler_error("analyticsops: the metric '" ~ name ~ "' " ~ why ~ ", which these tests do not compute. `analyticsops metrics verify` does.") %}
{% endmacro %}

{% macro filter_templates(filter) %}
  {% set found = [] %}
  {% if filter %}
    {% for part in filter.where_filters %}{% do found.append(part.where_sql_template) %}{% endfor %}
  {% endif %}
  {{ return(found) }}
{% endmacro %}

{# The measure of a simple metric, or what a metric of the newer spec aggregates itself. #}
{% macro aggregation_of(metric) %}
  {% set params = metric.type_params %}
  {% set own = params.get('metric_aggregation_params') %}
  {% if own %}
    {% set models = graph.semantic_models.values() | selectattr('name', 'equalto', own.semantic_model) | list %}
    {% set found = {'semantic_model': models[0], 'agg': own.agg, 'expr': params.get('expr') or own.get('expr') or metric.name,
                    'time': own.get('agg_time_dimension'), 'non_additive': own.get('non_additive_dimension'),
                    'filters': [], 'fill': params.get('fill_nulls_with'), 'spine': params.get('join_to_timespine'),
                    'params': own.get('agg_params')} %}
    {{ return(found) }}
  {% endif %}
  {% set wanted = params.measure %}
  {% for model in graph.semantic_models.values() %}
    {% for measure in model.measures if measure.name == wanted.name %}
      {{ return({'semantic_model': model, 'agg': measure.agg, 'expr': measure.expr or measure.name,
                 'time': measure.agg_time_dimension, 'non_additive': measure.non_additive_dimension,
                 'filters': analyticsops.filter_templates(wanted.get('filter')),
                 'fill': wanted.get('fill_nulls_with'), 'spine': wanted.get('join_to_timespine'),
                 'params': measure.get('agg_params')}) }}
    {% endfor %}
  {% endfor %}
  {% do analyticsops.refuse_metric(metric.name, 'has a measure that is not there') %}
{% endmacro %}

{% macro fill_of(name) %}
  {% set metric = analyticsops.metric_named(name) %}
  {{ return(analyticsops.aggregation_of(metric).fill if metric.type == 'simple' else none) }}
{% endmacro %}

{% macro primary_entity_of(model) %}
  {% if model.primary_entity %}{{ return(model.primary_entity) }}{% endif %}
  {% for entity in model.entities if entity.type == 'primary' %}{{ return(entity.name) }}{% endfor %}
  {{ return('') }}
{% endmacro %}

{# A dimension of a semantic model; none if it has none of that name. #}
{% macro dimension_named(model, name) %}
  {% for dimension in model.dimensions if dimension.name == name %}{{ return(dimension) }}{% endfor %}
  {{ return(none) }}
{% endmacro %}

{% macro entity_named(model, name, kinds) %}
  {% for entity in model.entities if entity.name == name and entity.type in kinds %}{{ return(entity) }}{% endfor %}
  {{ return(none) }}
{% endmacro %}

{% macro relation_behind(model, relations) %}
  {% set name = model.node_relation.alias %}
  {{ return(relations.get(name) or model.node_relation.relation_name) }}
{% endmacro %}

{# A time at a grain, as a date: the same text on every engine. #}
{% macro date_at(grain, expression) %}
  {{ return("cast(" ~ (expression if grain == 'day' else dbt.date_trunc(grain, expression)) ~ " as date)") }}
{% endmacro %}

{#
  Where `order__status`, `customer__country` or `metric_time__month` is found: the alias of its
  subquery (f of the rows themselves, d_<entity> of what is joined) and its expression there.
#}
{% macro located(metric, aggregation, path, grain, joins, relations) %}
  {% set model = aggregation.semantic_model %}
  {% set words = path.split('__') %}
  {% set grains = ['day', 'week', 'month', 'quarter', 'year'] %}
  {% if words | length > 1 and words[-1] in grains and not grain %}
    {% set grain = words[-1] %}
    {% set words = words[:-1] %}
  {% endif %}
  {% if words == ['metric_time'] %}
    {% set name = aggregation.time or (model.defaults or {}).get('agg_time_dimension') %}
    {% set time = analyticsops.dimension_named(model, name) %}
    {% if not time %}{% do analyticsops.refuse_metric(metric.name, 'has no time') %}{% endif %}
    {{ return({'alias': 'f', 'sql': analyticsops.date_at(grain or 'day', time.expr or time.name)}) }}
  {% endif %}
  {% if words | length == 1 and analyticsops.entity_named(model, words[0], ['primary', 'unique', 'foreign', 'natural']) %}
    {% set key = analyticsops.entity_named(model, words[0], ['primary', 'unique', 'foreign', 'natural']) %}
    {{ return({'alias': 'f', 'sql': key.expr or key.name}) }}
  {% endif %}
  {% if words | length != 2 %}{% do analyticsops.refuse_metric(metric.name, 'is asked by ' ~ path) %}{% endif %}
  {% set entity, name = words %}
  {% if entity == analyticsops.primary_entity_of(model) and analyticsops.dimension_named(model, name) %}
    {% set at, alias = model, 'f' %}
  {% else %}
    {% set key = analyticsops.entity_named(model, entity, ['primary', 'unique', 'foreign', 'natural']) %}
    {% set others = [] %}
    {% for other in graph.semantic_models.values() if other.name != model.name and analyticsops.dimension_named(other, name) %}
      {% if analyticsops.entity_named(other, entity, ['primary', 'unique', 'natural']) %}{% do others.append(other) %}{% endif %}
    {% endfor %}
    {% if not key or others | length != 1 %}
      {% do analyticsops.refuse_metric(metric.name, 'does not reach ' ~ path ~ ' in one way') %}
    {% endif %}
    {% set at, alias = others[0], 'd_' ~ entity %}
    {% set there = analyticsops.entity_named(at, entity, ['primary', 'unique', 'natural']) %}
    {% do joins.update({alias: {'relation': analyticsops.relation_behind(at, relations), 'left': key.expr or key.name, 'right': there.expr or there.name}}) %}
  {% endif %}
  {% set found = analyticsops.dimension_named(at, name) %}
  {% if found.type == 'time' %}
    {{ return({'alias': alias, 'sql': analyticsops.date_at(grain or 'day', found.expr or found.name)}) }}
  {% endif %}
  {{ return({'alias': alias, 'sql': found.expr or found.name}) }}
{% endmacro %}

{% macro simple_numbers(metric, by, filters, relations) %}
  {% set found = analyticsops.aggregation_of(metric) %}
  {% if found.non_additive %}{% do analyticsops.refuse_metric(metric.name, 'is semi-additive') %}{% endif %}
  {% if found.spine and (by | join(' ')).find('metric_time') >= 0 %}
    {% do analyticsops.refuse_metric(metric.name, 'is laid out along the time spine') %}
  {% endif %}
  {% set joins = {} %}
  {% set inner = {'f': ["(" ~ found.expr ~ ") as metric_value"]} %}
  {% set keys = [] %}
  {% for group in by %}
    {% set place = analyticsops.located(metric, found, group, none, joins, relations) %}
    {% do inner.setdefault(place.alias, []).append(place.sql ~ " as k" ~ loop.index) %}
    {% do keys.append(place.alias ~ ".k" ~ loop.index) %}
  {% endfor %}
  {% set conditions = [] %}
  {% for template in filters + found.filters %}
    {% do conditions.append(analyticsops.condition_of(metric, found, template, loop.index, joins, inner, relations)) %}
  {% endfor %}
  {% set value = analyticsops.aggregated(metric, found) %}
  {% if found.fill is not none %}{% set value = "coalesce(" ~ value ~ ", " ~ found.fill ~ ")" %}{% endif %}
  {% set columns = [] %}
  {% for key in keys %}{% do columns.append(key ~ " as k" ~ loop.index) %}{% endfor %}
  {% for alias, join in joins.items() %}
    {% do inner.f.append(join.left ~ " as key_" ~ alias) %}
    {% do inner.setdefault(alias, []).append(join.right ~ " as key_" ~ alias) %}
  {% endfor %}
  {% set sources = ["from (select " ~ inner.f | join(", ") ~ " from " ~ analyticsops.relation_behind(found.semantic_model, relations) ~ ") as f"] %}
  {% for alias, join in joins.items() %}
    {% do sources.append("left join (select " ~ inner[alias] | join(", ") ~ " from " ~ join.relation ~ ") as " ~ alias ~ " on f.key_" ~ alias ~ " = " ~ alias ~ ".key_" ~ alias) %}
  {% endfor %}
  {% set where = "\nwhere " ~ conditions | join("\n  and ") if conditions else "" %}
  {% set grouped = "\ngroup by " ~ keys | join(", ") if keys else "" %}
  {{ return("select " ~ (columns + [value ~ " as value"]) | join(", ") ~ "\n" ~ sources | join("\n") ~ where ~ grouped) }}
{% endmacro %}

{# A filter: each `Dimension('order__status')` in it becomes a column of the rows. #}
{% macro condition_of(metric, aggregation, template, number, joins, inner, relations) %}
  {% set call = "\\{\\{\\s*(?:Time)?Dimension\\(\\s*['\"]([^'\"]+)['\"]\\s*(?:,\\s*['\"](\\w+)['\"]\\s*)?\\)\\s*\\}\\}" %}
  {% set sql = namespace(text=template) %}
  {% for found in modules.re.finditer(call, template) %}
    {% set place = analyticsops.located(metric, aggregation, found.group(1), found.group(2), joins, relations) %}
    {% set name = "c" ~ number ~ "_" ~ loop.index %}
    {% do inner.setdefault(place.alias, []).append(place.sql ~ " as " ~ name) %}
    {% set sql.text = sql.text.replace(found.group(0), place.alias ~ "." ~ name) %}
  {% endfor %}
  {% if '{{' in sql.text or '{%' in sql.text %}
    {% do analyticsops.refuse_metric(metric.name, 'has the filter ' ~ template) %}
  {% endif %}
  {{ return("(" ~ sql.text ~ ")") }}
{% endmacro %}

{% macro aggregated(metric, aggregation) %}
  {% set agg = aggregation.agg %}
  {% if agg in ('sum', 'min', 'max') %}{{ return(agg ~ "(f.metric_value)") }}{% endif %}
  {% if agg == 'average' %}{{ return("avg(f.metric_value)") }}{% endif %}
  {% if agg == 'count_distinct' %}{{ return("count(distinct f.metric_value)") }}{% endif %}
  {% if agg == 'count' %}{{ return("sum(case when f.metric_value is not null then 1 else 0 end)") }}{% endif %}
  {% if agg == 'sum_boolean' %}{{ return("sum(case when f.metric_value then 1 else 0 end)") }}{% endif %}
  {% do analyticsops.refuse_metric(metric.name, 'is a ' ~ agg) %}
{% endmacro %}
