"""Finding entries in dbt's YAML files by the marks of PyYAML's nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from analyticsops.project.model import Node

_SECTIONS = {
    "analysis": "analyses",
    "exposure": "exposures",
    "function": "functions",
    "metric": "metrics",
    "model": "models",
    "saved_query": "saved_queries",
    "seed": "seeds",
    "semantic_model": "semantic_models",
    "snapshot": "snapshots",
    "test": "data_tests",
    "unit_test": "unit_tests",
}
_TESTED = ("models", "seeds", "snapshots", "sources")
_PARTS = ("measures", "dimensions", "entities", "metrics", "exports", "columns", "versions")


def composed(text: str) -> yaml.Node | None:
    """The YAML as nodes with marks; None if it is not YAML."""
    try:
        found: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    return found


def line_of(node: yaml.Node) -> int:
    """Where the node starts, counted from 1."""
    return int(node.start_mark.line) + 1


def value_at(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """The value of a key of a mapping."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key:
                return value  # type: ignore[no-any-return]
    return None


def _items(node: yaml.Node | None) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value


def _scalar(node: yaml.Node | None) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def named(sequence: yaml.Node | None, name: str) -> yaml.Node | None:
    """The element whose ``name`` it is; another case will do if nothing else does."""
    items = [(item, _scalar(value_at(item, "name"))) for item in _items(sequence)]
    exact = (item for item, own in items if own == name)
    loose = (item for item, own in items if own.lower() == name.lower())
    return next(exact, None) or next(loose, None)


def entry_of(document: yaml.Node, node: Node) -> yaml.Node | None:
    """The entry that describes a node."""
    if node.source is not None:
        return _source(document, node.source.source_name, node.name)
    if node.test is not None and node.test.name:
        return _test(document, node)
    section = _SECTIONS.get(node.kind, f"{node.kind}s")
    found = named(value_at(document, section), node.name)
    if found is None and node.kind == "metric":
        inner = (
            named(value_at(m, "metrics"), node.name) for m in _items(value_at(document, "models"))
        )
        return next((entry for entry in inner if entry is not None), None)
    return found


def _source(document: yaml.Node, source: str, table: str) -> yaml.Node | None:
    """A table; the same source may stand in a file more than once."""
    for entry in _items(value_at(document, "sources")):
        if _scalar(value_at(entry, "name")) == source:
            found = named(value_at(entry, "tables"), table)
            if found is not None:
                return found
    return None


def version_of(entry: yaml.Node, node: Node) -> yaml.Node | None:
    """The entry of a version of a model."""
    if not node.version:
        return None
    versions = _items(value_at(entry, "versions"))
    return next((item for item in versions if _scalar(value_at(item, "v")) == node.version), None)


def part_of(entry: yaml.Node | None, part: str) -> yaml.Node | None:
    """A named element of one of the lists of an entry, else one of its keys."""
    for section in _PARTS:
        found = named(value_at(entry, section), part)
        if found is not None:
            return found
    if isinstance(entry, yaml.MappingNode):
        return next((name for name, _ in entry.value if name.value == part), None)
    return None


def setting_of(entry: yaml.Node | None, steps: Sequence[str | int]) -> yaml.Node | None:
    """The place of a setting under ``config.meta.analyticsops``, or ``meta.analyticsops``: its
    key, or the element of a list. What is not there gives what should hold it."""
    for keys in (("config", "meta", "analyticsops"), ("meta", "analyticsops")):
        place = entry
        for key in keys:
            place = value_at(place, key)
        if place is not None:
            return _place_in(place, steps)
    return None


def _place_in(value: yaml.Node, steps: Sequence[str | int]) -> yaml.Node:
    place = value
    for step in steps:
        if isinstance(value, yaml.SequenceNode) and isinstance(step, int):
            if step >= len(value.value):
                break
            place = value = value.value[step]
            continue
        pairs = value.value if isinstance(value, yaml.MappingNode) else ()
        found = next(((key, inner) for key, inner in pairs if key.value == step), None)
        if found is None:
            break
        place, value = found
    return place


# -- generic tests


def _test(document: yaml.Node, node: Node) -> yaml.Node | None:
    """The element of a ``data_tests`` list from which a generic test was made."""
    test = node.test
    if test is None:
        return None
    names = {test.name, f"{test.namespace}.{test.name}"}
    found = [
        (_likeness(item, test.kwargs), -place, item)
        for place, item in enumerate(_tests_of(document, test.tested, test.column))
        if _test_name(item) in names
    ]
    return max(found, key=lambda entry: entry[:2])[2] if found else None


def _tests_of(document: yaml.Node, tested: str, column: str) -> Iterator[yaml.Node]:
    """All tests of a column, or of the node itself if there is no column."""
    for entry in _tested_entries(document, tested):
        places = [entry, *_items(value_at(entry, "versions"))]
        if column:
            inner = [named(value_at(place, "columns"), column) for place in places]
            places = [*(place for place in inner if place is not None), entry]
        for place in places:
            for key in ("data_tests", "tests"):
                yield from _items(value_at(place, key))


def _tested_entries(document: yaml.Node, tested: str) -> Iterator[yaml.Node]:
    """The entries that may hold the test: that of the tested node if it is known."""
    kind, _, rest = tested.partition(".")
    name = rest.partition(".")[2]
    if kind == "source":
        source, _, table = name.partition(".")
        found = _source(document, source, table)
        yield from () if found is None else (found,)
        return
    for section in _TESTED:
        for entry in _items(value_at(document, section)):
            tables = list(_items(value_at(entry, "tables"))) if section == "sources" else [entry]
            for item in tables:
                own = _scalar(value_at(item, "name"))
                if not tested or own == name or name.startswith(f"{own}.v"):
                    yield item


def _test_name(item: yaml.Node) -> str:
    """``not_null`` of ``- not_null``, ``- not_null: {...}`` and ``- test_name: not_null``."""
    if isinstance(item, yaml.ScalarNode):
        return str(item.value)
    explicit = _scalar(value_at(item, "test_name"))
    if explicit or not isinstance(item, yaml.MappingNode) or not item.value:
        return explicit
    return _scalar(item.value[0][0])


def _likeness(item: yaml.Node, kwargs: Mapping[str, Any]) -> int:
    """How many of a test's arguments stand in the element, to tell twins apart."""
    if not isinstance(item, yaml.MappingNode) or not item.value:
        return 0
    body = item if value_at(item, "test_name") is not None else item.value[0][1]
    places = (body, value_at(body, "arguments"))
    return sum(
        1
        for key, value in kwargs.items()
        if any(_same(value_at(place, key), value) for place in places)
    )


def _same(node: yaml.Node | None, value: Any) -> bool:
    if isinstance(node, yaml.SequenceNode) and isinstance(value, (list, tuple)):
        return [_scalar(item) for item in node.value] == [str(item) for item in value]
    return isinstance(node, yaml.ScalarNode) and node.value == str(value)
