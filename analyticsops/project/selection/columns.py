"""``column:MODEL.COLUMN``: nodes that hold a column, its ancestors or its descendants.

Our own method. ``+`` follows the column, not the node: ``column:orders.amount+`` finds
the models into which that amount flows, not everything that reads ``orders``.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.project.model import Node
from analyticsops.project.selection.methods.search import Search


def by_column(search: Search) -> frozenset[str]:
    """Ask the column lineage that the command has put into the context.

    Raises:
        SelectionError: this command has none, or no single node is meant.
    """
    criterion, columns = search.criterion, search.context.columns
    if columns is None:
        raise search.error(
            "this command has no column lineage", "column: works where SQL is analysed"
        )
    if criterion.childrens_parents:
        raise search.error('"@" has no meaning for columns', 'use "+" on either side')
    node, column = _resolve(search)
    above = criterion.parents_depth if criterion.parents else 0
    below = criterion.children_depth if criterion.children else 0
    found = columns(node.unique_id, column, above, below)
    return frozenset(unique_id for unique_id in found if unique_id in search.nodes)


def _resolve(search: Search) -> tuple[Node, str]:
    """The shortest front part that names a node; column names may hold dots, too.

    A ``unique_id`` goes before ``orders.v2`` or ``raw.orders``, and those before a name.
    """
    splits = list(_splits(search.text))
    tables = [node for node in search.nodes.values() if node.has_columns]
    for written in (_unique_id, _label, _name):
        for front, column in splits:
            found = [node for node in tables if written(node) == front]
            if len(found) == 1:
                return found[0], column
            if found:
                ids = ", ".join(sorted(node.unique_id for node in found))
                raise search.error(f"{front!r} is not unique", f"write one of {ids}")
    raise search.error(
        f"{search.text!r} does not name a column of a node", "write column:orders.amount"
    )


def _unique_id(node: Node) -> str:
    return node.unique_id


def _label(node: Node) -> str:
    return node.label


def _name(node: Node) -> str:
    return node.name


def _splits(text: str) -> Iterator[tuple[str, str]]:
    parts = text.split(".")
    for size in range(1, len(parts)):
        yield ".".join(parts[:size]), ".".join(parts[size:])
