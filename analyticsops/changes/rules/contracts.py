"""CON: promises and checks that were loosened."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.changes.reach import meaning_reach
from analyticsops.changes.rules.context import Context, owner_of
from analyticsops.findings import Affected, Finding, Rule, Severity, make_finding
from analyticsops.lineage.graph import ColumnRef
from analyticsops.project.model import Node, TestInfo

UNIQUENESS_UNCHECKED = Rule(
    code="CON612",
    name="uniqueness-no-longer-checked",
    severity=Severity.ERROR,
    summary="The last check that a column is unique was removed.",
    why="Joins on a key that is not unique multiply rows, and sums downstream grow unnoticed.",
    example="```diff\n  - name: payment_id\n    data_tests:\n-     - unique\n      - not_null\n```",
    advice="Keep the test, or declare a `unique` or `primary_key` constraint that is enforced.",
)

TEST_REMOVED = Rule(
    code="CON613",
    name="test-removed",
    severity=Severity.WARNING,
    summary="A data test was removed while what it tested is still there.",
    why="Whatever it caught will now reach the dashboards.",
    example="```diff\n  - name: status\n    data_tests:\n-     - accepted_values: ...\n```",
    advice="Say in the pull request why the test is no longer needed, or keep it.",
)

RULES = (UNIQUENESS_UNCHECKED, TEST_REMOVED)

_UNIQUE_TESTS = frozenset({"unique", "unique_combination_of_columns"})
_UNIQUE_CONSTRAINTS = frozenset({"unique", "primary_key"})


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    comparison = context.comparison
    for node in comparison.removed:
        info = node.test
        if info is None or not _still_there(context, node, info):
            continue
        if any(_same_test(info, other.test) for other in comparison.added):
            continue  # only its arguments changed
        yield _removed(context, node, info)


def _still_there(context: Context, node: Node, info: TestInfo) -> bool:
    """True if what was tested still exists; else the test went with it."""
    comparison = context.comparison
    nodes = comparison.head.project.nodes
    if not info.tested:
        return all(parent in nodes for parent in node.depends_on)
    change = comparison.nodes.get(info.tested)
    removed = {column.lower() for column in change.removed} if change else set()
    return info.tested in nodes and removed.isdisjoint(_tested_columns(info))


def _same_test(info: TestInfo, other: TestInfo | None) -> bool:
    return (
        other is not None
        and bool(info.tested)
        and (
            (info.name, info.namespace, info.tested, info.column)
            == (other.name, other.namespace, other.tested, other.column)
        )
    )


def _removed(context: Context, node: Node, info: TestInfo) -> Finding:
    project = context.comparison.head.project
    tested = project.nodes.get(info.tested)
    label = node.label
    if tested is not None:
        label = f"{tested.label}.{info.column}" if info.column else tested.label
    last_unique = info.name in _UNIQUE_TESTS and tested is not None and not _unique(context, info)
    affected: tuple[Affected, ...] = ()
    if last_unique:
        affected = meaning_reach(context.comparison, [ColumnRef(info.tested, info.column)])
    name = info.name or node.name
    place = f" on {label}" if tested is not None else ""
    what = "is no longer checked by any test" if last_unique else "was removed"
    return make_finding(
        UNIQUENESS_UNCHECKED if last_unique else TEST_REMOVED,
        node=info.tested or node.unique_id,
        subject=label,
        column=info.column,
        message=(f"uniqueness of {label} {what}" if last_unique else f"test {name}{place} {what}"),
        location=context.locate_head(tested, info.column) if tested else None,
        evidence=[f"removed: {node.name}"],
        affected=affected,
        owner=owner_of(tested) if tested else owner_of(node),
        identity=(node.unique_id,),
    )


def _unique(context: Context, info: TestInfo) -> bool:
    """True if something in the head still checks the same columns for uniqueness."""
    project = context.comparison.head.project
    wanted = _tested_columns(info)
    tested = project.nodes[info.tested]
    keys = [*_enforced_keys(tested)] if tested.contract else []
    keys += [
        _tested_columns(other.test)
        for other in project.nodes.values()
        if other.test is not None
        and other.test.name in _UNIQUE_TESTS
        and other.test.tested == info.tested
    ]
    # What is unique by some of the columns is unique by all of them.
    return any(key and key <= wanted for key in keys)


def _enforced_keys(node: Node) -> Iterator[frozenset[str]]:
    for name, column in node.columns.items():
        if any(kind in _UNIQUE_CONSTRAINTS for kind, _ in column.constraints):
            yield frozenset({name.lower()})
    for kind, names, _ in node.constraints:
        if kind in _UNIQUE_CONSTRAINTS:
            yield frozenset(name.lower() for name in names)


def _tested_columns(info: TestInfo) -> frozenset[str]:
    """The column that a test is about, or the combination of them."""
    combination = info.kwargs.get("combination_of_columns")
    names = combination if isinstance(combination, list) else [info.column] if info.column else []
    return frozenset(str(name).lower() for name in names)
