"""Every case of ``tests/cases/lineage``: the facts of a query are those written there."""

from __future__ import annotations

import pytest

from analyticsops.sql.facts import OutputColumn, Problem
from analyticsops.sql.inputs import Analysis, analyse
from analyticsops.sql.parse import parse_query

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

LINEAGE = list(sections("lineage"))


def shown(case: Section) -> str:
    return case.name


@pytest.mark.parametrize("case", LINEAGE, ids=shown)
def test_facts_are_as_written(case: Section) -> None:
    sql = case.block("sql")
    tables = CaseTables(parse_schema(case.block("schema").text))
    expected = parse_edges(case.block("edges").text)
    dialect = sql.argument or "duckdb"
    tree = parse_query(sql.text, dialect)
    if isinstance(tree, Problem):
        assert (tree.reason,) == expected.reasons
        return
    analysis = analyse(tree, dialect, tables)
    assert describe(analysis, expected) == written(expected)


def describe(analysis: Analysis, expected: Edges) -> list[str]:
    """What was found, in the notation of the cases."""
    facts = analysis.facts
    lines = [_line(column.name, column) for column in facts.columns]
    lines.append(f"rows <- {show_inputs(facts.rows)}")
    lines.append(f"open: {', '.join(sorted(facts.open_tables)) if expected.open else ''}")
    for demand in expected.demands:
        found = analysis.demand(demand.name)
        lines.append(
            f"demand {_line(demand.name, found)}" if found else f"demand {demand.name} none"
        )
    lines += sorted({f"! {problem.reason}" for problem in facts.problems})
    return lines


def _line(name: str, column: OutputColumn) -> str:
    doubt = "".join(f" ! {reason}" for reason in sorted({p.reason for p in column.problems}))
    return f"{name} <- {show_inputs(column.inputs)}{doubt}"


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
    assert len(names) >= 120
    assert len(set(names)) == len(names)
