"""Statements that write, as queries over what they read.

``UPDATE t SET a = s.b FROM s WHERE c`` writes what ``SELECT s.b AS a FROM t, s WHERE c``
yields; a MERGE has one such query for each WHEN. The walk over queries then knows all
that is to be known of statements.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from sqlglot import exp

from analyticsops.sql.assignments import assignments
from analyticsops.sql.syntax import FROM
from analyticsops.sql.updatable import table_below


class Verb(enum.StrEnum):
    """What a statement does to its target."""

    SELECT = "select"
    """It has none: it only reads."""
    CREATE = "create"
    INSERT = "insert"
    UPDATE = "update"
    MERGE = "merge"
    DELETE = "delete"


class Branch(NamedTuple):
    """One way in which rows are written.

    Attributes:
        query: yields them; its columns are called as those of the target.
        names: the target's columns in the order of the query, if they are written.
        positional: the columns go to those of the target in their order.
        effect: what becomes of the target's rows: INSERT, UPDATE or DELETE.
    """

    query: exp.Expression
    names: Sequence[exp.Identifier] = ()
    positional: bool = False
    effect: Verb = Verb.INSERT


class Write(NamedTuple):
    """A statement taken apart."""

    verb: Verb
    target: exp.Table
    branches: Sequence[Branch]


def write_of(statement: exp.Expression, dialect: str = "") -> Write | None:
    """What a statement writes; None if it writes nothing that a query can express."""
    for kind, take_apart in _STATEMENTS:
        if isinstance(statement, kind):
            write = take_apart(statement)
            changes = isinstance(statement, (exp.Update, exp.Delete, exp.Merge))
            if write is not None and changes and dialect in _THROUGH_QUERIES:
                return _below(write, statement)
            return write
    return None


_THROUGH_QUERIES = frozenset({"fabric", "tsql"})
"""Where a statement may change a CTE or derived table, which means the table below."""


def _below(write: Write, statement: exp.Expression) -> Write | None:
    """The same write, of the table below the query that the statement names."""
    found = table_below(write.target, statement)
    if found is None:
        return None
    if found.table is write.target:
        return write
    for branch in write.branches:
        written = branch.names or [
            projection.args["alias"]
            for projection in branch.query.expressions
            if isinstance(projection, exp.Alias)
        ]
        for identifier in written:
            column = found.column(identifier.name)
            if column is None:
                return None
            identifier.set("this", column)
    return Write(write.verb, found.table, write.branches)


def returned(statement: exp.Expression, dialect: str = "") -> exp.Select | None:
    """What a statement with RETURNING yields, as a query: ``DELETE ... RETURNING id``."""
    returning, write = statement.args.get("returning"), write_of(statement, dialect)
    if returning is None or write is None or not write.branches:
        return None
    output = bool(returning.args.get("into"))  # OUTPUT inserted.a, deleted.b INTO e
    wanted = [node.copy() for node in returning.expressions]
    query = write.branches[0].query.copy()
    if write.verb is Verb.INSERT:
        columns = [name.copy() for name in write.branches[0].names]
        name = exp.to_identifier("inserted") if output else _name_of(write.target)
        alias = exp.TableAlias(this=name, columns=columns)
        return exp.select(*wanted).from_(exp.Subquery(this=query, alias=alias))
    if not isinstance(query, exp.Select) or len(write.branches) > 1:
        return None
    changed = list(zip(write.branches[0].names, query.expressions, strict=True))
    written = {name.name: value for name, value in changed}

    def after(node: exp.Expression) -> exp.Expression:
        """A column that the statement changes, as it is then."""
        if not isinstance(node, exp.Column):
            return node
        side = node.table.lower() if output else ""
        new = written.get(node.name) if side != "deleted" else None
        if new is not None:
            return new.copy()
        of_target = side in ("deleted", "inserted")
        return exp.column(node.this.copy(), _name_of(write.target)) if of_target else node

    result = [_named(node, node.transform(after)) for node in wanted]
    bare = any(isinstance(node, exp.Star) for node in wanted)
    if written and bare and query.args.get("joins"):
        return None  # another table may have a column of that name
    for star in (node.find(exp.Star) for node in result if node.is_star):
        if star is not None and _is_of(star, write.target):
            columns = [exp.Alias(this=v.copy(), alias=n.copy()) for n, v in changed]
            star.set("replace", columns)
    query.set("expressions", result)
    return query


def _is_of(star: exp.Star, target: exp.Table) -> bool:
    """True for ``*``, and for ``t.*`` of the target."""
    table = star.parent.table if isinstance(star.parent, exp.Column) else ""
    return not table or table.lower() == _name_of(target).name.lower()


def _named(node: exp.Expression, changed: exp.Expression) -> exp.Expression:
    if not isinstance(node, exp.Column) or not isinstance(node.this, exp.Identifier):
        return changed
    return exp.Alias(this=changed, alias=node.this.copy())


# -- CREATE, INSERT ---------------------------------------------------------------


def _created(statement: exp.Expression) -> Write | None:
    """``CREATE TABLE t (a, b) AS query``, ``CREATE VIEW``, ``CREATE TABLE t CLONE s``."""
    target, names = _target(statement.this)
    query, clone = statement.args.get("expression"), statement.args.get("clone")
    if target is None:
        return None
    if isinstance(query, exp.Query):
        return Write(Verb.CREATE, target, [Branch(query, names)])
    if isinstance(clone, exp.Expression) and isinstance(clone.this, exp.Table):
        return Write(Verb.CREATE, target, [Branch(exp.select("*").from_(clone.this.copy()))])
    return None


def _selected(statement: exp.Expression) -> Write | None:
    """``SELECT ... INTO t`` of SQL Server."""
    into = statement.args.get("into")
    target, _ = _target(into.this if into is not None else None)
    if target is None or not isinstance(statement, exp.Select):
        return None
    query = statement.copy()
    query.set("into", None)
    return Write(Verb.CREATE, target, [Branch(query)])


def _inserted(statement: exp.Expression) -> Write | None:
    target, names = _target(statement.this)
    query = statement.args.get("expression")
    if target is None or not isinstance(query, (exp.Query, exp.Values)):
        return None
    fixed, last = _partition(target)
    by_name = bool(statement.args.get("by_name"))
    branch = Branch(query, [*names, *last] if names else (), not (by_name or names))
    branches = [branch, *fixed]
    conflict = statement.args.get("conflict")
    if conflict is not None:
        branches += _on_conflict(conflict, target, branch)
    return Write(Verb.INSERT, target, branches)


def _partition(target: exp.Table) -> tuple[list[Branch], list[exp.Identifier]]:
    """Constants and names in ``PARTITION (ds = 'x', hr)`` of Hive and Spark."""
    clause = target.args.get("partition")
    parts = clause.expressions if isinstance(clause, exp.Expression) else []
    constants = [part for part in parts if isinstance(part, exp.EQ)]
    names = [part.this for part in parts if isinstance(part, exp.Column)]
    if not constants:
        return [], names
    columns = [exp.alias_(part.expression.copy(), part.this.name) for part in constants]
    return [Branch(exp.select(*columns))], names


def _on_conflict(conflict: exp.Expression, target: exp.Table, inserted: Branch) -> Iterator[Branch]:
    """``ON CONFLICT (id) DO UPDATE SET a = excluded.a``: bare names are the target's."""
    name = _name_of(target)
    excluded = exp.Subquery(
        this=inserted.query.copy(),
        alias=exp.TableAlias(
            this=exp.to_identifier("excluded"), columns=[n.copy() for n in inserted.names]
        ),
    )

    def qualified(node: exp.Expression) -> exp.Expression:
        bare = isinstance(node, exp.Column) and not node.args.get("table")
        return exp.column(node.this.copy(), name.copy()) if bare else node

    keys = [item.find(exp.Identifier) for item in conflict.args.get("conflict_keys") or ()]
    matches = [
        exp.EQ(
            this=exp.column(key.copy(), name.copy()),
            expression=exp.column(key.copy(), "excluded"),
        )
        for key in keys
        if key is not None
    ]
    assigned = list(assignments(conflict.expressions, target))
    query = exp.select(
        *(exp.Alias(this=value.transform(qualified), alias=key) for key, value in assigned)
    ).from_(target.copy())
    query = query.join(excluded, on=exp.and_(*matches) if matches else None, copy=False)
    where = conflict.args.get("where")
    if where is not None:
        query = query.where(where.this.transform(qualified))
    yield Branch(query, effect=Verb.UPDATE)


# -- UPDATE, DELETE ---------------------------------------------------------------


def _updated(statement: exp.Expression) -> Write | None:
    table = statement.this
    if not isinstance(table, exp.Table):
        return None
    sources, target = _sources(table, statement.args.get(FROM))
    assigned = list(assignments(statement.expressions, target))
    # No aliases: where aliases go before columns, WHERE would mean the new values.
    query = _over([value.copy() for _, value in assigned], sources, statement)
    branch = Branch(query, [name for name, _ in assigned], effect=Verb.UPDATE)
    return Write(Verb.UPDATE, target, [branch])


def _deleted(statement: exp.Expression) -> Write | None:
    table, target = statement.this, statement.this
    using = [node.copy() for node in statement.args.get("using") or ()]
    named = statement.args.get("tables") or []
    sources = [table.copy(), *using]
    if named:  # DELETE x FROM t AS x JOIN s
        found = _found(named[0], table) or table
        target = found if isinstance(found, exp.Table) else named[0]
    if not isinstance(target, exp.Table):
        return None
    branch = Branch(_over([], sources, statement), effect=Verb.DELETE)
    return Write(Verb.DELETE, target, [branch])


def _truncated(statement: exp.Expression) -> Write | None:
    """``TRUNCATE TABLE t``: a DELETE that reads nothing."""
    target, _ = _target(next(iter(statement.expressions), None))
    if target is None:
        return None
    return Write(Verb.DELETE, target, [Branch(exp.select(), effect=Verb.DELETE)])


def _sources(
    table: exp.Table, clause: exp.Expression | None
) -> tuple[list[exp.Expression], exp.Table]:
    """What an UPDATE reads, and the table it writes: ``UPDATE x SET ... FROM t AS x JOIN s``
    names an alias of FROM."""
    if clause is None:
        return [table.copy()], table
    found = _found(table, clause.this)
    if found is not None:
        return [clause.this.copy()], found if isinstance(found, exp.Table) else table
    return [table.copy(), clause.this.copy()], table


def _found(name: exp.Table, where: exp.Expression) -> exp.Expression | None:
    """The item of FROM that is called so."""
    for node in [where, *(join.this for join in where.args.get("joins") or ())]:
        called = node.alias_or_name.lower()
        if called == name.name.lower() and not name.args.get("db"):
            return node
    return None


def _over(
    projections: Sequence[exp.Expression],
    sources: Sequence[exp.Expression],
    statement: exp.Expression,
) -> exp.Select:
    query = exp.select(*projections).from_(sources[0])
    for source in sources[1:]:
        query = query.join(source, join_type="cross", copy=False)
    where = statement.args.get("where")
    return query.where(where.this.copy()) if where is not None else query


# -- MERGE --------------------------------------------------------------------------


def _merged(statement: exp.Expression) -> Write | None:
    target, source = statement.this, statement.args.get("using")
    whens = statement.args.get("whens")
    if not isinstance(target, exp.Table) or source is None or whens is None:
        return None
    branches = [_when(when, target, source, statement) for when in whens.expressions]
    return Write(Verb.MERGE, target, branches)


def _when(
    when: exp.Expression, target: exp.Table, source: exp.Expression, merge: exp.Expression
) -> Branch:
    """The rows of a WHEN: of both sides, or of one without a match on the other."""
    then, names, positional = when.args.get("then"), [], False
    projections: list[exp.Expression] = []
    effect = Verb.DELETE
    if isinstance(then, exp.Update):
        effect = Verb.UPDATE
        assigned = list(assignments(then.args.get("expressions") or (), target))
        projections = [exp.Alias(this=v.copy(), alias=k) for k, v in assigned] or [_all(source)]
        positional = not then.args.get("expressions")  # of DuckDB
    elif isinstance(then, exp.Insert):
        effect = Verb.INSERT
        values = then.args.get("expression")
        projections = [_all(source)]
        if isinstance(values, exp.Tuple):
            projections = [value.copy() for value in values.expressions]
            listed = then.this.expressions if isinstance(then.this, exp.Tuple) else ()
            inner = (c.this if isinstance(c, exp.Column) else c for c in listed)
            names = [name.copy() for name in inner if isinstance(name, exp.Identifier)]
        positional = not names and not isinstance(then.this, exp.Star)
    first, second, how = target, source, "inner"
    if not when.args.get("matched"):
        first, second = (target, source) if when.args.get("source") else (source, target)
        how = "anti"
    query = exp.select(*projections).from_(first.copy())
    using = merge.args.get("using_cond")
    if using:
        query = query.join(second.copy(), using=[u.copy() for u in using], join_type=how)
    else:
        query = query.join(second.copy(), on=merge.args["on"].copy(), join_type=how)
    condition = when.args.get("condition")
    if condition is not None:
        query = query.where(condition.copy())
    return Branch(query, names, positional, effect)


def _all(source: exp.Expression) -> exp.Expression:
    """``UPDATE SET *``: every column of the source, to that of its name."""
    return exp.Column(this=exp.Star(), table=_name_of(source))


def _name_of(table: exp.Expression) -> exp.Identifier:
    alias = table.args.get("alias")
    if isinstance(alias, exp.TableAlias) and isinstance(alias.this, exp.Identifier):
        return alias.this.copy()
    if isinstance(table, exp.Table) and isinstance(table.this, exp.Identifier):
        return table.this.copy()
    return exp.to_identifier("_source")


def _target(node: exp.Expression | None) -> tuple[exp.Table | None, list[exp.Identifier]]:
    """The table, and the columns listed behind it."""
    if isinstance(node, exp.Schema):
        listed = [
            part.this if isinstance(part, exp.ColumnDef) else part for part in node.expressions
        ]
        names = [part for part in listed if isinstance(part, exp.Identifier)]
        return (node.this if isinstance(node.this, exp.Table) else None), names
    return (node if isinstance(node, exp.Table) else None), []


_STATEMENTS: Sequence[tuple[type[exp.Expression], Callable[[exp.Expression], Write | None]]] = (
    (exp.Create, _created),
    (exp.Select, _selected),
    (exp.Insert, _inserted),
    (exp.Update, _updated),
    (exp.Delete, _deleted),
    (exp.Merge, _merged),
    (exp.TruncateTable, _truncated),
)
