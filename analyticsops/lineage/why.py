"""How a column comes about: its expression, and those of what it reads, down to sources."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from analyticsops.lineage.code import Code
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Link, NodeLineage
from analyticsops.lineage.names import column_label
from analyticsops.lineage.tables import NodeTables, RelationIndex, project_index
from analyticsops.project.hooks import HOLDERS, find_node, owner_id, statement_place
from analyticsops.project.lines import line_in_raw
from analyticsops.project.model import Node, Project
from analyticsops.project.snapshots import is_own
from analyticsops.sql.facts import Problem, TableColumns

if TYPE_CHECKING:
    from analyticsops.sql.steps import Step, Steps

MOST = 200
"""Columns that are explained; beyond this nobody reads on."""


class WhyStep(msgspec.Struct, frozen=True, kw_only=True):
    """One expression on the way.

    Attributes:
        query: name of the CTE or derived table; empty in the final SELECT.
        column: the name that it gets; empty for a condition or an argument.
        sql: the expression; ``*`` if a star passes the column on.
        line: in the model's own file, 1-based; 0 where Jinja made the line.
        compiled_line: in the compiled SQL, 1-based; 0 if not known.
        depth: how many expressions stand between it and the column.
    """

    query: str
    column: str
    sql: str
    line: int
    compiled_line: int
    depth: int


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """How one column of one node comes about.

    Attributes:
        ref: the column.
        steps: from the final SELECT inwards.
        sources: the columns of other nodes that the steps end in.
        problems: why something may be missing.
        note: what there is to say where there are no steps: a source, a Python model.
        other: true for the other branch of ``is_incremental()``.
    """

    ref: ColumnRef
    steps: tuple[WhyStep, ...] = ()
    sources: tuple[ColumnRef, ...] = ()
    problems: tuple[str, ...] = ()
    note: str = ""
    other: bool = False


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """A column and everything that it comes from, nearest first; ``cut`` if there is more."""

    columns: tuple[Explained, ...]
    cut: bool


def explain(
    project: Project,
    graph: ColumnGraph,
    code: Callable[[Node], Code],
    dialect: str,
    ref: ColumnRef,
    *,
    depth: int | None = None,
) -> Explanation:
    """How a column comes about.

    Args:
        code: where a node's SQL comes from.
        depth: at most so many nodes upwards; None for all, 0 for its own alone.
    """
    explainer = _Explainer(project, graph, code, dialect)
    queue = deque([(ref, 0)])
    seen = {ref}
    found: list[Explained] = []
    while queue:
        here, distance = queue.popleft()
        if len(seen) > MOST and len(found) >= MOST:
            return Explanation(columns=tuple(found), cut=True)
        for explained in explainer.explain(here):
            found.append(explained)
            if depth is not None and distance >= depth:
                continue
            for source in explained.sources:
                if source not in seen and find_node(project, source.node) is not None:
                    seen.add(source)
                    queue.append((source, distance + 1))
    return Explanation(columns=tuple(found), cut=False)


class _Explainer:
    def __init__(
        self,
        project: Project,
        graph: ColumnGraph,
        code: Callable[[Node], Code],
        dialect: str,
    ) -> None:
        self.project = project
        self.graph = graph
        self.code = code
        self.dialect = dialect

    @cached_property
    def index(self) -> RelationIndex:
        return project_index(self.project)

    @cached_property
    def tables(self) -> Sequence[Mapping[str, TableColumns]]:
        """The columns of all tables: those that only their use shows listed as well, or
        left open. The lineage lists some of them, and does not keep which."""
        nodes = self.graph.nodes
        return (
            {name: TableColumns(name, n.names, n.complete) for name, n in nodes.items()},
            {name: TableColumns(name, _listed(n), n.complete) for name, n in nodes.items()},
        )

    def explain(self, ref: ColumnRef) -> list[Explained]:
        """One explanation, or one for each branch of ``is_incremental()`` that differs."""
        node = find_node(self.project, ref.node)
        assert node is not None, "only columns of the project are explained"
        if node.kind in HOLDERS:
            return [self._written(node, ref)]
        if node.kind not in ("model", "snapshot"):
            return [Explained(ref=ref, note=f"column of a {node.kind}")]
        code = self.code(node)
        if code.sql is None:
            return [Explained(ref=ref, note=str(code.problems[0]))]
        parents = [e.source for e in self.graph.parents(ref) if not isinstance(e.kind, Link)]
        known = {source for source in parents if not self._is_statement(source)}
        writers = tuple(dict.fromkeys(s for s in parents if s not in known and s.column))
        if node.kind == "snapshot" and is_own(node.config, ref.column):
            sources = (*sorted(known), *writers)
            return [Explained(ref=ref, note="dbt itself makes it", sources=sources)]
        found: list[Explained] = []
        for place, sql in enumerate((code.sql, *code.others)):
            explained = self._of_query(node, ref, sql, known, bool(place))
            if explained is not None and not any(_same(explained, other) for other in found):
                found.append(explained)
        if not found:
            return [Explained(ref=ref, note="its SQL does not name it", sources=writers)]
        found = _with_rest(self.project, found, known)
        first = msgspec.structs.replace(found[0], sources=(*found[0].sources, *writers))
        return [first, *found[1:]]

    def _is_statement(self, ref: ColumnRef) -> bool:
        node = find_node(self.project, ref.node)
        return node is not None and node.kind in HOLDERS

    def _written(self, node: Node, ref: ColumnRef) -> Explained:
        """How a statement makes what it writes into a column."""
        from analyticsops.sql.written_steps import written_steps

        holder, number = statement_place(node.unique_id)
        hook = find_node(self.project, holder)
        code = self.code(hook) if hook is not None else None
        if code is None or code.sql is None:
            return Explained(ref=ref, note="its statement is not known")
        near = frozenset({*node.depends_on, owner_id(node.unique_id)})
        tables = NodeTables(self.index, self.tables[0], near)
        found = written_steps(code.sql, self.dialect, tables, number, ref.column)
        if isinstance(found, Problem):
            return Explained(ref=ref, problems=(str(found),))
        sources = dict.fromkeys(source for steps in found for source in self._sources(steps))
        return Explained(
            ref=ref,
            steps=tuple(_step(step, "", code.sql) for steps in found for step in steps.steps),
            sources=tuple(sources),
            problems=tuple(str(problem) for steps in found for problem in steps.problems),
            note="" if sources else "a constant, or a function without arguments",
        )

    def _of_query(
        self, node: Node, ref: ColumnRef, sql: str, known: set[ColumnRef], other: bool
    ) -> Explained | None:
        """The steps of one query: with the columns of tables by which they say what the
        lineage says, if there are such."""
        from analyticsops.sql.steps import steps_of

        best: Explained | None = None
        for schemas in self.tables:
            near = frozenset({*node.depends_on, node.unique_id})
            tables = NodeTables(self.index, schemas, near, node.unique_id)
            steps = steps_of(sql, self.dialect, tables, ref.column)
            if isinstance(steps, Problem):
                return Explained(ref=ref, problems=(str(steps),), other=other)
            if steps is None:
                continue
            found = self._explained(node, ref, sql, steps, other)
            if set(found.sources) == known:
                return found
            if best is None or len(known.intersection(found.sources)) > len(
                known.intersection(best.sources)
            ):
                best = found
        return best

    def _explained(
        self, node: Node, ref: ColumnRef, sql: str, steps: Steps, other: bool
    ) -> Explained:
        return Explained(
            ref=ref,
            steps=tuple(_step(step, node.raw_code, sql) for step in steps.steps),
            sources=tuple(self._sources(steps)),
            problems=tuple(str(problem) for problem in steps.problems),
            note="" if steps.sources else "a constant, or a function without arguments",
            other=other,
        )

    def _sources(self, steps: Steps) -> Iterator[ColumnRef]:
        for table, column in steps.sources:
            lineage = self.graph.nodes.get(table)
            yield ColumnRef(table, lineage.spelled(column) if lineage else column)


def _listed(lineage: NodeLineage) -> tuple[str, ...]:
    return tuple(name for name in lineage.names if name not in lineage.inferred)


def _with_rest(
    project: Project, found: list[Explained], known: Collection[ColumnRef]
) -> list[Explained]:
    """What the lineage has and the steps do not show is said, never left out."""
    shown = {source for explained in found for source in explained.sources}
    rest = sorted(set(known) - shown)
    if not rest or any(explained.problems and not explained.steps for explained in found):
        return found
    names = ", ".join(column_label(project, ref) for ref in rest)
    problem = f"not shown here, but in the lineage: {names}"
    first = msgspec.structs.replace(found[0], problems=(*found[0].problems, problem))
    return [first, *found[1:]]


def _step(step: Step, raw: str, compiled: str) -> WhyStep:
    return WhyStep(
        query=step.query,
        column=step.column,
        sql=step.sql,
        line=line_in_raw(raw, compiled, step.line),
        compiled_line=step.line,
        depth=step.depth,
    )


def _same(one: Explained, other: Explained) -> bool:
    """True if two branches say the same of a column."""
    return _texts(one.steps) == _texts(other.steps) and one.problems == other.problems


def _texts(steps: Sequence[WhyStep]) -> list[tuple[str, str, str]]:
    return [(step.query, step.column, step.sql) for step in steps]
