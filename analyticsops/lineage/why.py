"""How a column comes about: its expression, and those of what it reads, down to sources."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import msgspec

from analyticsops.lineage.code import Code
from analyticsops.lineage.graph import ColumnGraph, ColumnRef
from analyticsops.lineage.tables import NodeTables, RelationIndex, project_index
from analyticsops.project.lines import line_in_raw
from analyticsops.project.model import Node, Project
from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.steps import Step, Steps, steps_of

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
                if source not in seen and source.node in project.nodes:
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
    def tables(self) -> dict[str, TableColumns]:
        return {
            unique_id: TableColumns(unique_id, lineage.names, lineage.complete)
            for unique_id, lineage in self.graph.nodes.items()
        }

    def explain(self, ref: ColumnRef) -> list[Explained]:
        """One explanation, or one for each branch of ``is_incremental()`` that differs."""
        node = self.project.nodes[ref.node]
        if node.kind not in ("model", "snapshot"):
            return [Explained(ref=ref, note=f"column of a {node.kind}")]
        code = self.code(node)
        if code.sql is None:
            return [Explained(ref=ref, note=str(code.problems[0]))]
        found: list[Explained] = []
        for place, sql in enumerate((code.sql, *code.others)):
            explained = self._of_query(node, ref, sql, bool(place))
            if explained is not None and not any(_same(explained, other) for other in found):
                found.append(explained)
        if not found:
            what = "dbt itself makes it" if node.kind == "snapshot" else "its SQL does not name it"
            return [Explained(ref=ref, note=what)]
        return found

    def _of_query(self, node: Node, ref: ColumnRef, sql: str, other: bool) -> Explained | None:
        near = frozenset({*node.depends_on, node.unique_id})
        tables = NodeTables(self.index, self.tables, near)
        steps = steps_of(sql, self.dialect, tables, ref.column)
        if steps is None:
            return None
        if isinstance(steps, Problem):
            return Explained(ref=ref, problems=(str(steps),), other=other)
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
