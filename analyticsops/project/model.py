"""The project as plain immutable data, whatever dbt version wrote it.

A :class:`Project` is built from artifacts alone (:mod:`analyticsops.project.build`)
and passed to everything above. Mappings are not copied: treat them as read-only.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import accumulate
from typing import Any

import msgspec

EMPTY: Mapping[str, Any] = {}


class Relation(msgspec.Struct, frozen=True, gc=False):
    """A table or view in the warehouse, as dbt names it (case kept)."""

    database: str | None
    schema: str | None
    identifier: str

    def __str__(self) -> str:
        return ".".join(part for part in (self.database, self.schema, self.identifier) if part)


class Owner(msgspec.Struct, frozen=True, gc=False):
    """Who answers for a node; ``group`` is the dbt group it comes from, if any."""

    name: str
    email: str = ""
    group: str = ""


class Column(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A column of a node.

    Attributes:
        name: as written in the catalog, else in YAML.
        type: SQL type as text; empty if nobody says.
        type_from: ``contract``, ``declared`` (YAML), ``catalog`` (the warehouse),
            ``inferred`` (from SQL), or empty.
        declared: True if the column stands in YAML.
        declared_type: what YAML says, also where the catalog knows better.
        constraints: (type, expression) pairs, for instance ``("not_null", "")``.
    """

    name: str
    type: str = ""
    type_from: str = ""
    declared: bool = False
    declared_type: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    meta: Mapping[str, Any] = EMPTY
    constraints: tuple[tuple[str, str], ...] = ()


class TestInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a data test checks.

    Attributes:
        name: ``not_null``, ``accepted_values``, ...; empty for a singular test.
        namespace: package of a generic test that is not dbt's own.
        kwargs: its arguments.
        tested: ``unique_id`` of the node it is attached to; empty for singular tests.
        column: name of the tested column; empty if it tests the whole node.
        severity: ``error`` or ``warn``, lower case.
    """

    __test__ = False  # pytest collects classes by this prefix

    name: str = ""
    namespace: str = ""
    kwargs: Mapping[str, Any] = EMPTY
    tested: str = ""
    column: str = ""
    severity: str = "error"


class SourceInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What only sources have.

    Attributes:
        freshness: dbt's own dictionary or None.
        quoting: the parts of the name whose quoting is set, for instance
            ``(("identifier", True),)``.
        external: dbt's own dictionary or None.
        written: database and schema before Jinja, empty where dbt does not say.
    """

    source_name: str
    loader: str = ""
    loaded_at_field: str = ""
    loaded_at_query: str = ""
    freshness: Mapping[str, Any] | None = None
    quoting: tuple[tuple[str, Any], ...] = ()
    external: Mapping[str, Any] | None = None
    written: tuple[str, str] = ("", "")


class ExposureInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What only exposures have."""

    type: str = ""
    label: str = ""
    maturity: str = ""
    url: str = ""


class MetricInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What only metrics have; ``type_params`` and ``filter`` as dbt wrote them."""

    type: str
    label: str = ""
    type_params: Mapping[str, Any] = EMPTY
    filter: Mapping[str, Any] | None = None
    time_granularity: str = ""


class SemanticModelInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What only semantic models have; the lists as dbt wrote them."""

    model: str = ""
    defaults: Mapping[str, Any] = EMPTY
    entities: tuple[Mapping[str, Any], ...] = ()
    measures: tuple[Mapping[str, Any], ...] = ()
    dimensions: tuple[Mapping[str, Any], ...] = ()
    primary_entity: str = ""


class SavedQueryInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What only saved queries have."""

    query_params: Mapping[str, Any] = EMPTY
    exports: tuple[Mapping[str, Any], ...] = ()
    label: str = ""


class UnitTestInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What only unit tests have.

    Attributes:
        given: inputs as they are written (``ref('orders')``, ``this``) with the columns of
            their rows; None where those are in no artifact, since the rows are a query.
        expected: the columns of the rows that are expected, or None.
    """

    given: tuple[tuple[str, tuple[str, ...] | None], ...] = ()
    expected: tuple[str, ...] | None = None


class FunctionInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What only user-defined functions have, as dbt wrote it."""

    arguments: tuple[Mapping[str, Any], ...] = ()
    returns: Mapping[str, Any] | None = None


class Node(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Anything with a ``unique_id``: model, seed, snapshot, source, test, unit test,
    analysis, operation, function, exposure, metric, semantic model, saved query.

    Attributes:
        kind: dbt's ``resource_type``.
        path: of the file that defines it, relative to the root of its package.
        patch_path: of the YAML file that describes it, likewise; empty if none.
        tags: union of ``tags`` and ``config.tags``; of a metric only ``tags``, as in dbt.
        meta: union of ``meta`` and ``config.meta``; config wins.
        config: the resolved config as dbt wrote it.
        depends_on: unique ids of the nodes it reads, in dbt's order.
        macros: unique ids of the macros it calls directly.
        relation_name: the relation as dbt writes it in SQL, quoted for the adapter;
            empty where dbt gives none (ephemeral models, tests).
        compiled_code: SQL after Jinja; None if dbt did not compile it.
        version: of a versioned model, as text; empty if it is not versioned.
        checksum: (algorithm, value) of the defining file; of the definition itself for
            a unit test.
        time_spine: the column of days, if metrics over time are laid out along it.
        contract_checksum: dbt's hash of an enforced contract; empty without one.
    """

    unique_id: str
    kind: str
    name: str
    package: str = ""
    path: str = ""
    patch_path: str = ""
    fqn: tuple[str, ...] = ()
    description: str = ""
    tags: tuple[str, ...] = ()
    meta: Mapping[str, Any] = EMPTY
    config: Mapping[str, Any] = EMPTY
    unrendered_config: Mapping[str, Any] = EMPTY
    depends_on: tuple[str, ...] = ()
    macros: tuple[str, ...] = ()
    group: str = ""
    owner: Owner | None = None
    language: str = "sql"
    materialized: str = ""
    relation: Relation | None = None
    relation_name: str = ""
    raw_code: str = ""
    compiled_code: str | None = None
    checksum: tuple[str, str] = ("", "")
    columns: Mapping[str, Column] = EMPTY
    access: str = ""
    contract: bool = False
    contract_checksum: str = ""
    constraints: tuple[tuple[str, tuple[str, ...], str], ...] = ()
    version: str = ""
    latest_version: str = ""
    deprecation_date: str = ""
    time_spine: str = ""
    test: TestInfo | None = None
    source: SourceInfo | None = None
    exposure: ExposureInfo | None = None
    metric: MetricInfo | None = None
    semantic_model: SemanticModelInfo | None = None
    saved_query: SavedQueryInfo | None = None
    unit_test: UnitTestInfo | None = None
    function: FunctionInfo | None = None

    @property
    def label(self) -> str:
        """What people call it: ``orders``, ``orders.v2``, ``raw.orders`` for sources."""
        if self.source is not None:
            return f"{self.source.source_name}.{self.name}"
        return f"{self.name}.v{self.version}" if self.version else self.name

    @property
    def settings(self) -> Mapping[str, Any]:
        """The ``analyticsops`` part of its meta, empty if there is none."""
        found = self.meta.get("analyticsops")
        return found if isinstance(found, dict) else EMPTY

    @property
    def has_columns(self) -> bool:
        """True for nodes that are tables: model, seed, snapshot, source."""
        return self.kind in TABLES


TABLES = frozenset({"model", "seed", "snapshot", "source"})
"""Kinds of nodes that have columns."""


class Macro(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A macro: its text and the macros it calls."""

    unique_id: str
    name: str
    package: str = ""
    path: str = ""
    sql: str = ""
    macros: tuple[str, ...] = ()


class Group(msgspec.Struct, frozen=True, gc=False):
    """A dbt group and its owner.

    Attributes:
        path: of the file that defines it, relative to the root of its package.
        settings: the ``analyticsops`` part of its ``config.meta``, empty if there is none.
    """

    name: str
    owner: Owner
    path: str = ""
    settings: Mapping[str, Any] = EMPTY


class Project(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A dbt project as one manifest (and perhaps a catalog) describes it.

    Attributes:
        name: of the root project.
        dbt_version: that wrote the manifest.
        adapter: adapter type, for instance ``snowflake``.
        generated_at: of the manifest, ISO 8601 UTC.
        invocation_id: of the dbt command that wrote it, empty if unknown.
        nodes: every node by ``unique_id``, in the manifest's order.
        macros: by ``unique_id``.
        groups: by name.
        disabled: unique ids of disabled nodes.
        selectors: definitions of ``selectors.yml`` as the manifest holds them.
    """

    name: str
    dbt_version: str
    adapter: str
    generated_at: str
    invocation_id: str
    nodes: Mapping[str, Node]
    macros: Mapping[str, Macro]
    groups: Mapping[str, Group]
    disabled: frozenset[str] = frozenset()
    selectors: Mapping[str, Any] = EMPTY

    def of_kind(self, *kinds: str) -> list[Node]:
        """The nodes of these kinds, in the manifest's order."""
        return [node for node in self.nodes.values() if node.kind in kinds]

    @cached_property
    def enabled(self) -> Mapping[str, Node]:
        """The nodes that can be selected: dbt moves disabled ones out of the manifest, a few
        versions leave some in. It never asks whether an exposure is enabled."""
        return {
            unique_id: node
            for unique_id, node in self.nodes.items()
            if node.config.get("enabled", True) or node.kind == "exposure"
        }

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where a node stands in the manifest's order."""
        return {unique_id: place for place, unique_id in enumerate(self.nodes)}

    @cached_property
    def by_word(self) -> Mapping[str, tuple[str, ...]]:
        """Enabled nodes by what may name them: the begin of their fqn with and without the package,
        up to any dot, the last part, and the last two of a versioned model, joined."""
        found: dict[str, dict[str, None]] = {}
        for unique_id, node in self.enabled.items():
            fqn = node.fqn
            if node.kind == "source" or not fqn:
                continue
            words = {fqn[-1]}
            for parts in (fqn, fqn[1:]):
                words.update(accumulate(".".join(parts).split("."), "{}.{}".format))
            if node.version and len(fqn) > 1:
                words |= {fqn[-2], "_".join(fqn[-2:])}
            for word in words:
                found.setdefault(word, {})[unique_id] = None
        return {word: tuple(ids) for word, ids in found.items()}

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """Unique ids of the nodes that read a node directly."""
        found: dict[str, list[str]] = {unique_id: [] for unique_id in self.nodes}
        for node in self.nodes.values():
            for parent in node.depends_on:
                if parent in found:
                    found[parent].append(node.unique_id)
        return {unique_id: tuple(sorted(ids)) for unique_id, ids in found.items()}

    @cached_property
    def topological(self) -> tuple[str, ...]:
        """All unique ids, parents before children; ties in the manifest's order.

        A cycle (dbt refuses them, a damaged manifest may hold one) is entered at its
        first node, so that the answer always exists.
        """
        done: set[str] = set()
        order: list[str] = []
        for start in self.nodes:
            stack = [(start, iter(self.nodes[start].depends_on))]
            open_ids = {start}
            while stack and start not in done:
                current, parents = stack[-1]
                parent = next(
                    (p for p in parents if p in self.nodes and p not in done and p not in open_ids),
                    None,
                )
                if parent is None:
                    stack.pop()
                    done.add(current)
                    order.append(current)
                else:
                    open_ids.add(parent)
                    stack.append((parent, iter(self.nodes[parent].depends_on)))
        return tuple(order)
