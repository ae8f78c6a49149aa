"""From names in compiled SQL to nodes of the project, and the columns known of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analyticsops.project.model import Node, Project
from analyticsops.sql.facts import TableColumns

_EPHEMERAL = "__dbt__cte__"


class RelationIndex:
    """Which node a relation name means. Names are compared without regard to case.

    Databases are compared last and only to decide between candidates: adapters and
    macros often rewrite them, so that the manifest and the SQL disagree.
    """

    def __init__(self, project: Project) -> None:
        self._by_name: dict[tuple[str, ...], list[Node]] = {}
        self._ephemeral: dict[str, list[Node]] = {}
        for node in project.nodes.values():
            if not node.has_columns or node.relation is None:
                continue
            if node.materialized == "ephemeral":
                for name in {node.name.lower(), node.relation.identifier.lower()}:
                    self._ephemeral.setdefault(name, []).append(node)
                continue
            identifier = node.relation.identifier.lower()
            schema = (node.relation.schema or "").lower()
            self._by_name.setdefault((schema, identifier), []).append(node)
            self._by_name.setdefault((identifier,), []).append(node)

    def find(self, parts: Sequence[str], near: frozenset[str]) -> Node | None:
        """The node that a name means, preferring ``near`` (what the reader depends on)."""
        names = [part.lower() for part in parts]
        candidates = self._by_name.get(tuple(names[-2:]), [])
        if not candidates and len(names) >= 2:
            # A schema rewritten by a macro: the identifier alone, among the near ones.
            candidates = [n for n in self._by_name.get((names[-1],), []) if n.unique_id in near]
            return candidates[0] if len(candidates) == 1 else None
        close = [node for node in candidates if node.unique_id in near] or candidates
        if len(close) > 1 and len(names) > 2:
            same = [
                n for n in close if n.relation and (n.relation.database or "").lower() == names[-3]
            ]
            close = same or close
        models = [node for node in close if node.kind != "source"]
        return (models or close)[0] if close else None

    def ephemeral(self, cte: str, near: frozenset[str]) -> Node | None:
        """The ephemeral model that dbt inlined under this CTE name."""
        if not cte.lower().startswith(_EPHEMERAL):
            return None
        candidates = self._ephemeral.get(cte[len(_EPHEMERAL) :].lower(), [])
        close = [node for node in candidates if node.unique_id in near] or candidates
        return close[0] if close else None


class NodeTables:
    """The tables that one node's SQL may read (:class:`analyticsops.sql.sources.Tables`)."""

    def __init__(
        self, index: RelationIndex, schemas: Mapping[str, TableColumns], near: frozenset[str]
    ) -> None:
        self._index = index
        self._schemas = schemas
        self._near = near
        self.unknown: set[str] = set()
        """Nodes that were asked for and are not analysed (yet)."""

    def table(self, parts: Sequence[str]) -> TableColumns:
        """The node's columns; a table outside the project is named by its parts."""
        node = self._index.find(parts, self._near)
        if node is None:
            return TableColumns(".".join(parts))
        return self._known(node.unique_id)

    def boundary(self, cte: str) -> TableColumns | None:
        """The ephemeral model's columns."""
        node = self._index.ephemeral(cte, self._near)
        return None if node is None else self._known(node.unique_id)

    def _known(self, unique_id: str) -> TableColumns:
        known = self._schemas.get(unique_id)
        if known is None:
            self.unknown.add(unique_id)
            return TableColumns(unique_id)
        return known
