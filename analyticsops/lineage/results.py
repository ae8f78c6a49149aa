"""What is known of one node after its query was analysed, before its readers are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from analyticsops.lineage.analyst import Analysed
from analyticsops.lineage.graph import NodeLineage, Status
from analyticsops.project.model import Node
from analyticsops.project.snapshots import own_columns
from analyticsops.sql.facts import AMBIGUITY, UNREAD, Problem, TableColumns, demanded
from analyticsops.sql.folding import Fold

_NONE: Mapping[str, tuple[Problem, ...]] = {}


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A node by itself.

    Attributes:
        names: of its columns, in order.
        complete: True if there are no others.
        status: of the node.
        problems: of the node and of its columns.
        doubts: problems of single columns.
        queries: what its SQL says; empty for sources, seeds and opaque nodes.
        open_tables: ids of tables behind its open stars.
        absent: keys of columns that those cannot bring.
        starred: names that are declared and must come through those.
        opaque: nobody knows which columns of its parents it reads.
        spelled: the names as the warehouse spells them, if that is another thing.
    """

    names: tuple[str, ...]
    complete: bool
    status: Status = Status.PROVEN
    problems: tuple[Problem, ...] = ()
    doubts: Mapping[str, tuple[Problem, ...]] = _NONE
    queries: tuple[Analysed, ...] = ()
    open_tables: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    starred: tuple[str, ...] = ()
    opaque: bool = False
    spelled: tuple[str, ...] = ()

    def table(self, unique_id: str, used: tuple[str, ...] = ()) -> TableColumns:
        """The node as those see it who read it."""
        absent = () if self.complete else self.absent
        return TableColumns(unique_id, self.names, self.complete, used, absent)

    @property
    def ambiguous(self) -> bool:
        """True if a name in it may mean columns of several tables."""
        return any(problem.reason in AMBIGUITY for problem in self.problems)

    @property
    def unread(self) -> bool:
        """True if something in its SQL is missing or was not understood."""
        return any(problem.reason in UNREAD for problem in self.problems)

    def lineage(
        self,
        node: str,
        problems: tuple[Problem, ...],
        inferred: tuple[str, ...],
        doubts: Mapping[str, tuple[Problem, ...]],
    ) -> NodeLineage:
        """The node for the graph, with the columns that its readers ask for."""
        status = self.status
        if status is Status.PROVEN and problems:
            status = Status.PARTIAL
        return NodeLineage(
            node=node,
            status=status,
            complete=self.complete,
            problems=problems,
            names=(*self.names, *inferred),
            doubts=doubts,
            inferred=frozenset(inferred),
        )


def leaf(node: Node, seeded: Sequence[str] | None = None) -> Result:
    """A source or seed: what the catalog knows, else the seed's file, else what YAML lists."""
    if seeded is None or from_catalog(node):
        return Result(names=tuple(node.columns), complete=from_catalog(node))
    declared = {name.lower(): name for name in node.columns}
    names = [declared.pop(name.lower(), name) for name in seeded]
    spelled = (*seeded, *declared.values())
    return Result(names=(*names, *declared.values()), complete=True, spelled=spelled)


def opaque(node: Node, problems: tuple[Problem, ...]) -> Result:
    """A node whose SQL is not understood: its declared columns."""
    return Result(
        names=tuple(node.columns),
        complete=from_catalog(node),
        status=Status.UNKNOWN,
        problems=problems,
        opaque=True,
    )


def understood(
    node: Node, doubts: tuple[Problem, ...], answers: Sequence[Analysed], fold: Fold
) -> Result:
    """A node whose queries were analysed (or could not be).

    Args:
        doubts: about its SQL as such.
        answers: first of the query that dbt compiled; then perhaps of the one that it
            compiles when the table is there already, or is not.
    """
    first = answers[0]
    queries = tuple(answer for answer in answers if answer.understood)
    problems = (*doubts, *(p for answer in answers for p in answer.outline.problems))
    if not first.understood:
        return opaque(node, problems)
    names = dict.fromkeys(first.outline.columns)
    for other in queries[1:]:
        names.update(dict.fromkeys(other.outline.columns))
    doubted = _doubts(queries)
    unexplained = _unexplained(node, names)
    if unexplained:
        names.update(dict.fromkeys(unexplained))
        doubted.update(dict.fromkeys(unexplained, (_no_strategy(node),)))
        problems += (_no_strategy(node),)
    opened = [answer.outline.open_tables for answer in queries if answer.outline.open_tables]
    open_tables = tuple(dict.fromkeys(table for tables in opened for table in tables))
    starred = _declared(node, first, fold, names) if open_tables else []
    names.update(dict.fromkeys(starred))
    return Result(
        names=_as_built(node, tuple(names)),
        complete=not open_tables or from_catalog(node),
        status=Status.PARTIAL if problems else Status.PROVEN,
        problems=tuple(dict.fromkeys(problems)),
        doubts=doubted,
        queries=queries,
        open_tables=open_tables,
        absent=first.outline.absent if len(opened) == 1 else (),
        starred=tuple(starred),
    )


def _declared(node: Node, analysed: Analysed, fold: Fold, listed: Iterable[str]) -> list[str]:
    """What YAML or the catalog lists must come through the open star."""
    known = {fold(name, False) for name in listed}
    missing = [name for name in node.columns if fold(name, False) not in known]
    return [name for name in missing if demanded(analysed.facts, name, fold(name, False))]


def _unexplained(node: Node, names: Iterable[str]) -> list[str]:
    """Columns that dbt adds to a snapshot, and no query says what they are made of."""
    if node.kind != "snapshot":
        return []
    known = {name.lower() for name in names}
    return [name for name in own_columns(node.config).values() if name.lower() not in known]


def _no_strategy(node: Node) -> Problem:
    strategy = node.config.get("strategy") or "none is configured"
    return Problem("snapshot strategy", f"it is not known how it makes dbt's columns: {strategy}")


def _doubts(queries: Sequence[Analysed]) -> dict[str, tuple[Problem, ...]]:
    found: dict[str, tuple[Problem, ...]] = {}
    for analysed in queries:
        for place in analysed.outline.doubtful:
            column = analysed.facts.columns[place]
            problems = analysed.facts.problems_of(column)
            found[column.name] = found.get(column.name, ()) + problems
    return found


def _as_built(node: Node, names: tuple[str, ...]) -> tuple[str, ...]:
    """dbt builds a table under contract with its columns in the order of the YAML."""
    if not node.contract or node.materialized not in ("table", "incremental"):
        return names
    places = {name.lower(): place for place, name in enumerate(node.columns)}
    return tuple(sorted(names, key=lambda name: places.get(name.lower(), len(places))))


def from_catalog(node: Node) -> bool:
    """True if the warehouse itself listed the node's columns."""
    return any(column.type_from == "catalog" for column in node.columns.values())
