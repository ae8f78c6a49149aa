"""What people write for a column: ``model.column``, in any of its forms."""

from __future__ import annotations

from analyticsops.errors import NotFoundError, UsageError
from analyticsops.lineage.graph import ColumnGraph, ColumnRef
from analyticsops.project.hooks import find_node
from analyticsops.project.model import Node, Project


def find_any(project: Project, graph: ColumnGraph, text: str) -> ColumnRef:
    """What lineage can be asked for: a column, the rows of a model (``orders``) or an end
    (``metric:revenue``).

    Raises:
        NotFoundError: with the closest names.
        UsageError: several sources have such a table.
    """
    return find_end(project, text) or find_column(project, graph, text, rows=True)


def find_column(
    project: Project, graph: ColumnGraph, text: str, *, rows: bool = False
) -> ColumnRef:
    """The column that ``model.column`` means; both names may hold dots themselves.

    Of several nodes with one name a model goes before a source, the project's own
    before a package's, and of versions the latest.

    Args:
        rows: if no column is named, the rows of the model are meant.

    Raises:
        NotFoundError: with the closest names.
        UsageError: no column is named, or several sources have such a table.
    """
    wanted = text.strip()
    splits = [at for at, char in enumerate(wanted) if char == "."][::-1]
    nearest: tuple[str, list[Node]] = ("", [])
    for at in splits:
        name, column = wanted[:at], wanted[at + 1 :]
        nodes = _named(project, name)
        refs = [ref for node in nodes if (ref := _column(graph, node, column))]
        if refs:
            return _only(project, refs, wanted)
        if nodes and not nearest[1]:
            nearest = (column, nodes)
    whole = _named(project, wanted)
    if whole and rows:
        return _only(project, [ColumnRef(node.unique_id) for node in whole], wanted)
    if whole:
        columns = ", ".join(list(graph.nodes[whole[0].unique_id].columns)[:20])
        hint = f"its columns: {columns}" if columns else "none of its columns is known"
        raise UsageError("no column is named", where=whole[0].label, hint=hint)
    if nearest[1]:
        node = nearest[1][0]
        known = graph.nodes[node.unique_id].columns
        raise NotFoundError("column", nearest[0], known, where=node.label)
    labels = [node.label for node in project.nodes.values() if node.has_columns]
    name = wanted.rpartition(".")[0] or wanted
    raise NotFoundError("model", name, labels, where="MODEL.COLUMN")


def find_end(project: Project, text: str) -> ColumnRef | None:
    """The metric, exposure, test or saved query that ``metric:revenue`` means; None if the
    text is not of that form.

    Raises:
        NotFoundError: there is none of that name.
    """
    kind, colon, name = text.strip().partition(":")
    if not colon or kind not in _ENDS:
        return None
    named = {node.name.lower(): node for node in project.of_kind(kind)}
    found = named.get(name.strip().lower())
    if found is None:
        raise NotFoundError(kind.replace("_", " "), name.strip(), named)
    return ColumnRef(found.unique_id)


def what_is(project: Project, ref: ColumnRef) -> str:
    """``column``, ``rows``, or dbt's resource type of an end."""
    kind = project.nodes[ref.node].kind
    return "column" if ref.column else kind if kind in _ENDS else "rows"


_ENDS = ("exposure", "metric", "saved_query", "test", "unit_test")


def _named(project: Project, name: str) -> list[Node]:
    """The tables that a name means, best first."""
    wanted = name.lower()
    found = [n for n in project.nodes.values() if n.has_columns and wanted in _names(n)]
    return sorted(found, key=lambda node: (*_preference(project, node), node.unique_id))


def _names(node: Node) -> set[str]:
    return {node.unique_id.lower(), node.label.lower(), node.name.lower()}


def _preference(project: Project, node: Node) -> tuple[bool, bool, bool]:
    older = bool(node.version) and node.version != node.latest_version
    return node.kind == "source", node.package != project.name, older


def _column(graph: ColumnGraph, node: Node, column: str) -> ColumnRef | None:
    """The node's column of that name: spelled so, else whatever the case."""
    known = graph.nodes[node.unique_id].columns
    if column in known:
        return ColumnRef(node.unique_id, column)
    folded = column.lower()
    return next((ColumnRef(node.unique_id, k) for k in known if k.lower() == folded), None)


def _only(project: Project, refs: list[ColumnRef], wanted: str) -> ColumnRef:
    best = _preference(project, project.nodes[refs[0].node])
    equal = [ref for ref in refs if _preference(project, project.nodes[ref.node]) == best]
    if len(equal) > 1 and not project.nodes[equal[0].node].version:
        labels = [column_label(project, ref) for ref in equal]
        if len(set(labels)) < len(labels):  # of several packages
            labels = [f"{ref.node}.{ref.column}".rstrip(".") for ref in equal]
        what = "columns" if refs[0].column else "tables"
        raise UsageError(f"it means several {what}", where=wanted, hint=", ".join(labels))
    return refs[0]


def column_label(project: Project, ref: ColumnRef) -> str:
    """``model.column``, or the node alone if no column is meant."""
    node = find_node(project, ref.node)
    name = node.label if node else ref.node
    return f"{name}.{ref.column}" if ref.column else name
