"""``path:`` and ``file:``: by the place of the defining files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from analyticsops.project.model import Node
from analyticsops.project.selection.methods.search import Search, glob


def by_file(search: Search) -> Iterator[str]:
    """``file:``: name of the file, with or without its extension."""
    matches = glob(search.text)

    @cache
    def fits(path: str) -> bool:
        name = path.rpartition("/")[2]
        stem, dot, extension = name.rpartition(".")
        return bool(matches(name) or (stem and dot and extension and matches(stem)))

    return (unique_id for unique_id, node in search.nodes.items() if fits(node.path))


def by_path(search: Search) -> Iterator[str]:
    """``path:``: a file, or a folder and all below it, with ``*`` in and ``**`` across
    folders.

    dbt looks for files in the folder of the root project and then compares paths that
    are relative to each node's own package: ``path:models/staging`` also finds that
    folder in packages, if the root project has one of this name.
    """
    found = _paths(search)

    @cache
    def below(path: str) -> bool:
        path = path.removeprefix("./")
        return "" in found or any(parent in found for parent in _upwards(path))

    for unique_id, node in search.nodes.items():
        if below(node.path) or (node.patch_path and node.patch_path in found):
            yield unique_id


def _paths(search: Search) -> set[str]:
    """What the pattern finds in the tree of known paths; "" is the root."""
    pattern = search.text
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    if not parts or pattern.startswith("/"):
        raise search.error(
            f"{pattern!r} is not a path below the project's folder", "write models/staging"
        )
    tree = _tree(search)
    found = {""}
    for part in parts:
        found = _step(tree, found, part)
    return {path for path in found if path in tree} if pattern.endswith("/") else found


def _step(tree: Mapping[str, set[str]], found: set[str], part: str) -> set[str]:
    if part == "**":
        return {
            folder
            for folder in tree
            if "" in found or any(parent in found for parent in _upwards(folder))
        }
    entries = ((folder, name) for folder in found for name in tree.get(folder, ()))
    if any(char in part for char in "*?["):
        matches = glob(part)
        return {_join(folder, name) for folder, name in entries if matches(name)}
    return {_join(folder, part) for folder in found if part in tree.get(folder, ())}


def _tree(search: Search) -> dict[str, set[str]]:
    """Names in each folder, from all paths that the root project is known to have."""
    project = search.project
    paths = {
        path
        for node in project.nodes.values()
        if node.package == project.name
        for path in _files(node)
    }
    paths |= {macro.path for macro in project.macros.values() if macro.package == project.name}
    paths |= search.context.files
    tree: dict[str, set[str]] = {"": set()}
    for path in paths:
        below = path.removeprefix("./")
        for place in _upwards(below):
            folder, _, name = place.rpartition("/")
            tree.setdefault(folder, set()).add(name)
    return tree


def _files(node: Node) -> Iterator[str]:
    if node.path:
        yield node.path
    if node.patch_path:
        yield node.patch_path


def _upwards(path: str) -> Iterator[str]:
    """The path and its folders, without the root."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
