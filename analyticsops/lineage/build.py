"""Project -> :class:`ColumnGraph`: every model's SQL once, parents before children."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from analyticsops.lineage.code import Code, compiled
from analyticsops.lineage.ends import end_edges
from analyticsops.lineage.graph import (
    ColumnGraph,
    ColumnLineage,
    ColumnRef,
    Edge,
    Link,
    NodeLineage,
    Status,
)
from analyticsops.lineage.reading import read_sql
from analyticsops.lineage.tables import NodeTables, RelationIndex
from analyticsops.project.model import Node, Project
from analyticsops.sql.dialect import dialect_of, rules_of
from analyticsops.sql.facts import OutputColumn, Problem, QueryFacts, TableColumns
from analyticsops.sql.inputs import Analysis

Progress = Callable[[int, int], None]
"""Told (done, total) as models are analysed."""


def build_graph(
    project: Project,
    *,
    code: Callable[[Node], Code] = compiled,
    dialect: str = "",
    progress: Progress | None = None,
) -> ColumnGraph:
    """The column graph of a project.

    Args:
        code: where a node's SQL comes from.
        dialect: sqlglot dialect; empty for that of the project's adapter.
        progress: told how far it is.

    Raises:
        ConfigError: the dialect is not known.
    """
    builder = _Builder(project, code, dialect or dialect_of(project.adapter))
    with _collecting_rarely():
        return builder.build(progress)


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """Keep the cycle collector away from the project, which has no cycles and is large,
    and from syntax trees, which are released by hand as soon as they are analysed."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 20, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


class _Builder:
    def __init__(self, project: Project, code: Callable[[Node], Code], dialect: str) -> None:
        self.project = project
        self.code = code
        self.dialect = dialect
        self.fold = rules_of(dialect).fold
        self.index = RelationIndex(project)
        self.schemas: dict[str, TableColumns] = {}
        self.lineage: dict[str, NodeLineage] = {}
        self.edges: set[Edge] = set()
        self.demands: dict[str, Callable[[str], OutputColumn | None]] = {}

    def build(self, progress: Progress | None) -> ColumnGraph:
        nodes = [self.project.nodes[unique_id] for unique_id in self.project.topological]
        tables = [node for node in nodes if node.has_columns]
        for done, node in enumerate(tables):
            if node.kind in ("model", "snapshot"):
                self._query(node)
            else:
                self._leaf(node)
            if progress:
                progress(done + 1, len(tables))
        self._answer_demands(tables)
        schemas = self._final_schemas()
        self.edges.update(end_edges(self.project, self.index, schemas, self.code, self.dialect))
        return ColumnGraph(self.lineage, tuple(sorted(self.edges)))

    # -- leaves ----------------------------------------------------------------

    def _leaf(self, node: Node) -> None:
        """A source or seed: what the catalog knows, else what YAML lists."""
        complete = _from_catalog(node)
        columns = {name: ColumnLineage(name=name, status=Status.PROVEN) for name in node.columns}
        self.lineage[node.unique_id] = NodeLineage(
            node=node.unique_id, status=Status.PROVEN, columns=columns, complete=complete
        )
        self.schemas[node.unique_id] = TableColumns(node.unique_id, tuple(columns), complete)

    # -- models ----------------------------------------------------------------

    def _query(self, node: Node) -> None:
        code = self.code(node)
        if code.sql is None:
            self._opaque(node, code.problems)
            return
        near = frozenset({*node.depends_on, node.unique_id})
        tables = NodeTables(self.index, self.schemas, near)
        analysis = read_sql(code.sql, self.dialect, tables)
        if not isinstance(analysis, Problem) and node.unique_id in tables.unknown:
            # It reads itself. Now that the names of its columns are known, again.
            names = tuple(dict.fromkeys(column.name for column in analysis.facts.columns))
            complete = not analysis.facts.open_tables
            self.schemas[node.unique_id] = TableColumns(node.unique_id, names, complete)
            analysis = read_sql(code.sql, self.dialect, tables)
        if isinstance(analysis, Problem):
            self._opaque(node, (*code.problems, analysis))
        else:
            self._analysed(node, analysis, code.problems)

    def _opaque(self, node: Node, problems: tuple[Problem, ...]) -> None:
        """A node whose SQL is not understood: its declared columns, its parents whole."""
        columns = {
            name: ColumnLineage(name=name, status=Status.UNKNOWN, problems=problems)
            for name in node.columns
        }
        complete = _from_catalog(node)
        self.lineage[node.unique_id] = NodeLineage(
            node=node.unique_id,
            status=Status.UNKNOWN,
            columns=columns,
            complete=complete,
            problems=problems,
        )
        self.schemas[node.unique_id] = TableColumns(node.unique_id, tuple(columns), complete)
        for parent in node.depends_on:
            if parent in self.schemas:
                self._opaque_edges(parent, node.unique_id, tuple(columns))

    def _opaque_edges(self, parent: str, child: str, columns: tuple[str, ...]) -> None:
        rows = ColumnRef(child)
        self.edges.add(Edge(ColumnRef(parent), rows, Link.DEPENDS))
        self.edges.update(Edge(rows, ColumnRef(child, name), Link.DEPENDS) for name in columns)

    def _analysed(self, node: Node, analysis: Analysis, more: tuple[Problem, ...]) -> None:
        facts = analysis.facts
        outputs = list(facts.columns)
        if node.kind == "snapshot":
            outputs += _snapshot_columns(outputs)
        known = {self.fold(column.name, False) for column in outputs}
        if facts.open_tables:
            # What YAML or the catalog lists must come through the open star.
            for name in node.columns:
                if self.fold(name, False) not in known:
                    demanded = analysis.demand(name)
                    if demanded is not None:
                        outputs.append(demanded)
            self.demands[node.unique_id] = analysis.demand
        self._record(node, facts, outputs, more)

    def _record(
        self,
        node: Node,
        facts: QueryFacts,
        outputs: list[OutputColumn],
        more: tuple[Problem, ...],
    ) -> None:
        unique_id = node.unique_id
        complete = not facts.open_tables or _from_catalog(node)
        problems = [*more, *facts.problems]
        if not complete:
            problems += [
                Problem("star over unknown columns", self._name(table))
                for table in facts.open_tables
            ]
        columns: dict[str, ColumnLineage] = {}
        for output in _as_built(node, outputs):
            columns.setdefault(output.name, _column(output))
            problems += output.problems
            self._edges_of(unique_id, output)
        self._row_edges(unique_id, facts)
        status = Status.PARTIAL if problems else Status.PROVEN
        self.lineage[unique_id] = NodeLineage(
            node=unique_id,
            status=status,
            columns=columns,
            complete=complete,
            problems=tuple(dict.fromkeys(problems)),
        )
        self.schemas[unique_id] = TableColumns(unique_id, tuple(columns), complete)

    def _name(self, table: str) -> str:
        node = self.project.nodes.get(table)
        return f"{node.kind} {node.label}" if node else table

    def _edges_of(self, unique_id: str, output: OutputColumn) -> None:
        target = ColumnRef(unique_id, output.name)
        for found in output.inputs:
            source = ColumnRef(found.table, self._spelled(found.table, found.column))
            self.edges.add(Edge(source, target, found.kind))

    def _row_edges(self, unique_id: str, facts: QueryFacts) -> None:
        rows = ColumnRef(unique_id)
        for found in facts.rows:
            source = ColumnRef(found.table, self._spelled(found.table, found.column))
            self.edges.add(Edge(source, rows, found.kind))
        self.edges.update(
            Edge(ColumnRef(table), rows, Link.ROWS) for table in facts.tables if table != unique_id
        )

    def _spelled(self, table: str, column: str) -> str:
        """The column's name as its own table spells it; demanded names as written."""
        lineage = self.lineage.get(table)
        if lineage is None or column in lineage.columns:
            return column
        key = self.fold(column, False)
        return next((n for n in lineage.columns if self.fold(n, False) == key), column)

    # -- columns behind open stars -----------------------------------------------

    def _answer_demands(self, tables: list[Node]) -> None:
        """Columns that readers use of an incomplete table exist: children first, so that
        a demand travels up through several stars."""
        wanted: dict[str, set[str]] = {}
        for edge in self.edges:
            if edge.source.column:
                wanted.setdefault(edge.source.node, set()).add(edge.source.column)
        for node in reversed(tables):
            lineage = self.lineage[node.unique_id]
            missing = sorted(wanted.get(node.unique_id, set()) - set(lineage.columns))
            if not missing or lineage.complete:
                continue
            found = dict(lineage.columns)
            for name in missing:
                found[name] = self._demanded(node, name, wanted)
            self.lineage[node.unique_id] = NodeLineage(
                node=node.unique_id,
                status=lineage.status,
                columns=found,
                complete=False,
                problems=lineage.problems,
            )

    def _demanded(self, node: Node, name: str, wanted: dict[str, set[str]]) -> ColumnLineage:
        demand = self.demands.get(node.unique_id)
        output = demand(name) if demand else None
        if output is None:
            opaque = self.lineage[node.unique_id]
            return ColumnLineage(
                name=name, status=opaque.status, problems=opaque.problems, inferred=True
            )
        self._edges_of(node.unique_id, output)
        for found in output.inputs:
            spelled = self._spelled(found.table, found.column)
            wanted.setdefault(found.table, set()).add(spelled)
        status = Status.PARTIAL if output.problems else Status.PROVEN
        return ColumnLineage(name=name, status=status, problems=output.problems, inferred=True)

    def _final_schemas(self) -> Mapping[str, TableColumns]:
        return {
            unique_id: TableColumns(unique_id, tuple(lineage.columns), lineage.complete)
            for unique_id, lineage in self.lineage.items()
        }


def _from_catalog(node: Node) -> bool:
    """True if the warehouse itself listed the node's columns."""
    return any(column.type_from == "catalog" for column in node.columns.values())


def _as_built(node: Node, outputs: list[OutputColumn]) -> list[OutputColumn]:
    """dbt builds a table under contract with its columns in the order of the YAML."""
    if not node.contract or node.materialized not in ("table", "incremental"):
        return outputs
    places = {name.lower(): place for place, name in enumerate(node.columns)}
    return sorted(outputs, key=lambda output: places.get(output.name.lower(), len(places)))


def _column(output: OutputColumn) -> ColumnLineage:
    status = Status.PARTIAL if output.problems else Status.PROVEN
    return ColumnLineage(name=output.name, status=status, problems=output.problems)


def _snapshot_columns(outputs: list[OutputColumn]) -> list[OutputColumn]:
    """What dbt adds to a snapshot. They are dbt's own values, with no input."""
    known = {output.name.lower() for output in outputs}
    names = ("dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to")
    return [OutputColumn(name=name) for name in names if name not in known]
