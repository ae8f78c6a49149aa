"""Names that are not written but computed: ``IDENTIFIER(...)``, ``TABLE($1)``, ``@table``."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.errors import SqlglotError

from analyticsops.sql.facts import Problem
from analyticsops.sql.syntax import DynamicIdentifier


def is_dynamic(node: exp.Expression) -> bool:
    """True for ``IDENTIFIER(...)``, as a column or table."""
    if isinstance(node, DynamicIdentifier):
        return True
    return isinstance(node, exp.Anonymous) and str(node.this).lower() == "identifier"


def dynamic_table(item: exp.Expression) -> exp.Expression | None:
    """What gives the name of a table in FROM; None if the name is simply written."""
    inner = item.this if isinstance(item, (exp.Table, exp.TableFromRows)) else None
    if inner is None:
        return None
    if is_dynamic(inner) or isinstance(inner, (exp.Parameter, exp.Placeholder)):
        return inner
    if isinstance(item, exp.TableFromRows) and isinstance(inner, exp.Literal):
        return inner
    return None


def _argument(node: exp.Expression) -> exp.Expression:
    if not is_dynamic(node):
        return node
    return node.expressions[0] if isinstance(node, exp.Anonymous) else node.this


def written_name(node: exp.Expression, dialect: str) -> list[exp.Identifier] | None:
    """The parts of the name, if it is the text of a literal."""
    inner = _argument(node)
    if not (isinstance(inner, exp.Literal) and inner.is_string):
        return None
    try:
        table = exp.to_table(inner.name, dialect=dialect)
    except SqlglotError:
        return None
    parts = [part for part in table.parts if isinstance(part, exp.Identifier)]
    return parts if len(parts) == len(table.parts) else None


def dynamic_problem(node: exp.Expression, line: int) -> Problem:
    """That nobody can know the name."""
    return Problem("dynamic identifier", _argument(node).sql()[:60], line)
