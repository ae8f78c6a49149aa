"""What is executed for a comparison: each changed model over its own inputs, and what is built
on changed models from the last tables before them that did not change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from analyticsops.changes.compare import Comparison, NodeChange, RowChange
from analyticsops.changes.rebuild import changed_columns
from analyticsops.evidence.inputs import Inputs, TypesOf, relation_parts
from analyticsops.evidence.pair import SIDES, Claim, Input, Job, Limits, Model, Query, Side, Wanted
from analyticsops.lineage.graph import ColumnRef
from analyticsops.project.keys import promised_keys
from analyticsops.project.model import Node
from analyticsops.sql.compared import compared
from analyticsops.sql.facts import Problem
from analyticsops.sql.translate import in_duckdb
from analyticsops.verify.tables import Hints

if TYPE_CHECKING:
    from sqlglot import exp

MOST_BUILT = 80
"""Models in the job that builds everything below a change, the nearest to the sources."""

_QUERIED = ("model", "snapshot")


class Refusal(NamedTuple):
    """A model that cannot be executed, and why."""

    node: str
    name: str
    built: str
    reason: str


class Plan(NamedTuple):
    """What can be executed, and what cannot."""

    jobs: tuple[Job, ...]
    refusals: tuple[Refusal, ...]


def plan(
    comparison: Comparison,
    types: TypesOf,
    wanted: Iterable[Wanted],
    limits: Limits,
    nodes: frozenset[str],
) -> Plan:
    """The jobs of a comparison.

    Args:
        types: of the columns of tables.
        wanted: differences that findings tell of.
        nodes: about which anything is to be said; others are built where these need them.
    """
    planner = _Planner(comparison, Inputs(comparison, types), tuple(wanted), limits, nodes)
    own = [planner.own(node) for node in planner.changed() if not planner.is_undone(node.unique_id)]
    made = [*own, *planner.below()]
    return Plan(
        tuple(one for one in made if isinstance(one, Job)),
        tuple(one for one in made if isinstance(one, Refusal)),
    )


class _Parts(NamedTuple):
    model: Model
    inputs: tuple[Input, ...]


def halved(limits: Limits) -> Limits:
    """For jobs of many models: each database costs as many queries."""
    return msgspec.structs.replace(limits, databases=(limits.databases + 1) // 2)


class _Planner:
    def __init__(
        self,
        comparison: Comparison,
        inputs: Inputs,
        wanted: Sequence[Wanted],
        limits: Limits,
        nodes: frozenset[str],
    ) -> None:
        self._comparison = comparison
        self._inputs = inputs
        self._wanted = wanted
        self._limits = limits
        self._nodes = nodes
        self._base = comparison.base.project.nodes
        self._head = comparison.head.project.nodes

    # -- each by itself ----------------------------------------------------------------

    def changed(self) -> list[Node]:
        """Models whose SQL is not the same text, also those that were proven equal."""
        return [
            node
            for unique_id in self._comparison.head.project.topological
            if (node := self._head[unique_id]).kind in _QUERIED
            and unique_id in self._base
            and unique_id in self._nodes
            and self._is_rewritten(self._base[unique_id], node)
        ]

    def _is_rewritten(self, before: Node, after: Node) -> bool:
        change = self._comparison.nodes.get(after.unique_id)
        if change is not None and not change.defined:
            return False
        base, head = self._comparison.base, self._comparison.head
        old, new = base.code(before).sql, head.code(after).sql
        if old is None or new is None:
            return change is not None and bool(change.unknown)
        return old != new and base.own_text(before) != head.own_text(after)

    def own(self, node: Node) -> Job | Refusal:
        """The job of one model, over the same inputs."""
        inlined = self._inlined_once(node)
        if inlined:
            reason = f"{inlined} is a part of its SQL in one version and a table in the other"
            return Refusal(node.unique_id, node.label, "model", reason)
        claim = self._claim(self._comparison.nodes.get(node.unique_id), node.unique_id)
        parts = self._parts(node, claim, frozenset())
        if isinstance(parts, str):
            return Refusal(node.unique_id, node.label, "model", parts)
        return self._job("model", [parts])

    def is_undone(self, unique_id: str) -> bool:
        """True if what changed in a model is undone by what changed above it: that shows where
        both are built, and not over the same inputs."""
        alone = self._comparison.alone.get(unique_id)
        change = self._comparison.nodes.get(unique_id)
        if alone is None:
            return False
        return change is None or (change.values, change.rows) != (alone.values, alone.rows)

    def _inlined_once(self, node: Node) -> str:
        """A model before it that is ephemeral in one version only; empty if there is none."""
        waiting = [*node.depends_on]
        for parent in waiting:
            before, after = self._base.get(parent), self._head.get(parent)
            kinds = {n.materialized == "ephemeral" for n in (before, after) if n is not None}
            if len(kinds) > 1:
                return after.label if after is not None else parent
            if kinds == {True} and after is not None:
                waiting += [name for name in after.depends_on if name not in waiting]
        return ""

    def _claim(self, change: NodeChange | None, unique_id: str) -> Claim:
        pairs = self._pairs(unique_id, change)
        if change is None:
            return Claim(True, pairs)  # proven equal, and not worth a word
        if change.unknown or change.marks is None:
            return Claim(False, pairs)
        differing = {name.lower() for name in change.values}
        return Claim(
            change.rows is RowChange.SAME,
            tuple(pair for pair in pairs if pair[1].lower() not in differing),
            tuple(pair for pair in pairs if pair[1].lower() in differing),
        )

    def _pairs(self, unique_id: str, change: NodeChange | None) -> tuple[tuple[str, str], ...]:
        """(name in the base, name in the head) of the columns that both have."""
        old, new = (
            version.graph.nodes[unique_id].names
            for version in (self._comparison.base, self._comparison.head)
        )
        renamed = change.renamed if change is not None else ()
        names = {name.lower(): name for name in old}
        names.update({pair.new.lower(): pair.old for pair in renamed if pair.proved})
        if self._head[unique_id].kind == "snapshot":
            names = {key: name for key, name in names.items() if not key.startswith("dbt_")}
        return tuple((names[name.lower()], name) for name in new if name.lower() in names)

    # -- everything below --------------------------------------------------------------

    def below(self) -> list[Job | Refusal]:
        """The job that builds everything below the changed models in both versions, and
        what of it cannot be built."""
        cone = self._cone()
        known = self._base.keys() & self._nodes
        judged = {node.unique_id for node in cone if node.unique_id in known}
        starts = {change.head.unique_id for change in self._comparison.nodes.values()}
        undone = {unique_id for unique_id in judged if self.is_undone(unique_id)}
        if not judged or (judged <= starts and len(judged) < 2 and not undone):
            return []
        changed = changed_columns(self._comparison)
        ids = frozenset(node.unique_id for node in cone)
        built: list[_Parts] = []
        left_out: dict[str, str] = {}
        not_judged: dict[str, str] = {}
        for node in cone:
            other = self._read_once(node, ids) if node.unique_id in undone else ""
            if other:
                not_judged[node.unique_id] = f"{other} is read in one version only, and not built"
            told = node.unique_id in judged and not other
            claim = self._claim_below(node, changed) if told else None
            parts = self._parts(node, claim, ids)
            if not isinstance(parts, str) and len(built) >= MOST_BUILT:
                parts = f"budget: {MOST_BUILT} models are built at a time"
            if isinstance(parts, str):
                left_out[node.unique_id] = parts
                continue
            lost = next((name for name in parts.model.reads if name in left_out), "")
            if lost:
                left_out[node.unique_id] = f"{self._head[lost].label} before it is not built"
            else:
                built.append(parts)
        refusals = [
            Refusal(unique_id, self._head[unique_id].label, "downstream", reason)
            for unique_id, reason in {**not_judged, **left_out}.items()
            if unique_id in judged
        ]
        job = [self._job("downstream", built)] if built else []
        return [*job, *refusals]

    def _read_once(self, node: Node, built: frozenset[str]) -> str:
        """A table that only one version of a model reads and that is given, not built: that both
        yield the same is not seen over any rows of it. Empty if there is none."""
        reads = {*self._base[node.unique_id].depends_on} ^ {*node.depends_on}
        names = {**self._base, **self._head}
        return min((names[name].label for name in reads - built if name in names), default="")

    def _cone(self) -> list[Node]:
        """Changed models and all that are built on them, parents first, without ephemeral
        ones: they are part of their readers' SQL."""
        starts = {c.head.unique_id for c in self._comparison.nodes.values() if c.defined}
        starts |= {node.unique_id for node in self._comparison.added if node.kind in _QUERIED}
        reached: dict[str, None] = {}
        for unique_id in self._comparison.head.project.topological:
            node = self._head[unique_id]
            is_reached = unique_id in starts or any(p in reached for p in node.depends_on)
            if is_reached and node.kind in (*_QUERIED, "seed"):
                reached[unique_id] = None
        nodes = [self._head[unique_id] for unique_id in reached]
        # dbt adds columns to a snapshot that no query shows: it is given, not built.
        return [node for node in nodes if node.kind == "model" and self._is_table(node)]

    def _is_table(self, node: Node) -> bool:
        """True if it is more than a part of its readers' SQL, in one version at least."""
        versions = (node, self._base.get(node.unique_id, node))
        return any(version.materialized != "ephemeral" for version in versions)

    def _claim_below(self, node: Node, changed: frozenset[ColumnRef]) -> Claim:
        unique_id = node.unique_id
        pairs = self._pairs(unique_id, self._comparison.nodes.get(unique_id))
        touched = {ref.column.lower() for ref in changed if ref.node == unique_id}
        return Claim(
            "" not in touched,
            tuple(pair for pair in pairs if pair[1].lower() not in touched),
            tuple(pair for pair in pairs if pair[1].lower() in touched),
        )

    # -- jobs -----------------------------------------------------------------------------

    def _job(self, built: str, parts: Sequence[_Parts]) -> Job:
        told = compared(tree for one in parts for tree in self._trees(one.model.id))
        ids = {one.model.id for one in parts if one.model.claim is not None}
        inputs = tuple({i.table.id: i for one in parts for i in one.inputs}.values())
        # Columns of one name are likely to be joined, also where a query does it by USING.
        names = {column.name.lower() for one in inputs for column in one.table.columns}
        return Job(
            inputs=inputs,
            models=tuple(one.model for one in parts),
            built=built,
            hints=Hints(
                values=told.values,
                of_column=told.of_column,
                partners={**{name: name for name in names}, **told.partners},
            ),
            families=told.families,
            limits=self._limits if built == "model" else halved(self._limits),
            wanted=tuple(wanted for wanted in self._wanted if wanted.model in ids),
        )

    def _parts(self, node: Node, claim: Claim | None, ids: frozenset[str]) -> _Parts | str:
        """A model and the tables that it is given; or why it cannot be executed.

        Args:
            ids: of the models that are built, and not given.
        """
        foreign = self._inputs.foreign(node.unique_id)
        if foreign:
            return f"it reads a table outside of the project: {foreign}"
        queries = [self._query(side, node.unique_id) for side in SIDES]
        base, head = queries
        if isinstance(base, str) or isinstance(head, str):
            return base if isinstance(base, str) else str(head)
        reads = self._inputs.read_by(node.unique_id)
        built = tuple(name for name in reads if name in ids and name != node.unique_id)
        given = [self._inputs.make(name) for name in reads if name not in built]
        refused = next((one for one in given if isinstance(one, str)), None)
        if refused is not None:
            return refused
        model = Model(
            id=node.unique_id,
            label=node.label,
            versions=(base, head),
            reads=built,
            claim=claim,
            key=self._key(node, claim),
        )
        return _Parts(model, tuple(one for one in given if isinstance(one, Input)))

    def _query(self, side: Side, unique_id: str) -> Query | str | None:
        version = self._inputs.versions[side]
        node = version.project.nodes.get(unique_id)
        if node is None:
            return None
        code = version.code(node)
        if code.sql is None:
            return str(code.problems[0]) if code.problems else "no SQL"
        sql = in_duckdb(code.sql, version.dialect)
        return str(sql) if isinstance(sql, Problem) else Query(relation_parts(node), sql)

    def _key(self, node: Node, claim: Claim | None) -> tuple[str, ...]:
        """The smallest key that is promised, of columns that are the same in both."""
        same = {new.lower(): new for _, new in claim.equal} if claim is not None else {}
        keys = [key for key, _ in promised_keys(self._comparison.head.project, node)]
        known = [key for key in keys if {*key} <= same.keys()]
        return tuple(same[n] for n in min(known, key=lambda key: (len(key), key), default=()))

    def _trees(self, unique_id: str) -> Iterator[exp.Expression]:
        for version in self._inputs.versions:
            node = version.project.nodes.get(unique_id)
            tree = version.tree(node) if node is not None else None
            if tree is not None and not isinstance(tree, Problem):
                yield tree
