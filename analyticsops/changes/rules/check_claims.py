"""The rules of CON612 to CON618 and their mirrors as data: tests."""

from __future__ import annotations

from analyticsops.findings import Direction, Rule, Severity, Strictness

UNIQUENESS_UNCHECKED = Rule(
    code="CON612",
    name="uniqueness-no-longer-checked",
    severity=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.LOOSENS,
    mirror="CON624",
    summary="The last check that a column is unique was removed.",
    why=(
        "Joins on a key that is not unique multiply rows, and sums downstream grow unnoticed. "
        "What was proven with the test as an assumption is proven no more."
    ),
    example="```diff\n  - name: payment_id\n    data_tests:\n-     - unique\n      - not_null\n```",
    advice="Keep the test, or declare a `unique` or `primary_key` constraint that is enforced.",
)

TEST_REMOVED = Rule(
    code="CON613",
    name="test-removed",
    severity=Severity.WARNING,
    strictness=Strictness.DATA,
    direction=Direction.LOOSENS,
    mirror="CON625",
    summary="A data test was removed while what it tested is still there.",
    why="Whatever it caught will now reach the dashboards.",
    example="```diff\n  - name: status\n    data_tests:\n-     - accepted_values: ...\n```",
    advice="Say in the pull request why the test is no longer needed, or keep it.",
)

TEST_WEAKENED = Rule(
    code="CON614",
    name="test-weakened",
    severity=Severity.WARNING,
    strictness=Strictness.DATA,
    direction=Direction.LOOSENS,
    mirror="CON626",
    summary="A data test fails less often: severity, threshold, `where`, or switched off.",
    why="It still stands in the list of tests and no longer stops what it was written for.",
    example="```diff\n  - not_null:\n      config:\n+       severity: warn\n```",
    advice="Say until when, and what has to be mended in the meantime.",
    unknown="Other arguments may weaken or strengthen a test; then it says so.",
)

VALUES_WIDENED = Rule(
    code="CON615",
    name="accepted-values-widened",
    severity=Severity.ERROR,
    producer=Severity.INFO,
    strictness=Strictness.DATA,
    direction=Direction.LOOSENS,
    mirror="CON627",
    summary="A column may hold values that it could not hold before.",
    why="A CASE or a filter downstream that lists the old values drops the new one silently.",
    example="```diff\n-   values: [placed, paid]\n+   values: [placed, paid, refunded]\n```",
    advice="Look at every `case` and filter on the column in the models that are listed.",
)

RELATIONSHIP_MOVED = Rule(
    code="CON616",
    name="relationship-retargeted",
    severity=Severity.WARNING,
    strictness=Strictness.DATA,
    direction=Direction.BOTH,
    mirror="CON616",
    summary="A relationships test looks for the values in another table or column.",
    why="The old reference is no longer checked, and joins to it may lose rows.",
    example="```diff\n-   to: ref('dim_customers')\n+   to: ref('stg_customers')\n```",
    advice="Keep a test for each table that readers join to.",
)

UNIT_TEST_REMOVED = Rule(
    code="CON617",
    name="unit-test-removed",
    severity=Severity.WARNING,
    strictness=Strictness.DATA,
    direction=Direction.LOOSENS,
    mirror="CON628",
    summary="A unit test of a model that is still there was removed.",
    why="The case it held may break without anybody noticing.",
    example="`- name: refunds_are_subtracted` goes from `unit_tests:`.",
    advice="Adapt it to the new logic instead.",
)

TEST_ORPHANED = Rule(
    code="CON618",
    name="test-orphaned",
    severity=Severity.ERROR,
    strictness=Strictness.STRICT,
    direction=Direction.BOTH,
    mirror="CON618",
    summary="A test is attached to a column that the change removes.",
    why="It fails at the next run. By default it stands in the list of whom the removal hits.",
    example="`not_null` stays under `- name: amount`, and the SQL has no `amount` any more.",
    advice="Remove the test with the column, or move it to the new name.",
)

UNIQUENESS_CHECKED = Rule(
    code="CON624",
    name="uniqueness-now-checked",
    severity=Severity.INFO,
    producer=Severity.WARNING,
    strictness=Strictness.STRICT,
    direction=Direction.TIGHTENS,
    mirror="CON612",
    summary="A column is checked to be unique for the first time.",
    why="Joins on it can be proven to keep the rows of the other side.",
    example="```diff\n  - name: payment_id\n    data_tests:\n+     - unique\n```",
    advice="Add `not_null` as well: `unique` lets any number of NULLs pass.",
)

TEST_ADDED = Rule(
    code="CON625",
    name="test-added",
    severity=Severity.INFO,
    producer=Severity.WARNING,
    strictness=Strictness.STRICT,
    direction=Direction.TIGHTENS,
    mirror="CON613",
    summary="A data test is new.",
    why="It may fail on the data that is there.",
    example="```diff\n  - name: status\n    data_tests:\n+     - not_null\n```",
    advice="Run it once against production before it is merged.",
)

TEST_STRENGTHENED = Rule(
    code="CON626",
    name="test-strengthened",
    severity=Severity.INFO,
    producer=Severity.WARNING,
    strictness=Strictness.STRICT,
    direction=Direction.TIGHTENS,
    mirror="CON614",
    summary="A data test fails more often: severity, threshold or `where`.",
    why="What only warned may stop the next run.",
    example="```diff\n  - not_null:\n      config:\n-       severity: warn\n```",
    advice="Run it once against production before it is merged.",
)

VALUES_NARROWED = Rule(
    code="CON627",
    name="accepted-values-narrowed",
    severity=Severity.INFO,
    producer=Severity.ERROR,
    strictness=Strictness.DATA,
    direction=Direction.TIGHTENS,
    mirror="CON615",
    summary="A column may hold fewer values than before.",
    why="Who delivers a value that is gone makes the test fail.",
    example="```diff\n-   values: [placed, paid, refunded]\n+   values: [placed, paid]\n```",
    advice="Look for rows that still hold the value.",
)

UNIT_TEST_ADDED = Rule(
    code="CON628",
    name="unit-test-added",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.TIGHTENS,
    mirror="CON617",
    summary="A unit test is new.",
    why="Shown so that a reviewer sees what is held from now on.",
    example="`- name: refunds_are_subtracted` is added to `unit_tests:`.",
    advice="Nothing to do.",
)
