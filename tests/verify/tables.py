"""Tables for experiments, from one line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random

import msgspec

from analyticsops.sql.facts import QueryFacts
from analyticsops.sql.inputs import analyse
from analyticsops.sql.parse import parse_query
from analyticsops.verify.prediction import Prediction, predict
from analyticsops.verify.sandbox import Refused, Sandbox
from analyticsops.verify.synthetic import rows_query, synthetic_rows
from analyticsops.verify.tables import Column, Hints, Table
from analyticsops.verify.trial import Trial
from analyticsops.verify.variants import hide

from ..sql.case_files import CaseTables, parse_schema


class DoesNotRunError(Exception):
    """DuckDB takes the query, but it fails over these rows."""


def tables_of(schema: str) -> list[Table]:
    """``t: id, name varchar`` as tables; columns without a type are integers."""
    with Sandbox() as sandbox:
        return [
            Table(
                table.name,
                tuple(table.name.split(".")),
                tuple(Column(name, str(sandbox.sql_type(kind))) for name, kind in table.columns),
            )
            for table in parse_schema(schema)
        ]


def predicted(sql: str, schema: str) -> Prediction:
    """What the analysis says of a query."""
    tree = parse_query(sql, "duckdb")
    facts = analyse(tree, "duckdb", CaseTables(parse_schema(schema)))
    assert isinstance(facts, QueryFacts)
    return predict(facts)


def _restricted(table: Table, only: tuple[str, ...]) -> Table:
    columns = [
        msgspec.structs.replace(c, accepted=only if c.type == "VARCHAR" else ())
        for c in table.columns
    ]
    return Table(table.id, table.name, tuple(columns))


@contextmanager
def trial_of(
    sql: str,
    schema: str,
    prediction: Prediction | None = None,
    *,
    seed: int = 0,
    hints: Sequence[str] = (),
    only: Sequence[str] = (),
) -> Iterator[Trial]:
    """A query over made-up rows.

    Args:
        only: the only texts that there are.
    """
    tables = [_restricted(table, tuple(only)) for table in tables_of(schema)]
    with Sandbox(seconds=10) as sandbox:
        sandbox.lock()
        made = synthetic_rows(
            sandbox, tables, Random(seed), rows=12, hints=Hints(values=tuple(hints))
        )
        for table in tables:
            sandbox.create(table, rows_query(table, made[table.id]))
        hidden = hide(sandbox, tables, seed, tuple(hints))
        query = sandbox.prepare(sql)
        assert not isinstance(query, Refused), query
        before = sandbox.answer(query)
        if isinstance(before, Refused):
            raise DoesNotRunError(str(before))
        yield Trial(
            sandbox, query, prediction or predicted(sql, schema), [*hidden.values()], before
        )
