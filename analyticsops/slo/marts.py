"""Which models others read."""

from __future__ import annotations

from analyticsops.project.model import Node, Project


def is_mart(project: Project, node: Node) -> bool:
    """True if others read it: it is public, or no model is made of it."""
    if node.access == "public":
        return True
    return not any(
        project.nodes[child].kind == "model" for child in project.children[node.unique_id]
    )
