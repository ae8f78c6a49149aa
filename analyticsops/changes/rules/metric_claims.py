"""The rules of KPI as data: metrics and what they are made of."""

from __future__ import annotations

from analyticsops.findings import Direction, Rule, Severity, Strictness

METRIC_REMOVED = Rule(
    code="KPI501",
    name="metric-removed",
    severity=Severity.ERROR,
    strictness=Strictness.KPI,
    direction=Direction.LOOSENS,
    mirror="KPI514",
    summary="A metric was removed.",
    why="Dashboards and saved queries that ask for it by name fail.",
    example="The metric `revenue` is deleted from `_metrics.yml`.",
    advice="Mark it deprecated and name its successor before it goes.",
)

EXPRESSION_CHANGED = Rule(
    code="KPI502",
    name="metric-expression-changed",
    severity=Severity.ERROR,
    strictness=Strictness.KPI,
    direction=Direction.BOTH,
    mirror="KPI502",
    summary="A metric or measure is computed from something else.",
    why=(
        "The number keeps its name on every dashboard and is another one. dbt's "
        "`state:modified` does not see it."
    ),
    example=(
        "```diff\n  type_params:\n-   denominator: orders\n+   denominator: completed_orders\n```"
    ),
    advice="Publish the new number under a new name, or tell everybody who reads it.",
)

METRIC_FILTER_CHANGED = Rule(
    code="KPI503",
    name="metric-filter-changed",
    severity=Severity.ERROR,
    strictness=Strictness.KPI,
    direction=Direction.BOTH,
    mirror="KPI503",
    summary="The filter of a metric, or of one of its inputs, changed.",
    why="It counts other rows under the same name. dbt's `state:modified` does not see it.",
    example=(
        "```diff\n- filter: \"{{ Dimension('order__is_test') }} = false\"\n+ filter: null\n```"
    ),
    advice="Publish the new number under a new name, or tell everybody who reads it.",
    unknown="Filters are compared as texts without blanks: another text may mean the same.",
)

AGGREGATION_CHANGED = Rule(
    code="KPI504",
    name="metric-aggregation-changed",
    severity=Severity.ERROR,
    strictness=Strictness.KPI,
    direction=Direction.BOTH,
    mirror="KPI504",
    summary="A measure is aggregated in another way.",
    why="A sum that became an average or a distinct count is another number.",
    example="```diff\n- agg: count\n+ agg: count_distinct\n```",
    advice="Publish the new number under a new name.",
)

TYPE_CHANGED = Rule(
    code="KPI505",
    name="metric-type-changed",
    severity=Severity.ERROR,
    strictness=Strictness.KPI,
    direction=Direction.BOTH,
    mirror="KPI505",
    summary="A metric is of another type: simple, ratio, derived, cumulative, conversion.",
    why="It can be asked for in other ways, and its number is likely another.",
    example="```diff\n- type: simple\n+ type: cumulative\n```",
    advice="Publish it under a new name.",
    unknown="Two definitions of different types are not compared any further.",
)

METRIC_GRAIN_CHANGED = Rule(
    code="KPI506",
    name="metric-grain-changed",
    severity=Severity.ERROR,
    strictness=Strictness.KPI,
    direction=Direction.BOTH,
    mirror="KPI506",
    summary="A metric, measure or time dimension has another grain or time axis.",
    why="The same day, week or month shows other rows; a finer grain is gone.",
    example="```diff\n- time_granularity: day\n+ time_granularity: week\n```",
    advice="Add the other time axis as a measure of its own.",
)

METRIC_WINDOW_CHANGED = Rule(
    code="KPI507",
    name="metric-window-changed",
    severity=Severity.ERROR,
    strictness=Strictness.KPI,
    direction=Direction.BOTH,
    mirror="KPI507",
    summary="The window, offset or period to date of a metric changed.",
    why="Seven days became twenty-eight under the same name.",
    example="```diff\n- window: 7 days\n+ window: 28 days\n```",
    advice="Put the window into the metric's name.",
)

DIMENSION_REMOVED = Rule(
    code="KPI508",
    name="dimension-or-entity-removed",
    severity=Severity.ERROR,
    strictness=Strictness.KPI,
    direction=Direction.LOOSENS,
    mirror="KPI515",
    summary="A dimension or entity is gone, of another type, or means another column.",
    why="Queries that group or filter by it fail, or group by something else.",
    example="```diff\n  dimensions:\n-   - name: country\n-     type: categorical\n```",
    advice="Keep it beside its successor until nothing asks for it.",
    unknown="Who groups by a dimension in a BI tool is not known here.",
)

ENTITY_TYPE_CHANGED = Rule(
    code="KPI509",
    name="entity-join-type-changed",
    severity=Severity.ERROR,
    strictness=Strictness.KPI,
    direction=Direction.BOTH,
    mirror="KPI509",
    summary="An entity became primary, unique, foreign or natural.",
    why="It decides along which joins metrics may be grouped, and whether rows may multiply.",
    example="```diff\n- type: primary\n+ type: foreign\n```",
    advice="Test that the column is unique if the entity says so.",
)

SAVED_QUERY_CHANGED = Rule(
    code="KPI510",
    name="saved-query-changed",
    severity=Severity.ERROR,
    strictness=Strictness.KPI,
    direction=Direction.BOTH,
    mirror="KPI510",
    summary="A saved query or one of its exports asks for something else, or is gone.",
    why="The table that it exports has other columns, other rows or another place.",
    example=(
        "```diff\n  query_params:\n    group_by:\n-     - TimeDimension('metric_time', 'day')\n```"
    ),
    advice="Add a second saved query and move its readers.",
)

METRIC_UPSTREAM = Rule(
    code="KPI511",
    name="metric-changed-upstream",
    severity=Severity.ERROR,
    strictness=Strictness.STRICT,
    direction=Direction.BOTH,
    mirror="KPI511",
    summary="A metric means something else by a change of columns or rows further up.",
    why=(
        "Its definition is untouched, so nobody looks at it. By default it stands only in the "
        "list of whom the change upstream hits."
    ),
    example="`stg_orders` has a new filter; `revenue` counts fewer orders.",
    advice="Look at the finding upstream that is named as evidence.",
)

METRIC_RENAMED = Rule(
    code="KPI512",
    name="metric-renamed-same-meaning",
    severity=Severity.WARNING,
    strictness=Strictness.KPI,
    direction=Direction.BOTH,
    mirror="KPI512",
    summary="A metric has another name and the same definition.",
    why="Dashboards and saved queries that ask for the old name fail.",
    example="The metric `revenue` is called `net_revenue`; nothing else differs.",
    advice="Keep the old name as a derived metric for a while.",
)

LABEL_CHANGED = Rule(
    code="KPI513",
    name="metric-label-changed",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.BOTH,
    mirror="KPI513",
    summary="The label or description of a metric changed.",
    why="No number differs; people may look for it under the old words.",
    example="```diff\n- label: Revenue\n+ label: Net revenue\n```",
    advice="Nothing to do.",
)

METRIC_ADDED = Rule(
    code="KPI514",
    name="metric-added",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.TIGHTENS,
    mirror="KPI501",
    summary="A metric is new.",
    why="Shown so that a reviewer sees whether the same number exists already.",
    example="`- name: refund_rate` is added to `_metrics.yml`.",
    advice="Give it a description, an owner and a tier.",
)

DIMENSION_ADDED = Rule(
    code="KPI515",
    name="dimension-or-entity-added",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.TIGHTENS,
    mirror="KPI508",
    summary="A semantic model has a new dimension or entity.",
    why="Metrics can be grouped by it, or joined along it, from now on.",
    example="```diff\n  dimensions:\n+   - name: country\n+     type: categorical\n```",
    advice="Check that an entity that says so is unique.",
)
