"""Methods that compare names: fqn, package, and one for each named kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile

from analyticsops.project.selection.methods.search import Method, Search, glob

WILD = frozenset("*?[]")


def by_fqn(search: Search) -> Iterator[str]:
    """``fqn:``, the default: a name, or folders and name, with or without the package."""
    matches = _fqn_matcher(search.text)
    for unique_id in _candidates(search):
        node = search.nodes[unique_id]
        if node.kind == "source" or not node.fqn:
            continue
        versioned = node.kind == "model" and bool(node.version)
        if matches(node.fqn, versioned) or matches(node.fqn[1:], versioned):
            yield unique_id


def _candidates(search: Search) -> Iterable[str]:
    """Those that a name can mean: a file of thousands of objectives names one node each."""
    parts = search.text.split(".")
    fixed = list(takewhile(WILD.isdisjoint, parts))
    if not fixed:
        return search.nodes
    words = dict.fromkeys((".".join(fixed), search.text, "_".join(parts[-2:])))
    found = {unique_id for word in words for unique_id in search.project.by_word.get(word, ())}
    return sorted(found, key=search.project.places.__getitem__)


def _fqn_matcher(selector: str) -> Callable[[tuple[str, ...], bool], object]:
    """dbt's rules: the last part alone (of a versioned model: name, or name and version
    joined by ``.`` or ``_``), or the parts from the left, the first wildcard taking the
    rest. A single wildcard word also matches the last part alone."""
    parts = selector.split(".")
    wild = next((i for i, part in enumerate(parts) if not WILD.isdisjoint(part)), None)
    fixed = parts if wild is None else parts[:wild]
    rest = None if wild is None else glob(".".join(parts[wild:]))
    alone = glob(selector) if wild is not None and len(parts) == 1 else None
    with_version = "_".join(parts[-2:])

    def matches(fqn: tuple[str, ...], versioned: bool) -> object:
        if len(fqn) < 1 + versioned:
            return False
        leaf = fqn[-2] if versioned else fqn[-1]
        if leaf == selector or (versioned and "_".join(fqn[-2:]) == with_version):
            return True
        flat = ".".join(fqn).split(".")  # dots in names separate, too
        if len(flat) < len(parts) or flat[: len(fixed)] != fixed:
            return False
        if rest is None or rest(".".join(flat[len(fixed) :])):
            return True
        return alone and alone(leaf)

    return matches


def by_package(search: Search) -> Iterator[str]:
    """``package:``; ``this`` is the project itself."""
    wanted = search.text
    if wanted == "this":
        wanted = search.context.this_package or search.project.name
    matches = glob(wanted)
    return (unique_id for unique_id, node in search.nodes.items() if matches(node.package))


def by_source(search: Search) -> Iterator[str]:
    """``source:``: ``source``, ``source.table`` or ``package.source.table``."""
    parts = search.text.split(".")
    if len(parts) > 3:
        raise search.error(
            f"cannot read the source {search.text!r}",
            "write source, source.table or package.source.table",
        )
    package, source, table = _padded(parts)
    for node in search.of("source"):
        info = node.source
        if info and package(node.package) and source(info.source_name) and table(node.name):
            yield node.unique_id


def _padded(parts: list[str]) -> list[Callable[[str], object]]:
    """One part is a source, two are source and table, three start with the package."""
    full = parts if len(parts) == 3 else ["*", *parts, "*"][:3]
    return [glob(part) for part in full]


def by_name(kind: str) -> Method:
    """The method named like a kind: ``name`` or ``package.name``."""

    def search_kind(search: Search) -> Iterator[str]:
        package, dot, name = search.text.rpartition(".")
        if "." in package:
            label = kind.replace("_", " ")
            raise search.error(
                f"cannot read the {label} {search.text!r}", "write name or package.name"
            )
        in_package, has_name = glob(package if dot else "*"), glob(name)
        for node in search.of(kind):
            if in_package(node.package) and has_name(node.name):
                yield node.unique_id

    return search_kind
