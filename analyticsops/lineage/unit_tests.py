"""Unit tests as readers: of the columns that their rows name, in each input and in what is
expected of the model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyticsops.lineage.graph import ColumnRef, Edge, Link
from analyticsops.lineage.readings import Readings
from analyticsops.project.model import Node, Project, UnitTestInfo

_QUOTED = re.compile(r"""['"]([^'"]+)['"]""")
_VERSION = re.compile(r"""\bv(?:ersion)?\s*=\s*['"]?([^'")\s]+)""")


def unit_test_edges(node: Node, project: Project, readings: Readings) -> Iterator[Edge]:
    """Where the columns of rows are in no artifact (a query), the whole table is read."""
    info = node.unit_test or UnitTestInfo()
    for parent in node.depends_on:
        yield from _read(parent, info.expected or None, node, readings)
        for text, columns in info.given:
            given = _input(text, parent, project)
            # An input that is not found may be any: then what the model reads is not known.
            yield from _read(given or parent, columns if given else None, node, readings)


def _read(
    table: str, columns: tuple[str, ...] | None, node: Node, readings: Readings
) -> Iterator[Edge]:
    target = ColumnRef(node.unique_id)
    if columns is None:
        yield Edge(ColumnRef(table), target, Link.TESTS)
    for name in columns or ():
        column = readings.spelled(table, name)
        yield Edge(ColumnRef(table, column), target, Link.TESTS)


def _input(text: str, tested: str, project: Project) -> str:
    """The node that ``ref('orders', v=2)``, ``source('raw', 'orders')`` or ``this`` means
    in the tested model; empty if it is not the only one."""
    if text.strip() == "this":
        return tested
    parents = project.nodes[tested].depends_on if tested in project.nodes else ()
    nodes = [project.nodes[name] for name in parents if name in project.nodes]
    words, version = _QUOTED.findall(_VERSION.sub("", text)), _VERSION.search(text)
    if text.lstrip().startswith("source"):
        found = [node for node in nodes if node.label == ".".join(words)]
    else:
        found = [node for node in nodes if [node.name] == words[-1:] and node.kind != "source"]
        if version is not None:
            found = [node for node in found if node.version == version[1]]
    return found[0].unique_id if len(found) == 1 else ""
