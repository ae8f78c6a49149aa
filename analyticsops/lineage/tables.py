"""From names in compiled SQL to nodes of the project, and the columns known of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from analyticsops.project.model import Node, Project
from analyticsops.sql.facts import TableColumns

_EPHEMERAL = "__dbt__cte__"


class Table(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A table of the project as SQL names it, all names lower-case.

    Attributes:
        id: ``unique_id`` of its node.
        database: empty if unknown, as is ``schema``.
        is_source: True for a source; of a source and a model with one name SQL means the
            model.
        inlined: names of the CTEs as which dbt inlines it, if it is ephemeral.
        outside: True if dbt does not know that the reader reads it.
    """

    id: str
    database: str
    schema: str
    identifier: str
    is_source: bool = False
    inlined: tuple[str, ...] = ()
    outside: bool = False


def table_of(node: Node) -> Table | None:
    """How SQL names a node; None if it is no table."""
    if not node.has_columns or node.relation is None:
        return None
    relation = node.relation
    identifier = relation.identifier.lower()
    inlined: tuple[str, ...] = ()
    if node.materialized == "ephemeral":
        inlined = tuple(sorted({node.name.lower(), identifier}))
    return Table(
        id=node.unique_id,
        database=(relation.database or "").lower(),
        schema=(relation.schema or "").lower(),
        identifier=identifier,
        is_source=node.kind == "source",
        inlined=inlined,
    )


def seen_by(reader: Node, table: Table | None) -> Table | None:
    """A table as a node sees it that reads it."""
    if table is None or table.id == reader.unique_id or table.id in reader.depends_on:
        return table
    return msgspec.structs.replace(table, outside=True)


class RelationIndex:
    """Which table a relation name means. Names are compared without regard to case.

    Databases are compared last and only to decide between candidates: adapters and
    macros often rewrite them, so that the manifest and the SQL disagree.
    """

    def __init__(self, tables: Iterable[Table]) -> None:
        self._by_name: dict[tuple[str, ...], list[Table]] = {}
        self._inlined: dict[str, list[Table]] = {}
        for table in tables:
            for name in table.inlined:
                self._inlined.setdefault(name, []).append(table)
            if not table.inlined:
                self._by_name.setdefault((table.schema, table.identifier), []).append(table)
                self._by_name.setdefault((table.identifier,), []).append(table)

    def find(self, parts: Sequence[str], near: Iterable[str] = (), own: str = "") -> Table | None:
        """The table that a name means, preferring ``near`` (what the reader depends on);
        None if there is none, or several and no telling which.

        ``own`` is the table that the reader builds. A query that reads it says so with
        its full name; the same name in another schema is usually what it is made from.
        """
        names = [part.lower() for part in parts]
        candidates = self._by_name.get(tuple(names[-2:]), [])
        if not candidates and len(names) >= 2:
            # A schema rewritten by a macro: the identifier alone, among the near ones. What
            # was only found by its full name has that name.
            named = self._by_name.get((names[-1],), [])
            candidates = [t for t in named if t.id in near and t.id != own and not t.outside]
            return candidates[0] if len(candidates) == 1 else None
        close = [table for table in candidates if table.id in near] or candidates
        if len(close) > 1 and len(names) > 2:
            close = [table for table in close if table.database == names[-3]] or close
        models = [table for table in close if not table.is_source]
        return (models or close)[0] if close else None

    def inlined(self, cte: str, near: Iterable[str] = ()) -> Table | None:
        """The ephemeral model that dbt inlined under this CTE name."""
        if not cte.lower().startswith(_EPHEMERAL):
            return None
        candidates = self._inlined.get(cte[len(_EPHEMERAL) :].lower(), [])
        close = [table for table in candidates if table.id in near] or candidates
        return close[0] if close else None


def project_index(project: Project) -> RelationIndex:
    """The index of all tables of a project."""
    tables = (table_of(node) for node in project.nodes.values())
    return RelationIndex(table for table in tables if table is not None)


class NodeTables:
    """The tables that one node's SQL may read (:class:`analyticsops.sql.sources.Tables`).

    Args:
        near: ids of what the node depends on.
        own: id of the node itself.
    """

    def __init__(
        self,
        index: RelationIndex,
        schemas: Mapping[str, TableColumns],
        near: frozenset[str],
        own: str = "",
    ) -> None:
        self._index = index
        self._schemas = schemas
        self._near = near
        self._own = own
        self.seen: list[str] = []
        """Names that mean none of these tables, as written."""

    def table(self, parts: Sequence[str]) -> TableColumns:
        """The node's columns; a table outside the project is named by its parts."""
        table = self._index.find(parts, self._near, self._own)
        if table is None:
            name = ".".join(parts)
            self.seen.append(name)
            return TableColumns(name)
        return self._known(table)

    def boundary(self, cte: str) -> TableColumns | None:
        """The ephemeral model's columns."""
        table = self._index.inlined(cte, self._near)
        return None if table is None else self._known(table)

    def _known(self, table: Table) -> TableColumns:
        return self._schemas.get(table.id) or TableColumns(table.id)
