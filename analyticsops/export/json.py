"""JSON: nodes with their columns, and edges, in a format that is kept.

``{"schema": "analyticsops/lineage/v1", ...}``. Within v1 fields are added, never removed
or given another meaning.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from analyticsops import __version__
from analyticsops.export.subgraph import Subgraph
from analyticsops.lineage.graph import ColumnRef
from analyticsops.report.encode import json_document

SCHEMA: Literal["analyticsops/lineage/v1"] = "analyticsops/lineage/v1"


class LineageColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column.

    Attributes:
        name: as the node spells it.
        type: SQL type as YAML or catalog give it; empty if nobody says.
        status: `proven`, `partial` or `unknown`.
        problems: why it is not proven.
        inferred: true if only its use downstream shows that it is there.
    """

    name: str
    type: str
    status: str
    problems: tuple[str, ...]
    inferred: bool


class LineageNode(msgspec.Struct, frozen=True, kw_only=True):
    """A node that edges start from or end in.

    Attributes:
        id: dbt's `unique_id`; of a table outside of the project its name.
        kind: dbt's resource type, `hook`, or `external`.
        name: what people call it.
        relation: the table in the warehouse; empty if there is none.
        path: of its file in its package.
        owner: empty if nobody.
        status: `proven`, `partial` or `unknown`; empty for nodes without columns.
        complete: true if it has no columns but those listed.
        columns: in order.
    """

    id: str
    kind: str
    name: str
    relation: str
    path: str
    owner: str
    status: str
    complete: bool
    columns: tuple[LineageColumn, ...]


class LineageRef(msgspec.Struct, frozen=True, kw_only=True):
    """An end of an edge.

    Attributes:
        node: dbt's `unique_id`, or the name of a table outside the project.
        column: its name; empty for the rows of the node, and for an end without columns
            (metric, exposure, test).
    """

    node: str
    column: str


class LineageEdge(msgspec.Struct, frozen=True, kw_only=True):
    """The source takes part in the target.

    Attributes:
        source: where it starts.
        target: where it ends.
        kind: how it takes part: `identity`, `rename`, `cast`, `transformation`, `masked`,
            `aggregation`, `count` (values flow); `conditional`, `window`, `join`, `filter`,
            `group_by`, `sort` (it decides); `rows`, `depends`, `tests` (no SQL makes it).
        sure: `exact`, `inferred`, `ambiguous` or `partial`.
        field: the field inside the source column that is read; empty for the whole.
    """

    source: LineageRef
    target: LineageRef
    kind: str
    sure: str
    field: str


class LineageV1(msgspec.Struct, frozen=True, kw_only=True):
    """The column lineage of a dbt project, by `analyticsops lineage export`.

    Attributes:
        schema: name and version of this format.
        version: of analyticsops.
        project: name of the root project.
        adapter: adapter type, for instance `duckdb`.
        dbt_version: that wrote the manifest.
        generated_at: when the manifest was written, ISO 8601 in UTC.
        nodes: those chosen, and those that their edges come from.
        edges: the edges into the chosen nodes, sorted.
    """

    schema: Literal["analyticsops/lineage/v1"]
    version: str
    project: str
    adapter: str
    dbt_version: str
    generated_at: str
    nodes: tuple[LineageNode, ...]
    edges: tuple[LineageEdge, ...]


def render(part: Subgraph) -> bytes:
    """The document, indented, in UTF-8."""
    project = part.project
    document = LineageV1(
        schema=SCHEMA,
        version=__version__,
        project=project.name,
        adapter=project.adapter,
        dbt_version=project.dbt_version,
        generated_at=project.generated_at,
        nodes=tuple(_node(part, unique_id) for unique_id in part.ids()),
        edges=tuple(
            LineageEdge(
                source=_ref(edge.source),
                target=_ref(edge.target),
                kind=edge.kind.value,
                sure=edge.sure.value,
                field=edge.path,
            )
            for edge in part.edges
        ),
    )
    return json_document(msgspec.to_builtins(document)).encode()


def schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA,
        **msgspec.json.schema(LineageV1),
    }


def _ref(ref: ColumnRef) -> LineageRef:
    return LineageRef(node=ref.node, column=ref.column)


def _node(part: Subgraph, unique_id: str) -> LineageNode:
    node, lineage = part.node(unique_id), part.graph.nodes.get(unique_id)
    has_relation = node.relation is not None and node.materialized != "ephemeral"
    types = {column.name.lower(): column.type for column in node.columns.values()}
    return LineageNode(
        id=unique_id,
        kind=node.kind,
        name=node.label,
        relation=str(node.relation) if has_relation and node.has_columns else "",
        path=node.path,
        owner=node.owner.name if node.owner else "",
        status=lineage.status.value if lineage else "",
        complete=lineage.complete if lineage else False,
        columns=tuple(
            LineageColumn(
                name=column.name,
                type=types.get(column.name.lower(), ""),
                status=column.status.value,
                problems=tuple(str(problem) for problem in column.problems),
                inferred=column.inferred,
            )
            for column in (lineage.columns.values() if lineage else ())
        ),
    )
