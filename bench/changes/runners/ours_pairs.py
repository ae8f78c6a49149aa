"""Our comparison of a project of one model, whose lineage is there already."""

from __future__ import annotations

from typing import Any

from analyticsops.changes.compare import RowChange, compare
from analyticsops.changes.version import Version
from analyticsops.comparing import version_of
from bench.changes.runners import pairs
from tests.project_maker import project, workspace


def prepare(pair: dict[str, Any]) -> pairs.Classify:
    """Both versions with their column graphs, as Recce and SQLMesh know the columns."""
    base, head = (_version(pair["tables"], pair[side]) for side in ("left", "right"))

    def classify() -> pairs.Answer:
        changes = compare(base, head).nodes
        if not changes:
            return pairs.NO_OP, []
        (change,) = changes.values()
        if change.rows is not RowChange.SAME or change.unknown:
            return pairs.ROWS, []
        columns = [name.lower() for name in (*change.values, *change.removed)]
        if columns:
            return pairs.COLUMNS, columns
        return (pairs.ADDITIVE if change.added else pairs.NO_OP), []

    return classify


def _version(tables: dict[str, list[str]], sql: str) -> Version:
    """A project with these sources and a model with this SQL."""
    sources = {f"raw.{name}": ", ".join(columns) for name, columns in tables.items()}
    reads = ", ".join(f"@{name}" for name in sources)
    made = project(sources=sources, models={"m": f"select 1 as one from {reads}"})
    for node in made.manifest["nodes"].values():
        node["raw_code"] = node["compiled_code"] = sql
    version = version_of(workspace(made))
    assert version.graph.nodes
    return version


if __name__ == "__main__":
    pairs.main(prepare)
