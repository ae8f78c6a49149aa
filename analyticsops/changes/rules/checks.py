"""CON: data tests and unit tests that went, came, or say something else."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.changes.rules.check_claims import (
    RELATIONSHIP_MOVED,
    TEST_ADDED,
    TEST_ORPHANED,
    TEST_REMOVED,
    TEST_STRENGTHENED,
    TEST_WEAKENED,
    UNIQUENESS_CHECKED,
    UNIQUENESS_UNCHECKED,
    UNIT_TEST_ADDED,
    UNIT_TEST_REMOVED,
    VALUES_NARROWED,
    VALUES_WIDENED,
)
from analyticsops.changes.rules.context import Context, about, owner_of
from analyticsops.changes.rules.reliance import reliance
from analyticsops.changes.severity import decide, is_used, stability_of
from analyticsops.changes.strength import Strength, compare_strength
from analyticsops.findings import Direction, Finding, Rule, make_finding
from analyticsops.project.keys import UNIQUE_TESTS, keys_of, tested_columns
from analyticsops.project.model import Node, Project, TestInfo

RULES = (
    UNIQUENESS_UNCHECKED,
    TEST_REMOVED,
    TEST_WEAKENED,
    VALUES_WIDENED,
    RELATIONSHIP_MOVED,
    UNIT_TEST_REMOVED,
    TEST_ORPHANED,
    UNIQUENESS_CHECKED,
    TEST_ADDED,
    TEST_STRENGTHENED,
    VALUES_NARROWED,
    UNIT_TEST_ADDED,
)


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    comparison = context.comparison
    pairs = list(context.pairs("test"))
    adapted: set[str] = set()
    for node in comparison.removed:
        if node.test is not None and _still_there(context, node, node.test):
            other = _other_form(context, node, adapted)
            if other is not None:  # only its arguments changed
                adapted.add(other.unique_id)
                pairs.append((node, other))
            else:
                yield _removed(context, node, node.test)
        elif node.kind == "unit_test" and _models(node) <= comparison.head.project.nodes.keys():
            yield about(context, UNIT_TEST_REMOVED, node, f"unit test {node.name} was removed")
    for node in comparison.added:
        if node.test is not None and node.unique_id not in adapted:
            yield _added(context, node, node.test)
        elif node.kind == "unit_test":
            yield about(context, UNIT_TEST_ADDED, node, f"unit test {node.name} is new")
    for base, head in pairs:
        yield from _compared(context, base, head)
        yield from _orphaned(context, head)


def _models(node: Node) -> set[str]:
    return {parent for parent in node.depends_on if parent.startswith("model.")}


def _still_there(context: Context, node: Node, info: TestInfo) -> bool:
    """True if what was tested still exists; else the test went with it."""
    comparison = context.comparison
    nodes = comparison.head.project.nodes
    if not info.tested:
        return all(parent in nodes for parent in node.depends_on)
    change = comparison.nodes.get(info.tested)
    removed = {column.lower() for column in change.removed} if change else set()
    return info.tested in nodes and removed.isdisjoint(tested_columns(info))


def _other_form(context: Context, node: Node, taken: set[str]) -> Node | None:
    """The new test that is the removed one with other arguments."""
    info = node.test
    if info is None or not info.tested:
        return None
    for other in context.comparison.added:
        new = other.test
        if new is None or other.unique_id in taken:
            continue
        if (info.name, info.namespace, info.tested, info.column) == (
            new.name,
            new.namespace,
            new.tested,
            new.column,
        ):
            return other
    return None


# -- gone and new ----------------------------------------------------------------


def _removed(context: Context, node: Node, info: TestInfo) -> Finding:
    head = context.comparison.head.project
    tested = head.nodes.get(info.tested)
    off = node.unique_id in head.disabled
    last = info.name in UNIQUE_TESTS and tested is not None and not _is_key(head, tested, info)
    label = _label(context, node, info)
    if last:
        rule, message = (
            UNIQUENESS_UNCHECKED,
            f"uniqueness of {label} is no longer checked by any test",
        )
    elif off:
        rule, message = TEST_WEAKENED, f"test {info.name or node.name} on {label} was switched off"
    else:
        place = f" on {label}" if tested is not None else ""
        rule, message = TEST_REMOVED, f"test {info.name or node.name}{place} was removed"
    evidence = [f"removed: {node.name}", *reliance(context.comparison, info)]
    return _about_test(context, rule, node, message, evidence=evidence, hits=last)


def _added(context: Context, node: Node, info: TestInfo) -> Finding:
    base = context.comparison.base.project
    before = base.nodes.get(info.tested)
    first = info.name in UNIQUE_TESTS and before is not None and not _is_key(base, before, info)
    label = _label(context, node, info)
    if first:
        return _about_test(
            context, UNIQUENESS_CHECKED, node, f"{label} is now checked to be unique"
        )
    place = f" on {label}" if info.tested else ""
    return _about_test(context, TEST_ADDED, node, f"test {info.name or node.name}{place} is new")


def _is_key(project: Project, tested: Node, info: TestInfo) -> bool:
    """True if something checks the same columns for uniqueness. What is unique by some of
    the columns is unique by all of them."""
    wanted = tested_columns(info)
    return any(key.columns <= wanted for key in keys_of(project, tested))


# -- the same test, otherwise ----------------------------------------------------


def _compared(context: Context, base: Node, head: Node) -> Iterator[Finding]:
    old, new = base.test, head.test
    if old is None or new is None:
        return
    label = _label(context, head, new)
    name = new.name or head.name
    if new.name == "accepted_values":
        yield from _values(context, head, old, new)
    elif new.name == "relationships":
        targets = [f"{i.kwargs.get('to')}.{i.kwargs.get('field')}" for i in (old, new)]
        if targets[0] != targets[1]:
            message = f"{label} is looked for in {targets[1]}, no longer in {targets[0]}"
            yield _about_test(context, RELATIONSHIP_MOVED, head, message, identity=targets)
    elif _arguments(old) != _arguments(new):
        message = f"test {name} on {label} has other arguments"
        yield _about_test(context, TEST_WEAKENED, head, message, direction=Direction.UNDETERMINED)
    for strength, what in compare_strength(base.config, head.config):
        rule = TEST_WEAKENED if strength is not Strength.STRONGER else TEST_STRENGTHENED
        unsure = Direction.UNDETERMINED if strength is Strength.OTHER else None
        message = f"test {name} on {label} has another {what}"
        yield _about_test(context, rule, head, message, direction=unsure, identity=[what])


def _arguments(info: TestInfo) -> dict[str, object]:
    """Without what dbt renders in another way from version to version."""
    return {key: value for key, value in info.kwargs.items() if key not in ("model", "column_name")}


def _values(context: Context, head: Node, old: TestInfo, new: TestInfo) -> Iterator[Finding]:
    before, after = (_accepted(info) for info in (old, new))
    label = _label(context, head, new)
    for rule, verb, values in (
        (VALUES_WIDENED, "may now be", after - before),
        (VALUES_NARROWED, "may no longer be", before - after),
    ):
        if values:
            listed = ", ".join(sorted(values))
            wider = rule is VALUES_WIDENED
            quoted = ", ".join(repr(value) for value in sorted(values))
            message = f"{label} {verb} {quoted}"
            yield _about_test(context, rule, head, message, identity=[listed], hits=wider)


def _accepted(info: TestInfo) -> set[str]:
    values = info.kwargs.get("values")
    return {str(value) for value in values} if isinstance(values, list) else {str(values)}


def _orphaned(context: Context, node: Node) -> Iterator[Finding]:
    info = node.test
    change = context.comparison.nodes.get(info.tested) if info else None
    if info is None or change is None:
        return
    gone = {column.lower() for column in change.removed} & tested_columns(info)
    for column in sorted(gone):
        message = f"test {info.name} is attached to {change.head.label}.{column}, which is gone"
        yield _about_test(context, TEST_ORPHANED, node, message, identity=[column])


def _label(context: Context, node: Node, info: TestInfo) -> str:
    tested = context.comparison.head.project.nodes.get(info.tested)
    if tested is None:
        return node.label
    return f"{tested.label}.{info.column}" if info.column else tested.label


def _about_test(
    context: Context,
    rule: Rule,
    node: Node,
    message: str,
    *,
    evidence: list[str] | None = None,
    direction: Direction | None = None,
    identity: list[str] | None = None,
    hits: bool = False,
) -> Finding:
    """A finding about what is tested, where that stands; of a singular test, about itself."""
    info = node.test
    tested = context.comparison.head.project.nodes.get(info.tested) if info else None
    subject = tested or node
    column = info.column if info else ""
    affected = context.hit(subject, [column]) if hits and tested else ()
    return make_finding(
        rule,
        node=subject.unique_id,
        subject=_label(context, node, info) if info else node.label,
        column=column,
        message=message,
        severity=decide(
            rule,
            direction=direction,
            perspective=context.perspective,
            stability=stability_of(subject),
            used=rule is not VALUES_WIDENED or is_used(affected),
        ),
        location=context.locate_head(tested, column) if tested else None,
        evidence=evidence or (),
        affected=affected,
        owner=owner_of(subject),
        proven=direction is not Direction.UNDETERMINED,
        direction=direction,
        stability=stability_of(subject),
        identity=(node.unique_id, *(identity or ())),
    )
