"""Where a node's SQL comes from, and what must be said about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from analyticsops.project.hooks import HOOK
from analyticsops.project.model import Node
from analyticsops.project.stale import file_checksum
from analyticsops.sql.facts import Problem

_EMPTY = ("sha256", file_checksum(b""))
"""Of a file with nothing in it, which dbt does not compile."""

_JINJA = re.compile(r"\{[{%#]")

Columns = Callable[[str], Sequence[str] | None]
"""From the id of a node to the names of all its columns, as the warehouse spells them; None
if not all are known."""


class Code(NamedTuple):
    """SQL of a node.

    Attributes:
        sql: as dbt compiled it last, or would compile it.
        problems: what keeps its lineage from being proven.
        others: what dbt compiles in another state of the warehouse: the other branch of
            ``is_incremental()``. Both run in production, so both are lineage.
        writes: False for a hook that can write no table, whatever its text is.
    """

    sql: str | None
    problems: tuple[Problem, ...] = ()
    others: tuple[str, ...] = ()
    writes: bool = True


class Finder(Protocol):
    """Finds the SQL of nodes. Parents are asked for before their children."""

    def __call__(self, node: Node) -> Code:
        """The SQL of a node; always the same until it is found :meth:`again`."""

    def learn(self, columns: Columns) -> None:
        """From now on these columns are known: macros that look at the columns of a table
        can be rendered."""

    def again(self, node: Node) -> Code | None:
        """The SQL of a node whose text has gaps, now that its parents' columns are known;
        None if that does not help."""

    def seeded(self, node: Node) -> Sequence[str] | None:
        """All columns of a seed's table, as the warehouse spells them; None if its file is
        not there to be read."""


class Compiled:
    """What dbt compiled and nothing else."""

    def __call__(self, node: Node) -> Code:
        """From the manifest."""
        return compiled(node)

    def learn(self, columns: Columns) -> None:
        """It needs no columns."""

    def again(self, node: Node) -> Code | None:
        """There is no other text."""
        return None

    def seeded(self, node: Node) -> Sequence[str] | None:
        """It reads no files."""
        return None


def compiled(node: Node) -> Code:
    """What dbt compiled, or the reason why there is none."""
    if node.language != "sql":
        return Code(None, (Problem(f"{node.language} model", "known at table level only"),))
    if node.compiled_code is None and node.kind == HOOK and not _JINJA.search(node.raw_code):
        return Code(node.raw_code)
    if node.compiled_code is None and node.checksum == _EMPTY:
        return Code(None, (Problem("empty SQL", "there is nothing in its file"),))
    if node.compiled_code is None:
        return Code(None, (Problem("not compiled", "run dbt compile or dbt build"),))
    return Code(node.compiled_code)


def with_ids(sql: str, nodes: Sequence[Node]) -> str:
    """The SQL with the unique ids of these nodes in the place of their relations, so that it
    is the same for every target."""
    names = {node.relation_name: node.unique_id for node in nodes if node.relation_name}
    if not names:
        return sql
    longest_first = sorted(names, key=len, reverse=True)
    pattern = "|".join(re.escape(name) for name in longest_first)
    return re.sub(
        rf"(?<![\w.\"`])(?:{pattern})(?![\w.\"`])", lambda match: f"<{names[match[0]]}>", sql
    )
