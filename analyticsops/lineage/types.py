"""The types of a project's columns: what is declared, what the warehouse shows, and what
the SQL of each model yields, parents before children."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from analyticsops.lineage.code import Code
from analyticsops.lineage.graph import ColumnGraph, ColumnRef
from analyticsops.lineage.tables import NodeTables, project_index
from analyticsops.project.model import Column, Node, Project
from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.parse import release
from analyticsops.sql.types.families import type_family
from analyticsops.sql.types.infer import TypedColumn, Typing, type_query
from analyticsops.sql.types.reading import parse_for_types
from analyticsops.sql.types.snapshots import snapshot_types

__all__ = ["InferredType", "infer_project_types", "type_family"]


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


def infer_project_types(
    project: Project, graph: ColumnGraph, code: Callable[[Node], Code], dialect: str
) -> Mapping[ColumnRef, InferredType]:
    """The types of all columns in the graph.

    A column's type is what its contract says, else what the catalog shows, else what the
    SQL yields, else what YAML declares; readers of the column go on with that. YAML
    without a contract comes last because nothing holds it to the truth.

    Args:
        code: where a node's SQL comes from.
        dialect: sqlglot's name.
    """
    return dict(_Inference(project, graph, code, dialect).run())


class _Inference:
    def __init__(
        self, project: Project, graph: ColumnGraph, code: Callable[[Node], Code], dialect: str
    ) -> None:
        self.project = project
        self.graph = graph
        self.code = code
        self.dialect = dialect
        self.index = project_index(project)
        self.schemas = {
            unique_id: TableColumns(unique_id, lineage.names, lineage.complete)
            for unique_id, lineage in graph.nodes.items()
        }
        self.known: dict[str, dict[str, str | Problem]] = {}
        """Per node, types or reasons by name of the column in lower case."""

    def run(self) -> Iterator[tuple[ColumnRef, InferredType]]:
        """Every column, parents before children."""
        for unique_id in self.project.topological:
            if unique_id in self.graph.nodes:
                found = self._node(self.project.nodes[unique_id])
                self.known[unique_id] = {
                    name.lower(): t.type or t.problem or "" for name, t in found.items()
                }
                yield from ((ColumnRef(unique_id, name), t) for name, t in found.items())

    def _node(self, node: Node) -> dict[str, InferredType]:
        columns = self.graph.nodes[node.unique_id].names
        said = {column.name.lower(): column for column in node.columns.values()}
        seeded = _seeded(node)
        typing = self._typing(node, columns) if node.kind in ("model", "snapshot") else {}
        found: dict[str, InferredType] = {}
        for name in columns:
            key = name.lower()
            stated = _stated(node, said.get(key), seeded.get(key, ""))
            found[name] = _best(stated, typing.get(key))
        return found

    # -- SQL -------------------------------------------------------------------

    def _typing(self, node: Node, names: tuple[str, ...]) -> dict[str, TypedColumn]:
        """What the SQL yields for these columns, by name in lower case."""
        code = self.code(node)
        if code.sql is None:
            problem = code.problems[0] if code.problems else Problem("no SQL")
            return {name.lower(): TypedColumn(name, "", problem) for name in names}
        own = node.unique_id
        self.known[own] = dict.fromkeys((name.lower() for name in names), "NULL")
        self._asked: set[str] = set()
        found = self._typed(node, code.sql, names)
        if own in self._asked:
            # It reads itself. First its own columns took any type; now they have one.
            self.known[own] = {key: c.type or c.problem or "" for key, c in found.items()}
            found = self._typed(node, code.sql, names)
        return found

    def _typed(self, node: Node, sql: str, names: tuple[str, ...]) -> dict[str, TypedColumn]:
        near = frozenset({*node.depends_on, node.unique_id})
        tables = NodeTables(self.index, self.schemas, near, node.unique_id)
        answer = self._type_sql(sql, tables)
        if isinstance(answer, Problem):
            return {name.lower(): TypedColumn(name, "", answer) for name in names}
        found = {column.name.lower(): column for column in reversed(answer.columns)}
        for name in names:
            if name.lower() not in found and (demanded := answer.demand(name)) is not None:
                found[name.lower()] = demanded
        if node.kind == "snapshot":
            found |= snapshot_types(node.config, found, self.dialect)
        return found

    def _type_sql(self, sql: str, tables: NodeTables) -> Typing | Problem:
        parsed = parse_for_types(sql, self.dialect)
        if isinstance(parsed, Problem):
            return parsed
        try:
            return type_query(parsed.tree, self.dialect, tables, self._type_of, parsed.gaps)
        except RecursionError:
            return Problem("nested too deeply", "the analysis gave up")
        finally:
            release(parsed.tree)

    def _type_of(self, table: str, column: str) -> str | Problem:
        self._asked.add(table)
        return self.known.get(table, {}).get(column.lower(), "")


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
