"""What the graph of a project predicts about one model, down to tables that exist."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Edge, Status
from analyticsops.project.model import Node, Project
from analyticsops.sql.facts import Kind
from analyticsops.verify.prediction import Output, Prediction
from analyticsops.verify.tables import Input

RENDERED = "rendered without dbt"
"""The reason of a problem that is about where SQL comes from: the same SQL is executed."""


class Expectation:
    """The graph's prediction of a model. Ephemeral models are no tables: what they say of
    their own columns is put in their place."""

    def __init__(self, project: Project, graph: ColumnGraph, node: Node) -> None:
        self._project = project
        self._graph = graph
        self._node = node

    def prediction(self, names: Sequence[str]) -> Prediction:
        """For a result with these columns."""
        rows = self._inputs([ColumnRef(self._node.unique_id)], direct=None) - self._compared()
        return Prediction(
            outputs=tuple(self._output(name) for name in names),
            rows=rows | self._rows_of(self._node.unique_id) | {(self._node.unique_id, "")},
            unknown=self._unknown_rows(self._node.unique_id),
        )

    def _compared(self) -> set[Input]:
        """What alone dbt's strategy for a snapshot compares: its SQL by itself, which is run,
        has the rows whatever that is."""
        queries = self._graph.queries.get(self._node.unique_id, ())
        if self._node.kind != "snapshot" or not queries:
            return set()
        read, *added = (
            {(row.table, row.column) for row in analysed.facts.rows} for analysed in queries
        )
        return set().union(*added) - read

    def _output(self, name: str) -> Output:
        unique_id = self._node.unique_id
        lineage = self._graph.nodes[unique_id]
        spelled = lineage.spelled(name)
        if spelled not in lineage.names:
            return Output(name, unknown="lineage does not have it")
        ref = ColumnRef(unique_id, spelled)
        problems = lineage.columns[spelled].problems
        return Output(
            name,
            value=self._inputs([ref], direct=True),
            control=self._inputs([ref], direct=False),
            unknown=str(problems[0]) if problems else self._doubt([ref]),
        )

    def _inputs(self, refs: Iterable[ColumnRef], direct: bool | None) -> frozenset[Input]:
        """The columns of tables that refs read; ``direct`` chooses values or the rest."""
        found: set[Input] = set()
        for ref in refs:
            for edge in self._graph.parents(ref):
                if direct in (None, _is_direct(edge)):
                    found |= self._grounded(edge.source)
        return frozenset(found)

    def _grounded(self, ref: ColumnRef) -> set[Input]:
        """A column of a table is itself; one of an ephemeral model is what that reads."""
        if not self._is_ephemeral(ref.node):
            return {(ref.node, ref.column)}
        return {
            input_ for edge in self._graph.parents(ref) for input_ in self._grounded(edge.source)
        }

    def _rows_of(self, unique_id: str) -> frozenset[Input]:
        """What decides about the rows of the ephemeral models that a node reads."""
        found: set[Input] = set()
        for parent in self._ephemeral_parents(unique_id):
            found |= self._inputs([ColumnRef(parent)], direct=None) | self._rows_of(parent)
        return frozenset(found)

    def _ephemeral_parents(self, unique_id: str) -> list[str]:
        parents = self._project.nodes[unique_id].depends_on
        return [parent for parent in parents if self._is_ephemeral(parent)]

    def _is_ephemeral(self, unique_id: str) -> bool:
        node = self._project.nodes.get(unique_id)
        return node is not None and node.materialized == "ephemeral"

    def _unknown_rows(self, unique_id: str) -> str:
        """Why the rows are not understood, those of ephemeral parents included."""
        lineage = self._graph.nodes[unique_id]
        if lineage.status is Status.UNKNOWN:
            return str(lineage.problems[0]) if lineage.problems else "lineage is unknown"
        columns = {problem for doubts in lineage.doubts.values() for problem in doubts}
        own = [p for p in lineage.problems if p not in columns and p.reason != RENDERED]
        if own:
            return str(own[0])
        deeper = (self._unknown_rows(parent) for parent in self._ephemeral_parents(unique_id))
        return next((reason for reason in deeper if reason), "")

    def _doubt(self, refs: Collection[ColumnRef]) -> str:
        """Problems of columns of ephemeral models on the way."""
        for ref in refs:
            for edge in self._graph.parents(ref):
                source = edge.source
                if source.column and self._is_ephemeral(source.node):
                    lineage = self._graph.nodes[source.node].columns.get(source.column)
                    if lineage is not None and lineage.problems:
                        return str(lineage.problems[0])
                    deeper = self._doubt([source])
                    if deeper:
                        return deeper
        return ""


def _is_direct(edge: Edge) -> bool:
    return isinstance(edge.kind, Kind) and edge.kind.direct
