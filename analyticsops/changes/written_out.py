"""Which nodes hold what one query yields, so that the query can take the place of the table."""

from __future__ import annotations

from analyticsops.changes.version import Version
from analyticsops.project.model import Node

QUERIES = frozenset({"view", "table", "ephemeral", "materialized_view", "dynamic_table"})
"""Materializations that hold what their query yields, and nothing from before."""


def is_query(node: Node) -> bool:
    """True if a node holds what its query yields, and nothing from before."""
    return node.kind == "model" and node.materialized in QUERIES


def has_one_query(node: Node) -> bool:
    """True unless Jinja compiles to another query when the node is there already."""
    return node.kind in ("model", "snapshot") and (is_query(node) or "{%" not in node.raw_code)


def is_understood(version: Version, node: Node) -> bool:
    """True if a node's SQL is known, and all of it."""
    code = version.code(node)
    return code.sql is not None and not code.problems and not code.others


def is_plain(version: Version, node: Node) -> bool:
    """True if a node's table is what its query yields, and its query is known."""
    hooked = any(node.config.get(hook) for hook in ("pre-hook", "post-hook"))
    return is_query(node) and not hooked and is_understood(version, node)
