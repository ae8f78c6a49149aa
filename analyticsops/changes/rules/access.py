"""CON: who may read a model."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.changes.rules.context import Context, about, changed_settings
from analyticsops.changes.rules.contract_claims import (
    ACCESS_LOOSENED,
    ACCESS_TIGHTENED,
    GRANT_ADDED,
    GRANT_REVOKED,
    GROUP_CHANGED,
)
from analyticsops.findings import Finding
from analyticsops.project.model import Node

RULES = (ACCESS_TIGHTENED, GROUP_CHANGED, GRANT_REVOKED, ACCESS_LOOSENED, GRANT_ADDED)

_OPEN = {"private": 0, "protected": 1, "public": 2}


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    for base, head in context.pairs("model", "seed", "snapshot"):
        yield from _access(context, base, head)
        yield from _grants(context, base, head)
        if base.group != head.group:
            before, after = base.group or "", head.group or ""
            if not after:
                what = f"no longer belongs to group {before}, nor to another"
            else:
                what = f"belongs to group {after}{f', no longer to {before}' if before else ''}"
            yield about(
                context, GROUP_CHANGED, head, f"{head.label} {what}", identity=(before, after)
            )


def _access(context: Context, base: Node, head: Node) -> Iterator[Finding]:
    old, new = _OPEN.get(base.access, 1), _OPEN.get(head.access, 1)
    if old == new:
        return
    tightened = new < old
    nodes = context.comparison.head.project.nodes
    readers = [
        f"referred to by {nodes[child].kind} {nodes[child].label}"
        for child in context.comparison.head.project.children.get(head.unique_id, ())
        if nodes[child].group != head.group or nodes[child].package != head.package
    ]
    yield about(
        context,
        ACCESS_TIGHTENED if tightened else ACCESS_LOOSENED,
        head,
        f"access to {head.label} is {head.access or 'protected'}, "
        f"no longer {base.access or 'protected'}",
        weighs=False,
        evidence=readers if tightened else (),
        identity=(base.access, head.access),
    )


def _grants(context: Context, base: Node, head: Node) -> Iterator[Finding]:
    if not changed_settings(base, head, "grants"):
        return
    before, after = _granted(base), _granted(head)
    for rule, what, pairs in (
        (GRANT_REVOKED, "no longer has", before - after),
        (GRANT_ADDED, "now has", after - before),
    ):
        for privilege, grantee in sorted(pairs):
            yield about(
                context,
                rule,
                head,
                f"{grantee} {what} {privilege} on {head.label}",
                weighs=False,
                identity=(privilege, grantee),
            )


def _granted(node: Node) -> set[tuple[str, str]]:
    grants = node.config.get("grants")
    return {
        (str(privilege), str(grantee))
        for privilege, grantees in (grants.items() if isinstance(grants, dict) else ())
        for grantee in (grantees if isinstance(grantees, list) else [grantees])
    }
