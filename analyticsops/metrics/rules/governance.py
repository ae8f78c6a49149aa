"""MET4: what a metric should have, by its tier."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyticsops.findings import Finding, Rule, Severity
from analyticsops.metrics.rules.context import Context, about, users_of
from analyticsops.metrics.semantic_layer import expression_of
from analyticsops.metrics.settings import day_of
from analyticsops.project.keys import promised_keys
from analyticsops.wording import listed

UNDESCRIBED = Rule(
    code="MET401",
    name="metric-without-description",
    severity=Severity.WARNING,
    draft=Severity.INFO,
    certified=Severity.ERROR,
    summary="A metric has no description.",
    why="A number whose meaning is not written down is read in as many ways as it has readers.",
    example="`- name: revenue` with no `description:`.",
    advice="Say what is counted, and what is not, in one or two sentences.",
)

UNOWNED = Rule(
    code="MET402",
    name="metric-without-owner",
    severity=Severity.WARNING,
    draft=Severity.INFO,
    certified=Severity.ERROR,
    summary="A metric has no owner.",
    why="Nobody is asked when it changes, and nobody answers when it looks wrong.",
    example="`- name: revenue` with neither `config.group` nor `meta.analyticsops.owner`.",
    advice="Give it a `config.group` whose owner can be reached, or `meta.analyticsops.owner`.",
)

UNIT = Rule(
    code="MET403",
    name="metric-without-unit",
    severity=Severity.WARNING,
    draft=Severity.INFO,
    certified=Severity.ERROR,
    summary="A metric with a tier has no unit.",
    why="Dollars, cents and orders look alike on a dashboard, and can be added by mistake.",
    example="`tier: certified` without `unit:`.",
    advice="Say it: a currency such as USD, count, ratio, percent, seconds.",
)
DIRECTION = Rule(
    code="MET404",
    name="metric-without-direction",
    severity=Severity.WARNING,
    draft=Severity.INFO,
    certified=Severity.ERROR,
    summary="A metric with a tier does not say when it is good.",
    why="An alert needs to know whether a rise is good news.",
    example="`refunds` without `direction: down`.",
    advice="Say up, down, target or neutral.",
)
VERSION = Rule(
    code="MET406",
    name="certified-metric-without-version",
    severity=Severity.ERROR,
    summary="A certified metric has no version.",
    why="Without one a new meaning cannot be told from the old one.",
    example="`tier: certified` without `version: 1.0.0`.",
    advice="Begin with `version: 1.0.0`.",
)
RUNBOOK = Rule(
    code="MET407",
    name="certified-metric-without-runbook",
    severity=Severity.WARNING,
    summary="A certified metric does not say what to do when it looks wrong.",
    why="Whoever is called at night begins from nothing.",
    example="`tier: certified` without `runbook:`.",
    advice="Name a page: what to look at, whom to ask, how to go back.",
)
FRESHNESS = Rule(
    code="MET408",
    name="certified-metric-without-freshness",
    severity=Severity.WARNING,
    summary="A certified metric does not say how old it may be.",
    why="A number of last week looks like one of today.",
    example="`tier: certified` without `freshness: {slo: 24h}`.",
    advice="Agree on an age with those who decide by it.",
)
UNTESTED = Rule(
    code="MET409",
    name="certified-metric-on-untested-key",
    severity=Severity.WARNING,
    summary="No test says that the rows of a certified metric are told apart by their key.",
    why="A row that is loaded twice is counted twice, and nothing fails.",
    example="`order` is the primary entity of `orders`, and `order_id` has no `unique` test.",
    advice="Add `unique` and `not_null` to the column of the primary entity.",
)
NO_CONTRACT = Rule(
    code="MET410",
    name="certified-metric-without-contract",
    severity=Severity.WARNING,
    summary="A certified metric stands on a model whose columns are not promised.",
    why="A column may change its type or go with any change of the model.",
    example="`revenue` is on `fct_orders`, which has no `contract: {enforced: true}`.",
    advice="Enforce a contract on the model.",
)
NAMING = Rule(
    code="MET411",
    name="metric-name-against-convention",
    severity=Severity.WARNING,
    draft=Severity.INFO,
    summary="The name of a metric is not what the team agreed on.",
    why="People guess names, and agents do.",
    example="`metrics: {names: '[a-z]+(_[a-z]+)*'}`, and the metric is `Rev2`.",
    advice="Rename it and keep the old name as a synonym, or correct `metrics.names`.",
)
DEPRECATED = Rule(
    code="MET412",
    name="deprecated-metric-in-use",
    severity=Severity.WARNING,
    summary="A deprecated metric is still used, or is past its last day.",
    why="It goes, and takes dashboards with it.",
    example="`sunset: 2026-01-31`, and an exposure depends on the metric.",
    advice="Move its users to `replaced_by`, then remove it.",
)
UNCERTIFIED = Rule(
    code="MET413",
    name="certified-depends-on-uncertified",
    severity=Severity.ERROR,
    summary="A certified metric is computed from one that is not.",
    why="What anybody may change at any time cannot carry what is certified.",
    example="`gross_margin` is certified, and `cost_of_goods` is a draft.",
    advice="Certify the other one, or lower the tier.",
)
UNAPPROVED = Rule(
    code="MET414",
    name="certified-without-approval",
    severity=Severity.ERROR,
    summary="A certified metric does not say who approved it.",
    why="A tier that anybody can write is no certificate.",
    example="`tier: certified` without `approved: {fingerprint, by, date}`.",
    advice="Have its owner approve the fingerprint that `analyticsops metrics lock` writes.",
)
PARTLY = Rule(
    code="MET415",
    name="certified-metric-partly-opaque",
    severity=Severity.WARNING,
    summary="Parts of what a certified metric is computed from are only compared as text.",
    why="A change there may be one or none: it cannot be told.",
    example="A Python model stands between the source and the metric.",
    advice="Look at the reasons; write in SQL what the metric rests on.",
    unknown="This rule reports what is not understood.",
)

RULES = (
    UNDESCRIBED, UNOWNED, UNIT, DIRECTION, VERSION, RUNBOOK, FRESHNESS, UNTESTED, NO_CONTRACT,
    NAMING, DEPRECATED, UNCERTIFIED, UNAPPROVED, PARTLY,
)  # fmt: skip


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    for name in context.own():
        if not context.registry.definitions[name].description:
            yield about(context, UNDESCRIBED, name, "has no description")
        if not context.registry.owners[name]:
            yield about(context, UNOWNED, name, "has no owner")
        if not re.fullmatch(context.names, name):
            what = f"is not named as agreed: {context.names}"
            yield about(context, NAMING, name, what)
        tier = context.tier(name)
        if tier in ("draft", "reviewed", "certified"):
            yield from _told(context, name)
        if tier == "certified":
            yield from _certified(context, name)
            yield from _standing_on(context, name)
        if tier == "deprecated":
            yield from _deprecated(context, name)


def _told(context: Context, name: str) -> Iterator[Finding]:
    settings = context.registry.settings[name]
    if not settings.unit:
        yield about(context, UNIT, name, "has no unit")
    if not settings.direction:
        yield about(context, DIRECTION, name, "does not say when it is good")


def _certified(context: Context, name: str) -> Iterator[Finding]:
    registry, settings = context.registry, context.registry.settings[name]
    for said, rule, what in (
        (settings.version, VERSION, "has no version"),
        (settings.runbook, RUNBOOK, "has no runbook"),
        (settings.freshness, FRESHNESS, "does not say how old it may be"),
        (settings.approved, UNAPPROVED, "was approved by nobody"),
    ):
        if not said:
            yield about(context, rule, name, what, setting="tier")
    for part in registry.definitions[name].inputs:
        if part.name in registry.settings and context.tier(part.name) != "certified":
            tier = context.tier(part.name)
            which = f"whose tier is {tier}" if tier else "which has no tier"
            what = f"is computed from {part.name}, {which}"
            yield about(context, UNCERTIFIED, name, what, identity=(part.name,))
    opaque = registry.meant.metrics[name].opaque
    if opaque:
        what = f"is partly compared as text: {opaque[0]}"
        yield about(context, PARTLY, name, what, evidence=opaque, proven=False)


def _standing_on(context: Context, name: str) -> Iterator[Finding]:
    """The models that its rows are of: their keys and contracts."""
    registry = context.registry
    project, layer = registry.project, registry.layer
    leaves = registry.meant.metrics[name].leaves
    found = (
        layer.models.get(leaf.aggregation.semantic_model) for leaf in leaves if leaf.aggregation
    )
    for model in dict.fromkeys(model.name for model in found if model is not None):
        semantic = layer.models[model]
        node = project.nodes.get(semantic.model)
        if node is None or node.kind != "model":
            continue
        entity = semantic.entities.get(semantic.primary)
        column = expression_of(entity) if entity is not None else ""
        firm = [names for names, filled in promised_keys(project, node) if filled]
        if column and (column.lower(),) not in firm:
            what = f"counts rows of {node.label}, whose key {column} no test holds to be unique"
            yield about(context, UNTESTED, name, what, identity=(node.unique_id,))
        if not node.contract:
            what = f"stands on {node.label}, which has no enforced contract"
            yield about(context, NO_CONTRACT, name, what, identity=(node.unique_id,))


def _deprecated(context: Context, name: str) -> Iterator[Finding]:
    deprecation = context.registry.settings[name].deprecation
    last = day_of(deprecation.sunset) if deprecation is not None else None
    successor = (
        f"; use {deprecation.replaced_by}" if deprecation and deprecation.replaced_by else ""
    )
    if last is not None and last < context.today:
        what = f"should be gone since {last}{successor}"
        yield about(context, DEPRECATED, name, what, severity=Severity.ERROR)
        return
    users = users_of(context.registry, name)
    if users:
        what = f"is still used by {listed(users, 3)}{successor}"
        yield about(context, DEPRECATED, name, what, evidence=users)
