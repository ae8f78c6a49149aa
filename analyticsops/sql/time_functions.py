"""Small pieces of SQL that every dialect writes in its own way: truncated times, intervals,
numbers with a fraction, percentiles. Text in, text out."""

from __future__ import annotations

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError


def truncated(expression: str, grain: str, dialect: str) -> str:
    """The start of the hour, day, week, month, ... that a time lies in."""
    time = parse_one(expression, dialect=dialect)
    # BigQuery's takes dates and timestamps as well; its others take one type each.
    kind = exp.DatetimeTrunc if dialect == "bigquery" else exp.TimestampTrunc
    return str(kind(this=time, unit=exp.var(grain.upper())).sql(dialect=dialect))


def earlier(expression: str, count: int, unit: str, dialect: str) -> str:
    """A time so many units before another."""
    time = parse_one(expression, dialect=dialect)
    interval = exp.Interval(this=exp.Literal.string(str(count)), unit=exp.var(unit.upper()))
    return str(exp.Sub(this=time, expression=interval).sql(dialect=dialect))


def fraction(expression: str, dialect: str) -> str:
    """A number as one that division does not round."""
    return str(exp.cast(parse_one(expression, dialect=dialect), "double").sql(dialect=dialect))


def as_type(expression: str, kind: str, dialect: str) -> str:
    """An expression as a ``text`` or ``date``."""
    return str(exp.cast(parse_one(expression, dialect=dialect), kind).sql(dialect=dialect))


def condition_fault(condition: str, column: str, dialect: str) -> str:
    """Why a text is no condition over one column; empty if it is one."""
    try:
        tree = parse_one(condition, dialect=dialect)
    except SqlglotError:
        return "cannot be read"
    if not isinstance(tree, exp.Expression) or tree.find(exp.Query, exp.Command, exp.AggFunc):
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
        expression=exp.Order(
            expressions=[exp.Ordered(this=parse_one(expression, dialect=dialect))]
        ),
    )
    return str(node.sql(dialect=dialect))


def quoted(name: str, dialect: str) -> str:
    """A name that may be a word of the language."""
    return str(exp.to_identifier(name, quoted=True).sql(dialect=dialect))


def transpiled(sql: str, source: str, target: str) -> str:
    """A query in another dialect, laid out anew."""
    return str(parse_one(sql, dialect=source).sql(dialect=target, pretty=True))
