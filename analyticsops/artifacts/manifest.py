"""manifest.json, schema v9 to v12: dbt 1.5 to 1.12 and 2.x.

Only the fields that analyticsops uses are decoded; msgspec skips the rest without
building it, which is most of the speed. Every field but identity has a default,
because each dbt version lacks some; enum-like fields are plain text, so that a
value we have never seen is kept and not an error.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from analyticsops.artifacts.files import read_artifact

VERSIONS = range(9, 13)


class Metadata(msgspec.Struct, frozen=True, gc=False):
    """``metadata``. ``invocation_started_at`` is left out on purpose: after partial
    parsing dbt writes that of an earlier invocation there."""

    dbt_schema_version: str
    dbt_version: str = ""
    generated_at: str = ""
    invocation_id: str | None = None
    project_name: str | None = None
    adapter_type: str | None = None


class Checksum(msgspec.Struct, frozen=True, gc=False):
    """How dbt recognises a changed file: ``name`` is the algorithm."""

    name: str = ""
    checksum: str = ""


class Constraint(msgspec.Struct, frozen=True, gc=False):
    """A model- or column-level constraint of a contract."""

    type: str = ""
    columns: tuple[str, ...] | None = None
    expression: str | None = None
    name: str | None = None


class ColumnConfig(msgspec.Struct, frozen=True, gc=False):
    """The config of a column, written since dbt 1.10."""

    meta: dict[str, Any] | None = None
    tags: tuple[str, ...] | str = ()


class Column(msgspec.Struct, frozen=True, gc=False):
    """A column as declared in YAML. There are very many of them."""

    name: str
    description: str | None = ""
    data_type: str | None = None
    meta: dict[str, Any] | None = None
    tags: tuple[str, ...] | str = ()
    constraints: tuple[Constraint, ...] = ()
    config: ColumnConfig | None = None
    quote: bool | None = None


class DependsOn(msgspec.Struct, frozen=True, gc=False):
    """What a node needs: unique ids."""

    nodes: tuple[str, ...] = ()
    macros: tuple[str, ...] = ()


class Contract(msgspec.Struct, frozen=True, gc=False):
    """Whether the declared columns are a promise."""

    enforced: bool | None = False
    checksum: str | None = None


class TestMetadata(msgspec.Struct, frozen=True, gc=False):
    """Which generic test, with which arguments."""

    __test__ = False  # pytest collects classes by this prefix

    name: str
    namespace: str | None = None
    kwargs: dict[str, Any] = {}


class NodeBase(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What every entry of a manifest has."""

    unique_id: str
    name: str
    resource_type: str
    package_name: str = ""
    original_file_path: str = ""
    fqn: tuple[str, ...] = ()
    description: str | None = ""
    tags: tuple[str, ...] | str = ()
    meta: dict[str, Any] | None = None
    config: dict[str, Any] = {}
    unrendered_config: dict[str, Any] = {}
    depends_on: DependsOn = DependsOn()
    group: str | None = None


class Node(NodeBase, frozen=True, kw_only=True, gc=False):
    """An entry of ``nodes`` or ``functions``: model, seed, snapshot, test, analysis,
    operation, function."""

    alias: str = ""
    database: str | None = None
    schema: str | None = None
    relation_name: str | None = None
    language: str = "sql"
    raw_code: str = ""
    compiled_code: str | None = None
    checksum: Checksum = Checksum()
    columns: dict[str, Column] = {}
    access: str | None = None
    contract: Contract = Contract()
    constraints: tuple[Constraint, ...] = ()
    version: str | int | float | None = None
    latest_version: str | int | float | None = None
    deprecation_date: str | None = None
    patch_path: str | None = None
    test_metadata: TestMetadata | None = None
    attached_node: str | None = None
    column_name: str | None = None
    time_spine: dict[str, Any] | None = None
    arguments: tuple[dict[str, Any], ...] = ()
    returns: dict[str, Any] | None = None


class Source(NodeBase, frozen=True, kw_only=True, gc=False):
    """An entry of ``sources``: one table of a source."""

    source_name: str = ""
    identifier: str = ""
    database: str | None = None
    schema: str | None = None
    relation_name: str | None = None
    loader: str | None = ""
    loaded_at_field: str | None = None
    loaded_at_query: str | None = None
    freshness: dict[str, Any] | None = None
    columns: dict[str, Column] = {}
    source_description: str | None = ""
    source_meta: dict[str, Any] = {}
    patch_path: str | None = None
    quoting: dict[str, Any] = {}
    unrendered_database: str | None = None
    unrendered_schema: str | None = None
    external: dict[str, Any] | None = None


class Owner(msgspec.Struct, frozen=True, gc=False):
    """Who to talk to; dbt allows any further keys, which are not needed here."""

    name: str | None = None
    email: str | tuple[str, ...] | None = None


class Exposure(NodeBase, frozen=True, kw_only=True, gc=False):
    """A dashboard, notebook, application or ML model that uses the data."""

    type: str = ""
    label: str | None = None
    owner: Owner = Owner()
    maturity: str | None = None
    url: str | None = None


class Metric(NodeBase, frozen=True, kw_only=True, gc=False):
    """A metric; ``type_params`` and ``filter`` differ between the two specs."""

    type: str = ""
    label: str | None = None
    type_params: dict[str, Any] = {}
    filter: dict[str, Any] | None = None
    time_granularity: str | None = None


class SemanticModel(NodeBase, frozen=True, kw_only=True, gc=False):
    """Entities, dimensions and measures over one model."""

    model: str = ""
    label: str | None = None
    node_relation: dict[str, Any] | None = None
    defaults: dict[str, Any] | None = None
    entities: tuple[dict[str, Any], ...] = ()
    measures: tuple[dict[str, Any], ...] = ()
    dimensions: tuple[dict[str, Any], ...] = ()
    primary_entity: str | None = None


class SavedQuery(NodeBase, frozen=True, kw_only=True, gc=False):
    """A named query over metrics, with its exports."""

    label: str | None = None
    query_params: dict[str, Any] = {}
    exports: tuple[dict[str, Any], ...] = ()


class Fixture(msgspec.Struct, frozen=True, gc=False):
    """Rows that a unit test gives or expects: dictionaries, or a query as text."""

    input: str = ""
    rows: Any = None


class UnitTest(NodeBase, frozen=True, kw_only=True, gc=False):
    """A unit test of a model."""

    model: str = ""
    given: tuple[Fixture, ...] = ()
    expect: Fixture = Fixture()
    version: str | int | float | None = None
    checksum: str | None = None


class Group(msgspec.Struct, frozen=True, gc=False):
    """A group of models with an owner."""

    unique_id: str
    name: str
    package_name: str = ""
    original_file_path: str = ""
    owner: Owner = Owner()
    description: str | None = None
    config: dict[str, Any] = {}


class Macro(msgspec.Struct, frozen=True, gc=False):
    """A macro, its text and the macros it calls."""

    unique_id: str
    name: str
    package_name: str = ""
    original_file_path: str = ""
    macro_sql: str = ""
    depends_on: DependsOn = DependsOn()


class Disabled(msgspec.Struct, frozen=True, gc=False):
    """A node that is switched off: only its existence counts."""

    unique_id: str
    resource_type: str = ""


class Manifest(msgspec.Struct, frozen=True, gc=False):
    """The parts of manifest.json that analyticsops reads."""

    metadata: Metadata
    nodes: dict[str, Node]
    sources: dict[str, Source] = {}
    macros: dict[str, Macro] = {}
    exposures: dict[str, Exposure] = {}
    metrics: dict[str, Metric] = {}
    groups: dict[str, Group] = {}
    selectors: dict[str, Any] = {}
    disabled: dict[str, tuple[Disabled, ...]] | None = None
    saved_queries: dict[str, SavedQuery] = {}
    semantic_models: dict[str, SemanticModel] = {}
    unit_tests: dict[str, UnitTest] = {}
    functions: dict[str, Node] = {}


def read_manifest(path: Path) -> Manifest:
    """Read ``manifest.json``.

    Raises:
        ArtifactError: it cannot be used; says why, with path, size and byte offset.
    """
    return read_artifact(path, Manifest, kind="manifest", versions=VERSIONS)
