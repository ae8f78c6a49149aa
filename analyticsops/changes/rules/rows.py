"""ROW: which rows a model has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyticsops.changes.compare import NodeChange, RowChange
from analyticsops.changes.located import Clause, Located, added_joins, locate
from analyticsops.changes.rules.context import Context, about, changed_line
from analyticsops.changes.rules.evidence import row_evidence
from analyticsops.changes.rules.row_claims import (
    CHOICE_CHANGED,
    FAN_OUT,
    FILTER_CHANGED,
    GRAIN_CHANGED,
    JOIN_KEY_CHANGED,
    JOIN_TYPE_CHANGED,
    LIMIT_CHANGED,
    OPERATION_CHANGED,
    OTHER_RELATION,
    ROWS_UNPROVEN,
    UNNEST_CHANGED,
)
from analyticsops.findings import Finding, Rule, Severity
from analyticsops.lineage.graph import ColumnGraph
from analyticsops.project.keys import keys_of
from analyticsops.project.model import Node
from analyticsops.sql.facts import Problem

RULES = (
    FILTER_CHANGED,
    JOIN_TYPE_CHANGED,
    JOIN_KEY_CHANGED,
    FAN_OUT,
    GRAIN_CHANGED,
    CHOICE_CHANGED,
    OPERATION_CHANGED,
    LIMIT_CHANGED,
    OTHER_RELATION,
    UNNEST_CHANGED,
    ROWS_UNPROVEN,
)

_BY_CLAUSE = {
    Clause.JOIN_TYPE: (JOIN_TYPE_CHANGED, "a join of {} is of another kind"),
    Clause.JOIN_KEY: (JOIN_KEY_CHANGED, "the condition of a join of {} changed"),
    Clause.JOIN_ADDED: (FAN_OUT, "a join was added to {}"),
    Clause.JOIN_REMOVED: (FAN_OUT, "a join of {} was removed"),
    Clause.GRAIN: (GRAIN_CHANGED, "the rows of {} stand for something else"),
    Clause.CHOICE: (CHOICE_CHANGED, "other rows are chosen in {}"),
    Clause.OPERATION: (OPERATION_CHANGED, "a set operation of {} changed"),
    Clause.LIMIT: (LIMIT_CHANGED, "a limit of {} changed"),
    Clause.UNNEST: (UNNEST_CHANGED, "what {} unnests changed"),
}


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    for change in context.defined():
        if change.rows in (RowChange.FILTERED, RowChange.CHANGED):
            yield from _changed(context, change)
        elif change.rows is RowChange.UNKNOWN and not change.unknown:
            yield _unknown(context, change)


def _unknown(context: Context, change: NodeChange) -> Finding:
    """Rows that no query fixes, such as those under a limit without an order."""
    located, _ = _located(context, change)
    lines = located.get(Clause.LIMIT)
    if lines:
        return _finding(context, change, LIMIT_CHANGED, "a limit of {} changed", lines)
    evidence = row_evidence(context, change)
    message = "rows of {} could not be compared"
    return _finding(context, change, ROWS_UNPROVEN, message, evidence)


def _changed(context: Context, change: NodeChange) -> Iterator[Finding]:
    located, keeping = _located(context, change)
    told = False
    if change.rows is RowChange.FILTERED and _is_filter(located):
        evidence = row_evidence(context, change)
        yield _finding(
            context, change, FILTER_CHANGED, "a filter changed: rows of {} differ", evidence
        )
        told = True
    gone, new = _tables(context, change)
    if gone:
        yield _finding(
            context,
            change,
            OTHER_RELATION,
            "rows of {} come from other tables",
            [*(f"no longer read: {name}" for name in gone), *(f"now read: {name}" for name in new)],
        )
        told = True
    for clause, (rule, message) in _BY_CLAUSE.items():
        lines = located.get(clause, ())
        if not lines or (gone and clause in (Clause.JOIN_ADDED, Clause.JOIN_REMOVED)):
            continue
        kept = keeping if clause is Clause.JOIN_ADDED else ()
        yield _finding(context, change, rule, message, lines, assumptions=kept)
        told = True
    if not told:
        evidence = row_evidence(context, change)
        message = "rows of {} are not proven to be the same"
        yield _finding(context, change, ROWS_UNPROVEN, message, evidence)


def _is_filter(located: Located) -> bool:
    """A changed condition of an inner join is a filter to the fingerprint, too; so are
    those that come and go with a whole join, and a row number that is compared."""
    joins = (Clause.JOIN_KEY, Clause.JOIN_ADDED, Clause.JOIN_REMOVED, Clause.JOIN_TYPE)
    explained = (*joins, Clause.CHOICE)
    return Clause.FILTER in located or not any(clause in located for clause in explained)


def _located(context: Context, change: NodeChange) -> tuple[Located, Sequence[str]]:
    """Where the texts differ, and by what tests added joins keep the rows as they are."""
    from analyticsops.changes.clauses import clauses_of

    comparison = context.comparison
    before = comparison.base.own_tree(change.base)
    after = comparison.head.own_tree(change.head)
    if isinstance(before, Problem) or isinstance(after, Problem):
        return {}, ()
    old = clauses_of(before, comparison.base.dialect)
    new = clauses_of(after, comparison.head.dialect)
    kept = [_keeper(context, change, join) for join in added_joins(old, new)]
    return locate(old, new), [text for text in kept if text] if all(kept) else ()


def _keeper(context: Context, change: NodeChange, join: tuple[str, str, str]) -> str:
    """The test by which a left join finds at most one row; empty if there is none."""
    source, kind, condition = join
    project = context.comparison.head.project
    parents = [project.nodes[p] for p in change.head.depends_on if p in project.nodes]
    node = next(
        (n for n in parents if n.relation and n.relation.identifier.lower() == source), None
    )
    if node is None or kind != "LEFT":
        return ""
    used = _equated(condition, source)
    return next((f"{key.by}" for key in keys_of(project, node) if key.columns <= used), "")


def _equated(condition: str, source: str) -> set[str]:
    """Columns of the joined table that the condition equates with something else's."""
    if condition.startswith("using "):
        return {name.strip().lower() for name in condition[6:].split(",")}
    found = set()
    for part in condition.split(" AND "):
        left, equal, right = part.partition(" = ")
        sides = [side.strip().lower().replace('"', "") for side in (left, right)]
        own = [side for side in sides if side.startswith(f"{source}.")]
        if equal and len(own) == 1 and " " not in "".join(sides):
            found.add(own[0].rpartition(".")[2])
    return found


def _tables(context: Context, change: NodeChange) -> tuple[list[str], list[str]]:
    """Names of tables whose rows only one side takes, if any are gone."""
    comparison = context.comparison
    before = _read(comparison.base.graph, change.base)
    after = _read(comparison.head.graph, change.head)
    nodes = {**comparison.base.project.nodes, **comparison.head.project.nodes}
    gone, new = (
        sorted(nodes[i].label if i in nodes else i for i in ids)
        for ids in (before - after, after - before)
    )
    return gone, new


def _read(graph: ColumnGraph, node: Node) -> set[str]:
    return {table for a in graph.queries.get(node.unique_id, ()) for table in a.facts.tables}


def _finding(
    context: Context,
    change: NodeChange,
    rule: Rule,
    message: str,
    evidence: Sequence[str],
    *,
    assumptions: Sequence[str] = (),
) -> Finding:
    """Of a join that keeps the rows by a test, that test is what the claim rests on."""
    node = change.head
    text = message.format(node.label)
    if assumptions:
        hold = "holds" if len(assumptions) == 1 else "hold"
        text += f": it keeps the rows as long as {' and '.join(assumptions)} {hold}"
    return about(
        context,
        rule,
        node,
        text,
        default=Severity.INFO if assumptions else None,
        location=changed_line(change, context.locate_head),
        evidence=evidence,
        affected=() if assumptions else context.hit(node),
        proven=rule is FILTER_CHANGED or bool(assumptions),
        assumptions=assumptions,
        identity=[mark.rows for mark in change.marks or ()],
    )
