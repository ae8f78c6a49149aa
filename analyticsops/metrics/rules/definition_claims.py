"""The rules about definitions as data."""

from __future__ import annotations

from analyticsops.findings import Rule, Severity

UNKNOWN_DIMENSION = Rule(
    code="MET101",
    name="unknown-dimension-in-filter",
    severity=Severity.ERROR,
    summary="A filter names a dimension or entity that is not there.",
    why="`dbt parse` lets it pass, and every query of the metric fails.",
    example="`{{ Dimension('order__stat') }} = 'paid'` where the dimension is `status`.",
    advice="Correct the name, or add the dimension to the semantic model.",
)
MISSING_COLUMN = Rule(
    code="MET102",
    name="unknown-column-in-metric",
    severity=Severity.ERROR,
    summary="An expression names a column that the model does not have.",
    why="`dbt parse` lets it pass, and every query of the metric fails.",
    example="`expr: amout` on a model that has `amount`.",
    advice="Correct the name, or add the column to the model.",
    unknown="Of a model whose columns are not all known nothing is said.",
)
UNDECLARED = Rule(
    code="MET103",
    name="undeclared-metric-input",
    severity=Severity.ERROR,
    summary="The expression of a derived metric uses a name that is none of its inputs.",
    why="`dbt parse` lets it pass, and every query of the metric fails.",
    example="`expr: revenue - refunds` with `revenue` as the only input.",
    advice="Declare it under `metrics`, or correct the name.",
)
UNUSED_INPUT = Rule(
    code="MET104",
    name="unused-metric-input",
    severity=Severity.WARNING,
    summary="A derived metric declares an input that its expression does not use.",
    why="It is computed for nothing, or the expression is not what was meant.",
    example="`metrics: [order]` with `expr: order_total * 1.0`.",
    advice="Remove the input, or use it.",
)
CYCLE = Rule(
    code="MET105",
    name="circular-metrics",
    severity=Severity.ERROR,
    summary="A metric is computed from itself.",
    why="It has no value; dbt ends with a traceback.",
    example="`a` is derived from `b`, and `b` from `a`.",
    advice="Break the circle.",
)
RAW_COLUMN = Rule(
    code="MET106",
    name="raw-column-in-filter",
    severity=Severity.ERROR,
    summary="A filter names a column instead of a dimension.",
    why="The column is not there where the filter is applied, and the query fails.",
    example="`filter: status = 'paid'`.",
    advice="Write `{{ Dimension('order__status') }} = 'paid'`.",
)
UNREACHABLE = Rule(
    code="MET107",
    name="unreachable-in-saved-query",
    severity=Severity.ERROR,
    summary="A saved query groups or filters a metric by what cannot be reached from it.",
    why="dbt only checks that such an element exists somewhere; the query fails.",
    example="`group_by: [Dimension('visit__channel')]` for a metric on orders.",
    advice="Leave it out, or add the entity that leads there.",
)
BAD_JOIN = Rule(
    code="MET108",
    name="join-multiplies-or-is-ambiguous",
    severity=Severity.ERROR,
    summary="The way to a dimension multiplies rows, or there are several.",
    why="A sum over multiplied rows counts some of them twice.",
    example="`customer__channel` leads to visits, of which a customer has many.",
    advice="Go by an entity that is primary or unique there.",
)
WRONG_LITERAL = Rule(
    code="MET109",
    name="literal-of-another-type",
    severity=Severity.WARNING,
    summary="A filter compares a dimension with a literal of another type, or with no date.",
    why="It fails on some engines and is never true on others.",
    example="`{{ Dimension('order__is_paid') }} = 'yes'`.",
    advice="Compare with a literal of the dimension's type.",
    unknown="Of a dimension whose type is not known nothing is said.",
)
NOT_UNIQUE = Rule(
    code="MET110",
    name="untested-join-entity",
    severity=Severity.WARNING,
    certified=Severity.ERROR,
    summary="A metric is joined along an entity whose column is not tested to be unique.",
    why="If it is not, rows multiply and nobody notices.",
    example="`customer` is primary in `customers`, and `customer_id` has no `unique` test.",
    advice="Add `unique` and `not_null` tests to the column.",
)
BAD_AGGREGATION = Rule(
    code="MET111",
    name="invalid-aggregation",
    severity=Severity.ERROR,
    summary="The parameters of an aggregation make no sense.",
    why="Of metrics in the newer spec dbt checks almost none of them.",
    example="`agg: percentile` with `percentile: 1.5`.",
    advice="Correct the parameter.",
)
NO_TIME = Rule(
    code="MET112",
    name="unknown-time-dimension",
    severity=Severity.ERROR,
    summary="The time dimension of a metric is not there.",
    why="It cannot be shown over time, and every query by `metric_time` fails.",
    example="`agg_time_dimension: created` where the dimension is `created_at`.",
    advice="Correct the name, or set `defaults.agg_time_dimension`.",
)
DEPRECATED_MODEL = Rule(
    code="MET113",
    name="deprecated-model-in-metric",
    severity=Severity.WARNING,
    certified=Severity.ERROR,
    summary="A metric stands on a model that is deprecated.",
    why="It stops on the day on which the model goes.",
    example="`fct_orders.v1` has a `deprecation_date`, and `revenue` is on it.",
    advice="Move the semantic model to the successor.",
)
UNUSED_MEASURE = Rule(
    code="MET114",
    name="unused-measure",
    severity=Severity.INFO,
    summary="A measure is used by no metric.",
    why="Nobody can ask for it, and nobody notices when it is wrong.",
    example="`discount_amount` of `orders`, which no metric names.",
    advice="Define a metric on it, or remove it.",
)
UNREADABLE = Rule(
    code="MET116",
    name="metric-not-understood",
    severity=Severity.WARNING,
    certified=Severity.ERROR,
    summary="A filter, measure or input of a metric cannot be resolved.",
    why="What it means cannot be compared with what it meant.",
    example='`filter: "{% if x %} ... {% endif %}"`.',
    advice="Use `{{ Dimension(...) }}` and plain SQL; correct the names.",
    unknown="This rule reports what is not understood.",
)

GONE = Rule(
    code="MET117",
    name="use-of-missing-metric",
    severity=Severity.ERROR,
    summary="An exposure or saved query uses a metric that is not there.",
    why="The dashboard shows nothing, or an old number.",
    example="An exposure depends on `metric('revenue')`, which was removed.",
    advice="Name the successor, or remove it from the exposure.",
)

RULES = (
    UNKNOWN_DIMENSION, MISSING_COLUMN, UNDECLARED, UNUSED_INPUT, CYCLE, RAW_COLUMN, UNREACHABLE,
    BAD_JOIN, WRONG_LITERAL, NOT_UNIQUE, BAD_AGGREGATION, NO_TIME, DEPRECATED_MODEL,
    UNUSED_MEASURE, UNREADABLE, GONE,
)  # fmt: skip
