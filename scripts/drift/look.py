"""Everything that this sqlglot makes us say, as lines that can be compared.

    python -m scripts.drift.look PROJECT_TARGET OUTPUT.json

Of every case of `tests/cases/lineage` the inputs of each column and the fingerprints, of every
pair of `tests/cases/canonical` what is proven equal, of a dbt project and of a generated one every
edge, by the node that it goes into, and what each metric means.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import sqlglot

import analyticsops as ao
from analyticsops.metrics.lock import make_lock
from analyticsops.sql.canonical import fingerprint_query
from analyticsops.sql.facts import Problem
from analyticsops.sql.parse import parse_query
from analyticsops.sql.statements import StatementFacts
from analyticsops.workspace import Workspace
from bench.lineage.generate import write
from bench.metrics.fingerprints import add_metrics
from tests.sql.case_files import CaseTables, Section, parse_edges, parse_schema, sections
from tests.sql.test_canonical_cases import of_case, verdicts
from tests.sql.test_lineage_cases import analysis, describe, statement_analysis

GENERATED = 300
"""Models of the generated project."""

Seen = dict[str, dict[str, list[str]]]
"""Group -> case -> what was said of it."""


def look(target: Path) -> Seen:
    """Look at everything with the sqlglot that is imported.

    Args:
        target: folder of a dbt project's artifacts.
    """
    lineage, canonical = list(sections("lineage")), list(sections("canonical"))
    seen: Seen = {
        "lineage of cases": of_each(lineage, inputs),
        "fingerprints of cases": of_each(lineage, fingerprints),
        "pairs that are equal": of_each(canonical, equal),
    }
    with tempfile.TemporaryDirectory() as folder:
        write(GENERATED, Path(folder))
        add_metrics(Path(folder), GENERATED // 3)
        for name, place in (("the example", target), ("a generated project", Path(folder))):
            found = ao.load(place)
            seen[f"lineage of {name}"] = edges(found)
            seen[f"fingerprints of {name}"] = meanings(found)
    return seen


def of_each(cases: Iterable[Section], say: Callable[[Section], list[str]]) -> dict[str, list[str]]:
    """What is said of each case; that it fails is said, too."""
    seen = {}
    for case in cases:
        try:
            seen[case.name] = say(case)
        except Exception as error:  # whatever another version may raise
            seen[case.name] = [f"{type(error).__name__}: {str(error)[:200]!r}"]
    return seen


def inputs(case: Section) -> list[str]:
    """The edges of a lineage case, in the notation of the cases."""
    sql, expected = case.block("sql"), parse_edges(case.block("edges").text)
    tables, dialect = CaseTables(parse_schema(case.block("schema").text)), sql.argument or "duckdb"
    analysed = analysis if not expected.target else statement_analysis
    facts = analysed(sql.text, dialect, tables)
    if isinstance(facts, StatementFacts):
        facts = facts.written
    if isinstance(facts, Problem):
        return [f"! {facts.reason}"]
    return describe(facts, expected, dialect)


def fingerprints(case: Section) -> list[str]:
    """Those of the rows and of each column."""
    sql = case.block("sql")
    dialect = sql.argument or "duckdb"
    tree = parse_query(sql.text, dialect)
    if isinstance(tree, Problem):
        return [f"! {tree.reason}"]
    found = fingerprint_query(tree, dialect, CaseTables(parse_schema(case.block("schema").text)))
    columns = [f"{name}: {text or 'not known'}" for _, name, text, _ in found.columns]
    return [f"rows: {found.rows or 'not known'}", *columns]


def equal(case: Section) -> list[str]:
    """Of rows and each column, whether they are proven equal."""
    found = verdicts(*(of_case(case, side) for side in ("left", "right")))
    return [f"{name} {'equal' if same else 'not proven'}" for name, same in found.items()]


def edges(found: Workspace) -> dict[str, list[str]]:
    """Every edge between columns of a project, by the node that it goes into."""
    seen: dict[str, list[str]] = defaultdict(list)
    for edge in found.graph.edges:
        one, other = edge.source, edge.target
        path = f".{edge.path}" if edge.path else ""
        line = f"{other.column or '(rows)'} <- {one.node}.{one.column or '(rows)'}{path}"
        seen[other.node].append(f"{line} {edge.kind} {edge.sure}")
    return {node: sorted(lines) for node, lines in sorted(seen.items())}


def meanings(found: Workspace) -> dict[str, list[str]]:
    """The fingerprint of each metric, as the lock has it."""
    lock = make_lock(found.registry)
    return {name: [metric.fingerprint] for name, metric in lock.metrics.items()}


def main(target: str, output: str) -> None:
    """Look, and write down."""
    document = {"sqlglot": sqlglot.__version__, "seen": look(Path(target))}
    Path(output).write_text(json.dumps(document, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
