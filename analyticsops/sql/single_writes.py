"""Statements that write more than one table, or say so in words of their own, as statements
that each write one."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp
from sqlglot.tokens import Token, TokenType

from analyticsops.sql.dml import returned, write_of
from analyticsops.sql.facts import Problem
from analyticsops.sql.pieces import commas as commas_of, kind_at
from analyticsops.sql.syntax import WITH, engine_of


def single_writes(statement: exp.Expression, dialect: str) -> Iterator[exp.Expression | Problem]:
    """The statement, and the other writes in it, in the order in which they are written."""
    yield from _changing_ctes(statement)
    if dialect == "duckdb" and isinstance(statement, exp.Merge):
        _without_stars(statement)
    yield _copied(statement) or statement
    into = _output_into(statement, dialect) or _into_table(statement)
    if into is not None:
        yield into


def _changing_ctes(statement: exp.Expression) -> Iterator[exp.Expression]:
    """``WITH gone AS (DELETE FROM t RETURNING *) INSERT INTO e ...``: the DELETE."""
    clause = statement.args.get(WITH)
    ctes = clause.expressions if clause is not None else []
    for place, cte in enumerate(ctes):
        if isinstance(cte.this, exp.Query) or write_of(cte.this) is None:
            continue
        change = cte.this.copy()
        own = change.args.get(WITH)
        seen = [before.copy() for before in ctes[:place]]
        seen += own.expressions if own is not None else []
        if seen:
            recursive = clause.args.get("recursive")
            change.set(WITH, exp.With(expressions=seen, recursive=recursive))
        yield change


def _without_stars(merge: exp.Merge) -> None:
    """To DuckDB ``UPDATE SET *`` and ``INSERT *`` are UPDATE and INSERT: columns by position."""
    whens = merge.args.get("whens")
    for when in whens.expressions if whens is not None else ():
        then = when.args.get("then")
        if isinstance(then, exp.Update) and _is_star(then.args.get("expressions")):
            then.set("expressions", None)
        elif isinstance(then, exp.Insert) and isinstance(then.this, exp.Star):
            then.set("this", None)


def _is_star(nodes: object) -> bool:
    return isinstance(nodes, list) and len(nodes) == 1 and isinstance(nodes[0], exp.Star)


def _copied(statement: exp.Expression) -> exp.Expression | None:
    """``COPY INTO t FROM (SELECT $1 FROM @stage)`` of Snowflake inserts what it selects."""
    if not isinstance(statement, exp.Copy) or not statement.args.get("kind"):
        return None
    schema, files = statement.this, statement.args.get("files") or []
    table = schema.this if isinstance(schema, exp.Schema) else schema
    if not isinstance(table, exp.Table) or not isinstance(table.this, exp.Identifier):
        return None
    if len(files) != 1 or not isinstance(files[0], exp.Subquery):
        return None
    return exp.Insert(this=schema.copy(), expression=files[0].this.copy())


def _output_into(statement: exp.Expression, dialect: str) -> exp.Expression | Problem | None:
    """``OUTPUT inserted.id INTO e (k)`` of SQL Server: an INSERT into `e`."""
    returning = statement.args.get("returning")
    into = returning.args.get("into") if returning is not None else None
    if isinstance(into, exp.Anonymous):
        columns = [column.this.copy() for column in into.expressions]
        table: exp.Expression = exp.Table(this=exp.to_identifier(into.name))
        target: exp.Expression = exp.Schema(this=table, expressions=columns)
    elif isinstance(into, exp.Identifier):
        target = exp.Table(this=into.copy())
    elif isinstance(into, exp.Table):
        target = into.copy()
    else:  # nothing, or a variable
        return None
    query = returned(statement, dialect)
    if query is None:
        return Problem("unsupported statement", f"OUTPUT INTO of {statement.key}")
    clause = statement.args.get(WITH)
    if clause is not None:
        query.set(WITH, clause.copy())
    return exp.Insert(this=target, expression=query)


def _into_table(statement: exp.Expression) -> exp.Expression | None:
    """``CREATE MATERIALIZED VIEW v TO e AS query`` of ClickHouse: its rows are kept in `e`."""
    properties = statement.args.get("properties")
    query = statement.args.get("expression")
    if not isinstance(properties, exp.Properties) or not isinstance(query, exp.Query):
        return None
    for found in properties.expressions:
        if isinstance(found, exp.ToTableProperty) and isinstance(found.this, exp.Table):
            return exp.Insert(this=found.this.copy(), expression=query.copy(), by_name=True)
    return None


_MUTATIONS = (TokenType.UPDATE, TokenType.DELETE)


def mutations(tokens: list[Token], dialect: str) -> list[list[Token]]:
    """``ALTER TABLE t UPDATE a = 1 WHERE c, DELETE WHERE d`` of ClickHouse as an UPDATE and a
    DELETE; any other statement as it is."""
    if dialect != "clickhouse" or kind_at(tokens, 0) is not TokenType.ALTER:
        return [tokens]
    first = _behind_name(tokens)
    if kind_at(tokens, first) not in _MUTATIONS:
        return [tokens]
    commas = [n + 1 for n in commas_of(tokens) if _begins_mutation(tokens, n + 1)]
    name = tokens[2 : 3 + 2 * (kind_at(tokens, 3) is TokenType.DOT)]
    engine = engine_of(dialect)
    found = []
    for start, end in zip([first, *commas], [*commas, len(tokens) + 1], strict=True):
        deletes = kind_at(tokens, start) is TokenType.DELETE
        before, behind = ("DELETE FROM", "") if deletes else ("UPDATE", "SET")
        rest = tokens[start + 1 : end - 1]
        found.append([*engine.tokenize(before), *name, *engine.tokenize(behind), *rest])
    return found


def _behind_name(tokens: list[Token]) -> int:
    """Where what is done begins, behind ``ALTER TABLE s.t ON CLUSTER c``."""
    place = 5 if kind_at(tokens, 3) is TokenType.DOT else 3
    return place + 3 if kind_at(tokens, place) is TokenType.ON else place


def _begins_mutation(tokens: list[Token], place: int) -> bool:
    return kind_at(tokens, place) in _MUTATIONS and kind_at(tokens, place + 1) is not TokenType.EQ
