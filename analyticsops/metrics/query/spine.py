"""The time spine: every day there is, for numbers that also stand where nothing happened."""

from __future__ import annotations

from typing import NamedTuple

from analyticsops.errors import UnsupportedError
from analyticsops.metrics.query.grains import rank
from analyticsops.metrics.query.text import Column, Names, inside, select
from analyticsops.metrics.semantic_layer import spines_of
from analyticsops.project.model import Node, Project
from analyticsops.sql.time_functions import truncated

DAY = "day"


class Spine(NamedTuple):
    """A model with a row for each day."""

    relation: str
    column: str


def spine_of(project: Project) -> Spine:
    """The time spine of a project.

    Raises:
        UnsupportedError: there is none, or it is not built.
    """

    def rank_of(node: Node) -> tuple[bool, bool, str]:
        return not node.time_spine, node.package != project.name, node.unique_id

    for node in sorted(spines_of(project), key=rank_of):
        if node.relation_name:
            return Spine(node.relation_name, node.time_spine or "date_day")
    raise UnsupportedError("there is no time spine, which this needs")


def periods(spine: Spine, grain: str, names: Names, dialect: str) -> str:
    """A query of all periods of a grain, as ``day``.

    Raises:
        UnsupportedError: the grain is finer than a day.
    """
    if rank(grain) < rank(DAY):
        raise UnsupportedError(f"the time spine has days, not {grain}s")
    column = names(spine.column)
    start = column if grain == DAY else truncated(column, grain, dialect)
    return inside(
        select(names, [Column(start, DAY)], [f"from {spine.relation}"], distinct=grain != DAY)
    )
