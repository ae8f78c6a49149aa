"""By which columns the rows of a table are told apart, and who says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from analyticsops.project.model import Node, Project, TestInfo

UNIQUE_TESTS = frozenset({"unique", "unique_combination_of_columns"})
_UNIQUE_CONSTRAINTS = frozenset({"unique", "primary_key"})


class Key(NamedTuple):
    """Columns that are unique together, in lower case; ``by`` names the test or constraint."""

    columns: frozenset[str]
    by: str


def keys_of(project: Project, node: Node) -> list[Key]:
    """The keys of a table that a test checks or an enforced constraint states."""
    found = list(_enforced(node)) if node.contract else []
    for unique_id in project.children.get(node.unique_id, ()):
        test = project.nodes[unique_id].test
        if test is not None and test.name in UNIQUE_TESTS and test.tested == node.unique_id:
            found.append(Key(tested_columns(test), f"test {project.nodes[unique_id].name}"))
    return [key for key in found if key.columns]


def promised_keys(project: Project, node: Node) -> list[tuple[tuple[str, ...], bool]]:
    """(columns, True if none of them is NULL) of each key: what proofs may rest on. dbt's
    `unique` lets several rows have NULL, so that needs `not_null` besides. A test that only
    warns, or looks at some rows only, promises nothing."""
    keys = list(_enforced(node)) if node.contract else []
    for child, test in _firm_tests(project, node):
        if test.name in UNIQUE_TESTS:
            keys.append(Key(tested_columns(test), child.name))
    columns = dict.fromkeys(key.columns for key in keys if key.columns)
    filled = promised_filled(project, node) if columns else frozenset()
    return [(tuple(sorted(names)), names <= filled) for names in columns]


def promised_filled(project: Project, node: Node) -> frozenset[str]:
    """The columns, in lower case, that a `not_null` test or an enforced constraint promises to be
    never NULL."""
    stated = [
        name.lower()
        for name, column in node.columns.items()
        if node.contract and {"not_null", "primary_key"} & {kind for kind, _ in column.constraints}
    ]
    tests = [test for _, test in _firm_tests(project, node) if test.name == "not_null"]
    return frozenset(stated).union(*map(tested_columns, tests))


def _firm_tests(project: Project, node: Node) -> Iterator[tuple[Node, TestInfo]]:
    """The tests of a table that fail whenever a row of it is wrong."""
    for unique_id in project.children.get(node.unique_id, ()):
        child = project.nodes[unique_id]
        if child.test is not None and child.test.tested == node.unique_id and _is_firm(child):
            yield child, child.test


def _is_firm(test: Node) -> bool:
    """True if it fails whenever a row is wrong."""
    config = test.config
    strict = test.test is not None and test.test.severity == "error"
    usual = str(config.get("error_if") or "!= 0").replace(" ", "") in ("!=0", ">0", ">=1")
    return strict and usual and not config.get("where") and not config.get("limit")


def _enforced(node: Node) -> Iterator[Key]:
    for name, column in node.columns.items():
        for kind, _ in column.constraints:
            if kind in _UNIQUE_CONSTRAINTS:
                yield Key(frozenset({name.lower()}), f"constraint {kind} of {node.label}.{name}")
    for kind, names, _ in node.constraints:
        if kind in _UNIQUE_CONSTRAINTS:
            yield Key(frozenset(n.lower() for n in names), f"constraint {kind} of {node.label}")


def tested_columns(info: TestInfo) -> frozenset[str]:
    """The column that a test is about, or the combination of them."""
    combination = info.kwargs.get("combination_of_columns")
    names = combination if isinstance(combination, list) else [info.column] if info.column else []
    return frozenset(str(name).lower() for name in names)
