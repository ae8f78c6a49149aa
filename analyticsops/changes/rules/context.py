"""What every rule about changes is given, and how a finding is made from it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable

import msgspec

from analyticsops.changes.compare import Comparison, NodeChange
from analyticsops.changes.reach import meaning_reach
from analyticsops.changes.severity import decide, is_used, stability_of
from analyticsops.findings import (
    Affected,
    Direction,
    Finding,
    Location,
    Perspective,
    Rule,
    Severity,
    Stability,
    Strictness,
    make_finding,
)
from analyticsops.lineage.graph import ColumnRef
from analyticsops.project.model import Node
from analyticsops.wording import quantity

Locate = Callable[[Node, str], Location | None]
"""(node, column or empty) -> where it stands in the repository."""

_LONG_AGO = datetime.date(1970, 1, 1)


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """A comparison, and where to find things in either version's files.

    Attributes:
        perspective: whose side severities take.
        strictness: how much is told.
        today: by which a deprecation date has passed or not.
    """

    comparison: Comparison
    locate_base: Locate
    locate_head: Locate
    perspective: Perspective = Perspective.CONSUMER
    strictness: Strictness = Strictness.STRICT
    today: datetime.date = _LONG_AGO

    def tells(self, rule: Rule) -> bool:
        """True if the team chose to hear of this rule; else it need not look."""
        return rule.strictness is None or rule.strictness.rank <= self.strictness.rank

    def defined(self) -> list[NodeChange]:
        """The changes of nodes whose own definition changed, the others follow."""
        return [change for change in self.comparison.nodes.values() if change.defined]

    def pairs(self, *kinds: str) -> list[tuple[Node, Node]]:
        """The nodes of these kinds that both versions have, as (base, head)."""
        before = self.comparison.base.project.nodes
        return [
            (before[node.unique_id], node)
            for node in self.comparison.head.project.nodes.values()
            if node.kind in kinds and node.unique_id in before
        ]

    def hit(self, node: Node, columns: Iterable[str] = ("",)) -> tuple[Affected, ...]:
        """Whom a change of these columns reaches; an empty name is the rows."""
        here = node.unique_id in self.comparison.head.project.nodes
        graph = None if here else self.comparison.base.graph
        names = list(columns)
        if "" in names:
            names += self.following(node)
        refs = [ColumnRef(node.unique_id, name) for name in dict.fromkeys(names)]
        return meaning_reach(self.comparison, refs, graph=graph)

    def following(self, node: Node) -> list[str]:
        """Columns of a node whose expression is the same, and whose values may be others
        because they are of other rows."""
        change = self.comparison.nodes.get(node.unique_id)
        told = change.values if change is not None else ()
        return [name for name in self.comparison.by_rows(node.unique_id) if name not in told]

    def hit_by_all(self, node: Node) -> tuple[Affected, ...]:
        """Whom a change of the whole node reaches."""
        graph = self.comparison.head.graph
        if node.unique_id not in graph.nodes:
            graph = self.comparison.base.graph
        lineage = graph.nodes.get(node.unique_id)
        return self.hit(node, ("", *(lineage.columns if lineage else ())))


def about(
    context: Context,
    rule: Rule,
    node: Node,
    message: str,
    *,
    subject: str = "",
    column: str = "",
    default: Severity | None = None,
    direction: Direction | None = None,
    weighs: bool = True,
    affected: tuple[Affected, ...] = (),
    migrated: bool = False,
    location: Location | None = None,
    evidence: Iterable[str] = (),
    fix: str = "",
    proven: bool = True,
    assumptions: Iterable[str] = (),
    identity: Iterable[str] = (),
) -> Finding:
    """A finding about a node, as severe as it is to whoever uses the node.

    Args:
        subject: what people call it; by default the node, or its column.
        default: the severity before use and stability count, if not the rule's.
        weighs: False if it counts the same whether anybody is hit or not.
        migrated: True if the change brings its own way out.
        location: by default where the head, else the base, says the subject is.
    """
    here = node.unique_id in context.comparison.head.project.nodes
    locate = context.locate_head if here else context.locate_base
    stability = stability_of(node)
    return make_finding(
        rule,
        node=node.unique_id,
        subject=subject or (f"{node.label}.{column}" if column else node.label),
        column=column,
        message=message,
        severity=decide(
            rule,
            default=default,
            direction=direction,
            perspective=context.perspective,
            stability=stability,
            used=not weighs or is_used(affected),
            migrated=migrated,
        ),
        location=location or locate(node, column),
        evidence=evidence,
        fix=fix,
        proven=proven,
        assumptions=assumptions,
        affected=affected,
        owner=owner_of(node),
        identity=identity,
        direction=direction,
        stability=stability,
    )


def owner_of(node: Node) -> str:
    """The owner's name, empty if there is none."""
    return node.owner.name if node.owner else ""


def is_promised(node: Node) -> bool:
    """True if people outside the project's own models may rely on the node."""
    return stability_of(node) in (Stability.CONTRACT, Stability.PUBLIC)


def changed_settings(base: Node, head: Node, *keys: str) -> list[str]:
    """The settings that are others; not those that are written the same and differ only
    because the two versions were compiled for two targets."""
    return [
        key
        for key in keys
        if base.config.get(key) != head.config.get(key)
        and not (
            key in base.unrendered_config
            and base.unrendered_config.get(key) == head.unrendered_config.get(key)
        )
    ]


def told(value: object) -> str:
    """A setting as people write it; ``none`` if it is not set."""
    if value is None or value == "" or value == []:
        return "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(told, value))
    if isinstance(value, dict):
        return _parts_told(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parts_told(parts: dict[str, object]) -> str:
    """Without what dbt writes for "not set"; a span of time as people say it."""
    stated = {name: part for name, part in sorted(parts.items()) if part not in (None, False)}
    if stated.keys() == {"count", "granularity"}:
        return quantity(stated["count"], str(stated["granularity"]))
    return ", ".join(f"{name}: {told(part)}" for name, part in stated.items())


def changed_line(change: NodeChange, locate: Locate) -> Location | None:
    """The first line of a node's own code that the change touched."""
    place = locate(change.head, "")
    if place is None or not change.head.path.endswith((".sql", ".py")):
        return place
    if change.base.raw_code == change.head.raw_code:
        return place  # a macro or a variable changed, not this file
    before, after = change.base.raw_code.splitlines(), change.head.raw_code.splitlines()
    line = next(
        (n for n, (a, b) in enumerate(zip(before, after, strict=False), 1) if a != b),
        min(len(before), len(after)) + 1,
    )
    return Location(change.head.path, min(line, max(len(after), 1)))
