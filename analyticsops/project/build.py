"""Manifest and catalog -> :class:`Project`. The differences of dbt versions end here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from analyticsops.artifacts import manifest as m
from analyticsops.artifacts.catalog import Catalog, CatalogTable
from analyticsops.artifacts.manifest import Manifest
from analyticsops.project.columns import columns_of
from analyticsops.project.merging import merged, tags_of
from analyticsops.project.model import (
    EMPTY,
    ExposureInfo,
    FunctionInfo,
    Group,
    Macro,
    MetricInfo,
    Node,
    Owner,
    Project,
    Relation,
    SavedQueryInfo,
    SemanticModelInfo,
    SourceInfo,
    TestInfo,
    UnitTestInfo,
)


def build_project(manifest: Manifest, catalog: Catalog | None = None) -> Project:
    """Bring one manifest, and the catalog if there is one, into the project model."""
    groups = {g.name: _group(g) for g in manifest.groups.values()}
    tables = {**catalog.nodes, **catalog.sources} if catalog else {}
    nodes: dict[str, Node] = {}
    for entry in (*manifest.nodes.values(), *manifest.functions.values()):
        nodes[entry.unique_id] = _node(entry, groups, tables.get(entry.unique_id))
    for source in manifest.sources.values():
        nodes[source.unique_id] = _source(source, groups, tables.get(source.unique_id))
    for exposure in manifest.exposures.values():
        nodes[exposure.unique_id] = _exposure(exposure, groups)
    for semantic in manifest.semantic_models.values():
        nodes[semantic.unique_id] = _semantic_model(semantic, groups)
    for metric in manifest.metrics.values():
        nodes[metric.unique_id] = _metric(metric, groups)
    for query in manifest.saved_queries.values():
        nodes[query.unique_id] = _saved_query(query, groups)
    for unit in manifest.unit_tests.values():
        nodes[unit.unique_id] = _unit_test(unit, groups)
    metadata = manifest.metadata
    return Project(
        name=metadata.project_name or _root_package(manifest),
        dbt_version=metadata.dbt_version,
        adapter=metadata.adapter_type or "",
        generated_at=metadata.generated_at,
        invocation_id=metadata.invocation_id or "",
        nodes=nodes,
        macros={k: _macro(macro) for k, macro in manifest.macros.items()},
        groups=groups,
        disabled=_disabled(manifest),
        selectors=manifest.selectors,
    )


def _root_package(manifest: Manifest) -> str:
    """dbt before 1.6 does not name the project: the package with most nodes is it."""
    counts: dict[str, int] = {}
    for node in manifest.nodes.values():
        counts[node.package_name] = counts.get(node.package_name, 0) + 1
    return max(counts, key=lambda name: (counts[name], name), default="")


def _disabled(manifest: Manifest) -> frozenset[str]:
    entries = (manifest.disabled or {}).values()
    return frozenset(entry.unique_id for group in entries for entry in group)


def _make(entry: m.NodeBase, groups: Mapping[str, Group], **more: Any) -> Node:
    """The fields that every kind of node has."""
    config = entry.config
    meta = merged(entry.meta, config.get("meta"))
    group = str(entry.group or config.get("group") or "")
    more.setdefault("owner", _meta_owner(meta, groups.get(group)))
    more.setdefault("tags", tags_of(entry.tags, config.get("tags")))
    return Node(
        unique_id=entry.unique_id,
        kind=entry.resource_type,
        name=entry.name,
        package=entry.package_name,
        path=entry.original_file_path.replace("\\", "/"),
        fqn=entry.fqn,
        description=entry.description or "",
        meta=meta,
        config=config,
        unrendered_config=entry.unrendered_config,
        depends_on=_unique(entry.depends_on.nodes),
        macros=_unique(entry.depends_on.macros),
        group=group,
        **more,
    )


def _node(entry: m.Node, groups: Mapping[str, Group], table: CatalogTable | None) -> Node:
    identifier = entry.alias or entry.name
    return _make(
        entry,
        groups,
        patch_path=_patch(entry.patch_path),
        language=entry.language,
        materialized=str(entry.config.get("materialized") or ""),
        relation=Relation(entry.database, entry.schema, identifier),
        relation_name=entry.relation_name or "",
        raw_code=entry.raw_code,
        compiled_code=entry.compiled_code,
        checksum=(entry.checksum.name, entry.checksum.checksum),
        columns=columns_of(entry.columns, table, contract=bool(entry.contract.enforced)),
        access=str(entry.access or entry.config.get("access") or ""),
        contract=bool(entry.contract.enforced),
        contract_checksum=entry.contract.checksum or "",
        constraints=tuple((c.type, c.columns or (), c.expression or "") for c in entry.constraints),
        version=_text(entry.version),
        latest_version=_text(entry.latest_version),
        deprecation_date=entry.deprecation_date or "",
        time_spine=_spine_column(entry.time_spine),
        test=_test(entry) if entry.resource_type == "test" else None,
        function=_function(entry) if entry.resource_type == "function" else None,
    )


def _spine_column(spine: Mapping[str, Any] | None) -> str:
    return str((spine or {}).get("standard_granularity_column") or "")


def _function(entry: m.Node) -> FunctionInfo:
    return FunctionInfo(arguments=entry.arguments, returns=entry.returns)


def _unit_test(entry: m.UnitTest, groups: Mapping[str, Group]) -> Node:
    checksum = ("sha256", entry.checksum or "")
    info = UnitTestInfo(
        given=tuple((given.input, _row_columns(given.rows)) for given in entry.given),
        expected=_row_columns(entry.expect.rows),
    )
    return _make(entry, groups, version=_text(entry.version), checksum=checksum, unit_test=info)


def _row_columns(rows: Any) -> tuple[str, ...] | None:
    """The columns that rows of a unit test name; dbt has read CSV, and files of it, already."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return None
    return tuple(dict.fromkeys(str(name) for row in rows for name in row))


def _test(entry: m.Node) -> TestInfo:
    about = entry.test_metadata
    kwargs = about.kwargs if about else EMPTY
    severity = str(entry.config.get("severity") or "error").lower()
    return TestInfo(
        name=about.name if about else "",
        namespace=(about.namespace or "") if about else "",
        kwargs=kwargs,
        tested=entry.attached_node or "",
        column=entry.column_name or str(kwargs.get("column_name") or ""),
        severity=severity,
    )


def _source(entry: m.Source, groups: Mapping[str, Group], table: CatalogTable | None) -> Node:
    config = entry.config
    freshness = entry.freshness if entry.freshness is not None else config.get("freshness")
    return _make(
        entry,
        groups,
        patch_path=entry.original_file_path,
        relation=Relation(entry.database, entry.schema, entry.identifier or entry.name),
        relation_name=entry.relation_name or "",
        columns=columns_of(entry.columns, table, contract=False),
        source=SourceInfo(
            source_name=entry.source_name,
            loader=entry.loader or "",
            loaded_at_field=entry.loaded_at_field or str(config.get("loaded_at_field") or ""),
            loaded_at_query=entry.loaded_at_query or str(config.get("loaded_at_query") or ""),
            freshness=freshness if isinstance(freshness, dict) else None,
            quoting=tuple((part, on) for part, on in entry.quoting.items() if on is not None),
            external=entry.external,
            written=(entry.unrendered_database or "", entry.unrendered_schema or ""),
        ),
    )


def _exposure(entry: m.Exposure, groups: Mapping[str, Group]) -> Node:
    info = ExposureInfo(
        type=entry.type,
        label=entry.label or "",
        maturity=entry.maturity or "",
        url=entry.url or "",
    )
    return _make(entry, groups, exposure=info, owner=_owner(entry.owner, ""))


def _metric(entry: m.Metric, groups: Mapping[str, Group]) -> Node:
    info = MetricInfo(
        type=entry.type,
        label=entry.label or "",
        type_params=entry.type_params,
        filter=entry.filter,
        time_granularity=entry.time_granularity or "",
    )
    # dbt selects metrics by `tags` alone, whatever their config says.
    return _make(entry, groups, metric=info, tags=tags_of(entry.tags))


def _semantic_model(entry: m.SemanticModel, groups: Mapping[str, Group]) -> Node:
    info = SemanticModelInfo(
        model=entry.model,
        defaults=entry.defaults or EMPTY,
        entities=entry.entities,
        measures=entry.measures,
        dimensions=entry.dimensions,
        primary_entity=entry.primary_entity or "",
    )
    return _make(entry, groups, semantic_model=info)


def _saved_query(entry: m.SavedQuery, groups: Mapping[str, Group]) -> Node:
    info = SavedQueryInfo(
        query_params=entry.query_params, exports=entry.exports, label=entry.label or ""
    )
    return _make(entry, groups, saved_query=info)


def _macro(entry: m.Macro) -> Macro:
    return Macro(
        unique_id=entry.unique_id,
        name=entry.name,
        package=entry.package_name,
        path=entry.original_file_path.replace("\\", "/"),
        sql=entry.macro_sql,
        macros=_unique(entry.depends_on.macros),
    )


def _group(group: m.Group) -> Group:
    own = (group.config.get("meta") or {}).get("analyticsops")
    settings = own if isinstance(own, dict) else {}
    return Group(group.name, _owner(group.owner, group.name), group.original_file_path, settings)


def _owner(owner: m.Owner, group: str) -> Owner:
    email = owner.email if isinstance(owner.email, str) else ", ".join(owner.email or ())
    return Owner(owner.name or email or group, email, group)


def _meta_owner(meta: Mapping[str, Any], group: Group | None) -> Owner | None:
    """An owner written in meta wins over the group's."""
    own = meta.get("analyticsops")
    named = own.get("owner") if isinstance(own, dict) else None
    named = named or meta.get("owner")
    if isinstance(named, str) and named:
        return Owner(named)
    if isinstance(named, dict):
        return Owner(str(named.get("name") or ""), str(named.get("email") or ""))
    return group.owner if group else None


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _patch(path: str | None) -> str:
    """``package://models/x.yml`` -> ``models/x.yml``."""
    return (path or "").partition("://")[2].replace("\\", "/")


def _text(value: str | int | float | None) -> str:
    return "" if value is None else str(value)
