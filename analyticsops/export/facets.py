"""Facets of OpenLineage datasets: schema, and column lineage 1-2-0.

In ``fields`` stands what makes a column's value or decides about it, in ``dataset`` what
decides which rows there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from analyticsops.lineage.graph import Edge, NodeLineage
from analyticsops.project.model import Node
from analyticsops.sql.facts import Kind, Sure

Named = Callable[[str], Mapping[str, str]]
"""Namespace and name of a node's dataset."""


def schema_facet(node: Node, lineage: NodeLineage | None) -> list[dict[str, Any]]:
    """The fields of a dataset, in order; with their place if no others are missing."""
    known = {column.name.lower(): column for column in node.columns.values()}
    fields: list[dict[str, Any]] = []
    for place, name in enumerate(lineage.names if lineage else (), 1):
        field: dict[str, Any] = {"name": name}
        column = known.get(name.lower())
        if column and column.type:
            field["type"] = column.type
        if column and column.description:
            field["description"] = column.description
        if lineage and lineage.complete:
            field["ordinal_position"] = place
        fields.append(field)
    return fields


def column_lineage(edges: Iterable[Edge], named: Named) -> dict[str, Any]:
    """``fields`` and ``dataset`` of the edges into one node; empty if there are none."""
    fields: dict[str, list[Edge]] = {}
    rows: list[Edge] = []
    for edge in edges:
        if not isinstance(edge.kind, Kind) or not edge.source.column:
            continue
        if edge.target.column:
            fields.setdefault(edge.target.column, []).append(edge)
        else:
            rows.append(edge)
    if not fields and not rows:
        return {}
    found: dict[str, Any] = {
        "fields": {name: {"inputFields": _inputs(into, named)} for name, into in fields.items()}
    }
    if rows:
        found["dataset"] = _inputs(rows, named)
    return found


def _inputs(edges: Iterable[Edge], named: Named) -> list[dict[str, Any]]:
    """One entry per source column, with everything that is done with it."""
    by_source: dict[tuple[str, str], list[Edge]] = {}
    for edge in edges:
        by_source.setdefault(edge.source, []).append(edge)
    return [
        {
            **named(node),
            "field": column,
            "transformations": [_transformation(edge) for edge in found],
        }
        for (node, column), found in by_source.items()
    ]


def _transformation(edge: Edge) -> dict[str, Any]:
    """The description says what the standard has no word for."""
    assert isinstance(edge.kind, Kind)
    told = [edge.kind.value] if edge.kind.name != edge.kind.subtype else []
    told += [f"field {edge.path}"] if edge.path else []
    told += [f"lineage is {edge.sure.value}"] if edge.sure is not Sure.EXACT else []
    return {
        "type": "DIRECT" if edge.kind.direct else "INDIRECT",
        "subtype": edge.kind.subtype,
        "description": "; ".join(told),
        "masking": edge.kind.masking,
    }
