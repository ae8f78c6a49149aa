"""The types of a project's columns: what is declared, what the warehouse shows, and what
the SQL of each model yields, parents before children."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import msgspec

from analyticsops.collecting import collected_rarely
from analyticsops.lineage.analyst import Analysed, Analyst
from analyticsops.lineage.cache import Cache
from analyticsops.lineage.code import Finder
from analyticsops.lineage.graph import ColumnGraph, ColumnRef
from analyticsops.lineage.pool import Pool, shared_pool
from analyticsops.lineage.questions import FamilyQuery, Kind, TypesQuery, packed_types
from analyticsops.lineage.schedule import Schedule
from analyticsops.lineage.tables import seen_by, table_of
from analyticsops.project.model import Column, Node, Project
from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.types.typed import TypedColumn

_columns = msgspec.msgpack.Decoder(tuple[TypedColumn, ...])
_family = msgspec.msgpack.Decoder(str)


class InferredType(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The type of one column.

    Attributes:
        type: the best that is known, as the warehouse writes it; empty if nothing is.
        type_from: who says so: ``contract``, ``catalog``, ``inferred`` or ``declared``;
            empty if nobody does.
        inferred: what the model's SQL yields; empty if it is not known, or if there is
            no SQL.
        problem: why the SQL's type is not known.
    """

    type: str = ""
    type_from: str = ""
    inferred: str = ""
    problem: Problem | None = None


class ProjectTypes(msgspec.Struct, frozen=True, kw_only=True):
    """The types of a project.

    Attributes:
        columns: of all columns of the graph, parents before children.
        families: of all types that anybody says, by their text: ``integer``, ``text``,
            ``timestamp``, ...; empty if it belongs to none, or is not understood.
    """

    columns: Mapping[ColumnRef, InferredType]
    families: Mapping[str, str]


def infer_project_types(
    project: Project,
    graph: ColumnGraph,
    code: Finder,
    dialect: str,
    *,
    cache: Path | None = None,
    pool: Pool | None = None,
) -> ProjectTypes:
    """The types of all columns in the graph.

    A column's type is what its contract says, else what the catalog shows, else what the
    SQL yields, else what YAML declares; readers of the column go on with that. YAML
    without a contract comes last because nothing holds it to the truth.

    Args:
        code: where a node's SQL comes from.
        dialect: sqlglot's name.
        cache: file in which answers are kept; None to keep none.
        pool: worker processes; None for those of this process.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(collected_rarely())
        kept = stack.enter_context(Cache(cache)) if cache is not None else None
        analyst = Analyst(pool or shared_pool(), kept)
        return _Inference(project, graph, code, dialect, analyst).run()


class _Inference:
    def __init__(
        self,
        project: Project,
        graph: ColumnGraph,
        code: Finder,
        dialect: str,
        analyst: Analyst,
    ) -> None:
        self.graph = graph
        self.code = code
        self.dialect = dialect
        self.analyst = analyst
        self.nodes = {
            unique_id: project.nodes[unique_id]
            for unique_id in project.topological
            if unique_id in graph.nodes
        }
        self.tables = {unique_id: table_of(node) for unique_id, node in self.nodes.items()}
        self.near = {name: graph.near(name, node.depends_on) for name, node in self.nodes.items()}
        self.found: dict[str, dict[str, InferredType]] = {}
        self.packed: dict[tuple[str, bool], msgspec.Raw] = {}
        self.texts: dict[str, None] = {}
        """All types that anybody says."""

    def run(self) -> ProjectTypes:
        """Every column, then the families of all types."""
        schedule = Schedule(self.near)
        while schedule.left:
            self._advance(schedule)
            for ticket, answer in self.analyst.answers():
                self._finish(schedule, cast("str", ticket), answer)
                self._advance(schedule)
            schedule.break_cycle()  # a damaged manifest may hold one
        columns = {
            ColumnRef(unique_id, name): kind
            for unique_id in self.nodes
            for name, kind in self.found[unique_id].items()
        }
        return ProjectTypes(columns=columns, families=dict(self._families()))

    def _advance(self, schedule: Schedule) -> None:
        """Do everything that can be done without waiting for an answer."""
        while (unique_id := schedule.next()) is not None:
            node = self.nodes[unique_id]
            query = self._query(node) if node.kind in ("model", "snapshot") else None
            answer = self.analyst.known(query) if query is not None else None
            if query is None or answer is not None:
                self._finish(schedule, unique_id, answer)
            else:
                self.analyst.ask(unique_id, query)

    def _query(self, node: Node) -> TypesQuery | None:
        sql = self.code(node).sql
        if sql is None:
            return None
        names = self.graph.nodes[node.unique_id].names
        near = [
            self._packed(unique_id, node)
            for unique_id in (*self.near[node.unique_id], node.unique_id)
        ]
        return TypesQuery(
            sql,
            self.dialect,
            tuple(packed for packed in near if packed is not None),
            names,
            node.unique_id,
            _snapshot(node),
        )

    def _packed(self, unique_id: str, reader: Node) -> msgspec.Raw | None:
        table = seen_by(reader, self.tables[unique_id])
        if table is None:
            return None
        packed = self.packed.get((unique_id, table.outside))
        if packed is not None:
            return packed
        lineage = self.graph.nodes[unique_id]
        columns = TableColumns(unique_id, lineage.names, lineage.complete)
        found = self.found.get(unique_id)
        if found is None:  # the reader itself, or in a cycle
            return packed_types(table, columns, ("",) * len(lineage.names))
        types = [found[name] for name in lineage.names]
        kinds: tuple[Kind, ...] = tuple([t.type or t.problem or "" for t in types])
        packed = packed_types(table, columns, kinds)
        self.packed[unique_id, table.outside] = packed
        return packed

    def _finish(self, schedule: Schedule, unique_id: str, answer: Analysed | None) -> None:
        node = self.nodes[unique_id]
        names = self.graph.nodes[unique_id].names
        said = {column.name.lower(): column for column in node.columns.values()}
        seeded = _seeded(node)
        typed = self._typed(node, answer)
        found: dict[str, InferredType] = {}
        for name in names:
            key = name.lower()
            column = said.get(key)
            stated = _stated(node, column, seeded.get(key, ""))
            found[name] = _best(stated, typed.get(key))
            texts = (column.declared_type, column.type) if column is not None else ()
            self.texts.update(dict.fromkeys((found[name].type, found[name].inferred, *texts)))
        self.found[unique_id] = found
        schedule.finish(unique_id)

    def _typed(self, node: Node, answer: Analysed | None) -> Mapping[str, TypedColumn]:
        """What the SQL yields, by name in lower case."""
        if answer is not None and answer.packed is not None:
            return {column.name.lower(): column for column in _columns.decode(answer.packed)}
        if answer is not None:
            problem = answer.outline.problems[0]
        elif node.kind in ("model", "snapshot"):
            problem = next(iter(self.code(node).problems), Problem("no SQL"))
        else:
            return {}
        names = self.graph.nodes[node.unique_id].names
        return {name.lower(): TypedColumn(name, "", problem) for name in names}

    def _families(self) -> Iterator[tuple[str, str]]:
        for text in filter(None, self.texts):
            query = FamilyQuery(text, self.dialect)
            answer = self.analyst.known(query)
            if answer is not None:
                yield text, _family_in(answer)
            else:
                self.analyst.ask(text, query)
        for ticket, answer in self.analyst.answers():
            yield cast("str", ticket), _family_in(answer)


def _snapshot(node: Node) -> dict[str, object] | None:
    """What of its settings decides about types."""
    if node.kind != "snapshot":
        return None
    return {name: node.config.get(name) for name in ("updated_at", "snapshot_meta_column_names")}


def _family_in(answer: Analysed) -> str:
    return _family.decode(answer.packed) if answer.packed is not None else ""


def _seeded(node: Node) -> Mapping[str, str]:
    """``column_types`` of a seed, by name in lower case."""
    found = node.config.get("column_types") if node.kind == "seed" else None
    if not isinstance(found, dict):
        return {}
    return {str(name).lower(): str(kind) for name, kind in found.items()}


def _stated(node: Node, column: Column | None, seeded: str) -> InferredType:
    """What anybody says about a column, the SQL left aside."""
    if column is not None and node.contract and column.declared_type:
        return InferredType(type=column.declared_type, type_from="contract")
    if column is not None and column.type_from == "catalog":
        return InferredType(type=column.type, type_from="catalog")
    declared = seeded or (column.declared_type if column is not None else "")
    return InferredType(type=declared, type_from="declared" if declared else "")


def _best(stated: InferredType, typed: TypedColumn | None) -> InferredType:
    if typed is None:
        return stated
    binding = stated.type_from in ("contract", "catalog")
    if typed.type and not binding:
        return InferredType(type=typed.type, type_from="inferred", inferred=typed.type)
    return InferredType(
        type=stated.type,
        type_from=stated.type_from,
        inferred=typed.type,
        problem=typed.problem,
    )
