"""The registry: every metric of a project, what it is defined as, and what it means."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import msgspec

from analyticsops.collecting import collected_rarely
from analyticsops.errors import ConfigError
from analyticsops.findings import Location
from analyticsops.lineage.analyst import Analyst
from analyticsops.lineage.cache import Cache
from analyticsops.lineage.code import Finder
from analyticsops.lineage.graph import ColumnGraph, ColumnRef
from analyticsops.lineage.meanings import Asked, Names, TableMeanings
from analyticsops.lineage.pool import shared_pool
from analyticsops.metrics.change_records import ChangeRecord, read_change_records
from analyticsops.metrics.definitions import Definition, define
from analyticsops.metrics.entries import Ends, Lineage, MetricEntry, entry_of
from analyticsops.metrics.formulas import formula
from analyticsops.metrics.meaning import MetricMeaning
from analyticsops.metrics.resolver import Resolver
from analyticsops.metrics.semantic_layer import SemanticLayer, spines_of
from analyticsops.metrics.settings import MetricSettings, read_settings
from analyticsops.metrics.sql_metrics import SqlDefinition, read_sql_metrics
from analyticsops.metrics.suspects import suspects
from analyticsops.project.lines import Locator
from analyticsops.project.model import Node, Project
from analyticsops.sql.meaning import Meaning


class Meant(NamedTuple):
    """Everything that is known about meaning.

    Attributes:
        metrics: by name.
        tables: of the tables that they are computed from, by ``unique_id``; None for one
            that is not made from others.
        opaque: columns and rows of tables that are compared as text, and why.
        queries: of analyses, by ``unique_id``, and of SQL outside of dbt, by path.
        read: what an aggregation and its filters name, by its SQL.
    """

    metrics: Mapping[str, MetricMeaning]
    tables: Mapping[str, Meaning | None]
    opaque: Mapping[ColumnRef, str]
    queries: Mapping[str, Meaning]
    read: Mapping[Asked, Names]


class Registry(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The metrics of one version of a project. Nothing in it changes; what takes time is
    found when first asked for.

    Attributes:
        definitions: by name, as are the settings and owners.
        sql_metrics: of ``analyticsops/metrics.yml``, by name.
        records: by (metric, version).
        cache: file in which answers are kept; None to keep none.
        queries: SQL outside of dbt, by path.
    """

    project: Project
    graph: ColumnGraph
    code: Finder
    dialect: str
    definitions: Mapping[str, Definition]
    settings: Mapping[str, MetricSettings]
    owners: Mapping[str, str]
    sql_metrics: Mapping[str, SqlDefinition]
    records: Mapping[tuple[str, str], ChangeRecord]
    locator: Locator
    cache: Path | None = None
    queries: Mapping[str, str] = {}

    @cached_property
    def layer(self) -> SemanticLayer:
        """The semantic models."""
        return SemanticLayer(self.project)

    @cached_property
    def lineage(self) -> Lineage:
        """Where metrics come from."""
        return Lineage(self.graph, self.project)

    @cached_property
    def entries(self) -> tuple[MetricEntry, ...]:
        """Every metric as people look it up, by name."""
        return tuple(
            entry_of(
                definition,
                self.settings[name],
                self.owners[name],
                formula(definition, self.layer.measure),
                self._ends(definition),
            )
            for name, definition in sorted(self.definitions.items())
        )

    def _ends(self, definition: Definition) -> Ends:
        if definition.type != "sql":
            return self.lineage.of_metric(definition.node)
        meaning = self.meant.metrics[definition.name]
        refs = [
            ref
            for leaf in meaning.leaves
            if leaf.sql is not None
            for ref in self.meant.read.get(leaf.sql.value, Names()).columns
        ]
        columns = [ref for ref in refs if ref.column]
        return self.lineage.of_columns(columns, [ColumnRef(ref.node) for ref in refs])

    @cached_property
    def meant(self) -> Meant:
        """What every metric means."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(collected_rarely())
            kept = stack.enter_context(Cache(self.cache)) if self.cache is not None else None
            analyst = Analyst(shared_pool(), kept)
            tables = TableMeanings(self.project, self.graph, self.code, self.dialect, analyst)
            spine = "\n".join(
                f"{node.unique_id} {tables.of(node.unique_id)}" for node in spines_of(self.project)
            )
            identity = dict(_identities(self.project))
            resolver = Resolver(self.definitions, self.layer, tables, identity, spine)
            metrics = resolver.resolve()
            asked = {
                question
                for meaning in metrics.values()
                for leaf in meaning.leaves
                if leaf.sql is not None
                for question in (leaf.sql.rows, leaf.sql.value)
            }
            read = tables.read(sorted(asked))
            tables.settle(self._suspects())
            queries: dict[str, Meaning] = {}
            if any(self.is_own(name) for name in self.definitions):
                queries = tables.of_queries(self.project.of_kind("analysis"))
                queries |= tables.of_texts(self.queries)
            return Meant(metrics, tables.found, tables.opaque, queries, read)

    def _suspects(self) -> list[str]:
        """Tables in which a metric of the project's own may be computed again."""
        own = [name for name in self.definitions if self.is_own(name)]
        spoken = (word for name in own for word in (name, *self.settings[name].synonyms))
        models = {model.model for model in self.layer.models.values()}
        labels = {definition.model for definition in self.definitions.values() if definition.model}
        nodes = self.project.nodes.values()
        models |= {node.unique_id for node in nodes if node.has_columns and node.label in labels}
        names = ["_".join(word.lower().split()) for word in spoken]
        return suspects(self.project, self.graph, self.code, models if own else (), names)

    def reads(self, name: str) -> frozenset[ColumnRef]:
        """The columns of models that the aggregations of a metric name."""
        asked = [leaf.sql for leaf in self.meant.metrics[name].leaves if leaf.sql is not None]
        questions = [question for sql in asked for question in (sql.value, sql.rows)]
        found = (self.meant.read.get(question, Names()).columns for question in questions)
        return frozenset(ref for refs in found for ref in refs)

    def location(self, name: str, *steps: str | int) -> Location | None:
        """Where a metric, or one of its settings, stands."""
        if name in self.sql_metrics:
            return self.sql_metrics[name].location
        node = self.project.nodes[self.definitions[name].node]
        if steps:
            return self.locator.setting(node, steps)
        return self.locator.locate(node)

    def is_own(self, name: str) -> bool:
        """True if the root project defines it: others' metrics are theirs to mend."""
        return self.definitions[name].package == self.project.name


def build_registry(
    project: Project,
    graph: ColumnGraph,
    code: Finder,
    dialect: str,
    *,
    root: Path | None = None,
    locator: Locator | None = None,
    cache: Path | None = None,
    queries: Mapping[str, str] | None = None,
) -> Registry:
    """The registry of a project.

    Args:
        code: where a node's SQL comes from.
        dialect: sqlglot's name.
        root: folder of dbt_project.yml; None if it is not at hand.
        locator: finds places in its files.
        cache: file in which answers are kept; None to keep none.
        queries: SQL outside of dbt, by path.

    Raises:
        ConfigError: a setting, a SQL metric or a change record is wrong.
    """
    places = locator or Locator(root, root=project.name)
    nodes = {node.name: node for node in _metrics(project)}
    written = {metric.definition.name: metric for metric in read_sql_metrics(root, project.name)}
    for name, metric in written.items():
        if name in nodes:
            what = f"dbt has a metric {name!r} as well ({nodes[name].path})"
            raise ConfigError(what, where=str(metric.location), hint="rename one")
    return Registry(
        project=project,
        graph=graph,
        code=code,
        dialect=dialect,
        definitions={
            **{name: define(node) for name, node in nodes.items()},
            **{name: metric.definition for name, metric in written.items()},
        },
        settings={
            **{name: _settings(node, project, places) for name, node in nodes.items()},
            **{name: metric.settings for name, metric in written.items()},
        },
        owners={
            **{name: node.owner.name if node.owner else "" for name, node in nodes.items()},
            **{name: _owner(metric, project) for name, metric in written.items()},
        },
        sql_metrics=written,
        records=read_change_records(root),
        locator=places,
        cache=cache,
        queries=queries or {},
    )


def _metrics(project: Project) -> Iterable[Node]:
    """By name; of two with one name the root project's comes last, and wins."""
    return sorted(
        project.of_kind("metric"),
        key=lambda node: (node.name, node.package == project.name, node.unique_id),
    )


class _Places:
    """Where the settings of a metric stand."""

    def __init__(self, node: Node, locator: Locator) -> None:
        self._node = node
        self._locator = locator

    def at(self, steps: Iterable[str | int] = ()) -> str:
        """``file:line`` of one of them."""
        found = self._locator.setting(self._node, tuple(steps))
        return f"{found or self._node.path} (metric {self._node.name})"


def _settings(node: Node, project: Project, locator: Locator) -> MetricSettings:
    try:
        return read_settings(node.settings, _Places(node, locator))
    except ConfigError:
        if node.package == project.name:
            raise
        return MetricSettings()  # nobody here can mend another package's files


def _owner(metric: SqlDefinition, project: Project) -> str:
    group = project.groups.get(metric.group)
    own = metric.settings.owner
    name = own.get("name", "") if isinstance(own, dict) else own
    return name or (group.owner.name if group is not None else "")


def _identities(project: Project) -> Iterator[tuple[str, str]]:
    """What sources and seeds are: the table that a source names, a seed's content."""
    for node in project.of_kind("source", "seed"):
        if node.kind == "seed":
            yield node.unique_id, node.checksum[1]
        elif node.relation is not None:
            yield node.unique_id, node.relation.identifier.lower()
