"""Faults put into the tables and the code of a copy of a DuckDB project."""

from __future__ import annotations

from pathlib import Path

from analyticsops.lineage.graph import ColumnGraph, ColumnRef
from analyticsops.project.model import Node, Project
from analyticsops.slo.causes import descendants
from analyticsops.slo.gameday.fault import FaultKind
from analyticsops.slo.gameday.faults import descendants_above as ancestors

BROKEN = "\n-- broken on a game day\nselect from where"


class CannotPlayError(Exception):
    """A fault cannot be put into this project for real; the message says why."""


def statements(kind: FaultKind, node: Node, column: str) -> list[str]:
    """SQL that does to a source's table what a fault does.

    Args:
        column: that a model reads, to be dropped.

    Raises:
        CannotPlayError: it cannot be done to this source.
    """
    table, loaded = node.relation_name, node.source.loaded_at_field if node.source else ""
    if kind in (FaultKind.SOURCE_LATE, FaultKind.SOURCE_MISSING, FaultKind.CLOCK_AHEAD):
        if not loaded.isidentifier():
            raise CannotPlayError(f"{node.label} has no column with load times")
        if kind is FaultKind.CLOCK_AHEAD:
            return [
                f"update {table} set {loaded} = {loaded} + interval 30 day "
                f"where rowid = (select max(rowid) from {table})"
            ]
        return [f"update {table} set {loaded} = {loaded} - interval 5 day"]
    if kind is FaultKind.COLUMN_DROPPED:
        return [f'alter table {table} drop column "{column}"']
    assert kind is FaultKind.ROWS_DUPLICATED, "the other faults are not of sources"
    return [f"insert into {table} select * from {table} limit 20"]


def loaded_now(node: Node) -> list[str]:
    """SQL that makes a source as new as if it had been loaded a minute ago, with the distances
    between its rows as they were; none if nothing says when it is loaded."""
    table, loaded = node.relation_name, node.source.loaded_at_field if node.source else ""
    if not loaded.isidentifier():
        return []
    ago = f"now()::timestamp - interval 1 minute - (select max({loaded}) from {table})"
    return [f"update {table} set {loaded} = {loaded} + ({ago})"]


def read_column(graph: ColumnGraph, source: Node) -> str:
    """A column of a source that a model reads by name.

    Raises:
        CannotPlayError: nobody does.
    """
    loaded = source.source.loaded_at_field if source.source else ""
    for name in source.columns:
        if name != loaded and graph.readers(ColumnRef(source.unique_id, name)):
            return name
    raise CannotPlayError(f"no model reads a column of {source.label} by name")


def first_unique(project: Project, source: str) -> tuple[str, ...]:
    """The first nodes below a source, itself included, that have a test of uniqueness: there
    duplicated rows are noticed."""
    below = descendants(project, [source])
    tested = {
        # Of a test of a source dbt says only what it reads.
        test.test.tested or next(iter(test.depends_on), "")
        for test in project.of_kind("test")
        if test.test is not None and test.test.name == "unique" and test.test.severity == "error"
    }
    found = tested & below
    return tuple(sorted(node for node in found if not ancestors(project, node) & found))


def break_code(folder: Path, node: Node) -> None:
    """Make a model's file wrong."""
    path = folder / node.path
    path.write_text(path.read_text(encoding="utf-8") + BROKEN, encoding="utf-8")


def mend_code(folder: Path, node: Node) -> None:
    """Undo that."""
    path = folder / node.path
    text = path.read_text(encoding="utf-8")
    path.write_text(text.removesuffix(BROKEN), encoding="utf-8")
