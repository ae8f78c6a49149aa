"""What each tool says of the same changes of a query, beside what execution says.

    python -m bench.changes.peers --each 25

Pairs: the cases of ``tests/cases/canonical`` and ``tests/cases/changes``, which have the same
authors as analyticsops, and random mutants of the queries of ``tests/sql/mutants.py``, which
say more. What is true of a pair DuckDB decides on 60 random databases (:mod:`bench.changes.pairs`).
Each tool runs in an environment of its own (:mod:`bench.lineage.environments`), in one process
for all pairs. Prints Markdown.

*Exact*: the class, and the very columns. *Affected*: yes or no, is anything that a reader sees
another. *Unsafe*: said to be safer than it is, a changed column not named or other rows not
said. *No-ops*: of those that no database tells apart, those called so.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

import msgspec

from bench.changes.pairs import (
    CLASSES,
    COLUMNS,
    ROWS,
    Known,
    Verdict,
    canonical_pairs,
    change_pairs,
    mutant_pairs,
)
from bench.lineage.environments import DEFAULT, REPOSITORY, python_of, version_of
from bench.lineage.process import machine


class Tool(NamedTuple):
    """A way of classifying changes."""

    name: str
    environment: str
    runner: str
    variables: Mapping[str, str] = {}


TOOLS = (
    Tool("analyticsops", "analyticsops", "ours_pairs"),
    Tool("Recce, with catalogs", "recce", "recce_pairs"),
    Tool("Recce, without", "recce", "recce_pairs", {"CATALOG": "off"}),
    Tool("SQLMesh", "sqlmesh", "sqlmesh_pairs"),
)
EVERYTHING = "dbt `state:modified`"

Said = tuple[Verdict, float]
"""What a tool says of a pair, and in how many milliseconds."""


def ask(tool: Tool, pairs: Path, venvs: Path) -> list[Said]:
    """What a tool says of each pair.

    Raises:
        CalledProcessError: the runner failed.
    """
    command = [
        python_of(tool.environment, venvs),
        "-m",
        f"bench.changes.runners.{tool.runner}",
        str(pairs),
    ]
    environment = {"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin", **tool.variables}
    done = subprocess.run(
        command, env=environment, cwd=REPOSITORY, stdout=subprocess.PIPE, check=True
    )
    found = []
    for line in done.stdout.decode().splitlines():
        kind, columns, milliseconds, failure = json.loads(line)
        if failure:
            print(f"{tool.name}: {failure}", file=sys.stderr)
        # What a tool cannot tell it has to treat like the worst.
        verdict = Verdict(kind if kind in CLASSES else ROWS, tuple(columns))
        found.append((verdict, milliseconds))
    return found


def is_unsafe(said: Verdict, truth: Verdict) -> bool:
    """True if a reader who trusts the tool misses something."""
    if truth.kind == ROWS:
        return said.kind != ROWS
    if truth.kind == COLUMNS:
        named = said.kind == ROWS or set(truth.columns) <= set(said.columns)
        return not (said.kind in (ROWS, COLUMNS) and named)
    return False


def is_affected(verdict: Verdict) -> bool:
    """True if a reader sees anything of the change."""
    return verdict.kind in (COLUMNS, ROWS)


def row(name: str, pairs: Sequence[Known], said: Sequence[Verdict], times: Iterable[float]) -> str:
    """A line of the table."""
    both = list(zip(pairs, said, strict=True))
    exact = sum(known.is_exact(verdict) for known, verdict in both)
    affected = sum(is_affected(known.truth) == is_affected(v) for known, v in both)
    unsafe = sum(
        is_unsafe(verdict, known.truth) and not known.is_exact(verdict) for known, verdict in both
    )
    cells = [
        f"{sum(k.is_exact(v) for k, v in both if k.truth.kind == kind)}/"
        f"{sum(known.truth.kind == kind for known in pairs)}"
        for kind in CLASSES
    ]
    spent = [time for time in times if time]
    speed = (
        [f"{median(spent):.2f}", f"{sorted(spent)[int(len(spent) * 0.95)]:.1f}"]
        if spent
        else ["", ""]
    )
    parts = [name, _percent(exact, both), _percent(affected, both), str(unsafe), *cells, *speed]
    return f"| {' | '.join(parts)} |"


def _percent(number: int, of: Sequence[object]) -> str:
    return f"{100 * number / len(of):.1f} %"


HEADER = (
    "| tool | exact | affected or not | unsafe | no-ops | additive | columns | rows "
    "| ms median | ms p95 |",
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
)


def table(pairs: Sequence[Known], answers: Mapping[str, Sequence[Said]]) -> list[str]:
    """As Markdown."""
    lines = [*HEADER]
    for name, said in answers.items():
        lines.append(row(name, pairs, [v for v, _ in said], [time for _, time in said]))
    lines.append(row(EVERYTHING, pairs, [Verdict(ROWS)] * len(pairs), []))
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=25, help="mutants of each query")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--databases", type=int, default=60)
    parser.add_argument("--venvs", type=Path, default=DEFAULT)
    options = parser.parse_args()
    groups: dict[str, list[Known]] = {
        "cases": [*canonical_pairs(options.databases), *change_pairs(options.databases)],
        "mutants": [*mutant_pairs(options.each, options.seed, options.databases)],
    }
    packages = ("analyticsops", "recce", "sqlmesh", "sqlglot", "sqlglotc")
    versions = {
        t.environment: version_of(python_of(t.environment, options.venvs), packages) for t in TOOLS
    }
    print(f"{'; '.join(versions.values())}; {machine()}")
    for origin, pairs in groups.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "pairs.json")
            path.write_bytes(msgspec.json.encode([known.pair for known in pairs]))
            answers = {tool.name: ask(tool, path, options.venvs) for tool in TOOLS}
        kinds = ", ".join(f"{sum(k.truth.kind == kind for k in pairs)} {kind}" for kind in CLASSES)
        print(f"\n{len(pairs)} {origin}: {kinds}\n")
        print("\n".join(table(pairs, answers)))


if __name__ == "__main__":
    main()
