"""dbt's own comparison of two versions of one node (``same_contents`` and its parts).

What dbt compares and a manifest does not show, or not in the same form:

- the flag ``state_modified_compare_more_unrendered_values``: taken as off, so that
  sources compare the database and schema they resolve to;
- dates and other YAML values without a JSON form: dbt has the object on one side and
  text on the other and sees a change, here both are text and equal;
- keys of an exposure's owner other than ``name`` and ``email``;
- case of declared column names under ``persist_docs``: the catalog may have changed it;
- null and empty text, which are one and the same in :class:`Node`.

dbt stops with an error when a versioned model breaks its contract; here the model is
simply modified.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from analyticsops.project.model import Node
from analyticsops.project.selection.kinds import APART

_TEST_SETTINGS = frozenset(
    {
        "severity",
        "where",
        "limit",
        "fail_calc",
        "warn_if",
        "error_if",
        "store_failures",
        "store_failures_as",
    }
)
_NODE_SETTINGS_LEFT_OUT = frozenset({"alias", "schema", "database", "tags", "group"})
_SETTINGS_LEFT_OUT = {
    "source": frozenset[str](),
    "exposure": frozenset[str](),
    "metric": frozenset({"group"}),
}
_SAVED_QUERY_DEFAULTS: Mapping[str, Any] = {
    "enabled": True,
    "group": None,
    "meta": {},
    "export_as": None,
    "schema": None,
    "cache": {"enabled": False},
}
_SEMANTIC_MODEL_DEFAULTS: Mapping[str, Any] = {"enabled": True, "group": None, "meta": {}}


def is_compiled(node: Node) -> bool:
    """True if dbt has it as one of its ``ParsedNode`` classes, which share most checks."""
    return node.kind not in APART or node.kind == "function"


def same_contents(new: Node, old: Node | None) -> bool:
    """dbt's verdict behind ``state:modified``, without macros.

    Without an old version nodes and unit tests differ; sources, exposures, metrics,
    semantic models and saved queries, surprisingly, do not.
    """
    if old is None:
        return new.kind in APART - {"function", "unit_test"}
    compare = _BY_KIND.get(new.kind, _same_node)
    return compare(new, old)


def same_body(new: Node, old: Node) -> bool:
    """Same code; of a seed, same data."""
    if new.kind == "seed":
        return new.checksum == old.checksum
    return new.raw_code == old.raw_code


def same_config(new: Node, old: Node) -> bool:
    """Same settings as written, before Jinja; relation name, tags and group apart."""
    if new.kind == "saved_query":
        return _same_full_config(new, old, _SAVED_QUERY_DEFAULTS)
    if new.kind == "semantic_model":
        return _same_full_config(new, old, _SEMANTIC_MODEL_DEFAULTS)
    mine, theirs = new.unrendered_config, old.unrendered_config
    if new.kind == "test":
        keys = _TEST_SETTINGS
    else:
        left_out = _SETTINGS_LEFT_OUT.get(new.kind, _NODE_SETTINGS_LEFT_OUT)
        keys = frozenset(mine.keys() | theirs.keys()) - left_out
    return all(_same_key(mine, theirs, key) for key in keys)


def _same_key(mine: Mapping[str, Any], theirs: Mapping[str, Any], key: str) -> bool:
    return (key in mine) == (key in theirs) and mine.get(key) == theirs.get(key)


def _same_full_config(new: Node, old: Node, defaults: Mapping[str, Any]) -> bool:
    return {**defaults, **new.config} == {**defaults, **old.config}


def same_relation(new: Node, old: Node) -> bool:
    """Same place in the warehouse, as configured; of a source, as resolved."""
    if new.kind == "source":
        return new.relation == old.relation
    mine, theirs = new.unrendered_config, old.unrendered_config
    return all(mine.get(key) == theirs.get(key) for key in ("database", "schema", "alias"))


def same_persisted_descriptions(new: Node, old: Node) -> bool:
    """Same descriptions, as far as dbt writes them to the warehouse."""
    persist = new.config.get("persist_docs")
    if new.kind == "test" or not isinstance(persist, Mapping):
        return True
    if persist.get("relation") and new.description != old.description:
        return False
    return not persist.get("columns") or _descriptions(new) == _descriptions(old)


def _descriptions(node: Node) -> dict[str, str]:
    columns = node.columns.values()
    return {column.name.lower(): column.description for column in columns if column.declared}


def same_contract(new: Node, old: Node) -> bool:
    """Same promise, or none on both sides. Only models have contracts."""
    if new.kind != "model":
        return True
    return new.contract == old.contract and (
        not new.contract or new.contract_checksum == old.contract_checksum
    )


def _same_node(new: Node, old: Node) -> bool:
    return (
        same_body(new, old)
        and same_config(new, old)
        and same_persisted_descriptions(new, old)
        and new.fqn == old.fqn
        and same_relation(new, old)
        and same_contract(new, old)
    )


def _same_model(new: Node, old: Node) -> bool:
    return (
        _same_node(new, old)
        and new.latest_version == old.latest_version
        and new.access == old.access
        and _instant(new.deprecation_date) == _instant(old.deprecation_date)
    )


def _instant(text: str) -> datetime | str:
    """The same moment may be written in two time zones."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


def _same_test(new: Node, old: Node) -> bool:
    if new.test is not None and not new.test.name:  # a singular test is code
        return _same_node(new, old)
    return same_config(new, old) and new.fqn == old.fqn


def _same_function(new: Node, old: Node) -> bool:
    return _same_node(new, old) and new.function == old.function


def _same_unit_test(new: Node, old: Node) -> bool:
    return new.checksum == old.checksum


def _same_source(new: Node, old: Node) -> bool:
    mine, theirs = new.source, old.source
    if mine is None or theirs is None:
        return mine is theirs
    return (
        same_relation(new, old)
        and new.fqn == old.fqn
        and same_config(new, old)
        and mine.quoting == theirs.quoting
        and mine.freshness == theirs.freshness
        and mine.loaded_at_field == theirs.loaded_at_field
        and mine.external == theirs.external
    )


def _same_exposure(new: Node, old: Node) -> bool:
    return (
        new.fqn == old.fqn
        and new.exposure == old.exposure
        and new.owner == old.owner
        and new.description == old.description
        and set(new.depends_on) == set(old.depends_on)
        and same_config(new, old)
    )


def _same_metric(new: Node, old: Node) -> bool:
    """Neither its filter nor its parameters: dbt left them for later."""
    mine, theirs = new.metric, old.metric
    if mine is None or theirs is None:
        return mine is theirs
    return (
        mine.type == theirs.type
        and mine.label == theirs.label
        and new.description == old.description
        and same_config(new, old)
    )


def _same_semantic_model(new: Node, old: Node) -> bool:
    return (
        new.semantic_model == old.semantic_model
        and new.description == old.description
        and new.group == old.group
        and same_config(new, old)
    )


def _same_saved_query(new: Node, old: Node) -> bool:
    mine, theirs = new.saved_query, old.saved_query
    if mine is None or theirs is None:
        return mine is theirs
    keys = ("metrics", "group_by", "where")
    return (
        all(mine.query_params.get(key) == theirs.query_params.get(key) for key in keys)
        and mine.label == theirs.label
        and _exports(mine.exports) == _exports(theirs.exports)
        and new.description == old.description
        and new.group == old.group
        and new.tags == old.tags
        and same_config(new, old)
    )


def _exports(exports: tuple[Mapping[str, Any], ...]) -> list[tuple[Any, ...]]:
    written = [(export, export.get("unrendered_config") or {}) for export in exports]
    return [
        (export.get("name"), config.get("export_as"), config.get("schema"), config.get("alias"))
        for export, config in written
    ]


_BY_KIND: Mapping[str, Callable[[Node, Node], bool]] = {
    "exposure": _same_exposure,
    "function": _same_function,
    "metric": _same_metric,
    "model": _same_model,
    "saved_query": _same_saved_query,
    "semantic_model": _same_semantic_model,
    "source": _same_source,
    "test": _same_test,
    "unit_test": _same_unit_test,
}
