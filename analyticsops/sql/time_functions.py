"""Small pieces of SQL that every dialect writes in its own way: truncated times, intervals,
numbers with a fraction, percentiles. Text in, text out; a text that is no expression is refused
with UnsupportedError."""

from __future__ import annotations

from sqlglot import exp

from analyticsops.errors import UnsupportedError
from analyticsops.sql.facts import Problem
from analyticsops.sql.fragments import expression_of, parse_expression, written
from analyticsops.sql.parse import parse_query


def truncated(expression: str, grain: str, dialect: str) -> str:
    """The start of the hour, day, week, month, ... that a time lies in."""
    time = expression_of(expression, dialect)
    # BigQuery's takes dates and timestamps as well; its others take one type each.
    kind = exp.DatetimeTrunc if dialect == "bigquery" else exp.TimestampTrunc
    return written(kind(this=time, unit=exp.var(grain.upper())), dialect)


def earlier(expression: str, count: int, unit: str, dialect: str) -> str:
    """A time so many units before another."""
    time = expression_of(expression, dialect)
    interval = exp.Interval(this=exp.Literal.string(str(count)), unit=exp.var(unit.upper()))
    return written(exp.Sub(this=time, expression=interval), dialect)


def fraction(expression: str, dialect: str) -> str:
    """A number as one that division does not round."""
    return written(exp.cast(expression_of(expression, dialect), "double"), dialect)


def as_type(expression: str, kind: str, dialect: str) -> str:
    """An expression as a ``text`` or ``date``."""
    return written(exp.cast(expression_of(expression, dialect), kind), dialect)


def condition_fault(condition: str, column: str, dialect: str) -> str:
    """Why a text is no condition over one column; empty if it is one."""
    tree = parse_expression(condition, dialect)
    if isinstance(tree, Problem):
        return "cannot be read"
    if tree.find(exp.Query, exp.Command, exp.AggFunc):
        return "is more than a condition on each value"
    for found in tree.find_all(exp.Column):
        if found.sql(dialect=dialect).lower() != column:
            return f"names {found.sql(dialect=dialect)}, and only {column} is there"
    kinds = (exp.Predicate, exp.Connector, exp.Not, exp.Paren, exp.Boolean)
    return "" if isinstance(tree, kinds) else "is no condition"


def percentile(expression: str, share: float, *, discrete: bool, dialect: str) -> str:
    """The value below which a share of all lies, interpolated unless ``discrete``."""
    kind = exp.PercentileDisc if discrete else exp.PercentileCont
    node = exp.WithinGroup(
        this=kind(this=exp.Literal.number(str(share))),
        expression=exp.Order(expressions=[exp.Ordered(this=expression_of(expression, dialect))]),
    )
    return written(node, dialect)


def quoted(name: str, dialect: str) -> str:
    """A name that may be a word of the language."""
    return str(exp.to_identifier(name, quoted=True).sql(dialect=dialect))


def transpiled(sql: str, source: str, target: str) -> str:
    """A query in another dialect, laid out anew."""
    tree = parse_query(sql, source)
    if isinstance(tree, Problem):
        raise UnsupportedError(f"the query is not understood: {tree}")
    return written(tree, target, pretty=True)
