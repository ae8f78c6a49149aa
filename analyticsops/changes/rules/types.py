"""SCH2: types of columns, and whether they may be NULL."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.changes.columns import Retyped
from analyticsops.changes.compare import NodeChange
from analyticsops.changes.nullable import from_outer_side
from analyticsops.changes.rules.context import Context, about, changed_line
from analyticsops.changes.types import TypeChange, compare_types, is_nested
from analyticsops.findings import Direction, Finding, Rule, Severity, Strictness
from analyticsops.project.model import Node

TYPE_NARROWED = Rule(
    code="SCH203",
    name="type-narrowed",
    severity=Severity.ERROR,
    strictness=Strictness.SCHEMA,
    direction=Direction.TIGHTENS,
    mirror="SCH205",
    summary="A column's type holds fewer values than before.",
    why="Values that fitted are cut or refused, at load or, worse, in a reader.",
    example="`varchar(50)` becomes `varchar(10)`; `decimal(18,2)` becomes `decimal(18,4)`.",
    advice="Check the longest and largest values first, or publish a new version of the model.",
)

TYPE_INCOMPATIBLE = Rule(
    code="SCH204",
    name="type-incompatible",
    severity=Severity.ERROR,
    strictness=Strictness.SCHEMA,
    direction=Direction.BOTH,
    mirror="SCH204",
    summary="A column's type changed to one of another kind.",
    why="Comparisons, joins and arithmetic on it fail or silently convert.",
    example="`order_id integer` becomes `order_id varchar`.",
    advice="Publish a new version of the model, or add the retyped column under a new name.",
)

TYPE_WIDENED = Rule(
    code="SCH205",
    name="type-widened",
    severity=Severity.WARNING,
    strictness=Strictness.SCHEMA,
    direction=Direction.LOOSENS,
    mirror="SCH203",
    summary="A column's type holds more values than before.",
    why="Readers with a fixed type of their own may no longer fit.",
    example="`integer` becomes `bigint`.",
    advice="Nothing to do unless a reader casts or stores the column in the old type.",
)

TYPE_ALIAS = Rule(
    code="SCH206",
    name="type-alias-only",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.BOTH,
    mirror="SCH206",
    summary="A column's type is called otherwise and is the same.",
    why="dbt compares the texts and calls it a breaking change of the contract; it is none.",
    example="`varchar` becomes `text` on DuckDB; `int4` becomes `integer`.",
    advice="Nothing to do.",
)

MAY_BE_NULL = Rule(
    code="SCH207",
    name="may-now-be-null",
    severity=Severity.ERROR,
    strictness=Strictness.SCHEMA,
    direction=Direction.LOOSENS,
    mirror="SCH208",
    summary="A column comes from the optional side of an outer join, and did not before.",
    why="Where nothing matches it is NULL: comparisons drop the row, and sums leave it out.",
    example=(
        "```diff\n- select o.id, c.country from orders o join customers c using (customer_id)\n"
        "+ select o.id, c.country from orders o left join customers c using (customer_id)\n```"
    ),
    advice="Give it a default with `coalesce`, or test that every row finds its match.",
    unknown="It says that SQL allows NULL, not that there is one: the join may always match.",
)

NEVER_NULL = Rule(
    code="SCH208",
    name="never-null-now",
    severity=Severity.INFO,
    strictness=Strictness.STRICT,
    direction=Direction.TIGHTENS,
    mirror="SCH207",
    summary="A column came from the optional side of an outer join, and does not any more.",
    why="Readers that handled its NULLs can stop to; the rows that had them may be gone.",
    example=(
        "```diff\n- select o.id, c.country from orders o left join customers c using (id)\n"
        "+ select o.id, c.country from orders o join customers c using (id)\n```"
    ),
    advice="Look at the rows that no longer find a match.",
)

NESTED_CHANGED = Rule(
    code="SCH211",
    name="nested-field-changed",
    severity=Severity.ERROR,
    strictness=Strictness.SCHEMA,
    direction=Direction.BOTH,
    mirror="SCH211",
    summary="A field inside a struct, array or map was added, removed or retyped.",
    why="Paths into the column fail, and a UNION with the old shape does as well.",
    example="`struct(city varchar, zip varchar)` becomes `struct(city varchar)`.",
    advice="Add fields at the end and keep the others, or publish a new version of the model.",
)

RULES = (
    TYPE_NARROWED,
    TYPE_INCOMPATIBLE,
    TYPE_WIDENED,
    TYPE_ALIAS,
    MAY_BE_NULL,
    NEVER_NULL,
    NESTED_CHANGED,
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
    for change in context.defined():
        for retyped in change.retyped:
            yield _retyped(context, change, retyped)
        yield from _nulls(context, change)
    pairs = context.pairs("model", "seed", "snapshot", "source")
    for base, head in pairs if context.tells(TYPE_ALIAS) else ():
        yield from _aliases(context, base, head)


def _retyped(context: Context, change: NodeChange, retyped: Retyped) -> Finding:
    rule = _OF_TYPE_CHANGE[retyped.change]
    nested = is_nested(retyped.old) and is_nested(retyped.new)
    if nested and retyped.change is TypeChange.INCOMPATIBLE:
        rule = NESTED_CHANGED
    label = f"{change.head.label}.{retyped.column}"
    return about(
        context,
        rule,
        change.head,
        f"type of {label} changed from {retyped.old} to {retyped.new}",
        column=retyped.column,
        evidence=[f"both types as stated by {_AUTHORITIES.get(retyped.source, retyped.source)}"],
        affected=context.hit(change.head, [retyped.column]),
        identity=(retyped.old, retyped.new),
    )


def _nulls(context: Context, change: NodeChange) -> Iterator[Finding]:
    """Columns that changed sides of an outer join."""
    if change.head.language != "sql" or change.unknown:
        return
    comparison = context.comparison
    before = from_outer_side(comparison.base.tree(change.base))
    after = from_outer_side(comparison.head.tree(change.head))
    for name in sorted(before.keys() & after.keys()):
        if before[name] == after[name]:
            continue
        label = f"{change.head.label}.{name}"
        rule = MAY_BE_NULL if after[name] else NEVER_NULL
        what = "may now be NULL" if after[name] else "is no longer NULL for want of a match"
        yield about(
            context,
            rule,
            change.head,
            f"{label} {what}",
            column=name,
            location=changed_line(change, context.locate_head),
            affected=context.hit(change.head, [name]) if after[name] else (),
            proven=False,
        )


def _aliases(context: Context, base: Node, head: Node) -> Iterator[Finding]:
    dialect = context.comparison.head.dialect
    for name, column in head.columns.items():
        old = base.columns.get(name)
        if old is None or not old.declared_type or not column.declared_type:
            continue
        texts = [" ".join(c.declared_type.lower().split()) for c in (old, column)]
        if texts[0] == texts[1]:
            continue
        if compare_types(old.declared_type, column.declared_type, dialect) is TypeChange.SAME:
            yield about(
                context,
                TYPE_ALIAS,
                head,
                f"type of {head.label}.{name} is now called {column.declared_type} and is the same",
                column=name,
                evidence=[f"was: {old.declared_type}", f"now: {column.declared_type}"],
                identity=texts,
            )
