"""The assignments of UPDATE, MERGE and ON CONFLICT: which column gets which value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

Assignment = tuple[exp.Identifier, exp.Expression]


def assignments(nodes: Sequence[exp.Expression], target: exp.Table) -> Iterator[Assignment]:
    """(column, value) of ``SET t.a = x, (b, c) = (y, z), d = DEFAULT``."""
    for node in nodes if isinstance(nodes, list) else ():
        if not isinstance(node, exp.EQ):
            continue
        left = node.this.unnest()
        columns = left.expressions if isinstance(left, exp.Tuple) else [left]
        values = _values(node.expression, len(columns), isinstance(left, exp.Tuple))
        for column, value in zip(columns, values, strict=True):
            if isinstance(column, exp.Column):
                yield _written(column, target), exp.null() if _is_default(value) else value


def _written(column: exp.Column, target: exp.Table) -> exp.Identifier:
    """The column of the target: of ``SET s.x = 1`` it is `s`, unless the target is called so."""
    parts = [part for part in column.parts if isinstance(part, exp.Identifier)]
    called = (target.name.lower(), target.alias_or_name.lower())
    if len(parts) > 1 and parts[0].name.lower() in called:
        parts = parts[1:]
    return parts[0].copy()


def _is_default(value: exp.Expression) -> bool:
    """True for the word DEFAULT, which sqlglot takes for a column: a constant."""
    plain = isinstance(value, exp.Column) and isinstance(value.this, exp.Identifier)
    return (
        plain
        and value.this.name.upper() == "DEFAULT"
        and len(value.parts) == 1
        and not value.this.args.get("quoted")
    )


def _values(right: exp.Expression, count: int, several: bool) -> list[exp.Expression]:
    """The values for so many columns; each may be of all if they cannot be told apart."""
    if not several:
        return [right]
    row = isinstance(right, exp.Anonymous) and right.name.upper() == "ROW"
    if (row or isinstance(right, exp.Tuple)) and len(right.expressions) == count:
        return list(right.expressions)
    query = right.unnest()
    if isinstance(query, exp.Query) and not any(part.is_star for part in query.selects):
        return [_nth(query, place, count) for place in range(count)]
    return [right] * count


def _nth(query: exp.Query, place: int, count: int) -> exp.Expression:
    """One column of the row that a query yields."""
    names = [exp.to_identifier(f"_{number}") for number in range(count)]
    alias = exp.TableAlias(this=exp.to_identifier("_row"), columns=names)
    row = exp.Subquery(this=query.copy(), alias=alias)
    return exp.Subquery(this=exp.select(exp.column(f"_{place}", "_row")).from_(row))
