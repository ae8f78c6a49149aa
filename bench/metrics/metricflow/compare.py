"""`make metricflow`: the same questions to MetricFlow and to us, on the same DuckDB.

    python -m bench.metrics.metricflow.compare --python .metricflow/bin/python --seeds 1 2 3

Generates projects of 200 metrics, builds them with dbt, and runs both queries of each
question. Any difference in the rows fails.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

import analyticsops as ao
from analyticsops.errors import AnalyticsOpsError
from bench.metrics.metricflow.generate import generate

Rows = tuple[list[str], Counter[tuple[Any, ...]]]


def rows_of(database: duckdb.DuckDBPyConnection, sql: str) -> Rows:
    """The result of a query: columns by name, rows as a bag; numbers to six places."""
    found = database.execute(sql)
    names = [column[0] for column in found.description or ()]
    order = sorted(range(len(names)), key=lambda place: names[place])
    bag = Counter(tuple(_plain(row[place]) for place in order) for row in found.fetchall())
    return [names[place] for place in order], bag


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    number = float(value)
    return "nan" if math.isnan(number) else round(number, 6)


def compare(project: Path, answers: Path) -> tuple[Counter[str], list[str]]:
    """What became of the questions, and those that differ or only we refuse."""
    workspace = ao.load(project / "target")
    counts: Counter[str] = Counter()
    told: list[str] = []
    (file,) = project.glob("*.duckdb")
    with duckdb.connect(str(file), read_only=True) as database:
        for question in json.loads(answers.read_text("utf-8")):
            verdict = _judge(workspace, database, question)
            kind = verdict.partition(":")[0]
            counts[kind] += 1
            if kind in ("differs", "only we refuse"):
                asked = {key: question[key] for key in ("metrics", "by", "where")}
                told.append(f"{asked} {verdict}")
    return counts, told


def _judge(workspace: Any, database: duckdb.DuckDBPyConnection, question: dict[str, Any]) -> str:
    try:
        sql = ao.metric_sql(
            workspace, question["metrics"], by=question["by"], where=question["where"]
        )
    except AnalyticsOpsError as refusal:
        return "both refuse" if "refused" in question else f"only we refuse: {refusal}"
    ours = rows_of(database, sql)
    if "refused" in question:
        return "only MetricFlow refuses"
    try:
        theirs = rows_of(database, question["sql"])
    except duckdb.Error:
        return "MetricFlow's SQL does not run"
    if ours == theirs:
        return "equal"
    if _repeats(theirs, question) and ours[1].keys() == theirs[1].keys():
        return "MetricFlow repeats rows"
    return f"differs: {dict(ours[1] - theirs[1])} and not {dict(theirs[1] - ours[1])}"[:400]


def _repeats(rows: Rows, question: dict[str, Any]) -> bool:
    """True if a group comes twice, which is wrong whatever the numbers are."""
    numbers = {*question["metrics"]}
    places = [place for place, name in enumerate(rows[0]) if name not in numbers]
    groups = Counter(tuple(row[place] for place in places) for row in rows[1].elements())
    return any(count > 1 for count in groups.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", type=Path, required=True, help="with dbt-metricflow")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--metrics", type=int, default=200)
    options = parser.parse_args()
    total: Counter[str] = Counter()
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "generated"
            generate(folder, seed, options.metrics)
            answers = folder / "answers.json"
            dbt = options.python.parent / "dbt"
            run([str(dbt.absolute()), "build", "--quiet", "--profiles-dir", "."], folder)
            oracle = Path(__file__).with_name("oracle.py").resolve()
            python = str(options.python.absolute())
            run([python, str(oracle), ".", "questions.json", "answers.json"], folder)
            counts, told = compare(folder, answers)
        total += counts
        print(f"seed {seed}: {dict(counts)}", flush=True)
        for line in told:
            print(f"  {line}", flush=True)
    print(dict(total))
    return 1 if total["differs"] else 0


def run(command: list[str], folder: Path) -> None:
    """Run a command, or end with what it said."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
