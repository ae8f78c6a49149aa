"""Names: which value a column reference means, in which clause."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from sqlglot import exp

from analyticsops.sql.algebra import Algebra
from analyticsops.sql.aliases import aliases_in
from analyticsops.sql.dialect import Rules, Sees, is_built_in, is_reserved
from analyticsops.sql.dynamic import dynamic_problem, written_name
from analyticsops.sql.facts import UNKNOWN_COLUMN, Problem
from analyticsops.sql.folding import casing_of
from analyticsops.sql.nodes import line_of
from analyticsops.sql.relation import Named, Relation, Source, narrowed
from analyticsops.sql.stages import Stages
from analyticsops.sql.unnamed import by_position, everything
from analyticsops.sql.whole_rows import whole_row

V = TypeVar("V")
R = TypeVar("R")
N = TypeVar("N", bound=exp.Expression)


class Scope(Stages[V, R]):
    """The sources, aliases and windows that one SELECT's expressions see."""

    def __init__(
        self,
        rules: Rules,
        algebra: Algebra[V, R],
        rows: R,
        parent: Scope[V, R] | None,
        nested: Callable[[exp.Expression, Scope[V, R]], Relation[V, R]],
    ) -> None:
        super().__init__(algebra, rows)
        self.rules = rules
        self.dialect = rules.name
        self._unquoted, self._quoted = casing_of(rules.fold)
        self._columns_win = not (rules.alias_wins or rules.row_wins)
        self.parent = parent
        self.apart = True  # its tables are other uses than those of queries inside
        self.merging: dict[str, int] = {}  # before which source: those a merged column is of
        self.coalesced: set[str] = set()  # merged columns that are written COALESCE(a.x, b.x)
        self.leading: dict[int, list[str]] = {}  # before which source: keys of USING
        self.segment = 0  # the first source behind the last comma of FROM
        self.windows: dict[str, exp.Expression] = {}
        self._nested = nested
        self.select: exp.Select | None = None
        self.widths: list[int] = []  # of each projection, in columns
        self.grouped: set[str] = set()  # the plain columns of GROUP BY
        self._alias_nodes: dict[str, exp.Expression] | None = None
        self._open_aliases: set[str] = set()
        self._demanded: set[str] = set()
        self._result: Sequence[Named[V]] = ()
        self._sees: Sees = ""

    # -- what an algebra sees ------------------------------------------------

    def column(self, node: exp.Column) -> V:
        """The value that a column reference means."""
        args = node.args
        name, table = args.get("this"), args.get("table")
        if not isinstance(name, exp.Identifier):
            return self._unnamed(node)
        if table is None:
            return self._unqualified(name, node)
        if args.get("db") is None:
            known = self._of_alias(table, self.key(name))
            if known is not None:
                return known
        parts = [part for part in node.parts if isinstance(part, exp.Identifier)]
        return self._qualified(parts, node)

    def _unnamed(self, node: exp.Column) -> V:
        """``t.$1`` of Snowflake, and the tuple's element ``t.1`` of ClickHouse."""
        if not isinstance(node.this, exp.Literal):
            (value,) = by_position(node.this, self, node) or [self.algebra.nothing]
            return value
        parts = [part for part in node.parts if isinstance(part, exp.Identifier)]
        return self.algebra.field(self._named(parts, node), node.this.name)

    def _of_alias(self, table: exp.Identifier, key: str) -> V | None:
        """``t.x`` where this very scope has a `t` with a listed `x`: nearly always."""
        wanted = self.key(table)
        for source in self.sources:
            if source.key == wanted:
                return source.relation.value(key)
        return None

    def query(self, node: exp.Expression) -> Relation[V, R]:
        """The relation of a nested query."""
        return self._nested(node, self)

    def unsupported(self, node: exp.Expression, what: str) -> V:
        """The value of something that is not understood."""
        return self._unresolved("unsupported", what, node)

    def named_window(self, name: str) -> exp.Expression | None:
        """The window of that name."""
        return self.windows.get(self.rules.fold(name, False))

    def everything(self, node: exp.Expression) -> list[V]:
        """The values that a star inside an expression stands for."""
        return everything(node, self)

    def by_position(self, node: exp.Expression) -> list[V]:
        """The value of ``#1`` or ``$1``; none for a parameter, which is a constant."""
        return by_position(node, self)

    def dynamic(self, node: exp.Expression) -> V:
        """The value of ``IDENTIFIER(...)``."""
        parts = written_name(node, self.dialect)
        if parts is None:
            return self.algebra.faulty(dynamic_problem(node, line_of(node)))
        return self._named(parts, node)

    def names_table(self, node: exp.Column) -> bool:
        """True for the table in ClickHouse's ``x IN t``; a column of that name goes first."""
        if self.dialect != "clickhouse" or not isinstance(node.this, exp.Identifier):
            return False
        return self.find(self.key(node.this), node.name, node) is None

    # -- aliases -------------------------------------------------------------

    def declare_result(self, columns: Sequence[Named[V]]) -> None:
        """Make the whole result known, columns of stars included."""
        self._result = columns

    def declare_value(self, key: str, value: V) -> None:
        """Make the value of a finished projection known under its name."""
        self._alias_values.setdefault(key, value)

    def evaluate(self, node: exp.Expression, sees: Sees = "") -> V:
        """The value of an expression in a clause that sees these aliases."""
        if sees and self.rules.alias_wins:
            sees = "before"
        before, self._sees = self._sees, sees
        try:
            return self.algebra.evaluate(node, self)
        finally:
            self._sees = before

    def project(self, key: str, node: exp.Expression) -> V:
        """The value of a projection; its own alias means nothing inside it."""
        if self.rules.alias_wins and isinstance(node, exp.Column):
            return self.evaluate(node, "before")  # the alias may stand elsewhere: WITH 1 AS x
        return self._defined(key, node, self.rules.alias_in_select, self.algebra.evaluate)

    def project_column(self, key: str, node: exp.Column, own: str) -> V:
        """The same of a projection that is nothing but a column, whose own key is `own`."""
        args = node.args
        table = args.get("table")
        if table is not None:  # never an alias, so nothing needs to be told
            known = self._of_alias(table, own) if args.get("db") is None else None
            return self.column(node) if known is None else known
        listed = self._listed(own)
        if listed is not None:
            return listed
        if self.rules.alias_wins:
            return self.project(key, node)
        return self._defined(key, node, self.rules.alias_in_select, _column)

    def _listed(self, key: str) -> V | None:
        """What a name means, nearly always: a listed column of the only source."""
        if len(self.sources) != 1 or self.merged or not self._columns_win:
            return None
        return self.sources[0].relation.value(key)

    def _defined(self, key: str, node: N, sees: Sees, evaluate: Callable[[N, Scope[V, R]], V]) -> V:
        before, self._sees = self._sees, sees
        self._open_aliases.add(key)
        try:
            return evaluate(node, self)
        finally:
            self._open_aliases.discard(key)
            self._sees = before

    def _alias(self, key: str) -> V | None:
        if key in self._open_aliases:
            return None  # `upper(name) as name` means the source's name
        if key in self._alias_values:
            return self._alias_values[key]
        if self._result:
            return next((column.value for column in self._result if column.key == key), None)
        node = self._aliases().get(key)
        if node is None or self._sees == "earlier":
            return None
        sees: Sees = "any" if self.rules.alias_in_select else ""
        if sees and self.rules.alias_wins:
            sees = "before"
        value = self._defined(key, node, sees, self.algebra.evaluate)
        self._alias_values[key] = value
        return value

    def _aliases(self) -> dict[str, exp.Expression]:
        """What the aliases of the SELECT stand for; the first of equal ones counts."""
        if self._alias_nodes is None:
            self._alias_nodes = {}
            if self.select is not None:
                for name, node in aliases_in(self.select, anywhere=self.rules.alias_wins):
                    self._alias_nodes.setdefault(self.key(name), node)
        return self._alias_nodes

    def _prefers_alias(self, key: str, node: exp.Expression) -> bool:
        if self._sees == "before":
            return True
        inside = node.find_ancestor(exp.AggFunc, exp.Having)
        return key not in self.grouped and not isinstance(inside, exp.AggFunc)

    def _alias_behind_columns(self, key: str, name: str, node: exp.Expression) -> V | None:
        """An alias, unless a table with unknown columns shows that it has the name."""
        alias = self._alias(key) if self._sees else None
        if alias is None or key in self._demanded:
            return None
        if self._sees == "last":
            return None if self._is_listed_around(key) else alias
        if self._sees in ("after", "having"):
            return alias
        openings = [o for source in self.sources for o in source.relation.openings_for(key)]
        if not openings:
            return alias
        if any(key in opening.likely for opening in openings):
            return None
        where = " or ".join(opening.table for opening in openings)
        problem = Problem(
            "alias or column", f"{name} may also be a column of {where}", line_of(node)
        )
        return self.algebra.either([alias], problem)

    def _is_listed_around(self, key: str) -> bool:
        """True if a query around this one surely has a column of that name."""
        _, *around = self.outward()
        return any(s.relation.value(key) is not None for scope in around for s in scope.sources)

    # -- resolution ----------------------------------------------------------

    def key(self, identifier: exp.Identifier) -> str:
        """Under which key the engine compares this identifier."""
        args = identifier.args
        return (self._quoted if args.get("quoted") else self._unquoted)(args["this"])

    def _named(self, parts: Sequence[exp.Identifier], node: exp.Expression) -> V:
        if len(parts) == 1:
            return self._unqualified(parts[0], node)
        return self._qualified(parts, node)

    def _unqualified(self, identifier: exp.Identifier, node: exp.Expression) -> V:
        key = self.key(identifier)
        found = self.find(key, identifier.name, node)
        if found is not None:
            return found
        if is_built_in(identifier.name):
            return self.algebra.cell([], 0, key)
        return self._unresolved(UNKNOWN_COLUMN, identifier.name, node)

    def find(self, key: str, name: str, node: exp.Expression, *, claimed: bool = False) -> V | None:
        """The value of an unqualified name: here, through an alias, further out.

        Args:
            claimed: a query inside this one reads a table that may have the name.
        """
        sources = self.sources
        if self._sees in ("before", "having") and self._prefers_alias(key, node):
            alias = self._alias(key)
            if alias is not None:
                return alias
        if self.rules.row_wins and (row := whole_row(key, name, node, self)) is not None:
            return row
        if key in self.merged:
            return self.merged[key]
        if len(sources) == 1:
            only = sources[0].relation.value(key)
            if only is not None:
                return only
        known = [v for s in sources if (v := s.relation.value(key)) is not None]
        if len(known) == 1:
            return known[0]
        if known:
            where = [s.name for s in self.sources if s.relation.value(key) is not None]
            return self.algebra.either(known, _problem("ambiguous column", name, where, node))
        alias = self._alias_behind_columns(key, name, node)
        if alias is not None:
            return alias
        like = [] if self.rules.exact else [s.relation.like(key) for s in self.sources]
        found = [value for value in like if value is not None]
        if len(found) == 1:
            return found[0]
        row = whole_row(key, name, node, self)
        return row if row is not None else self._further(key, name, node, claimed)

    def _further(self, key: str, name: str, node: exp.Expression, claimed: bool) -> V | None:
        """Not known here: an outer query knows it, or a source with unknown columns."""
        openings = narrowed([o for s in self.sources for o in s.relation.openings_for(key)], key)
        if openings and is_reserved(name, self.dialect):
            openings = []
        claimed = claimed or bool(openings)
        outer = self.parent.find(key, name, node, claimed=claimed) if self.parent else None
        demanded = [opening.demand(key, name) for opening in openings]
        if demanded:
            self._demanded.add(key)
        if outer is None and len(demanded) == 1:
            return demanded[0]
        if outer is not None and not demanded:
            return outer
        if not demanded:
            return None
        values = demanded if outer is None else [*demanded, outer]
        where = [opening.table for opening in openings]
        return self.algebra.either(values, _problem("ambiguous column", name, where, node))

    def _qualified(self, parts: Sequence[exp.Identifier], node: exp.Expression) -> V:
        *qualifiers, last = parts
        for scope in self.outward():
            source = scope.source(qualifiers)
            if source is not None:
                found = scope._of_source(source, self.key(last), last.name)
                if found is not None:
                    return found
                if is_built_in(last.name):
                    return self.algebra.cell([], 0, f"{source.key}.{self.key(last)}")
                detail = f"{last.name} in {source.name}"
                return self._unresolved(UNKNOWN_COLUMN, detail, node)
        return self._struct(parts, node)

    def _struct(self, parts: Sequence[exp.Identifier], node: exp.Expression) -> V:
        """`a.b.c` where `a` is no table: fields of column `a`, or of `t.a`."""
        path = ".".join(part.name for part in parts)
        for scope in self.outward():
            source = scope.source(parts[:1])
            if source is not None and len(parts) > 2:
                value = scope._of_source(source, self.key(parts[1]), parts[1].name)
                if value is not None:
                    return self._field(value, parts[2:])
        value = self.find(self.key(parts[0]), parts[0].name, node)
        if value is not None:
            return self._field(value, parts[1:])
        if is_reserved(parts[0].name, self.dialect):  # _metadata.file_path
            return self.algebra.cell([], 0, path)
        if parts[-1].name.lower() in ("nextval", "currval"):  # of a sequence
            return self.algebra.evaluate(exp.Anonymous(this=parts[-1].name), self)
        return self._unresolved("unknown table", path, node)

    def _field(self, value: V, path: Sequence[exp.Identifier]) -> V:
        for step in path:
            value = self.algebra.field(value, step.name)
        return value

    def outward(self) -> Iterator[Scope[V, R]]:
        """This scope and those around it, nearest first."""
        scope: Scope[V, R] | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def source(self, qualifiers: Sequence[exp.Identifier]) -> Source[V, R] | None:
        """The source that a qualifier names."""
        key = self.key(qualifiers[-1])
        full = ".".join(self.key(part) for part in qualifiers)
        for source in self.sources:
            if len(qualifiers) == 1 and source.key == key:
                return source
            if len(qualifiers) > 1 and f".{source.full_key}".endswith(f".{full}"):
                return source
        return None

    def _of_source(self, source: Source[V, R], key: str, name: str) -> V | None:
        relation = source.relation
        listed = relation.value(key)
        if listed is not None:
            return listed
        like = None if self.rules.exact else relation.like(key)
        if like is not None:
            return like
        openings = narrowed(relation.openings_for(key), key)
        if openings and is_reserved(name, self.dialect):
            return None
        if openings:
            self._demanded.add(key)
        if len(openings) == 1:
            return openings[0].demand(key, name)
        if openings:
            where = " or ".join(opening.table for opening in openings)
            problem = Problem("ambiguous column", f"{name} may come from {where}")
            return self.algebra.either([o.demand(key, name) for o in openings], problem)
        return None

    def _unresolved(self, reason: str, detail: str, node: exp.Expression) -> V:
        return self.algebra.faulty(Problem(reason, detail, line_of(node)))


def _column(node: exp.Column, scope: Scope[V, R]) -> V:
    return scope.column(node)


def _problem(reason: str, name: str, where: Sequence[str], node: exp.Expression) -> Problem:
    return Problem(reason, f"{name} may come from {' or '.join(where)}", line_of(node))
