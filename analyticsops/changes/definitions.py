"""What a change of a node's definition does to it, apart from its compiled SQL: settings,
contract, place, hooks, and the branches of Jinja that a compilation does not show."""

from __future__ import annotations

import enum
from collections.abc import Iterator

from analyticsops.changes.version import Version
from analyticsops.project.model import Node
from analyticsops.project.selection.compare import (
    same_contents,
    same_contract,
    same_persisted_descriptions,
    same_relation,
)


class Effect(enum.Enum):
    """How far a change of a definition gets."""

    NONE = 0
    SELF = 1  # build it again; its data stay as they are
    MOVED = 2  # likewise, and it lies elsewhere
    WHOLE = 3  # any of its values and rows may be others


_WORDS = frozenset({"access", "description", "docs", "group", "meta", "packages", "tags"})
"""Settings that only people read."""

_PLACE = frozenset({"alias", "database", "schema"})
_STORAGE = frozenset(
    {
        "auto_refresh", "backup", "bind", "buckets", "cluster_by", "clustered_by", "contract",
        "dist", "file_format", "grant_access_to", "grants", "hours_to_expiration", "indexes",
        "kms_key_name", "labels", "location_root", "on_configuration_change", "partition_by",
        "persist_docs", "snowflake_warehouse", "sort", "sort_type", "table_type",
        "tblproperties", "transient", "unlogged",
    }
)  # fmt: skip
"""Settings that change how data are kept and who sees them, not the data."""

_BUILDS_ON_ITSELF = frozenset({"incremental", "snapshot", "microbatch"})
_DBT = "dbt"


def definition_effect(
    base: Version, head: Version, before: Node, after: Node
) -> tuple[Effect, str]:
    """The widest effect of whatever differs, and what differs, in a few words."""
    return max(_effects(base, head, before, after), key=lambda found: found[0].value)


def _effects(
    base: Version, head: Version, before: Node, after: Node
) -> Iterator[tuple[Effect, str]]:
    yield Effect.NONE, ""
    if after.kind == "source":
        if before.relation != after.relation:
            yield Effect.WHOLE, "another relation is read"
        return
    if after.kind in ("seed", "function"):
        if before.checksum != after.checksum or before.raw_code != after.raw_code:
            yield Effect.WHOLE, "its content changed"
        if before.function != after.function:
            yield Effect.WHOLE, "its definition changed"
    if not same_relation(after, before):
        yield Effect.MOVED, "it moved"
    if not same_contract(after, before) or before.constraints != after.constraints:
        yield Effect.SELF, "its contract changed"
    if not same_persisted_descriptions(after, before):
        yield Effect.SELF, "its persisted descriptions changed"
    yield from _settings(before, after)
    yield from _hidden(base, head, before, after)


def _settings(before: Node, after: Node) -> Iterator[tuple[Effect, str]]:
    old, new = before.unrendered_config, after.unrendered_config
    differ = sorted(
        key
        for key in (old.keys() | new.keys()) - _WORDS - _PLACE
        if old.get(key) != new.get(key) or before.config.get(key) != after.config.get(key)
    )
    for key in differ:
        lasting = {before.materialized, after.materialized} & _BUILDS_ON_ITSELF
        kept = key in _STORAGE or (key == "materialized" and not lasting)
        yield Effect.SELF if kept else Effect.WHOLE, f"its setting {key} changed"


def _hidden(
    base: Version, head: Version, before: Node, after: Node
) -> Iterator[tuple[Effect, str]]:
    """What runs and does not stand in the compiled SQL: the other branch of
    ``is_incremental()``, hooks, and the materialization itself."""
    lasting = after.materialized in _BUILDS_ON_ITSELF or after.kind == "snapshot"
    if lasting and before.raw_code != after.raw_code and not _judged(base, head, before, after):
        yield Effect.WHOLE, "its Jinja changed, and it is built on itself"
    hooks = any(after.config.get(key) for key in ("pre-hook", "post-hook"))
    if (lasting or hooks) and _own_macros(base, before) != _own_macros(head, after):
        yield Effect.WHOLE, "a macro of it changed"
    if _materialization(base, before) != _materialization(head, after):
        yield Effect.WHOLE, "its materialization changed"


def _judged(base: Version, head: Version, before: Node, after: Node) -> bool:
    """True if the change is one of plain SQL, which the comparison sees as a whole."""
    return not any("{%" in node.raw_code for node in (before, after)) and (
        base.code(before).sql is not None and head.code(after).sql is not None
    )


def _own_macros(version: Version, node: Node) -> dict[str, str]:
    """Macros that the node calls, without those that come with dbt and its adapters."""
    return {
        unique_id: text
        for unique_id, text in version.macro_texts(node).items()
        if not _comes_with_dbt(version.project.macros[unique_id].package, version)
    }


def _materialization(version: Version, node: Node) -> dict[str, str]:
    """The project's own materialization of that name, if it has one."""
    prefix = f"materialization_{node.materialized}_"
    return {
        macro.unique_id: macro.sql
        for macro in version.project.macros.values()
        if macro.name.startswith(prefix) and not _comes_with_dbt(macro.package, version)
    }


def _comes_with_dbt(package: str, version: Version) -> bool:
    return package == _DBT or package == f"{_DBT}_{version.project.adapter}"


def changed_tests(base: Version, head: Version) -> list[Node]:
    """Tests and unit tests that are new, or check something else than before."""
    before = base.project.nodes
    return [
        node
        for node in head.project.of_kind("test", "unit_test")
        if not _same_test(base, head, before.get(node.unique_id), node)
    ]


def _same_test(base: Version, head: Version, before: Node | None, after: Node) -> bool:
    if before is None:
        return False
    if after.kind == "unit_test":
        return same_contents(after, before)
    old, new = base.own_text(before), head.own_text(after)
    same_text = old == new if old and new else before.raw_code == after.raw_code
    macros = _own_macros(base, before) == _own_macros(head, after)
    settings = [*_settings(before, after)]
    return (same_text or (not old and macros)) and not settings and before.test == after.test
