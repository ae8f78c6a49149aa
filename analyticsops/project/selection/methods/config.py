"""``config.<key>[.<key>...]:value``: any setting, however deep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analyticsops.project.model import Node
from analyticsops.project.selection.kinds import APART
from analyticsops.project.selection.methods.search import Search

_ABSENT = object()
_HOOKS = {"pre_hook": "pre-hook", "post_hook": "post-hook"}


def by_config(search: Search) -> Iterator[str]:
    """A setting equals the value, or is a list that holds it; ``true`` and ``false``
    in any case mean the booleans. Only nodes and sources have settings to dbt.

    What dbt has as a date, JSON has as text: ``config.meta.since:2024-01-01`` finds a
    date here and does not in dbt.
    """
    path, wanted = search.criterion.arguments, search.criterion.value
    fold = path == ("severity",)
    for node in search.nodes.values():
        if node.kind in APART and node.kind != "source":
            continue
        if path and _matches(wanted, _setting(node, path), fold):
            yield node.unique_id


def _setting(node: Node, path: tuple[str, ...]) -> Any:
    # A setting that is not there is None to dbt, but a key inside one is an error.
    value: Any = node.config.get(_HOOKS.get(path[0], path[0]))
    for key in path[1:]:
        # dbt tries attributes first: a key named like a method of dict is out of reach.
        if not isinstance(value, Mapping) or key not in value or hasattr(dict, key):
            return _ABSENT
        value = value[key]
    return value


def _matches(wanted: Any, value: Any, fold: bool) -> bool:
    if value is _ABSENT:
        return False
    boolean = {"TRUE": True, "FALSE": False}.get(str(wanted).upper())
    if isinstance(value, list):
        found = any(_equal(wanted, item, fold) for item in value)
        return found or (boolean is not None and boolean in value)
    return _equal(wanted, value, fold) or (boolean is not None and value is boolean)


def _equal(wanted: Any, value: Any, fold: bool) -> bool:
    if fold:
        return isinstance(value, str) and value.upper() == str(wanted).upper()
    return bool(wanted == value)
