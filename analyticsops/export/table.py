"""The edges as a table: what CSV and Parquet hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from analyticsops.export.subgraph import Subgraph
from analyticsops.lineage.graph import Edge
from analyticsops.sql.facts import Kind


class EdgeRow(NamedTuple):
    """One edge: the source takes part in the target.

    Attributes:
        source_node: ``unique_id``; of a table outside of the project its name.
        source_kind: dbt's resource type, ``hook``, or ``external``.
        source_name: what people call the node.
        source_column: empty for the rows of the node.
        source_field: the field inside the column that is read; empty for the whole.
        target_node: ``unique_id``.
        target_kind: likewise.
        target_name: what people call the node.
        target_column: empty for the rows of the node, and for ends.
        kind: how it takes part: ``identity``, ``filter``, ``rows``, ...
        type: OpenLineage's: ``DIRECT`` or ``INDIRECT``; empty for edges that no SQL makes.
        subtype: OpenLineage's: ``IDENTITY``, ``FILTER``, ...; empty likewise.
        masking: true if the source's value cannot be read off the target's.
        sure: ``exact``, ``inferred``, ``ambiguous`` or ``partial``.
    """

    source_node: str
    source_kind: str
    source_name: str
    source_column: str
    source_field: str
    target_node: str
    target_kind: str
    target_name: str
    target_column: str
    kind: str
    type: str
    subtype: str
    masking: bool
    sure: str


def rows(part: Subgraph) -> Iterator[EdgeRow]:
    """One row per edge, in the order of the edges."""
    for edge in part.edges:
        source, target = part.node(edge.source.node), part.node(edge.target.node)
        yield EdgeRow(
            source.unique_id,
            source.kind,
            source.label,
            edge.source.column,
            edge.path,
            target.unique_id,
            target.kind,
            target.label,
            edge.target.column,
            edge.kind.value,
            *_openlineage(edge),
            edge.sure.value,
        )


def _openlineage(edge: Edge) -> tuple[str, str, bool]:
    if not isinstance(edge.kind, Kind):
        return "", "", False
    return "DIRECT" if edge.kind.direct else "INDIRECT", edge.kind.subtype, edge.kind.masking
