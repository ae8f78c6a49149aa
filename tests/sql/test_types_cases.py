"""Every case of ``tests/cases/types``, and DuckDB as the judge of those in its dialect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import duckdb
import pytest

from analyticsops.sql.facts import Problem
from analyticsops.sql.types.infer import infer_types
from analyticsops.sql.types.reading import parse_for_types
from analyticsops.sql.types.typed import TypedColumn

from .case_files import CaseTables, Section, Table, parse_schema, sections

TYPES = list(sections("types"))


class Case(NamedTuple):
    """A query and what its columns are; of an expression only the type is written."""

    section: str
    name: str
    sql: str
    dialect: str
    tables: tuple[Table, ...]
    columns: tuple[str, ...]

    @property
    def named(self) -> bool:
        """True if the columns are written with their names."""
        return self.name == self.section


def _cases() -> Iterator[Case]:
    for section in TYPES:
        tables = tuple(parse_schema(section.block("schema").text))
        for block in section.blocks:
            if block.language == "expressions":
                for line in block.text.splitlines():
                    expression, _, kind = line.rpartition(" -> ")
                    sql = f"select {expression} as x from t"
                    dialect = block.argument or "duckdb"
                    yield Case(
                        section.name, f"{section.name}: {expression}", sql, dialect, tables, (kind,)
                    )
            elif block.language == "sql":
                yield _query(section, block.text, block.argument or "duckdb", tables)


def _query(section: Section, sql: str, dialect: str, tables: tuple[Table, ...]) -> Case:
    columns = tuple(section.block("types").text.splitlines())
    return Case(section.name, section.name, sql, dialect, tables, columns)


CASES = list(_cases())


def typed(case: Case) -> tuple[TypedColumn, ...]:
    """What is inferred."""
    parsed = parse_for_types(case.sql, case.dialect)
    assert not isinstance(parsed, Problem), parsed
    assert not parsed.gaps
    known = {
        (table.name, name.lower()): kind for table in case.tables for name, kind in table.columns
    }
    return infer_types(
        parsed.tree,
        case.dialect,
        CaseTables(case.tables),
        lambda table, column: known.get((table, column.lower()), ""),
    )


def _shown(column: TypedColumn) -> str:
    return column.type or f"? {column.problem.reason if column.problem else 'without a reason'}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_types_are_as_written(case: Case) -> None:
    columns = typed(case)
    if case.named:
        assert tuple(f"{c.name}: {_shown(c)}" for c in columns) == case.columns
    else:
        assert tuple(map(_shown, columns)) == case.columns


JUDGED = [
    section
    for section in TYPES
    if any(c.dialect == "duckdb" for c in CASES if c.section == section.name)
]


@pytest.mark.parametrize("section", JUDGED, ids=lambda section: section.name)
def test_duckdb_says_so(section: Section) -> None:
    with duckdb.connect() as connection:
        for table in parse_schema(section.block("schema").text):
            columns = ", ".join(f"{name} {kind}" for name, kind in table.columns)
            connection.execute(f"create table {table.name} ({columns})")
        for case in CASES:
            if case.section == section.name:
                found = connection.execute(f"describe {case.sql}").fetchall()
                real = tuple(f"{n}: {kind}" if case.named else kind for n, kind, *_ in found)
                assert real == case.columns, case.sql


def test_there_are_many() -> None:
    assert sum(case.dialect == "duckdb" for case in CASES) >= 400
