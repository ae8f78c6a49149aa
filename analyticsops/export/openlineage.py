"""OpenLineage: one event a line, with the column lineage facet 1-2-0.

What the project says is static, so that models are JobEvents, and so are the statements of
hooks and operations that write a table; with ``events="run"`` the nodes of the last run are
RunEvents. Sources are DatasetEvents. Tests, metrics and exposures are no datasets and left
out.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from analyticsops import __version__
from analyticsops.artifacts.run_results import NodeResult
from analyticsops.errors import UsageError
from analyticsops.export.datasets import dataset_name, default_namespace
from analyticsops.export.facets import column_lineage, schema_facet
from analyticsops.export.subgraph import Subgraph
from analyticsops.lineage.graph import ColumnRef, Edge
from analyticsops.project.model import Node
from analyticsops.report.encode import json_line
from analyticsops.sql.facts import Kind

PRODUCER = f"urn:analyticsops:{__version__}"
_SPEC = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs"
_JOB_NAMESPACE = "dbt"
_EPOCH = "1970-01-01T00:00:00Z"
_STATES = {"success": "COMPLETE", "error": "FAIL", "fail": "FAIL"}


def render(part: Subgraph) -> bytes:
    """The events, one a line, in the order of the project's nodes.

    Raises:
        UsageError: run events are asked for, and nothing is known of a run.
    """
    events = _Events(part)
    found = events.of_runs() if part.settings.events == "run" else events.of_project()
    return "".join(f"{json_line(event)}\n" for event in found).encode()


class _Events:
    def __init__(self, part: Subgraph) -> None:
        self.part = part
        self.adapter = part.project.adapter
        self.namespace = part.settings.namespace or default_namespace(self.adapter)
        self.edges: dict[str, list[Edge]] = {}
        self.writes: dict[str, dict[ColumnRef, ColumnRef]] = {}
        statements = {name for hook in part.graph.hooks for name in hook.statements}
        for edge in part.edges:
            if edge.source.node not in statements:
                self.edges.setdefault(edge.target.node, []).append(edge)
        for edge in part.graph.made:
            if edge.source.node in statements and edge.source.column:
                self.writes.setdefault(edge.source.node, {})[edge.source] = edge.target
            elif edge.source.node in statements:
                self.writes.setdefault(edge.source.node, {}).setdefault(
                    edge.source, ColumnRef(edge.target.node)
                )

    # -- events ------------------------------------------------------------------------

    def of_project(self) -> Iterator[dict[str, Any]]:
        """A JobEvent for what dbt builds, a DatasetEvent for what it finds."""
        time = self.part.project.generated_at or _EPOCH
        for unique_id in self.part.chosen:
            node = self.part.project.nodes[unique_id]
            if node.kind == "source":
                yield {**_head("DatasetEvent", time), "dataset": self._dataset(node)}
            elif node.has_columns:
                yield {**_head("JobEvent", time), **self._job(node)}
        for hook in self.part.graph.hooks:
            if hook.owner in self.part.chosen:
                written = [name for name in hook.statements if name in self.writes]
                yield from ({**_head("JobEvent", time), **self._statement(n)} for n in written)

    def of_runs(self) -> Iterator[dict[str, Any]]:
        """A RunEvent for each chosen node that the last run built, or tried to."""
        results = self.part.settings.run_results
        if results is None:
            raise UsageError(
                "nothing is known of a run", hint="`dbt build` writes target/run_results.json"
            )
        chosen = set(self.part.chosen)
        run = results.metadata.invocation_id or results.metadata.generated_at
        for result in results.results:
            node = self.part.project.nodes.get(result.unique_id)
            state = _STATES.get(result.status.lower())
            if node is None or state is None or node.unique_id not in chosen:
                continue
            if node.has_columns:
                time = _completed(result) or results.metadata.generated_at or _EPOCH
                run_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{run}/{node.unique_id}"))
                yield {
                    **_head("RunEvent", time),
                    "eventType": state,
                    "run": {"runId": run_id},
                    **self._job(node),
                }

    # -- parts of events ------------------------------------------------------------------

    def _job(self, node: Node) -> dict[str, Any]:
        """Named as OpenLineage's own dbt integration names it, so that both meet."""
        edges = self.edges.get(node.unique_id, [])
        return {
            "job": self._named_job(node),
            "inputs": [self._named(self.part.node(i)) for i in self._inputs(node, edges)],
            "outputs": [self._dataset(node, edges)],
        }

    def _named_job(self, node: Node) -> dict[str, Any]:
        relation = node.relation
        parts = (relation.database, relation.schema) if relation else ()
        name = ".".join([*(part for part in parts if part), node.unique_id.partition(".")[2]])
        return {"namespace": _JOB_NAMESPACE, "name": name, "facets": self._job_facets(node)}

    def _statement(self, unique_id: str) -> dict[str, Any]:
        """A statement of a hook: what it reads, and the table that it writes."""
        written = self.writes[unique_id]
        target = self.part.node(next(iter(written.values())).node)
        into = self.edges.get(unique_id, [])
        edges = [edge._replace(target=written.get(edge.target, edge.target)) for edge in into]
        read = sorted({edge.source.node for edge in edges})
        return {
            "job": self._named_job(self.part.node(unique_id)),
            "inputs": [self._named(self.part.node(name)) for name in read],
            "outputs": [self._dataset(target, edges)],
        }

    def _inputs(self, node: Node, edges: Iterable[Edge]) -> list[str]:
        parents = (self.part.node(parent) for parent in node.depends_on)
        tables = {parent.unique_id for parent in parents if parent.has_columns}
        read = {
            edge.source.node
            for edge in edges
            if isinstance(edge.kind, Kind) or edge.source.node != node.unique_id
        }
        return sorted(tables | read)

    def _job_facets(self, node: Node) -> dict[str, Any]:
        facets = {
            "jobType": {
                **_facet("2-0-4", "JobTypeJobFacet"),
                "processingType": "BATCH",
                "integration": "DBT",
                "jobType": node.kind.upper(),
            }
        }
        if self.part.settings.sql and node.compiled_code:
            facets["sql"] = {**_facet("1-1-0", "SQLJobFacet"), "query": node.compiled_code}
        return facets

    def _named(self, node: Node) -> dict[str, str]:
        namespace, name = dataset_name(node, self.adapter, self.namespace)
        return {"namespace": namespace, "name": name}

    def _dataset(self, node: Node, edges: Iterable[Edge] = ()) -> dict[str, Any]:
        facets: dict[str, Any] = {}
        fields = schema_facet(node, self.part.graph.nodes.get(node.unique_id))
        if fields:
            facets["schema"] = {**_facet("1-2-0", "SchemaDatasetFacet"), "fields": fields}
        lineage = column_lineage(edges, lambda unique_id: self._named(self.part.node(unique_id)))
        if lineage:
            facets["columnLineage"] = {**_facet("1-2-0", "ColumnLineageDatasetFacet"), **lineage}
        return {**self._named(node), "facets": facets}


def _head(kind: str, time: str) -> dict[str, Any]:
    return {"eventTime": time, "producer": PRODUCER, "schemaURL": f"{_SPEC}/{kind}"}


def _facet(version: str, name: str) -> dict[str, Any]:
    url = f"https://openlineage.io/spec/facets/{version}/{name}.json#/$defs/{name}"
    return {"_producer": PRODUCER, "_schemaURL": url}


def _completed(result: NodeResult) -> str:
    times = [timing.completed_at for timing in result.timing if timing.completed_at]
    return max(times, default="")
