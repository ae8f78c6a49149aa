"""Where a node's SQL comes from, and what must be said about it."""

from __future__ import annotations

from typing import NamedTuple

from analyticsops.project.model import Node
from analyticsops.sql.facts import Problem


class Code(NamedTuple):
    """SQL of a node.

    Attributes:
        sql: as dbt compiled it last, or would compile it.
        problems: what keeps its lineage from being proven.
        others: what dbt compiles in another state of the warehouse: the other branch of
            ``is_incremental()``. Both run in production, so both are lineage.
    """

    sql: str | None
    problems: tuple[Problem, ...] = ()
    others: tuple[str, ...] = ()


def compiled(node: Node) -> Code:
    """What dbt compiled, or the reason why there is none."""
    if node.language != "sql":
        return Code(None, (Problem(f"{node.language} model", "known at table level only"),))
    if node.compiled_code is None:
        return Code(None, (Problem("not compiled", "run dbt compile or dbt build"),))
    return Code(node.compiled_code)
