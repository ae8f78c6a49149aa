"""`make cube`: the example's metrics exported to Cube, compiled by Cube, run on DuckDB, and
compared with our own numbers: every measure in all, and by every dimension one join away."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import yaml

import analyticsops as ao

_QUERIES = Path(__file__).with_name("queries.js")


def main() -> int:
    """Print what agrees; 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path, help="target folder of a project on DuckDB")
    parser.add_argument("database", type=Path)
    parser.add_argument("--modules", type=Path, required=True, help="node_modules with Cube")
    options = parser.parse_args()
    workspace = ao.load(options.target)
    (text,) = ao.export_metrics(workspace, "cube").files.values()
    asked = list(_questions(yaml.safe_load(text)))
    answers = _of_cube(text, [question for _, _, question in asked], options.modules)
    wrong = 0
    with duckdb.connect(str(options.database), read_only=True) as connection:
        for (metric, by, _), sql in zip(asked, answers, strict=True):
            theirs = _rounded(connection.execute(sql).fetchall())
            query = ao.metric_sql(workspace, [metric], by=[by] if by else [])
            ours = _rounded(connection.execute(query).fetchall())
            if {k: v for k, v in theirs.items() if v} != {k: v for k, v in ours.items() if v}:
                wrong += 1
                print(f"differs: {metric} by {by or 'nothing'}")
    metrics = len({metric for metric, _, _ in asked})
    print(f"{len(asked)} questions to {metrics} measures: {wrong} differ")
    return 1 if wrong else 0


def _questions(model: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(metric, what it is grouped by in our words, the same question in Cube's)."""
    cubes = {cube["name"]: cube for cube in model["cubes"]}
    keys = {
        name: [d["name"] for d in cube.get("dimensions", ()) if d.get("primary_key")]
        for name, cube in cubes.items()
    }
    for name, cube in cubes.items():
        for measure in cube.get("measures", ()):
            if measure.get("public") is False:
                continue
            asked = f"{name}.{measure['name']}"
            yield measure["name"], "", {"measures": [asked]}
            for at in [name, *(join["name"] for join in cube.get("joins", ()))]:
                for dimension in cubes[at].get("dimensions", ()):
                    if (
                        dimension["type"] != "time"
                        and not dimension.get("primary_key")
                        and keys[at]
                    ):
                        if any(dimension["name"] == key for k in keys.values() for key in k):
                            continue  # an entity, not a dimension
                        by = f"{keys[at][0]}__{dimension['name']}"
                        question = {
                            "measures": [asked],
                            "dimensions": [f"{at}.{dimension['name']}"],
                        }
                        yield measure["name"], by, question


def _of_cube(text: str, questions: list[dict[str, Any]], modules: Path) -> list[str]:
    with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        done = subprocess.run(
            ["node", str(_QUERIES), file.name],
            input=json.dumps(questions),
            env={**os.environ, "CUBE_MODULES": str(modules.resolve())},
            capture_output=True,
            text=True,
        )
    if done.returncode:
        raise SystemExit(done.stderr)
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found


def _rounded(rows: list[tuple[Any, ...]]) -> dict[str, float]:
    return {str(row[:-1]): round(float(row[-1] or 0), 6) for row in rows}


if __name__ == "__main__":
    raise SystemExit(main())
