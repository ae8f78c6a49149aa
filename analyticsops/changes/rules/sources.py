"""OPS: where sources lie and how fresh they must be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analyticsops.changes.rules.context import Context, about, changed_settings, told
from analyticsops.changes.rules.operation_claims import (
    FRESHNESS_LOOSENED,
    FRESHNESS_TIGHTENED,
    LOADED_AT_CHANGED,
    SOURCE_MOVED,
)
from analyticsops.findings import Direction, Finding
from analyticsops.project.model import Node, SourceInfo
from analyticsops.wording import quantity

RULES = (SOURCE_MOVED, FRESHNESS_LOOSENED, LOADED_AT_CHANGED, FRESHNESS_TIGHTENED)

_HOURS = {"minute": 1 / 60, "hour": 1.0, "day": 24.0}
_LIMITS = ("warn_after", "error_after")


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    targets = _targets(context)
    for base, head in context.pairs("source"):
        yield from _moved(context, base, head, targets)
        if base.source is not None and head.source is not None:
            yield from _freshness(context, head, base.source, head.source)
            yield from _loaded_at(context, head, base.source, head.source)
    for base, head in context.pairs("model"):  # dbt 1.10 gives models a freshness, too
        if changed_settings(base, head, "freshness"):
            limits = (_limits(_build_after(node)) for node in (base, head))
            yield from _limits_changed(context, head, *limits)


def _build_after(node: Node) -> Mapping[str, Any] | None:
    freshness = node.config.get("freshness")
    return freshness if isinstance(freshness, dict) else None


def _targets(context: Context) -> set[tuple[object, object]]:
    """(base, head) of the databases and schemas into which dbt builds the two versions."""
    found: set[tuple[object, object]] = set()
    for base, head in context.pairs("model", "seed"):
        if base.relation is not None and head.relation is not None:
            found.add((base.relation.database, head.relation.database))
            found.add((base.relation.schema, head.relation.schema))
    return found


def _moved(
    context: Context, base: Node, head: Node, targets: set[tuple[object, object]]
) -> Iterator[Finding]:
    old, new = base.relation, head.relation
    if old is None or new is None:
        return
    parts = [(old.database, new.database), (old.schema, new.schema)]
    written = [node.source.written if node.source else ("", "") for node in (base, head)]
    elsewhere = any(
        a != b and (a, b) not in targets and not (as_before and as_before == now)
        for (a, b), as_before, now in zip(parts, *written, strict=True)
    )
    if not elsewhere and old.identifier == new.identifier:
        return
    yield about(
        context,
        SOURCE_MOVED,
        head,
        f"source {head.label} is {new}, no longer {old}",
        weighs=False,
        affected=context.hit_by_all(head),
        identity=(str(old), str(new)),
    )


def _freshness(context: Context, head: Node, old: SourceInfo, new: SourceInfo) -> Iterator[Finding]:
    yield from _limits_changed(context, head, _limits(old.freshness), _limits(new.freshness))
    filters = [(info.freshness or {}).get("filter") for info in (old, new)]
    if filters[0] != filters[1] and old.freshness and new.freshness:
        message = f"freshness of {head.label} is measured on other rows"
        shown = [told(text) for text in filters]
        evidence = [f"filter: {' -> '.join(shown)}"]
        yield about(context, LOADED_AT_CHANGED, head, message, evidence=evidence, identity=shown)


def _limits_changed(
    context: Context, head: Node, before: Mapping[str, float], after: Mapping[str, float]
) -> Iterator[Finding]:
    """One finding for each direction: a limit that is gone is the loosest there is."""
    for rule, changed in (
        (FRESHNESS_LOOSENED, [k for k in before if after.get(k, float("inf")) > before[k]]),
        (FRESHNESS_TIGHTENED, [k for k in after if before.get(k, float("inf")) > after[k]]),
    ):
        if not changed:
            continue
        details = [f"{k}: {_told(before.get(k))} -> {_told(after.get(k))}" for k in changed]
        loosened = rule.direction is Direction.LOOSENS
        yield about(
            context,
            rule,
            head,
            f"{head.label} {'may be older' if loosened else 'must be fresher'} than before",
            weighs=False,
            affected=context.hit_by_all(head) if loosened else (),
            evidence=details,
            identity=details,
        )


def _limits(freshness: Mapping[str, Any] | None) -> dict[str, float]:
    """Limit -> hours."""
    found = {}
    for key in (*_LIMITS, "build_after"):
        limit = (freshness or {}).get(key)
        count = limit.get("count") if isinstance(limit, dict) else None
        if isinstance(limit, dict) and isinstance(count, int | float) and limit.get("period"):
            found[key] = count * _HOURS.get(str(limit["period"]), 1.0)
    return found


def _told(hours: float | None) -> str:
    return "none" if hours is None else quantity(f"{hours:g}", "hour")


def _loaded_at(context: Context, head: Node, old: SourceInfo, new: SourceInfo) -> Iterator[Finding]:
    before, after = (info.loaded_at_query or info.loaded_at_field for info in (old, new))
    if before != after:
        yield about(
            context,
            LOADED_AT_CHANGED,
            head,
            f"freshness of {head.label} is measured by {after or 'nothing'}, "
            f"no longer by {before or 'nothing'}",
            identity=(before, after),
        )
