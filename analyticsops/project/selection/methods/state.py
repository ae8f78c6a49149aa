"""``state:``: how a node compares with the same node in an earlier manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from analyticsops.project.model import Node
from analyticsops.project.selection import compare
from analyticsops.project.selection.macros import changed_macros
from analyticsops.project.selection.methods.search import Search

Check: TypeAlias = Callable[[Node, Node | None], bool]


def by_state(search: Search) -> Iterator[str]:
    """``state:new``, ``old``, ``modified``, ``unmodified`` and ``modified.<aspect>``.

    The comparison is dbt's; :mod:`analyticsops.project.selection.compare` says where a
    manifest does not show enough.
    """
    previous = search.context.previous
    if previous is None:
        raise search.error("there is no earlier manifest to compare with", "pass --state")
    checks = _checks(changed_macros(search.project, previous))
    check = checks.get(search.text)
    if check is None:
        raise search.error(f"{search.text!r} is not a state", f"known are {', '.join(checks)}")
    return (
        unique_id
        for unique_id, node in search.nodes.items()
        if check(node, previous.nodes.get(unique_id))
    )


def _checks(macros: frozenset[str]) -> Mapping[str, Check]:
    def calls_changed_macro(new: Node, _old: Node | None) -> bool:
        return not macros.isdisjoint(new.macros)

    def modified(new: Node, old: Node | None) -> bool:
        return not compare.same_contents(new, old) or calls_changed_macro(new, old)

    return {
        "new": lambda _new, old: old is None,
        "old": lambda _new, old: old is not None,
        "modified": modified,
        "unmodified": lambda new, old: not modified(new, old),
        "modified.body": _differs(compare.same_body, compare.is_compiled),
        "modified.configs": _differs(compare.same_config, _has_config),
        "modified.persisted_descriptions": _differs(
            compare.same_persisted_descriptions, compare.is_compiled
        ),
        "modified.relation": _differs(compare.same_relation, _has_relation),
        "modified.macros": calls_changed_macro,
        "modified.contract": _differs(compare.same_contract, compare.is_compiled),
    }


def _differs(same: Callable[[Node, Node], bool], applies: Callable[[Node], bool]) -> Check:
    """A node that is new differs in every aspect that it has at all."""
    return lambda new, old: applies(new) and (old is None or not same(new, old))


def _has_config(node: Node) -> bool:
    return node.kind != "unit_test"


def _has_relation(node: Node) -> bool:
    return node.kind == "source" or compare.is_compiled(node)
