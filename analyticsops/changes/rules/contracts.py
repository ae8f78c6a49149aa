"""CON: contracts and their constraints."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.changes.rules.context import Context, about
from analyticsops.changes.rules.contract_claims import (
    CONSTRAINT_ADDED,
    CONSTRAINT_REMOVED,
    CONTRACT_COLUMN,
    CONTRACT_OFF,
    CONTRACT_ON,
)
from analyticsops.changes.types import TypeChange, compare_types
from analyticsops.findings import Direction, Finding, Severity
from analyticsops.project.model import Node

RULES = (CONTRACT_OFF, CONTRACT_COLUMN, CONSTRAINT_REMOVED, CONSTRAINT_ADDED, CONTRACT_ON)

_DIRECTIONS = {
    TypeChange.NARROWED: Direction.TIGHTENS,
    TypeChange.WIDENED: Direction.LOOSENS,
    TypeChange.INCOMPATIBLE: Direction.BOTH,
}

Constraint = tuple[str, str, str]
"""(kind, columns, expression)."""


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    for base, head in context.pairs("model"):
        if base.contract and not head.contract:
            message = f"the contract of {head.label} is no longer enforced"
            affected = context.hit_by_all(head)
            yield about(context, CONTRACT_OFF, head, message, weighs=False, affected=affected)
        elif head.contract and not base.contract:
            yield about(context, CONTRACT_ON, head, f"{head.label} is now under contract")
        elif head.contract:
            yield from _types(context, base, head)
            yield from _constraints(context, base, head)


def _types(context: Context, base: Node, head: Node) -> Iterator[Finding]:
    """Promised types that differ; those that the comparison reports itself left out."""
    change = context.comparison.nodes.get(head.unique_id)
    known = {retyped.column.lower() for retyped in change.retyped} if change else set()
    others = {name.lower(): column for name, column in base.columns.items()}
    for name, column in head.columns.items():
        old = others.get(name.lower())
        if old is None or name.lower() in known or not (old.declared_type and column.declared_type):
            continue
        found = compare_types(
            old.declared_type, column.declared_type, context.comparison.head.dialect
        )
        if found is TypeChange.SAME:
            continue
        yield about(
            context,
            CONTRACT_COLUMN,
            head,
            f"the contract of {head.label} promises {column.declared_type} for {name}, "
            f"not {old.declared_type} ({found.value})",
            column=name,
            default=Severity.WARNING if found is TypeChange.WIDENED else None,
            direction=_DIRECTIONS[found],
            affected=context.hit(head, [name]),
            identity=(old.declared_type, column.declared_type),
        )


def _constraints(context: Context, base: Node, head: Node) -> Iterator[Finding]:
    before, after = _constraints_of(base), _constraints_of(head)
    for constraint in sorted(before - after):
        yield _constraint(context, head, constraint, gone=True)
    for constraint in sorted(after - before):
        yield _constraint(context, head, constraint, gone=False)


def _constraints_of(node: Node) -> frozenset[Constraint]:
    """What the warehouse is told. A view has no constraints, whatever its YAML says."""
    if node.materialized in ("view", "ephemeral", "materialized_view"):
        return frozenset()
    of_columns = {
        (kind, name.lower(), expression)
        for name, column in node.columns.items()
        for kind, expression in column.constraints
    }
    of_model = {
        (kind, ", ".join(sorted(name.lower() for name in names)), expression)
        for kind, names, expression in node.constraints
    }
    return frozenset(of_columns | of_model)


def _constraint(context: Context, head: Node, constraint: Constraint, *, gone: bool) -> Finding:
    kind, columns, expression = constraint
    column = next((name for name in head.columns if name.lower() == columns), "")
    place = f" on {columns}" if columns else ""
    text = f"{kind}{f' ({expression})' if expression else ''}{place} of {head.label}"
    what = "is no longer enforced" if gone else "is new"
    if gone and head.materialized == "view":
        what += ", because a view has no constraints"
    return about(
        context,
        CONSTRAINT_REMOVED if gone else CONSTRAINT_ADDED,
        head,
        f"constraint {text} {what}",
        column=column,
        affected=context.hit(head, [column]) if gone else (),
        identity=constraint,
    )
