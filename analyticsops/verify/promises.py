"""What a project's tests and constraints promise of columns: made-up rows keep it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from analyticsops.project.keys import promised_keys
from analyticsops.project.model import Node, Project, TestInfo
from analyticsops.verify.tables import Input


class Promise(msgspec.Struct, frozen=True, gc=False):
    """What is promised of one column.

    Attributes:
        unique: no value twice.
        required: never NULL.
        accepted: the only values there are; any if empty.
        refers: the column whose values it repeats, if any.
    """

    unique: bool = False
    required: bool = False
    accepted: tuple[str, ...] = ()
    refers: Input | None = None


NOTHING = Promise()

Promises = Mapping[Input, Promise]
"""By (``unique_id``, name of the column in lower case)."""


def promises_of(project: Project) -> Promises:
    """What is promised of all columns of a project."""
    found: dict[Input, Promise] = {}
    for node in project.of_kind("test"):
        test = node.test
        if test is None or not test.tested or not test.column:
            continue
        key = (test.tested, test.column.lower())
        told = _told(node, test)
        if told:
            found[key] = msgspec.structs.replace(found.get(key, NOTHING), **told)
    for node in project.nodes.values():
        for column in node.columns.values() if node.contract else ():
            kinds = {kind for kind, _ in column.constraints}
            key = (node.unique_id, column.name.lower())
            before = found.get(key, NOTHING)
            if kinds & {"not_null", "primary_key"}:
                before = found[key] = msgspec.structs.replace(before, required=True)
            if kinds & {"unique", "primary_key"}:
                found[key] = msgspec.structs.replace(before, unique=True)
    return found


def keys_together(project: Project, node: Node) -> tuple[tuple[str, ...], ...]:
    """Columns, in lower case, that are promised to be unique together."""
    keys = promised_keys(project, node)
    return tuple(sorted(columns for columns, _ in keys if len(columns) > 1))


def _told(node: Node, test: TestInfo) -> Mapping[str, object]:
    if test.name == "unique":
        return {"unique": True}
    if test.name == "not_null":
        return {"required": True}
    if test.name == "accepted_values":
        values = _arguments(test).get("values")
        return {"accepted": tuple(map(str, values))} if isinstance(values, list) else {}
    if test.name == "relationships":
        return {"refers": _referred(node, test)}
    return {}


def _arguments(test: TestInfo) -> Mapping[str, object]:
    """dbt 1.10 and later put them under ``arguments``."""
    inner = test.kwargs.get("arguments")
    return inner if isinstance(inner, dict) else test.kwargs


def _referred(node: Node, test: TestInfo) -> Input | None:
    others = [parent for parent in node.depends_on if parent != test.tested]
    field = _arguments(test).get("field")
    return (others[0], str(field)) if len(others) == 1 and field else None
