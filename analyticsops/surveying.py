"""Questions about the columns of a whole workspace, in one call each: how much is proven,
what nobody reads, where tags arrive."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

import msgspec

from analyticsops.errors import UsageError
from analyticsops.export.datasets import default_namespace, is_complete, naming_of
from analyticsops.export.formats import export
from analyticsops.export.subgraph import Settings, subgraph
from analyticsops.findings import Finding, Location
from analyticsops.lineage import coverage, rules, tags, unused
from analyticsops.lineage.coverage import HookCounts, Share
from analyticsops.lineage.names import column_label
from analyticsops.lineage.tags import Followed
from analyticsops.lineage.unused import IdleNode
from analyticsops.project.hooks import find_node
from analyticsops.project.model import Node
from analyticsops.selecting import selected_nodes
from analyticsops.workspace import Workspace


class CoverageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the lineage is proven.

    Attributes:
        by: ``folder``, ``model`` or ``reason``.
        shares: one per folder, model or reason.
        total: all of them together.
        hooks: what is known of hooks, operations and analyses.
    """

    by: str
    shares: tuple[Share, ...]
    total: Share
    hooks: HookCounts = HookCounts()


def measure_coverage(
    workspace: Workspace,
    *,
    by: str = "folder",
    select: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
) -> CoverageAnswer:
    """The share of columns of models and snapshots whose lineage is proven.

    Args:
        by: ``folder``, ``model`` or ``reason``.
        select: only these nodes, in dbt's selection syntax.
        exclude: not these.

    Raises:
        UsageError: ``by`` is something else.
        SelectionError: what dbt would refuse.
    """
    project, graph = workspace.project, workspace.graph
    nodes = _selected(workspace, select, exclude)
    if by == "reason":
        shares = coverage.measure_reasons(project, graph, nodes)
    elif by in ("folder", "model"):
        label: Callable[[Node], str] = (
            (lambda node: coverage.folder(project, node))
            if by == "folder"
            else (lambda node: node.label)
        )
        shares = coverage.measure(project, graph, nodes, label)
    else:
        raise UsageError(f"no such grouping: {by!r}", hint="folder, model or reason")
    whole = coverage.measure(project, graph, nodes, lambda _node: "all")
    total = whole[0] if whole else Share(name="all")
    hooks = coverage.count_hooks(graph, nodes)
    return CoverageAnswer(by=by, shares=shares, total=total, hooks=hooks)


def find_unused(
    workspace: Workspace,
    *,
    select: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
) -> tuple[IdleNode, ...]:
    """Columns that nobody in the project reads, or of which that is not known, by node.

    Args:
        select: only these nodes, in dbt's selection syntax; by default all of the
            project's own, and none of its packages.
        exclude: not these.

    Raises:
        SelectionError: what dbt would refuse.
    """
    project = workspace.project
    chosen = _selected(workspace, select, exclude)
    own = [i for i in chosen if select or project.nodes[i].package == project.name]
    return unused.find_unused(project, workspace.graph, own)


class ColumnType(msgspec.Struct, frozen=True, kw_only=True):
    """The type of a column.

    Attributes:
        column: as ``model.column``.
        node: ``unique_id``.
        name: of the column.
        type: the best that is known, as the warehouse writes it; empty if nothing is.
        family: ``integer``, ``text``, ``timestamp``, ...; empty if not known.
        type_from: who says so: ``contract``, ``catalog``, ``inferred`` or ``declared``.
        inferred: what the model's SQL yields, empty if that is not known.
        reason: why it is not known.
    """

    column: str
    node: str
    name: str
    type: str
    family: str
    type_from: str
    inferred: str = ""
    reason: str = ""


def infer_types(
    workspace: Workspace,
    *,
    select: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
) -> tuple[ColumnType, ...]:
    """The types of columns: declared, from the catalog, or inferred from SQL.

    Args:
        select: only of these nodes, in dbt's selection syntax.
        exclude: not of these.

    Raises:
        SelectionError: what dbt would refuse.
    """
    types = workspace.types
    chosen = frozenset(_selected(workspace, select, exclude))
    return tuple(
        ColumnType(
            column=column_label(workspace.project, ref),
            node=ref.node,
            name=ref.column,
            type=found.type,
            family=types.families.get(found.type, ""),
            type_from=found.type_from,
            inferred=found.inferred,
            reason=str(found.problem) if found.problem else "",
        )
        for ref, found in types.columns.items()
        if ref.node in chosen
    )


class TaggedColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column that carries a tag.

    Attributes:
        tag: that it carries.
        column: as ``model.column``; the name of an end (exposure, metric) or node.
        node: ``unique_id``.
        node_kind: dbt's resource type, ``hook`` or ``external``.
        declared: true if its own YAML has the tag; else it derives from one that has.
        sure: ``exact``, ``inferred``, ``ambiguous``, ``partial``, or ``whole node`` where
            nobody knows which of a node's columns are used.
        owner: of the node, empty if nobody.
        way: from a column whose YAML has the tag to this one.
    """

    tag: str
    column: str
    node: str
    node_kind: str
    declared: bool
    sure: str
    owner: str = ""
    way: tuple[str, ...] = ()


class TagsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Where tags arrive.

    Attributes:
        columns: those that carry a tag, in the order of the project's nodes.
        declassified: (column, tag, reason) of those where a person declared its end.
    """

    columns: tuple[TaggedColumn, ...]
    declassified: tuple[tuple[str, str, str], ...]


def follow_tags(workspace: Workspace, tag: str | Sequence[str] = ()) -> TagsAnswer:
    """Columns that carry a tag, by their YAML or because they derive from one that does.

    Args:
        tag: one or several; by default those that the settings follow, else all that
            columns have.

    Raises:
        ConfigError: a declaration in a column's meta is wrong.
    """
    project = workspace.project
    followed = _followed(workspace, tag)

    def answer(carrier: tags.Carrier) -> TaggedColumn:
        node = find_node(project, carrier.ref.node)
        return TaggedColumn(
            tag=carrier.tag,
            column=column_label(project, carrier.ref),
            node=carrier.ref.node,
            node_kind=node.kind if node else "external",
            declared=carrier.declared,
            sure=carrier.sure,
            owner=node.owner.name if node and node.owner else "",
            way=tuple(column_label(project, ref) for ref in carrier.way),
        )

    return TagsAnswer(
        columns=tuple(answer(carrier) for carrier in followed.carriers),
        declassified=tuple(
            (column_label(project, stop.ref), stop.tag, stop.reason)
            for stop in followed.declassified
        ),
    )


def tag_findings(
    workspace: Workspace,
    tag: str | Sequence[str],
    locate: Callable[[Node, str], Location | None],
) -> Iterator[Finding]:
    """What the rules about tags find (LIN108, LIN109), for these tags."""
    exposed = workspace.config.lineage.tags.exposed
    yield from rules.tags.findings(workspace.project, _followed(workspace, tag), exposed, locate)


def _followed(workspace: Workspace, tag: str | Sequence[str]) -> Followed:
    wanted = [tag] if isinstance(tag, str) else tag
    settings = workspace.config.lineage.tags
    return tags.follow(workspace.project, workspace.graph, settings, wanted)


def export_lineage(
    workspace: Workspace,
    name: str,
    *,
    select: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    namespace: str = "",
    events: str = "job",
    sql: bool = False,
) -> bytes:
    """The column lineage in a format for other programs or eyes.

    Args:
        name: ``json``, ``openlineage``, ``dot``, ``mermaid``, ``csv`` or ``parquet``.
        select: only the edges into these nodes, in dbt's selection syntax.
        exclude: not these.
        namespace: OpenLineage's namespace of the warehouse; by default the setting, else
            what can be told from the adapter.
        events: OpenLineage's events: ``job`` (what the project says) or ``run`` (what the
            last run built).
        sql: True for OpenLineage's events with the compiled SQL of jobs, and with it the
            literals that are written there.

    Raises:
        UsageError: there is no such format; or run events without a run.
        SelectionError: what dbt would refuse.
    """
    settings = Settings(
        namespace=namespace or workspace.config.lineage.namespace,
        events=events,
        sql=sql,
        run_results=workspace.run_results,
    )
    nodes = _selected(workspace, select, exclude)
    return export(subgraph(workspace.project, workspace.graph, nodes, settings), name)


def namespace_note(workspace: Workspace, namespace: str = "") -> str:
    """What a reader must know about the namespace of an OpenLineage export; empty if all
    is well. Arguments as for :func:`export_lineage`."""
    adapter = workspace.project.adapter
    chosen = namespace or workspace.config.lineage.namespace or default_namespace(adapter)
    if is_complete(chosen, adapter):
        return ""
    form = naming_of(adapter).namespace
    return (
        f"the tables are in the namespace {chosen!r}: dbt's artifacts do not tell the warehouse "
        f"(expected {form}; say it with --namespace or lineage.namespace in analyticsops.yml)"
    )


def lineage_findings(
    workspace: Workspace, locate: Callable[[Node, str], Location | None]
) -> Iterator[Finding]:
    """What the rules about lineage find, with the team's settings."""
    config = workspace.config
    place = Location(config.path.name) if config.path else None
    project = workspace.project
    yield from rules.findings(project, workspace.graph, locate, config.lineage, place)
    if rules.typed.can_differ(project):
        yield from rules.typed.findings(project, workspace.types, locate)


def _selected(
    workspace: Workspace, select: str | Sequence[str], exclude: str | Sequence[str]
) -> Collection[str]:
    """Ids of the selected nodes in the manifest's order; all if nothing is selected."""
    if not select and not exclude:
        return list(workspace.project.nodes)
    chosen = selected_nodes(workspace, select, exclude, kinds=("all",))
    return [unique_id for unique_id in workspace.project.nodes if unique_id in chosen]
