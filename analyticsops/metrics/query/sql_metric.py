"""A metric of ``analyticsops/metrics.yml``: the columns of its model are its dimensions."""

from __future__ import annotations

from collections.abc import Sequence

from analyticsops.errors import UnsupportedError
from analyticsops.metrics.definitions import Definition
from analyticsops.metrics.filters import Filter, Reference
from analyticsops.metrics.query.request import Group
from analyticsops.metrics.query.text import Column, Names, select
from analyticsops.metrics.semantic_layer import METRIC_TIME
from analyticsops.project.model import Project
from analyticsops.sql.time_functions import truncated


def sql_metric(
    project: Project,
    dialect: str,
    definition: Definition,
    groups: Sequence[Group],
    filters: Sequence[Filter],
    called: str,
) -> str:
    """The query of one.

    Args:
        called: the name of the number.

    Raises:
        UnsupportedError: its model is no relation, or something else than its columns is named.
    """
    names = Names(dialect)
    nodes = project.nodes.values()
    node = next((n for n in nodes if n.has_columns and n.label == definition.model), None)
    if node is None or not node.relation_name:
        raise UnsupportedError(
            f"the model {definition.model!r} of {definition.name} is no relation"
        )

    def column(reference: Reference) -> str:
        if reference.name == METRIC_TIME:
            if not definition.time:
                raise UnsupportedError(f"{definition.name} has no `time`")
            return truncated(definition.time, reference.grain or "day", dialect)
        if reference.kind not in ("Dimension", "TimeDimension") or len(reference.path) != 1:
            raise UnsupportedError(f"{reference.name} is no column of {definition.model}")
        name = names(reference.path[0])
        return truncated(name, reference.grain, dialect) if reference.grain else name

    where = [f"({text})" for text in definition.filters]
    for condition in filters:
        pieces = [p if isinstance(p, str) else column(p) for p in condition.pieces]
        where.append(f"({''.join(pieces).strip()})")
    keys = [Column(column(group.reference), group.column) for group in groups]
    return select(
        names,
        [*keys, Column(definition.expr, called)],
        [f"from {node.relation_name}"],
        where=where,
        group=[key.sql for key in keys],
    )
