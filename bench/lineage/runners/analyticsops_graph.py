"""analyticsops: the column graph of a whole project.

``BENCH_EDGES`` in the environment makes every edge an object: with ``direct`` those by which
values surely flow are told and counted, with ``indirect`` those that decide about a value or
are one candidate of several.
"""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import analyticsops as ao
from analyticsops.lineage.graph import ColumnGraph
from analyticsops.sql.facts import Kind, Sure
from bench.lineage.runners import run

EDGES = os.environ.get("BENCH_EDGES", "")
DIRECT = EDGES == "direct"
NOTHING: run.Sources = set()
"""Of a column that comes from nowhere, or was not asked for; nobody adds to it."""


def read(folder: Path, catalog: bool) -> Any:
    """The project; without its catalog, through a folder that holds the rest of it."""
    if catalog:
        return ao.load(folder)
    rest = Path(tempfile.mkdtemp())
    for path in folder.iterdir():
        if path.name != "catalog.json":
            (rest / path.name).symlink_to(path.resolve())
    return ao.load(rest)


def answers(workspace: Any) -> Iterator[run.Answer]:
    """Every column of every model and snapshot."""
    graph: ColumnGraph = workspace.graph
    sources = _sources(graph) if EDGES else {}
    for unique_id, node in graph.nodes.items():
        if workspace.project.nodes[unique_id].kind not in ("model", "snapshot"):
            continue
        if node.status == "unknown":
            yield unique_id, "; ".join(map(str, node.problems))
        else:
            yield unique_id, {**dict.fromkeys(node.names, NOTHING), **sources.get(unique_id, {})}


def _sources(graph: ColumnGraph) -> dict[str, dict[str, run.Sources]]:
    found: dict[str, dict[str, run.Sources]] = defaultdict(lambda: defaultdict(set))
    for edge in graph.edges:
        if not isinstance(edge.kind, Kind) or not edge.source.column:
            continue
        if (edge.kind.direct and edge.sure is not Sure.AMBIGUOUS) == DIRECT:
            found[edge.target.node][edge.target.column].add((edge.source.node, edge.source.column))
    return found


if __name__ == "__main__":
    run.main(answers, read=read, alone=read)
