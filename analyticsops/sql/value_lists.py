"""``VALUES (1, 'a'), (2, 'b')``: what each engine calls the columns, and what is in them."""

from __future__ import annotations

import re
from typing import TypeVar

from sqlglot import exp

from analyticsops.sql.relation import Named, Relation
from analyticsops.sql.scope import Scope

V = TypeVar("V")
R = TypeVar("R")

_NAMES = {
    "athena": "_col{0}",
    "clickhouse": "c{1}",
    "databricks": "col{1}",
    "duckdb": "col{0}",
    "mysql": "column_{0}",
    "presto": "_col{0}",
    "snowflake": "COLUMN{1}",
    "spark": "col{1}",
    "trino": "_col{0}",
}
"""What the columns are called, counted from 0 or from 1; ``column1`` elsewhere."""

_STRUCTURE = re.compile(r"(?:^|,)\s*(?:`([^`]+)`|(\w+))\s+\w+(?:\((?:[^()]|\([^()]*\))*\))?")
"""``name Type`` in the first argument of ClickHouse's ``values``."""

Cells = list[list[exp.Expression]]


def values_relation(node: exp.Values, scope: Scope[V, R]) -> Relation[V, R]:
    """One column per position. In a lateral VALUES cells may be columns."""
    algebra, rules = scope.algebra, scope.rules
    text = ", ".join(row.sql() for row in node.expressions)  # its alias is only a name
    rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in node.expressions]
    rows, names = _structured(rows) if rules.name == "clickhouse" else (rows, [])
    columns: list[Named[V]] = []
    for n in range(len(rows[0]) if rows else 0):
        cells = [row[n] for row in rows if n < len(row)]
        if not algebra.constants:
            cells = [cell for cell in cells if not isinstance(cell, exp.Literal)]
        values = [scope.evaluate(cell) for cell in cells]
        name = names[n] if n < len(names) else _NAMES.get(rules.name, "column{1}").format(n, n + 1)
        columns.append(Named(rules.fold(name, False), name, algebra.cell(values, n, text)))
    made = algebra.exploded(algebra.single_row, algebra.nothing, text)
    return Relation(columns, made)


def _structured(rows: Cells) -> tuple[Cells, list[str]]:
    """Rows without the text that names their columns, and the names:
    ``values('x Int32, y String', (1, 'a'))``."""
    flat = [_flat(row) for row in _flat_rows(rows)]
    head = flat[0][0] if len(flat) > 1 and len(flat[0]) == 1 else None
    if not (isinstance(head, exp.Literal) and head.is_string):
        return rows, []
    names = [quoted or plain for quoted, plain in _STRUCTURE.findall(head.name)]
    return (flat[1:], names) if names else (rows, [])


def _flat_rows(rows: Cells) -> Cells:
    """The parser puts the arguments of the function into one row, or each into its own."""
    first = rows[0][0] if rows and rows[0] else None
    if len(rows) == 1 and isinstance(first, (exp.Tuple, exp.Literal)):
        return [[cell] for cell in rows[0]]
    return rows


def _flat(row: list[exp.Expression]) -> list[exp.Expression]:
    return list(row[0].expressions) if len(row) == 1 and isinstance(row[0], exp.Tuple) else row
