"""What can be searched for: everything in a project that has a name, as rows of words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from analyticsops.lineage.graph import ColumnGraph
from analyticsops.project.model import Node, Project

KINDS = (
    "metric",
    "model",
    "exposure",
    "source",
    "column",
    "semantic_model",
    "saved_query",
    "snapshot",
    "seed",
)
"""What is searched; of things that fit alike the kind that stands first comes first."""


class Document(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something with a name.

    Attributes:
        kind: one of :data:`KINDS`.
        name: what people call it: ``orders``, ``orders.amount``, ``net_revenue``.
        node: dbt ``unique_id``; of a column that of its node.
        label: another name for people.
        words: synonyms, tags and columns, with blanks between them.
        description: as the YAML has it.
        owner: empty if nobody.
    """

    kind: str
    name: str
    node: str
    label: str = ""
    words: str = ""
    description: str = ""
    owner: str = ""


def documents_of(
    project: Project, graph: ColumnGraph, more: Mapping[str, Sequence[str]]
) -> Iterator[Document]:
    """Nodes, and their columns as far as anybody knows of them.

    Args:
        more: further words by ``unique_id``: synonyms, the columns that a metric is made of.
    """
    for node in project.nodes.values():
        if node.kind not in KINDS:
            continue
        found = graph.nodes.get(node.unique_id)
        names = found.names if found is not None else ()
        owner = node.owner.name if node.owner else ""
        yield Document(
            kind=node.kind,
            name=node.label,
            node=node.unique_id,
            label=_label(node),
            words=" ".join((*node.tags, *names, *more.get(node.unique_id, ()))),
            description=node.description,
            owner=owner,
        )
        for name in names:
            column = node.columns.get(name)
            yield Document(
                kind="column",
                name=f"{node.label}.{name}",
                node=node.unique_id,
                words=" ".join(column.tags) if column else "",
                description=column.description if column else "",
                owner=owner,
            )


def _label(node: Node) -> str:
    info = node.metric or node.exposure or node.saved_query
    return info.label if info else ""
