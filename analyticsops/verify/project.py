"""The models of a project, one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path

import msgspec

from analyticsops.errors import UsageError
from analyticsops.lineage.code import Code
from analyticsops.lineage.graph import ColumnGraph
from analyticsops.project.model import Node, Project
from analyticsops.verify.model import Bench, Options, verify_model
from analyticsops.verify.report import VerifyReport
from analyticsops.verify.sample import columns_in
from analyticsops.verify.schema import Schemas

VERIFIABLE = ("model", "snapshot")
"""Kinds of nodes that have a query."""


def verify_project(
    project: Project,
    graph: ColumnGraph,
    code: Callable[[Node], Code],
    chosen: Collection[str],
    options: Options,
    *,
    types_from: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> VerifyReport:
    """Put models to the test.

    Args:
        chosen: ``unique_id`` of each.
        types_from: a database whose columns count, but not its rows; by default the one
            that the rows come from.
        progress: told (done, total).

    Raises:
        ArtifactError: the database cannot be read.
        UsageError: it is not a DuckDB project.
    """
    if project.adapter != "duckdb":
        raise UsageError(
            f"lineage is verified by running models in DuckDB, and this project is written for "
            f"{project.adapter}"
        )
    options = msgspec.structs.replace(options, name=options.name or database_of(project))
    known = options.database or types_from
    found = columns_in(known, project, options.name) if known is not None else {}
    schemas = Schemas(project, graph, code, found)
    bench = Bench(project=project, graph=graph, code=code, schemas=schemas, options=options)
    nodes = [
        node
        for unique_id in project.topological
        if (node := project.nodes[unique_id]).kind in VERIFIABLE and unique_id in chosen
    ]
    results = []
    for done, node in enumerate(nodes):
        results.append(verify_model(bench, node))
        if progress:
            progress(done + 1, len(nodes))
    data = "synthetic" if options.database is None else str(options.database)
    return VerifyReport(data=data, seed=options.seed, models=tuple(results))


def database_of(project: Project) -> str:
    """The database that most models are built in."""
    names = Counter(
        node.relation.database
        for node in project.of_kind("model", "seed")
        if node.relation is not None and node.relation.database
    )
    return names.most_common(1)[0][0] if names else "memory"
