"""Every case of ``tests/cases/lineage``: the facts of a query are those written there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from analyticsops.sql.canonical import fingerprint_query
from analyticsops.sql.dialect import rules_of
from analyticsops.sql.facts import Input, Problem, QueryFacts, demanded
from analyticsops.sql.inputs import analyse
from analyticsops.sql.parse import parse_query
from analyticsops.sql.recover import parse_with_gaps
from analyticsops.sql.script import Silent, analyse_statements
from analyticsops.sql.statements import StatementFacts

from .case_files import (
    CaseTables,
    Edges,
    Expected,
    Section,
    parse_edges,
    parse_schema,
    sections,
    show_inputs,
)
from .older import reads

LINEAGE = [case for case in sections("lineage") if reads(case.name)]


def shown(case: Section) -> str:
    return case.name


MARKED = [
    # What is wanted fails, and a case that no longer does must say so.
    pytest.param(
        case,
        id=case.name,
        marks=[pytest.mark.xfail(reason=case.wanted, strict=True)] if case.wanted else [],
    )
    for case in LINEAGE
]


@pytest.mark.parametrize("case", MARKED)
def test_facts_are_as_written(case: Section) -> None:
    sql = case.block("sql")
    tables = CaseTables(parse_schema(case.block("schema").text))
    expected = parse_edges(case.block("edges").text)
    dialect = sql.argument or "duckdb"
    facts: QueryFacts | StatementFacts | Problem
    if expected.target:
        facts = statement_analysis(sql.text, dialect, tables, expected.target)
    else:
        facts = analysis(sql.text, dialect, tables)
    if isinstance(facts, StatementFacts):
        assert facts.target == expected.target
        facts = facts.written
    if isinstance(facts, Problem):
        assert (facts.reason,) == expected.reasons
    else:
        assert describe(facts, expected, dialect) == written(expected)


def analysis(sql: str, dialect: str, tables: CaseTables) -> QueryFacts | Problem:
    """Of a query, with its gaps."""
    parsed = parse_with_gaps(sql, dialect)
    if isinstance(parsed, Problem):
        return parsed
    return analyse(parsed.tree, dialect, tables, parsed.gaps)


def statement_analysis(
    sql: str, dialect: str, tables: CaseTables, target: str = ""
) -> StatementFacts | Problem:
    """Of a single statement; of what it writes to a table, if it writes several."""
    found = analyse_statements(sql, dialect, tables)
    if len(found) > 1:
        found = [f for f in found if isinstance(f, StatementFacts) and f.target == target]
    (one,) = found
    return Problem("no columns", one.word) if isinstance(one, Silent) else one


SPREAD = {"bigquery: select as value"}
"""Where fields of a struct are columns, which fingerprints do not follow."""


@pytest.mark.parametrize("case", LINEAGE, ids=shown)
def test_fingerprints_are_made_of_every_query(case: Section) -> None:
    """The other algebra knows the same constructs: it must not fail on any, and where it
    knows a column it calls it the same."""
    sql = case.block("sql")
    tables = CaseTables(parse_schema(case.block("schema").text))
    dialect = sql.argument or "duckdb"
    tree = parse_query(sql.text, dialect)
    if isinstance(tree, Problem):
        return
    found = fingerprint_query(tree, dialect, tables)
    again = parse_query(sql.text, dialect)
    assert not isinstance(again, Problem)
    assert fingerprint_query(again, dialect, tables) == found
    facts = analyse(tree, dialect, tables)
    assert isinstance(facts, QueryFacts)
    if not found.openings and case.name not in SPREAD:
        assert [name for _, name, *_ in found.columns] == [c.name for c in facts.columns]


def describe(facts: QueryFacts, expected: Edges, dialect: str) -> list[str]:
    """What was found, in the notation of the cases."""
    lines = [_line(c.name, facts.inputs(c), facts.problems_of(c)) for c in facts.columns]
    lines.append(f"rows <- {show_inputs(facts.rows)}")
    lines.append(f"open: {', '.join(sorted(facts.open_tables)) if expected.open else ''}")
    for demand in expected.demands:
        found = demanded(facts, demand.name, rules_of(dialect).fold(demand.name, False))
        shown = _line(demand.name, found.inputs, found.problems) if found else ""
        lines.append(f"demand {shown or f'{demand.name} none'}")
    lines += sorted({f"! {problem.reason}" for problem in facts.problems_of_rows})
    return lines


def _line(name: str, inputs: Sequence[Input], problems: Sequence[Problem]) -> str:
    doubt = "".join(f" ! {reason}" for reason in sorted({p.reason for p in problems}))
    return f"{name} <- {show_inputs(inputs)}{doubt}"


def written(expected: Edges) -> list[str]:
    """The same for what the case says."""
    lines = [_expected_line(column) for column in expected.columns]
    lines.append(f"rows <- {show_inputs(expected.rows)}")
    lines.append(f"open: {', '.join(sorted(expected.open))}")
    lines += [f"demand {_expected_line(demand)}" for demand in expected.demands]
    lines += [f"! {reason}" for reason in expected.reasons]
    return lines


def _expected_line(expected: Expected) -> str:
    if expected.absent:
        return f"{expected.name} none"
    doubt = f" ! {expected.reason}" if expected.reason else ""
    return f"{expected.name} <- {show_inputs(expected.inputs)}{doubt}"


def test_there_are_many_cases_with_distinct_names() -> None:
    names = [case.name for case in LINEAGE]
    assert len(names) >= 700
    assert len(set(names)) == len(names)


def test_the_table_of_cases_in_the_manual_is_todays() -> None:
    root = Path(__file__).resolve().parents[2]
    text = (root / "docs" / "lineage.md").read_text(encoding="utf-8")
    said = {name: int(count) for name, count in _ROW.findall(text)}
    files = (root / "tests" / "cases" / "lineage").glob("*.md")
    there = {file.stem: file.read_text("utf-8").count("\n```edges\n") for file in files}
    assert said == {name: count for name, count in there.items() if count}
    assert f"| all | | {sum(there.values())} |" in text


_ROW = re.compile(r"^\| \[(\w+)\]\([^)]*\) \| [^|]+ \| (\d+) \|$", re.MULTILINE)
