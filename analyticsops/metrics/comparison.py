"""What became of the meaning of metrics between two locks, and what made it so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from analyticsops.findings import Location
from analyticsops.lineage.graph import ColumnRef
from analyticsops.lineage.reaching import all_above
from analyticsops.metrics.lock import Lock, LockedMetric, LockedModel, cone
from analyticsops.metrics.meaning import MEANING
from analyticsops.metrics.registry import Registry
from analyticsops.project.lines import named_last
from analyticsops.project.model import Node


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Something that made a metric mean another thing.

    Attributes:
        node: ``unique_id`` of a model, or of the metric or semantic model itself.
        subject: what people call it: ``stg_orders.amount``, ``rows of stg_orders``.
        location: where to look.
        upstream: False if it is the metric's own definition.
    """

    node: str
    subject: str
    location: Location | None
    upstream: bool = True


class MeaningChange(msgspec.Struct, frozen=True, kw_only=True):
    """A metric that does not mean what it meant.

    Attributes:
        levels: those that differ, of :data:`MEANING`.
        opaque: True if one side is compared as text, so that only the text is known to differ.
        causes: the first things upstream that differ.
    """

    name: str
    old: LockedMetric
    new: LockedMetric
    levels: tuple[str, ...]
    opaque: bool = False
    causes: tuple[Cause, ...] = ()

    @property
    def upstream_only(self) -> bool:
        """True if its own YAML is what it was."""
        return bool(self.causes) and all(cause.upstream for cause in self.causes)


class LockDifference(msgspec.Struct, frozen=True, kw_only=True):
    """Two locks side by side.

    Attributes:
        changed: metrics of both with another meaning.
        restated: of the same meaning, with another text in the file.
        added: only in the second, as are the removed only in the first.
        versions: in the first, by name, as are the tiers.
    """

    changed: tuple[MeaningChange, ...] = ()
    restated: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    versions: Mapping[str, str] = {}
    tiers: Mapping[str, str] = {}


def compare_locks(old: Lock, new: Lock, registry: Registry) -> LockDifference:
    """What differs.

    Args:
        registry: of which ``new`` is the lock.
    """
    both = sorted(old.metrics.keys() & new.metrics.keys())
    changed, restated = [], []
    for name in both:
        before, after = old.metrics[name], new.metrics[name]
        if before.fingerprint != after.fingerprint:
            changed.append(_changed(name, before, after, old, new, registry))
        elif before != after:
            restated.append(name)
    return LockDifference(
        changed=tuple(changed),
        restated=tuple(restated),
        added=tuple(sorted(new.metrics.keys() - old.metrics.keys())),
        removed=tuple(sorted(old.metrics.keys() - new.metrics.keys())),
        versions={name: metric.version for name, metric in old.metrics.items()},
        tiers={name: metric.tier for name, metric in old.metrics.items()},
    )


def _changed(
    name: str,
    before: LockedMetric,
    after: LockedMetric,
    old: Lock,
    new: Lock,
    registry: Registry,
) -> MeaningChange:
    levels = [level for level in MEANING if before.levels.get(level) != after.levels.get(level)]
    return MeaningChange(
        name=name,
        old=before,
        new=after,
        levels=tuple(levels),
        opaque=bool(before.opaque or after.opaque),
        causes=tuple(_causes(name, before, after, old, new, registry)),
    )


def _causes(
    name: str,
    before: LockedMetric,
    after: LockedMetric,
    old: Lock,
    new: Lock,
    registry: Registry,
) -> Iterator[Cause]:
    definition = registry.definitions[name]
    if before.levels.get("definition") != after.levels.get("definition"):
        yield Cause(
            node=definition.node,
            subject=f"its own definition in {definition.path}",
            location=registry.location(name),
            upstream=False,
        )
    refs = [ref for ref in sorted(cone(registry, name)) if _differs(old, new, ref)]
    first = [ref for ref in refs if not _comes_from(ref, refs, registry)]
    yield from (_cause(registry, ref) for ref in first)
    if not refs and before.levels.get("definition") == after.levels.get("definition"):
        yield from _semantic(registry, name)


def _differs(old: Lock, new: Lock, ref: ColumnRef) -> bool:
    """What only one side uses says nothing about a change."""
    before = _part(old.models.get(ref.node), ref.column)
    after = _part(new.models.get(ref.node), ref.column)
    return bool(before and after) and before != after


def _part(model: LockedModel | None, column: str) -> str:
    if model is None:
        return ""
    return model.columns.get(column, "") if column else model.rows


def _comes_from(ref: ColumnRef, others: Sequence[ColumnRef], registry: Registry) -> bool:
    """True if something above it, in another node, differs as well. What a column is also
    hangs on the rows that it is looked up in or counted over."""
    above = all_above(registry.graph, [ref, ColumnRef(ref.node)])
    return any(other in above and other.node != ref.node for other in others)


def _cause(registry: Registry, ref: ColumnRef) -> Cause:
    node = registry.project.nodes[ref.node]
    subject = f"{node.label}.{ref.column}" if ref.column else f"rows of {node.label}"
    return Cause(node=ref.node, subject=subject, location=_place(node, ref.column))


_ROWS = re.compile(r"\b(?:where|qualify|having|join|limit|distinct)\b", re.IGNORECASE)


def _place(node: Node, column: str) -> Location | None:
    if not node.path or not node.raw_code:
        return Location(node.path) if node.path else None
    if column:
        return Location(node.path, named_last(node.raw_code, column))
    found = list(_ROWS.finditer(node.raw_code))
    line = node.raw_code.count("\n", 0, found[-1].start()) + 1 if found else 1
    return Location(node.path, line)


def _semantic(registry: Registry, name: str) -> Iterator[Cause]:
    """Nothing upstream and not the metric: a dimension, join or time axis of its own semantic
    model, or a metric that it is computed from."""
    meaning = registry.meant.metrics[name]
    models = {leaf.aggregation.semantic_model for leaf in meaning.leaves if leaf.aggregation}
    for model in sorted(models):
        found = registry.layer.models.get(model)
        if found is not None:
            yield Cause(
                node=found.node.unique_id,
                subject=f"semantic model {model}, or a metric that it is computed from",
                location=registry.locator.locate(found.node),
                upstream=True,
            )
