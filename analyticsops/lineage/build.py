"""Project -> :class:`ColumnGraph`: every model's SQL once, parents before children."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import cast

import msgspec

from analyticsops.collecting import collected_rarely
from analyticsops.lineage.analyst import Analysed, Analyst
from analyticsops.lineage.cache import Cache
from analyticsops.lineage.code import Code, Compiled, Finder
from analyticsops.lineage.ends import end_edges
from analyticsops.lineage.evidence import Answers, answer_demands
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Edge, Link, NodeLineage
from analyticsops.lineage.pool import Pool, shared_pool
from analyticsops.lineage.query import Query, packed_near
from analyticsops.lineage.readings import Readings
from analyticsops.lineage.results import Result, leaf, opaque, understood
from analyticsops.lineage.schedule import Schedule
from analyticsops.lineage.statements import Held, Surroundings, read_held, with_doubts
from analyticsops.lineage.tables import RelationIndex, Table, project_index, seen_by, table_of
from analyticsops.project.model import Node, Project
from analyticsops.project.snapshots import own_columns_sql
from analyticsops.sql.adapters import dialect_of
from analyticsops.sql.facts import Base, Problem, TableColumns
from analyticsops.sql.folding import Fold, fold_of

Progress = Callable[[int, int], None]
"""Told (done, total) as models are analysed."""

_ROUNDS = 4
"""Of learning columns from use. Each answers names that the one before left open."""


def build_graph(
    project: Project,
    *,
    code: Finder | None = None,
    dialect: str = "",
    progress: Progress | None = None,
    cache: Path | None = None,
    pool: Pool | None = None,
) -> ColumnGraph:
    """The column graph of a project.

    Args:
        code: where a node's SQL comes from; None for what dbt compiled.
        dialect: sqlglot dialect; empty for that of the project's adapter.
        progress: told how far it is.
        cache: file in which facts of queries are kept; None to keep none.
        pool: worker processes; None for those of this process.

    Raises:
        ConfigError: the dialect is not known.
    """
    name = dialect or dialect_of(project.adapter)
    fold = fold_of(name)
    with contextlib.ExitStack() as stack:
        stack.enter_context(collected_rarely())
        kept = stack.enter_context(Cache(cache)) if cache is not None else None
        analyst = Analyst(pool or shared_pool(), kept)
        return _Builder(project, code or Compiled(), name, fold, analyst, progress).build()


class _Builder:
    def __init__(
        self,
        project: Project,
        code: Finder,
        dialect: str,
        fold: Fold,
        analyst: Analyst,
        progress: Progress | None,
    ) -> None:
        self.project = project
        self.code = code
        self.dialect = dialect
        self.fold = fold
        self.analyst = analyst
        self.progress = progress
        nodes = (project.nodes[unique_id] for unique_id in project.topological)
        self.nodes = [node for node in nodes if node.has_columns]
        self.tables = {node.unique_id: table_of(node) for node in self.nodes}
        self.results: dict[str, Result] = {}
        self.asked: dict[str, list[Analysed | None]] = {}
        self.packed: dict[str, msgspec.Raw] = {}
        self.used: Mapping[str, tuple[str, ...]] = {}
        self.again: set[str] = set()
        """Nodes whose SQL was looked for a second time."""
        code.learn(self._all_columns)
        self.outside: dict[str, set[str]] = {}
        """Tables that a node reads although dbt does not know."""

    def build(self) -> ColumnGraph:
        self._analyse({node.unique_id for node in self.nodes})
        self._look_outside()
        answers = self._learn_from_use()
        lineage = self._all_lineage(answers)
        held = self._held(lineage)
        if any(_is_new(base, lineage) for base in held.bases):
            answers = answer_demands(self.nodes, self.results, self.fold, held.bases)
            lineage = self._all_lineage(answers)
        lineage.update((node.node, node) for node in with_doubts(lineage, held.doubts))
        edges = {_respelled(edge, lineage) for edge in answers.edges} | held.edges
        for node in self.nodes:
            if self.results[node.unique_id].opaque:
                edges.update(_opaque_edges(node, lineage))
        known = {name: TableColumns(name, n.names, n.complete) for name, n in lineage.items()}
        readings = Readings(self.tables, known, self.dialect, self.analyst)
        edges.update(end_edges(self.project, readings, self.code))
        queries = {name: found.queries for name, found in self.results.items() if found.queries}
        readers = self._readers()
        for table, names in held.readers.items():
            readers.setdefault(table, []).extend(names)
        return ColumnGraph(
            lineage, tuple(sorted(edges)), {**queries, **held.queries}, readers, held.hooks
        )

    @cached_property
    def index(self) -> RelationIndex:
        """All tables by name; made if something outside of dbt's knowledge is read."""
        return project_index(self.project)

    # -- every model once -------------------------------------------------------------

    def _analyse(self, dirty: set[str]) -> None:
        """Analyse these nodes, parents first, and whoever reads columns that changed."""
        schedule = Schedule({node.unique_id: self._near(node) for node in self.nodes})
        while schedule.left:
            self._advance(schedule, dirty)
            for ticket, analysed in self.analyst.answers():
                unique_id, place = cast("tuple[str, int]", ticket)
                self.asked[unique_id][place] = analysed
                result = self._finished(self.project.nodes[unique_id])
                if result is not None:
                    self._finish(schedule, unique_id, result, dirty)
                    self._advance(schedule, dirty)
            schedule.break_cycle()  # a damaged manifest may hold one

    def _advance(self, schedule: Schedule, dirty: set[str]) -> None:
        """Do everything that can be done without waiting for an answer."""
        while (unique_id := schedule.next()) is not None:
            if unique_id not in dirty:
                self._finish(schedule, unique_id, None, dirty)
            elif (result := self._start(self.project.nodes[unique_id])) is not None:
                self._finish(schedule, unique_id, result, dirty)

    def _finish(
        self, schedule: Schedule, unique_id: str, result: Result | None, dirty: set[str]
    ) -> None:
        if result is not None and self._changed(unique_id, result):
            dirty.update(schedule.children(unique_id))
        schedule.finish(unique_id)
        if self.progress:
            self.progress(len(self.nodes) - schedule.left, len(self.nodes))

    def _start(self, node: Node) -> Result | None:
        """The result of a node, or None if its queries are under way."""
        shared = node.kind == "source" and bool(node.depends_on and node.relation_name)
        if node.kind not in ("model", "snapshot") and not shared:
            return leaf(node, self.code.seeded(node))
        # Another project's table under the name that this one knows it by.
        code = _through(node) if shared else self.code(node)
        if code.sql is None:
            return opaque(node, code.problems)
        texts = [code.sql, *code.others]
        if node.kind == "snapshot" and (added := own_columns_sql(node.config, code.sql)):
            texts.append(added)
        queries = [self._query(node, sql) for sql in texts]
        answers = self.asked[node.unique_id] = [self.analyst.known(query) for query in queries]
        for place, query in enumerate(queries):
            if answers[place] is None:
                self.analyst.ask((node.unique_id, place), query)
        return self._finished(node)

    def _finished(self, node: Node) -> Result | None:
        """The result of a node, if all its queries are answered."""
        answers = [answer for answer in self.asked[node.unique_id] if answer is not None]
        if len(answers) < len(self.asked[node.unique_id]):
            return None
        problems = () if node.kind == "source" else self.code(node).problems
        result = understood(node, problems, answers, self.fold)
        if result.unread and node.unique_id not in self.again:
            self.again.add(node.unique_id)
            if self.code.again(node) is not None:
                return self._start(node)
        return result

    def _all_columns(self, unique_id: str) -> Sequence[str] | None:
        """The columns of a node as macros see them, None if not all are known."""
        result = self.results.get(unique_id)
        if result is None or not result.complete:
            return None
        if result.spelled or self.fold("aA", False) == self.fold("aA", True):
            return result.spelled or result.names
        return [self.fold(name, False) for name in result.names]

    def _changed(self, unique_id: str, result: Result) -> bool:
        """Record a result; True if the columns that children see are others than before."""
        before = self.results.get(unique_id)
        self.results[unique_id] = result
        columns = result.table(unique_id)
        if before is not None and before.table(unique_id) == columns:
            return False
        table = self.tables[unique_id]
        if table is not None:
            self.packed[unique_id] = packed_near(table, columns)
        return before is not None

    def _query(self, node: Node, sql: str) -> Query:
        near = [
            self._packed(unique_id, node)
            for unique_id in self._near(node)
            if unique_id in self.tables
        ]
        own = self.tables[node.unique_id]
        if own is not None:
            near.append(packed_near(own, TableColumns(node.unique_id)))
        return Query(sql, self.dialect, tuple(packed for packed in near if packed), node.unique_id)

    def _near(self, node: Node) -> list[str]:
        """Ids of what a node reads, in a stable order."""
        extra = self.outside.get(node.unique_id)
        near = [parent for parent in node.depends_on if parent != node.unique_id]
        return near + sorted(extra - set(near)) if extra else near

    def _packed(self, unique_id: str, reader: Node) -> msgspec.Raw | None:
        used = self.used.get(unique_id, ())
        table = self.tables[unique_id]
        seen = seen_by(reader, table)
        if seen is not None and (used or seen.outside) and unique_id in self.results:
            return packed_near(seen, self.results[unique_id].table(unique_id, used))
        packed = self.packed.get(unique_id)
        if packed is None and table is not None:
            return packed_near(table, TableColumns(unique_id))  # in a cycle
        return packed

    # -- tables that dbt does not know to be read ------------------------------------------

    def _look_outside(self) -> None:
        """SQL may name a node of the project without `ref`; its columns count as well."""
        for unique_id, result in self.results.items():
            names = {name for analysed in result.queries for name in analysed.outline.seen}
            found = {self.index.find(name.split(".")) for name in names}
            ids = {table.id for table in found if table is not None and table.id != unique_id}
            if ids:
                self.outside[unique_id] = ids
        if self.outside:
            self._analyse(set(self.outside))

    # -- columns that only their use shows ----------------------------------------------------

    def _learn_from_use(self) -> Answers:
        """A column that one query surely reads of a table cannot be another table's
        where a name is ambiguous: those queries are analysed again."""
        answers = answer_demands(self.nodes, self.results, self.fold)
        for _ in range(_ROUNDS):
            if answers.used == self.used:
                break
            self.used = answers.used
            dirty = {
                unique_id
                for unique_id, result in self.results.items()
                if result.ambiguous
                and any(near in self.used for near in self._near(self.project.nodes[unique_id]))
            }
            if not dirty:
                break
            self._analyse(dirty)
            answers = answer_demands(self.nodes, self.results, self.fold)
        return answers

    # -- hooks ---------------------------------------------------------------------------------

    def _held(self, lineage: Mapping[str, NodeLineage]) -> Held:
        """What hooks, operations and analyses read and write of the finished tables."""

        def find(parts: Sequence[str]) -> Table | None:
            return self.index.find(parts)

        around = Surroundings(self.project, self.tables, lineage, find, self.dialect, self.fold)
        return read_held(around, self.code, self.analyst)

    # -- out ------------------------------------------------------------------------------------

    def _all_lineage(self, answers: Answers) -> dict[str, NodeLineage]:
        return {node.unique_id: self._lineage(node, answers) for node in self.nodes}

    def _lineage(self, node: Node, answers: Answers) -> NodeLineage:
        result = self.results[node.unique_id]
        more = answers.columns.get(node.unique_id, {})
        starred = answers.starred.get(node.unique_id, {})
        asked = {name: found for name, found in ({**starred, **more}).items() if found}
        doubts = {**result.doubts, **asked}
        problems = result.problems
        if not result.complete and result.open_tables:
            problems += tuple(
                Problem("star over unknown columns", self._name(table))
                for table in result.open_tables
            )
        return result.lineage(node.unique_id, problems, tuple(more), doubts)

    def _name(self, table: str) -> str:
        node = self.project.nodes.get(table)
        return f"{node.kind} {node.label}" if node else table

    def _readers(self) -> dict[str, list[str]]:
        readers: dict[str, list[str]] = {}
        for node in self.nodes:
            result = self.results[node.unique_id]
            if result.queries:
                named = {name for analysed in result.queries for name in analysed.outline.seen}
                for parent in {*self._near(node), node.unique_id, *named}:
                    readers.setdefault(parent, []).append(node.unique_id)
        return readers


def _through(node: Node) -> Code:
    # Parsed, never run.
    return Code(f"select * from {node.relation_name}")  # noqa: S608


def _is_new(base: Base, lineage: Mapping[str, NodeLineage]) -> bool:
    """True for a column that nobody lists, of a table whose columns are not all known."""
    node = lineage.get(base.table)
    return node is not None and not node.complete and node.spelled(base.column) not in node.names


def _respelled(edge: Edge, lineage: Mapping[str, NodeLineage]) -> Edge:
    node = lineage.get(edge.source.node)
    if node is None:
        return edge
    return edge._replace(source=ColumnRef(edge.source.node, node.spelled(edge.source.column)))


def _opaque_edges(node: Node, lineage: Mapping[str, NodeLineage]) -> Iterator[Edge]:
    """A node whose SQL is not understood: its parents whole, for each of its columns."""
    rows = ColumnRef(node.unique_id)
    for parent in node.depends_on:
        if parent in lineage:
            yield Edge(ColumnRef(parent), rows, Link.DEPENDS)
            for name in lineage[node.unique_id].names:
                yield Edge(rows, ColumnRef(node.unique_id, name), Link.DEPENDS)
