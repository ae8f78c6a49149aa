"""SCH2: columns that are gone, renamed, new, or in another order."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.changes.compare import NodeChange
from analyticsops.changes.positions import positional_readers
from analyticsops.changes.reach import removal_reach
from analyticsops.changes.rules.context import Context, about, changed_line
from analyticsops.findings import Affected, Direction, Finding, Rule, Severity, Strictness
from analyticsops.lineage.graph import ColumnRef

COLUMN_REMOVED = Rule(
    code="SCH201",
    name="column-removed",
    severity=Severity.ERROR,
    strictness=Strictness.SCHEMA,
    direction=Direction.LOOSENS,
    mirror="SCH210",
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

_ADAPT = (
    "Adapt the readers in the same change, or keep the old name beside the new one for a while:"
)

COLUMN_RENAMED = Rule(
    code="SCH202",
    name="column-renamed",
    severity=Severity.ERROR,
    strictness=Strictness.SCHEMA,
    direction=Direction.BOTH,
    mirror="SCH202",
    summary="A column has another name, and the same meaning.",
    why="To whoever reads it under the old name it is gone.",
    example=(
        "```diff\n- select payment_method from payments\n"
        "+ select payment_method as method from payments\n```"
    ),
    advice=f"{_ADAPT} `select *, method as payment_method`.",
    unknown="A rename is *proved* if both names have the same canonical expression, else *likely*.",
)

COLUMN_REORDERED = Rule(
    code="SCH209",
    name="column-reordered",
    severity=Severity.INFO,
    strictness=Strictness.SCHEMA,
    direction=Direction.BOTH,
    mirror="SCH209",
    summary="The same columns stand in another order.",
    why=(
        "Whoever names columns does not notice; `union all select *`, `insert into ... select *` "
        "and CSV exports pair them by position and mix them up without an error."
    ),
    example=(
        "```diff\n- select id, gross, net from orders\n+ select id, net, gross from orders\n```"
    ),
    advice="Keep the order, or name the columns in the readers that are listed.",
    unknown="Readers outside the project are not known.",
)

COLUMN_ADDED = Rule(
    code="SCH210",
    name="column-added",
    severity=Severity.INFO,
    strictness=Strictness.SCHEMA,
    direction=Direction.TIGHTENS,
    mirror="SCH201",
    summary="A model has a new column.",
    why=(
        "Safe for readers that name their columns; shown so that a reviewer sees it. A star "
        "that feeds a union, or an incremental model that fails on new columns, does break."
    ),
    example="```diff\n- select id from orders\n+ select id, is_gift from orders\n```",
    advice="Document it and test it.",
)

COLUMN_RESPELLED = Rule(
    code="SCH212",
    name="column-spelled-otherwise",
    severity=Severity.WARNING,
    strictness=Strictness.SCHEMA,
    direction=Direction.BOTH,
    mirror="SCH212",
    summary="A quoted column name has other upper and lower case letters, or lost its quotes.",
    why="Readers that quote it, and tools that compare names exactly, no longer find it.",
    example=(
        '```diff\n- select id as "OrderId" from orders\n+ select id as orderid from orders\n```'
    ),
    advice="Keep the spelling, or leave quotes out everywhere.",
)

RULES = (COLUMN_REMOVED, COLUMN_RENAMED, COLUMN_REORDERED, COLUMN_ADDED, COLUMN_RESPELLED)


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    for change in context.defined():
        yield from _removed(context, change)
        yield from _added(context, change)
        yield from _reordered(context, change)
        yield from _respelled(context, change)


def _removed(context: Context, change: NodeChange) -> Iterator[Finding]:
    new_names = {pair.old: pair for pair in change.renamed}
    for column in change.removed:
        pair = new_names.get(column)
        affected = removal_reach(context.comparison, ColumnRef(change.base.unique_id, column))
        label, fix = f"{change.head.label}.{column}", ""
        if pair is None:
            rule, what = COLUMN_REMOVED, f"column {label} was removed"
            location = changed_line(change, context.locate_head)
        else:
            sure = "renamed" if pair.proved else "probably renamed"
            rule, what = COLUMN_RENAMED, f"column {label} was {sure} to {pair.new}"
            location = context.locate_head(change.head, pair.new)
            fix = f"{_ADAPT} `select *, {pair.new} as {column}`."
        yield about(
            context,
            rule,
            change.head,
            what,
            column=column,
            location=location,
            evidence=_evidence(affected),
            affected=affected,
            fix=fix,
            identity=(pair.new if pair else "",),
            proven=pair is None or pair.proved,
        )


def _evidence(affected: tuple[Affected, ...]) -> list[str]:
    told = {"breaks": "still read by", "loses": "handed on by the star of"}
    return [f"{told[hit.via]} {hit.kind} {hit.name}" for hit in affected if hit.via in told]


def _added(context: Context, change: NodeChange) -> Iterator[Finding]:
    new = [name for name in change.added if name not in {pair.new for pair in change.renamed}]
    if not new:
        return
    reasons = [
        f"read by position by {reader.kind} {reader.label}"
        for reader in positional_readers(context.comparison.head, change.head)
    ]
    if change.head.config.get("on_schema_change") == "fail":
        reasons.append("its own `on_schema_change: fail` refuses it until a full refresh")
    for column in new:
        label = f"{change.head.label}.{column}"
        yield about(
            context,
            COLUMN_ADDED,
            change.head,
            f"column {label} was added",
            column=column,
            default=Severity.WARNING if reasons else None,
            evidence=reasons,
        )


def _reordered(context: Context, change: NodeChange) -> Iterator[Finding]:
    graphs = context.comparison.base.graph, context.comparison.head.graph
    before, after = (list(graph.nodes[change.head.unique_id].names) for graph in graphs)
    renamed = {pair.old: pair.new for pair in change.renamed}
    before = [renamed.get(name, name).lower() for name in before]
    after = [name.lower() for name in after]
    order = [name for name in before if name in after]
    new_order = [name for name in after if name in before]
    if change.head.kind == "source" or order == new_order or change.unknown:
        return
    readers = positional_readers(context.comparison.head, change.head)
    reasons = [f"read by position by {reader.kind} {reader.label}" for reader in readers]
    yield about(
        context,
        COLUMN_REORDERED,
        change.head,
        f"the columns of {change.head.label} stand in another order",
        default=Severity.ERROR if readers else None,
        weighs=False,
        location=changed_line(change, context.locate_head),
        evidence=[f"was: {', '.join(order)}", f"now: {', '.join(new_order)}", *reasons],
        identity=new_order,
    )


def _respelled(context: Context, change: NodeChange) -> Iterator[Finding]:
    from analyticsops.changes.spelling import quoted_names

    if change.head.kind in ("seed", "source") or change.unknown:
        return
    comparison = context.comparison
    before = quoted_names(comparison.base.tree(change.base))
    after = quoted_names(comparison.head.tree(change.head))
    spelled = {name.lower(): (name, quoted) for name, quoted in after.items()}
    for name, quoted in before.items():
        new, still_quoted = spelled.get(name.lower(), (name, quoted))
        if new == name or not (quoted or still_quoted):
            continue
        label = f"{change.head.label}.{new}"
        yield about(
            context,
            COLUMN_RESPELLED,
            change.head,
            f"column {label} is no longer spelled {name}",
            column=new,
            location=context.locate_head(change.head, new),
            identity=(name, new),
        )
