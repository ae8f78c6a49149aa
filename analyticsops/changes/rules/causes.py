"""OPS: why SQL differs where no file of a model does: macros and variables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyticsops.changes.compare import NodeChange
from analyticsops.changes.rules.context import Context
from analyticsops.changes.rules.operation_claims import MACRO_CHANGED, VARIABLE_CHANGED
from analyticsops.findings import Finding, Location, make_finding
from analyticsops.project.model import Macro
from analyticsops.wording import quantity

RULES = (VARIABLE_CHANGED, MACRO_CHANGED)

_COMMENTS = re.compile(r"\{#.*?#\}|/\*.*?\*/|--[^\n]*", re.DOTALL)


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    unexplained = [change for change in context.defined() if _only_rendered(context, change)]
    changed = _changed_macros(context)
    for macro in changed:
        yield _macro(context, macro)
    others = [c for c in unexplained if not _called(context, c) & {m.unique_id for m in changed}]
    if others:
        yield _variable(others)


def _only_rendered(context: Context, change: NodeChange) -> bool:
    """True if the file and its parents are the same and the SQL after Jinja is not."""
    comparison, base, head = context.comparison, change.base, change.head
    if head.kind not in ("model", "snapshot") or base.raw_code != head.raw_code:
        return False
    if base.depends_on != head.depends_on:
        return False
    old, new = comparison.base.own_text(base), comparison.head.own_text(head)
    return old is not None and new is not None and old != new


def _changed_macros(context: Context) -> list[Macro]:
    """Macros with other code; comments and layout are none."""
    before = context.comparison.base.project.macros
    return [
        macro
        for unique_id, macro in context.comparison.head.project.macros.items()
        if unique_id in before
        and before[unique_id].sql != macro.sql
        and plain_code(before[unique_id].sql) != plain_code(macro.sql)
    ]


def plain_code(text: str) -> str:
    """Jinja and SQL without comments and layout."""
    return " ".join(_COMMENTS.sub(" ", text).split())


def _called(context: Context, change: NodeChange) -> set[str]:
    return {*context.comparison.head.macro_texts(change.head)}


def _macro(context: Context, macro: Macro) -> Finding:
    users = [
        change.head.label
        for change in context.defined()
        if change.verdict != "refactored" and macro.unique_id in _called(context, change)
    ]
    where = macro.path if macro.package == context.comparison.head.project.name else ""
    number = "1 model that uses it" if len(users) == 1 else f"{len(users)} models that use it"
    what = f"{number} changed" if users else "no model changed by it"
    return make_finding(
        MACRO_CHANGED,
        node=macro.unique_id,
        subject=macro.name,
        message=f"macro {macro.name} changed; {what}",
        location=Location(where) if where else None,
        evidence=[f"used by {name}" for name in sorted(users)],
        identity=[plain_code(macro.sql)],
    )


def _variable(changes: list[NodeChange]) -> Finding:
    labels = sorted(change.head.label for change in changes)
    has = "has" if len(labels) == 1 else "have"
    return make_finding(
        VARIABLE_CHANGED,
        node="",
        subject="variables",
        message=(
            f"{quantity(len(labels), 'model')} with the same files and macros {has} other SQL "
            "after Jinja"
        ),
        evidence=[f"rendered otherwise: {label}" for label in labels],
        proven=False,
        identity=labels,
    )
