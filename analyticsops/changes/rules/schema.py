"""SCH: relations and columns that are gone, renamed, retyped or new."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.changes.compare import NodeChange, Retyped
from analyticsops.changes.reach import meaning_reach, removal_reach
from analyticsops.changes.rules.context import Context, changed_line, owner_of, weight
from analyticsops.changes.types import TypeChange
from analyticsops.findings import Affected, Finding, Rule, Severity, make_finding
from analyticsops.lineage.graph import ColumnRef
from analyticsops.project.model import TABLES, Node

MODEL_REMOVED = Rule(
    code="SCH101",
    name="model-removed",
    severity=Severity.ERROR,
    summary="A model, seed, snapshot or source was removed.",
    why=(
        "Its table stays in the warehouse and grows old, or goes away under queries and "
        "dashboards that dbt does not know."
    ),
    example="`models/marts/orders.sql` is deleted while a dashboard reads `marts.orders`.",
    advice=(
        "Deprecate it first: set `deprecation_date`, tell the owners named here, and remove it "
        "when nothing reads it."
    ),
)

MODEL_DISABLED = Rule(
    code="SCH102",
    name="model-disabled",
    severity=Severity.ERROR,
    summary="A node was switched off with `enabled: false`.",
    why="For its readers that is the same as removing it, but no file disappears.",
    example="`{{ config(enabled=false) }}` appears in `orders.sql`.",
    advice="Keep it enabled until nothing reads it, or remove it for good.",
)

COLUMN_REMOVED = Rule(
    code="SCH201",
    name="column-removed",
    severity=Severity.ERROR,
    summary="A column is gone from a model's result.",
    why="Queries that name it fail, and stars lose it without a word.",
    example=(
        "```diff\n- select id, amount, currency from payments\n"
        "+ select id, amount from payments\n```"
    ),
    advice=(
        "Keep the column until its readers are adapted, or publish a new version of the model "
        "and give the old one a `deprecation_date`."
    ),
    unknown=(
        "If the new SQL has a star over a table with unknown columns, nobody can list its "
        "columns; then `not-analysed` says so."
    ),
)

COLUMN_RENAMED = Rule(
    code="SCH202",
    name="column-renamed",
    severity=Severity.ERROR,
    summary="A column has another name, and the same meaning.",
    why="To whoever reads it under the old name it is gone.",
    example=(
        "```diff\n- select payment_method from payments\n"
        "+ select payment_method as method from payments\n```"
    ),
    advice=(
        "Adapt the readers in the same change, or keep the old name beside the new one for a "
        "while: `select *, method as payment_method`."
    ),
    unknown="A rename is *proved* if both names have the same canonical expression, else *likely*.",
)

TYPE_NARROWED = Rule(
    code="SCH203",
    name="type-narrowed",
    severity=Severity.ERROR,
    summary="A column's type holds fewer values than before.",
    why="Values that fitted are cut or refused, at load or, worse, in a reader.",
    example="`varchar(50)` becomes `varchar(10)`; `decimal(18,2)` becomes `decimal(18,4)`.",
    advice="Check the longest and largest values first, or publish a new version of the model.",
)

TYPE_INCOMPATIBLE = Rule(
    code="SCH204",
    name="type-incompatible",
    severity=Severity.ERROR,
    summary="A column's type changed to one of another kind.",
    why="Comparisons, joins and arithmetic on it fail or silently convert.",
    example="`order_id integer` becomes `order_id varchar`.",
    advice="Publish a new version of the model, or add the retyped column under a new name.",
)

TYPE_WIDENED = Rule(
    code="SCH205",
    name="type-widened",
    severity=Severity.WARNING,
    summary="A column's type holds more values than before.",
    why="Readers with a fixed type of their own may no longer fit.",
    example="`integer` becomes `bigint`.",
    advice="Nothing to do unless a reader casts or stores the column in the old type.",
)

COLUMN_ADDED = Rule(
    code="SCH210",
    name="column-added",
    severity=Severity.INFO,
    summary="A model has a new column.",
    why="Safe for readers that name their columns; shown so that a reviewer sees it.",
    example="```diff\n- select id from orders\n+ select id, is_gift from orders\n```",
    advice="Document it and test it.",
)

RULES = (
    MODEL_REMOVED,
    MODEL_DISABLED,
    COLUMN_REMOVED,
    COLUMN_RENAMED,
    TYPE_NARROWED,
    TYPE_INCOMPATIBLE,
    TYPE_WIDENED,
    COLUMN_ADDED,
)

_AUTHORITIES = {
    "catalog": "the catalogs",
    "contract": "the contract",
    "declared": "the YAML files",
}

_OF_TYPE_CHANGE = {
    TypeChange.NARROWED: TYPE_NARROWED,
    TypeChange.INCOMPATIBLE: TYPE_INCOMPATIBLE,
    TypeChange.WIDENED: TYPE_WIDENED,
}


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    for node in context.comparison.removed:
        if node.kind in TABLES:
            yield _removed(context, node)
    for change in context.defined():
        yield from _columns(context, change)
        for retyped in change.retyped:
            yield _retyped(context, change, retyped)


def _removed(context: Context, node: Node) -> Finding:
    comparison = context.comparison
    rule = MODEL_REMOVED
    if node.unique_id in comparison.head.project.disabled:
        rule = MODEL_DISABLED
    graph = comparison.base.graph
    columns = graph.nodes[node.unique_id].columns
    refs = [ColumnRef(node.unique_id), *(ColumnRef(node.unique_id, name) for name in columns)]
    affected = meaning_reach(comparison, refs, graph=graph)
    what = "disabled" if rule is MODEL_DISABLED else "removed"
    return make_finding(
        rule,
        node=node.unique_id,
        subject=node.label,
        message=f"{node.kind} {node.label} was {what}",
        severity=weight(node, affected),
        location=context.locate_base(node, ""),
        affected=affected,
        owner=owner_of(node),
    )


def _columns(context: Context, change: NodeChange) -> Iterator[Finding]:
    new_names = {pair.old: pair for pair in change.renamed}
    for column in change.removed:
        pair = new_names.get(column)
        ref = ColumnRef(change.base.unique_id, column)
        affected = removal_reach(context.comparison, ref)
        label = f"{change.head.label}.{column}"
        if pair is None:
            rule, what = COLUMN_REMOVED, f"column {label} was removed"
            location = changed_line(change, context.locate_head)
        else:
            sure = "renamed" if pair.proved else "probably renamed"
            rule, what = COLUMN_RENAMED, f"column {label} was {sure} to {pair.new}"
            location = context.locate_head(change.head, pair.new)
        yield make_finding(
            rule,
            node=change.head.unique_id,
            subject=label,
            column=column,
            message=f"{what}",
            severity=weight(change.head, affected),
            location=location,
            evidence=_evidence(affected),
            affected=affected,
            owner=owner_of(change.head),
            identity=(pair.new if pair else "",),
            proven=pair is None or pair.proved,
        )
    for column in change.added:
        if column in {pair.new for pair in change.renamed}:
            continue
        yield make_finding(
            COLUMN_ADDED,
            node=change.head.unique_id,
            subject=f"{change.head.label}.{column}",
            column=column,
            message=f"column {change.head.label}.{column} was added",
            location=context.locate_head(change.head, column),
            owner=owner_of(change.head),
        )


def _evidence(affected: tuple[Affected, ...]) -> list[str]:
    broken = [f"{hit.kind} {hit.name}" for hit in affected if hit.via == "breaks"]
    return [f"still read by {name}" for name in broken]


def _retyped(context: Context, change: NodeChange, retyped: Retyped) -> Finding:
    rule = _OF_TYPE_CHANGE[retyped.change]
    ref = ColumnRef(change.head.unique_id, retyped.column)
    affected = meaning_reach(context.comparison, [ref])
    label = f"{change.head.label}.{retyped.column}"
    severity = rule.severity
    if severity is Severity.ERROR:
        severity = weight(change.head, affected)
    return make_finding(
        rule,
        node=change.head.unique_id,
        subject=label,
        column=retyped.column,
        message=f"type of {label} changed from {retyped.old} to {retyped.new}",
        severity=severity,
        location=context.locate_head(change.head, retyped.column),
        evidence=[f"both types as stated by {_AUTHORITIES.get(retyped.source, retyped.source)}"],
        affected=affected,
        owner=owner_of(change.head),
        identity=(retyped.old, retyped.new),
    )
