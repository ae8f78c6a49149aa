"""The rules of CON601 to CON611 and their mirrors as data: promises."""

from __future__ import annotations

from analyticsops.findings import Direction, Rule, Severity, Strictness

CONTRACT_OFF = Rule(
    code="CON601",
    name="contract-off",
    severity=Severity.ERROR,
    strictness=Strictness.SCHEMA,
    direction=Direction.LOOSENS,
    mirror="CON619",
    summary="The contract of a model is no longer enforced.",
    why="Columns and types that readers were promised may change from now on without an error.",
    example="```diff\n  config:\n    contract:\n-     enforced: true\n+     enforced: false\n```",
    advice="Keep it, or give the model a new version without one.",
)

CONTRACT_COLUMN = Rule(
    code="CON602",
    name="contract-column-changed",
    severity=Severity.ERROR,
    strictness=Strictness.SCHEMA,
    direction=Direction.BOTH,
    mirror="CON602",
    summary="A contract promises another type for a column than before.",
    why="dbt casts to what the contract says; the warehouse's catalog does not show it yet.",
    example="`data_type: decimal(18,2)` becomes `data_type: decimal(18,0)` under a contract.",
    advice="Publish a new version of the model, or keep the promise.",
)

CONSTRAINT_REMOVED = Rule(
    code="CON603",
    name="constraint-removed",
    severity=Severity.ERROR,
    strictness=Strictness.SCHEMA,
    direction=Direction.LOOSENS,
    mirror="CON604",
    summary="A constraint of a contract is gone, or no longer enforced.",
    why="Readers that rely on it (no NULL, one row for each key) get what they do not expect.",
    example="```diff\n  - name: order_id\n    constraints:\n-     - type: not_null\n```",
    advice="Keep it, or replace it by a test that says the same.",
)

CONSTRAINT_ADDED = Rule(
    code="CON604",
    name="constraint-added",
    severity=Severity.INFO,
    producer=Severity.ERROR,
    strictness=Strictness.SCHEMA,
    direction=Direction.TIGHTENS,
    mirror="CON603",
    summary="A contract has a new constraint.",
    why="Readers gain a promise; rows that break it make the build fail.",
    example="```diff\n  - name: order_id\n    constraints:\n+     - type: not_null\n```",
    advice="Look for rows that break it before it is merged.",
)

VERSION_REMOVED = Rule(
    code="CON605",
    name="version-removed-early",
    severity=Severity.ERROR,
    strictness=Strictness.RELATION,
    direction=Direction.LOOSENS,
    mirror="CON620",
    summary="A version of a model was removed before its deprecation date.",
    why="Readers were told that they have time until that day, or were told nothing.",
    example="`- v: 1` goes from the YAML file on 1 March; its `deprecation_date` was 30 June.",
    advice="Keep it until the day, or set a `deprecation_date` first.",
)

EDITED_IN_PLACE = Rule(
    code="CON606",
    name="released-version-edited-in-place",
    severity=Severity.ERROR,
    strictness=Strictness.SCHEMA,
    direction=Direction.BOTH,
    mirror="CON606",
    summary="A released version of a model changed its meaning.",
    why="Who pins a version does so to be spared exactly that.",
    example="`orders_v1.sql` gets another filter while `latest_version` is 2.",
    advice="Undo it and put the change into a new version.",
)

LATEST_MOVED = Rule(
    code="CON607",
    name="latest-version-moved",
    severity=Severity.WARNING,
    strictness=Strictness.SCHEMA,
    direction=Direction.BOTH,
    mirror="CON607",
    summary="`ref()` without a version leads to another version of a model.",
    why="Its readers change their input without a change of their own.",
    example="```diff\n- latest_version: 1\n+ latest_version: 2\n```",
    advice="Pin the readers that are listed to the old version, and move them one by one.",
)

DEPRECATION_SHORTENED = Rule(
    code="CON608",
    name="deprecation-shortened",
    severity=Severity.ERROR,
    strictness=Strictness.SCHEMA,
    direction=Direction.LOOSENS,
    mirror="CON621",
    summary="A model ends earlier than it was said to.",
    why="Readers planned their move by the date; with a first date they have to begin.",
    example="```diff\n- deprecation_date: 2027-06-30\n+ deprecation_date: 2027-01-31\n```",
    advice="Keep the date, or agree with the owners that are named.",
)

ACCESS_TIGHTENED = Rule(
    code="CON609",
    name="access-tightened",
    severity=Severity.ERROR,
    strictness=Strictness.RELATION,
    direction=Direction.LOOSENS,
    mirror="CON622",
    summary="Fewer others may refer to a model than before.",
    why="dbt refuses `ref()` from another group or project; what is outside dbt is not told.",
    example="```diff\n- access: public\n+ access: protected\n```",
    advice="Move the readers first that are listed.",
)

GROUP_CHANGED = Rule(
    code="CON610",
    name="group-changed",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.BOTH,
    mirror="CON610",
    summary="A model belongs to another group.",
    why="Another team answers for it, and private models of the group are reached or not.",
    example="```diff\n- group: finance\n+ group: sales\n```",
    advice="Tell both owners.",
)

GRANT_REVOKED = Rule(
    code="CON611",
    name="grant-revoked",
    severity=Severity.ERROR,
    strictness=Strictness.RELATION,
    direction=Direction.LOOSENS,
    mirror="CON623",
    summary="Somebody may no longer read the table.",
    why="Their queries fail at the next run, wherever they are.",
    example="```diff\n  grants:\n-   select: [reporter, bi]\n+   select: [reporter]\n```",
    advice="Ask whoever uses the role first.",
)

CONTRACT_ON = Rule(
    code="CON619",
    name="contract-on",
    severity=Severity.INFO,
    producer=Severity.WARNING,
    strictness=Strictness.STRICT,
    direction=Direction.TIGHTENS,
    mirror="CON601",
    summary="A model is under contract from now on.",
    why="Its columns and types are a promise, and the build fails if they are not kept.",
    example="```diff\n  config:\n    contract:\n+     enforced: true\n```",
    advice="Give it an owner who can answer for the promise.",
)

VERSION_ADDED = Rule(
    code="CON620",
    name="version-added",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.TIGHTENS,
    mirror="CON605",
    summary="A model has a new version.",
    why="Readers can begin to move; the old one wants a day on which it ends.",
    example="`- v: 2` is added to the YAML file.",
    advice="Set the `deprecation_date` of the version before it.",
)

DEPRECATION_POSTPONED = Rule(
    code="CON621",
    name="deprecation-postponed",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.TIGHTENS,
    mirror="CON608",
    summary="A model ends later than it was said to, or not any more.",
    why="Readers have more time.",
    example="```diff\n- deprecation_date: 2027-01-31\n+ deprecation_date: 2027-06-30\n```",
    advice="Tell the readers, who may be in a hurry for nothing.",
)

ACCESS_LOOSENED = Rule(
    code="CON622",
    name="access-loosened",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.TIGHTENS,
    mirror="CON609",
    summary="More others may refer to a model than before.",
    why="What is public is a promise to people who are not asked before a change.",
    example="```diff\n- access: protected\n+ access: public\n```",
    advice="Put it under contract.",
)

GRANT_ADDED = Rule(
    code="CON623",
    name="grant-added",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.TIGHTENS,
    mirror="CON611",
    summary="Somebody else may read the table.",
    why="A reviewer should see who gets to see the data, above all of tagged columns.",
    example="```diff\n  grants:\n-   select: [reporter]\n+   select: [reporter, public]\n```",
    advice="Check that nobody sees columns that they must not.",
)
