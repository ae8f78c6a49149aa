"""What templates ask of an adapter and what can be answered without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analyticsops.project.adapter_facts import facts_of
from analyticsops.project.render.relation import CTE_PREFIX, PARTS, Relation, relation_of
from analyticsops.project.render.values import Exposed, Unknown, UnknownType

if TYPE_CHECKING:
    from analyticsops.project.render.session import RenderSession

WAREHOUSE = "only the warehouse knows"

_LISTS_QUOTED = frozenset({"duckdb", "postgres", "redshift", "snowflake", "trino"})
"""Adapters whose answers to ``get_relation`` quote every part."""

_KINDS = {
    "incremental": "table",
    "materialized_view": "materialized_view",
    "seed": "table",
    "snapshot": "table",
    "table": "table",
    "view": "view",
}
"""What a materialization makes."""


class Adapter(Exposed):
    """``adapter``: dispatch, quoting, and unknown answers to every question to the
    warehouse."""

    exposed = frozenset(
        {"Relation", "Column", "dispatch", "get_columns_in_relation", "get_relation"}
        | {"load_relation", "quote", "quote_as_configured", "quote_seed_column", "type"}
    )

    def __init__(self, session: RenderSession) -> None:
        self.session = session
        self.Relation = RelationFactory(session)
        self.Column = ColumnFactory(session)

    def missing(self, name: str) -> Unknown:
        """Everything else asks the warehouse."""
        return self.session.unknown(f"adapter.{name}", WAREHOUSE)

    def type(self) -> str:
        """Name of the adapter."""
        return self.session.renderer.project.adapter

    def dispatch(
        self, macro_name: str, macro_namespace: str | None = None, packages: Any = None
    ) -> Any:
        """The macro that fits the adapter best."""
        if packages is not None:
            raise TypeError("adapter.dispatch: the packages argument is gone since dbt 1.0")
        return self.session.dispatch(macro_name, macro_namespace)

    def quote(self, identifier: Any) -> Any:
        """An identifier in the adapter's quotes."""
        if isinstance(identifier, Unknown):
            return identifier
        mark = facts_of(self.type()).quote
        if not mark:
            return self.session.unknown("adapter.quote()", f"depends on {self.type()}")
        return f"{mark}{identifier}{mark}"

    def quote_as_configured(self, identifier: str, quote_key: str) -> Any:
        """An identifier, quoted if the project quotes such parts."""
        policy = self.session.usual.quote_policy
        return self.quote(identifier) if policy.get(quote_key, True) else identifier

    def quote_seed_column(self, column: str, quote_config: bool | None) -> Any:
        """A seed's column; quoted unless the seed's config says no."""
        return column if quote_config is False else self.quote(column)

    def get_relation(self, database: Any = None, schema: Any = None, identifier: Any = None) -> Any:
        """Whether a table exists: of the node's own we assume an answer, see
        ``incremental`` of the settings; of any other only the warehouse knows."""
        this = self.session.names.this
        own = this is not None and (schema, identifier) == this.path[1:]
        if this is not None and own and isinstance(database, Unknown):  # target.database
            self.session.assume(f"{database.what} is the database of the node")
            database = this.path[0]
        asked = (database, schema, identifier)
        if any(isinstance(part, Unknown) for part in asked):
            return self.session.unknown("adapter.get_relation()", WAREHOUSE)
        if this is None or asked != this.path:
            return self._cataloged(asked)
        if self.session.renderer.settings.incremental:
            self.session.assume("the node's own table exists: the incremental branch is taken")
            return this._copy(kind="table")
        self.session.assume("the node's own table does not exist yet: it is built in full")
        return None

    def _cataloged(self, path: tuple[str | None, ...]) -> Any:
        """A table that the catalog has seen, or that dbt builds before this node. Only if
        the manifest quotes its name, so that the warehouse's spelling, which dbt would
        show, is the same."""
        node = self.session.renderer.cataloged(path)
        built = node is None
        node = node or self.session.parent_at(path)
        if node is None or self.type() not in _LISTS_QUOTED:
            return self.session.unknown("adapter.get_relation()", WAREHOUSE)
        found = relation_of(self.session, node)
        if found.text or not (built or all(found.quotes)):
            return self.session.unknown("adapter.get_relation()", WAREHOUSE)
        why = "it is built before" if built else "as in the catalog"
        self.session.assume(f"the table of {node.label} exists, {why}")
        kind = _KINDS.get(node.materialized) or self.session.unknown("relation.type", WAREHOUSE)
        return found._copy(kind=kind)

    def load_relation(self, relation: Any) -> Any:
        """The same question with a relation."""
        if not isinstance(relation, Relation):
            return self.session.unknown("adapter.load_relation()", WAREHOUSE)
        return self.get_relation(*relation.path)

    def get_columns_in_relation(self, relation: Any) -> Any:
        """The columns of a node's table, if a catalog was read with the manifest, or if
        the SQL of the node says them all."""
        path = relation.path if isinstance(relation, Relation) else None
        node = self.session.renderer.cataloged(path) if path else None
        if node is not None:
            self.session.assume(f"the columns of {node.label} are those of the catalog")
            return [
                ColumnValue(self.session, column.name)
                for column in node.columns.values()
                if column.type_from == "catalog"
            ]
        node = self.session.renderer.placed(path) if path else None
        names = self.session.renderer.columns(node.unique_id) if node else None
        if node is None or names is None:
            return self.session.unknown("adapter.get_columns_in_relation()", WAREHOUSE)
        self.session.assume(f"the columns of {node.label} are those that its SQL yields")
        return [ColumnValue(self.session, name) for name in names]


_CASTING = ("default__union_relations", "default__unpivot")


class ColumnValue(Exposed):
    """A column of a table: its name; its type is the adapter's business."""

    exposed = frozenset({"column", "data_type", "dtype", "is_string", "name", "quoted"})

    def __init__(self, session: RenderSession, name: str) -> None:
        self.session = session
        self.name = self.column = name

    @property
    def data_type(self) -> Any:
        """It may be written into a cast, and not be looked at."""
        if self._only_for_casts():
            return "unknown"
        return UnknownType(self.session, f"type of column {self.name}", "depends on the adapter")

    dtype = data_type

    def is_string(self) -> Any:
        """True for texts."""
        return False if self._only_for_casts() else self.missing("is_string()")

    def _only_for_casts(self) -> bool:
        """These macros look at types to choose how to cast, which says nothing about where
        a column comes from."""
        asks = any(self.session.runs("dbt_utils", name) for name in _CASTING)
        if asks:
            self.session.assume(f"the type of column {self.name} is not known")
        return asks

    @property
    def quoted(self) -> Any:
        """The name in the adapter's quotes."""
        return Adapter(self.session).quote(self.name)

    def missing(self, name: str) -> Unknown:
        """Types are written differently by every adapter."""
        return self.session.unknown(f"column.{name}", "depends on the adapter")


class RelationFactory(Exposed):
    """``api.Relation``."""

    exposed = frozenset({"add_ephemeral_prefix", "create"})

    def __init__(self, session: RenderSession) -> None:
        self.session = session

    def missing(self, name: str) -> Unknown:
        """Other constructors differ between adapters."""
        return self.session.unknown(f"api.Relation.{name}", "depends on the adapter")

    def create(self, type: Any = None, **parts: Any) -> Any:  # noqa: A002
        """A relation from its parts."""
        if parts.keys() - set(PARTS):
            return self.missing("create()")
        full = dict.fromkeys(PARTS) | parts
        return self.session.usual.replace_path(**full)._copy(kind=type)

    def add_ephemeral_prefix(self, name: str) -> str:
        """Name of an ephemeral model's CTE."""
        return f"{CTE_PREFIX}{name}"


class ColumnFactory(Exposed):
    """``api.Column``: only the names of types."""

    exposed = frozenset({"numeric_type", "string_type", "translate_type"})

    def __init__(self, session: RenderSession) -> None:
        self.session = session
        self.facts = facts_of(session.renderer.project.adapter)

    def missing(self, name: str) -> Unknown:
        """Anything else, and types of adapters that we do not know."""
        return self.session.unknown(f"api.Column.{name}", "depends on the adapter")

    def translate_type(self, dtype: str) -> Any:
        """``string`` -> what the adapter calls it."""
        if self.facts.labels is None:
            return self.missing("translate_type()")
        return self.facts.fold(self.facts.labels.get(dtype.upper(), dtype))

    def numeric_type(self, dtype: str, precision: Any, scale: Any) -> Any:
        """``numeric(28,6)``."""
        if not self.facts.numeric:
            return self.missing("numeric_type()")
        return dtype if precision is None or scale is None else f"{dtype}({precision},{scale})"

    def string_type(self, size: int) -> Any:
        """``varchar(256)``."""
        return self.facts.text.format(size) if self.facts.text else self.missing("string_type()")
