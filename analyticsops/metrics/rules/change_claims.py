"""The rules about changed meaning as data."""

from __future__ import annotations

from analyticsops.findings import Direction, Rule, Severity, Strictness

NO_MAJOR = Rule(
    code="MET501",
    name="certified-meaning-without-major-version",
    severity=Severity.ERROR,
    strictness=Strictness.KPI,
    direction=Direction.BOTH,
    mirror="MET501",
    summary="A certified metric means something else, and its major version is the same.",
    why=(
        "People compare numbers of two months and do not know that they are two numbers. dbt's "
        "`state:modified` does not see an edited filter or denominator."
    ),
    example="`stg_orders` has a new filter; `revenue` stays at version 2.1.0.",
    advice="Raise the major version of the metric, or undo the change.",
    unknown="What is compared as text is reported as MET509.",
)

UPSTREAM = Rule(
    code="MET502",
    name="metric-meaning-changed-upstream",
    severity=Severity.WARNING,
    certified=Severity.ERROR,
    strictness=Strictness.KPI,
    direction=Direction.BOTH,
    mirror="MET502",
    summary="A metric means something else, and its own YAML is what it was.",
    why="Nobody looks at a metric when a model four steps above it changes.",
    example="`stg_products.product_price` is divided by 1000 instead of 100.",
    advice="Look at the model that is named; if it is meant, say so in a new version.",
)

NO_RECORD = Rule(
    code="MET503",
    name="new-version-without-change-record",
    severity=Severity.WARNING,
    certified=Severity.ERROR,
    strictness=Strictness.KPI,
    direction=Direction.BOTH,
    mirror="MET503",
    summary="A new meaning has no change record with its reason and release note.",
    why="In a year nobody knows why the number changed, nor who decided it.",
    example="`revenue` is at version 3.0.0 and there is no `3.0.0.yml` in its folder of changes.",
    advice="Write the record: why, release note, migration plan, approver.",
)

NO_PLAN = Rule(
    code="MET504",
    name="major-version-without-migration-plan",
    severity=Severity.WARNING,
    certified=Severity.ERROR,
    strictness=Strictness.KPI,
    direction=Direction.BOTH,
    mirror="MET504",
    summary="A new major version has no migration plan.",
    why="Dashboards and stored values of the old meaning stand beside the new ones.",
    example="The record of version 3.0.0 has no `migration:`.",
    advice="Say in the record what readers do, and what becomes of values computed before.",
)

REMOVED = Rule(
    code="MET505",
    name="locked-metric-gone",
    severity=Severity.WARNING,
    certified=Severity.ERROR,
    strictness=Strictness.KPI,
    direction=Direction.BOTH,
    mirror="MET505",
    summary="A metric of the lock is not there any more.",
    why="Whoever asks for it by name gets nothing.",
    example="`revenue` is deleted from its YAML and still stands in `metrics.lock.yml`.",
    advice="Mark it deprecated with a successor first; then write the lock again.",
)

LESS = Rule(
    code="MET506",
    name="metric-loses-dimension",
    severity=Severity.WARNING,
    certified=Severity.ERROR,
    strictness=Strictness.KPI,
    direction=Direction.BOTH,
    mirror="MET506",
    summary="A metric cannot be grouped any more by what it could, or only more coarsely.",
    why="Every question, saved query and dashboard that groups by it fails.",
    example="The entity `customer` is gone from `orders`: no revenue by `customer__country`.",
    advice="Keep the dimension until nobody asks by it.",
)

STALE = Rule(
    code="MET507",
    name="lock-out-of-date",
    severity=Severity.ERROR,
    summary="The lock does not say what the project says.",
    why="Whoever reviews the lock reviews the wrong meaning.",
    example="The formula of `revenue` changed and `metrics.lock.yml` did not.",
    advice="Run `analyticsops metrics lock` and commit the file with the change.",
)

NEEDLESS = Rule(
    code="MET508",
    name="major-version-without-change",
    severity=Severity.WARNING,
    strictness=Strictness.KPI,
    direction=Direction.BOTH,
    mirror="MET508",
    summary="A metric has a new major version and means what it meant.",
    why="Readers migrate for nothing, and believe the next one less.",
    example="`revenue` goes from 2.1.0 to 3.0.0; its fingerprint is the same.",
    advice="Raise the minor or patch version.",
)

OPAQUE = Rule(
    code="MET509",
    name="opaque-meaning-changed",
    severity=Severity.WARNING,
    certified=Severity.ERROR,
    strictness=Strictness.KPI,
    direction=Direction.BOTH,
    mirror="MET509",
    summary="A metric that is partly compared as text has another text.",
    why="Whether the number is another one cannot be told; it is not called unchanged.",
    example="A Python model that `churn` is computed from has another line.",
    advice="Compare the values of both versions, and say in the change record what you found.",
    unknown="This rule reports what cannot be told.",
)

VOID = Rule(
    code="MET510",
    name="certification-void",
    severity=Severity.ERROR,
    summary="A metric is not what was approved.",
    why=(
        "Somebody certified another number. A change cannot certify itself: the approval names "
        "the fingerprint that was approved."
    ),
    example="`approved.fingerprint` is m2:9c41..., and the metric has m2:0b77... by now.",
    advice="Have it approved again, and write the new fingerprint into `approved`.",
)

RULES = (
    NO_MAJOR, UPSTREAM, NO_RECORD, NO_PLAN, REMOVED, LESS, STALE, NEEDLESS, OPAQUE, VOID,
)  # fmt: skip
