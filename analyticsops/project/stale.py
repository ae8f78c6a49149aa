"""Is the manifest still the one of the files? By the checksums that dbt keeps.

dbt's rule, the same for models, snapshots, seeds, analyses and singular tests, SQL or
Python, and for every version of a model: SHA-256 of the file's text without white
space at both ends. A snapshot that is written in YAML has the YAML file's checksum.
Generic tests and macros have none. A seed of more than 1 MiB has its path instead.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import msgspec

from analyticsops.project.confined import read_inside
from analyticsops.project.model import Node, Project

SEED_LIMIT = 1024 * 1024
"""Bytes above which dbt does not hash a seed."""

READ_LIMIT = 64 * 1024 * 1024
"""Bytes above which we do not read a file."""

CHANGED = "changed"

_KINDS = frozenset({"analysis", "function", "model", "seed", "snapshot", "test"})


class Stale(msgspec.Struct, frozen=True, order=True):
    """A node that the manifest shows as it no longer is.

    Attributes:
        node: its unique id.
        reason: ``changed``, ``missing``, ``outside`` (the path leads out of the
            project; not read) or ``unreadable``.
        path: the file, relative to the project.
    """

    node: str
    reason: str
    path: str


def stale_nodes(project: Project, project_dir: Path) -> tuple[Stale, ...]:
    """The nodes of the root package whose file differs from the manifest, by id.

    Changes in YAML are not seen, except in snapshots: dbt keeps no checksum of YAML.

    Args:
        project_dir: folder of dbt_project.yml; nothing outside of it is read.
    """
    checked = [
        node
        for node in project.nodes.values()
        if node.package == project.name and node.kind in _KINDS and node.checksum[0] in _RULES
    ]
    reasons: dict[tuple[str, tuple[str, str]], str] = {}
    found = []
    for node in checked:
        key = (node.path, node.checksum)
        if key not in reasons:
            reasons[key] = _reason(node, project_dir)
        if reasons[key]:
            found.append(Stale(node.unique_id, reasons[key], node.path))
    return tuple(sorted(found))


_RULES = frozenset({"path", "sha256"})


def _reason(node: Node, project_dir: Path) -> str:
    contents = read_inside(project_dir, node.path, limit=READ_LIMIT)
    if contents.fault:
        return contents.fault
    algorithm, value = node.checksum
    if algorithm == "path":
        # Too large to be hashed then; if it still is, nobody knows.
        return CHANGED if len(contents.data) <= SEED_LIMIT else ""
    return "" if file_checksum(contents.data) == value else CHANGED


def file_checksum(data: bytes) -> str:
    """dbt's checksum of a file: SHA-256 of its stripped text; empty if it is not UTF-8."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return sha256(text.strip().encode("utf-8")).hexdigest()
