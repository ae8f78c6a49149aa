"""The metrics of a project as entries that people look up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from analyticsops.errors import NotFoundError
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Link
from analyticsops.lineage.reaching import Reaching
from analyticsops.metrics.definitions import Definition
from analyticsops.metrics.settings import MetricSettings
from analyticsops.project.model import Project
from analyticsops.sql.facts import Kind


class MetricEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One metric, ready to be shown.

    Attributes:
        name: unique in the project.
        node: dbt ``unique_id``.
        type: ``simple``, ``ratio``, ``derived``, ``cumulative``, ``conversion``, ``sql``.
        owner: its own, else that of its group; empty if nobody.
        tier: ``draft``, ``reviewed``, ``certified``, ``deprecated``; empty if not said.
        version: of its meaning; empty if not said.
        formula: in one line, in terms of measures and other metrics.
        filters: SQL templates of its filters, one per line.
        metrics: names of the metrics it is computed from directly.
        columns: columns of models that its value is computed from, ``model.column``.
        sources: source columns at the far end, ``source.table.column``.
        decided_by: columns that only decide what is counted (filters, joins, grouping).
        used_by: exposures, saved queries and metrics that use it, as ``kind name``.
    """

    name: str
    node: str
    type: str
    label: str = ""
    description: str = ""
    owner: str = ""
    tier: str = ""
    version: str = ""
    unit: str = ""
    direction: str = ""
    why: str = ""
    synonyms: tuple[str, ...] = ()
    formula: str = ""
    filters: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    decided_by: tuple[str, ...] = ()
    used_by: tuple[str, ...] = ()
    path: str = ""


def find_metric(entries: Iterable[MetricEntry], name: str) -> MetricEntry:
    """The metric of that name, label or synonym; case and blanks do not matter.

    Raises:
        NotFoundError: with the closest names.
    """
    known = list(entries)
    wanted = " ".join(name.lower().split())
    for words in (_names, _other_names):
        for entry in known:
            if wanted in words(entry):
                return entry
    every = [word for entry in known for word in (*_names(entry), *_other_names(entry))]
    raise NotFoundError("metric", name, every)


def _names(entry: MetricEntry) -> list[str]:
    return [entry.name.lower(), entry.node.lower()]


def _other_names(entry: MetricEntry) -> list[str]:
    return [" ".join(word.lower().split()) for word in (entry.label, *entry.synonyms)]


def entry_of(
    definition: Definition,
    settings: MetricSettings,
    owner: str,
    computed: str,
    ends: Ends,
) -> MetricEntry:
    """A metric as people look it up.

    Args:
        computed: its formula.
        ends: of its lineage.
    """
    return MetricEntry(
        name=definition.name,
        node=definition.node,
        type=definition.type,
        label=definition.label,
        description=definition.description,
        owner=owner,
        tier=settings.tier,
        version=settings.version,
        unit=settings.unit,
        direction=settings.direction,
        why=" ".join(settings.why.split()),
        synonyms=settings.synonyms,
        formula=computed,
        filters=_filters(definition),
        metrics=ends.metrics,
        columns=ends.columns,
        sources=ends.sources,
        decided_by=ends.decided_by,
        used_by=ends.used_by,
        path=definition.path,
    )


class Ends(NamedTuple):
    """Where a metric comes from and goes to: see :class:`MetricEntry`."""

    metrics: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    decided_by: tuple[str, ...] = ()
    used_by: tuple[str, ...] = ()


class Lineage:
    """Finds the ends of metrics in one column graph."""

    def __init__(self, graph: ColumnGraph, project: Project) -> None:
        self._graph = graph
        self._project = project
        self._values = Reaching(graph, self._is_origin, direct=True)
        self._deciders = Reaching(graph, self._is_origin, direct=False)

    def of_metric(self, node: str) -> Ends:
        """The ends of a metric that dbt knows."""
        ref = ColumnRef(node)
        ends = self.of_columns([*self._columns(ref)], [ref])
        parents = self._parents(ref)
        return ends._replace(metrics=parents, used_by=_users(self._graph, self._project, ref))

    def of_columns(self, columns: Sequence[ColumnRef], starts: Sequence[ColumnRef]) -> Ends:
        """The ends of what reads these columns of models.

        Args:
            starts: what decides, besides the columns: the metric itself, or rows.
        """
        values = {*self._above(self._values, columns), *filter(self._is_origin, columns)}
        deciders = set(self._above(self._deciders, [*columns, *starts]))
        sources, named = self._labels(values), self._labels(columns)
        return Ends(
            columns=tuple(named),
            sources=tuple(sources),
            decided_by=tuple(sorted(set(self._labels(deciders)) - {*sources, *named})),
        )

    def sources(self, node: str) -> tuple[str, ...]:
        """Source columns from which the value of a metric comes."""
        return tuple(self._labels(self._values.above(ColumnRef(node))))

    def _above(self, reaching: Reaching, refs: Iterable[ColumnRef]) -> Iterator[ColumnRef]:
        for ref in refs:
            yield from reaching.above(ref)

    def _is_origin(self, ref: ColumnRef) -> bool:
        node = self._project.nodes.get(ref.node)
        return bool(ref.column) and node is not None and node.kind in ("source", "seed")

    def _labels(self, refs: Iterable[ColumnRef]) -> list[str]:
        nodes = self._project.nodes
        return sorted(
            {
                f"{nodes[ref.node].label if ref.node in nodes else ref.node}.{ref.column}"
                for ref in refs
            }
        )

    def _columns(self, ref: ColumnRef) -> set[ColumnRef]:
        """Columns of tables that flow into a metric through nothing but the semantic layer."""
        found: set[ColumnRef] = set()
        seen, stack = {ref}, [ref]
        while stack:
            for edge in self._graph.feeding(stack.pop()):
                node = self._project.nodes.get(edge.source.node)
                direct = isinstance(edge.kind, Kind) and edge.kind.direct
                if node is None or not direct or edge.source in seen:
                    continue
                seen.add(edge.source)
                if not node.has_columns:
                    stack.append(edge.source)
                elif edge.source.column:
                    found.add(edge.source)
        return found

    def _parents(self, ref: ColumnRef) -> tuple[str, ...]:
        nodes = self._project.nodes
        names = {
            nodes[edge.source.node].name
            for edge in self._graph.feeding(ref)
            if edge.kind is Kind.TRANSFORMATION
            and edge.source.node in nodes
            and nodes[edge.source.node].kind == "metric"
        }
        return tuple(sorted(names))


def _filters(definition: Definition) -> tuple[str, ...]:
    parts = [definition.filters, *(part.filters for part in definition.inputs)]
    return tuple(dict.fromkeys(text for texts in parts for text in texts))


def _users(graph: ColumnGraph, project: Project, ref: ColumnRef) -> tuple[str, ...]:
    kinds = {"exposure": 0, "saved_query": 1, "metric": 2}
    found = set()
    for step in graph.downstream(ref):
        node = project.nodes.get(step.ref.node)
        if node is not None and node.kind in kinds and _is_use(step.edge):
            found.add((kinds[node.kind], f"{node.kind.replace('_', ' ')} {node.name}"))
    return tuple(text for _, text in sorted(found))


def _is_use(edge: Any) -> bool:
    return edge is not None and edge.kind is not Link.TESTS
