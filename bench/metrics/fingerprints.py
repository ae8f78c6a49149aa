"""How long it takes to say what metrics mean: cold, and with everything kept.

    python -m bench.metrics.fingerprints --models 1000 --metrics 500 --repeat 3

Generates a project with semantic models over its last models and metrics of all types on
them. Whole processes that read the project and make the lock, from the start of the
interpreter to its end; the column graph is part of it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from bench.lineage.environments import DEFAULT, REPOSITORY, python_of
from bench.lineage.generate import write
from bench.lineage.process import Measured, machine, measure

_LOCK = """
import sys
import analyticsops as ao
from analyticsops.metrics.lock import make_lock
lock = make_lock(ao.load(sys.argv[1]).registry)
print([len(lock.metrics), sum(bool(metric.opaque) for metric in lock.metrics.values())])
"""

PER_MODEL = 5
"""Metrics on each semantic model: two simple ones, a filtered one, a ratio and one over time."""


def add_metrics(target: Path, metrics: int) -> None:
    """Give a generated project metrics, on models spread over all of its layers."""
    path = target / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    catalog = json.loads((target / "catalog.json").read_text("utf-8"))["nodes"]
    names = [n for n, node in manifest["nodes"].items() if node["resource_type"] == "model"]
    known = [(name, list(catalog[name]["columns"])) for name in names if name in catalog]
    usable = [(name, columns) for name, columns in known if len(columns) >= 3]
    wanted = metrics // PER_MODEL
    step = max(len(usable) // wanted, 1)
    manifest["semantic_models"], manifest["metrics"] = {}, {}
    for number, (name, columns) in enumerate(usable[::step][:wanted]):
        semantic, made = _on(number, name, columns, manifest["metadata"]["project_name"])
        manifest["semantic_models"][semantic["unique_id"]] = semantic
        manifest["metrics"].update({metric["unique_id"]: metric for metric in made})
    path.write_text(json.dumps(manifest), "utf-8")


def _on(
    number: int, model: str, columns: list[str], package: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    key, time, *values = columns
    name = f"s{number}"

    def entry(kind: str, called: str, **more: Any) -> dict[str, Any]:
        return {
            "unique_id": f"{kind}.{package}.{called}",
            "name": called,
            "resource_type": kind,
            "package_name": package,
            "original_file_path": "models/metrics.yml",
            **more,
        }

    semantic = entry(
        "semantic_model",
        name,
        model="",
        depends_on={"nodes": [model]},
        defaults={"agg_time_dimension": "at"},
        entities=[{"name": f"e{number}", "type": "primary", "expr": key}],
        dimensions=[
            {"name": "at", "type": "time", "expr": time,
             "type_params": {"time_granularity": "day"}},
            {"name": "kind", "type": "categorical", "expr": values[-1]},
        ],
        measures=[
            {"name": f"{name}_sum", "agg": "sum", "expr": values[0]},
            {"name": f"{name}_count", "agg": "count_distinct", "expr": key},
        ],
    )  # fmt: skip
    where = {"where_sql_template": f"{{{{ Dimension('e{number}__kind') }}}} is not null"}
    definitions: list[tuple[str, dict[str, Any], dict[str, Any] | None]] = [
        ("simple", {"measure": {"name": f"{name}_sum"}}, None),
        ("simple", {"measure": {"name": f"{name}_count"}}, None),
        ("simple", {"measure": {"name": f"{name}_sum"}}, {"where_filters": [where]}),
        ("ratio", {"numerator": {"name": f"{name}_m0"}, "denominator": {"name": f"{name}_m1"}},
         None),
        ("cumulative",
         {"measure": {"name": f"{name}_sum"},
          "cumulative_type_params": {"window": {"count": 7, "granularity": "day"}}}, None),
    ]  # fmt: skip
    made = [
        entry("metric", f"{name}_m{place}", type=kind, type_params=params, filter=condition)
        for place, (kind, params, condition) in enumerate(definitions)
    ]
    return semantic, made


def lock(python: str, target: Path, cache: str) -> Measured:
    """One process that makes the lock.

    Raises:
        SystemExit: it failed.
    """
    environment = {"PYTHONPATH": str(REPOSITORY), "ANALYTICSOPS_CACHE": cache}
    found = measure([python, "-c", _LOCK, str(target)], environment, sampled=True)
    if found.failure:
        sys.exit(f"lock: {found.failure}")
    return found


def main() -> None:
    """Generate, measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, nargs="+", default=[1000])
    parser.add_argument("--metrics", type=int, default=500)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--venvs", type=Path, default=DEFAULT)
    parser.add_argument("--python", default="", help="An interpreter that has what is needed.")
    options = parser.parse_args()
    python = options.python or python_of("analyticsops", options.venvs)
    print(f"Medians of {options.repeat}; {machine()}\n")
    print("| models | metrics | opaque | cold s | cold CPU s | warm s | warm CPU s | peak MB |")
    print("|---:" * 8 + "|")
    for models in options.models:
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder)
            write(models, target)
            add_metrics(target, options.metrics)
            cold = [lock(python, target, "off") for _ in range(options.repeat)]
            lock(python, target, "")
            warm = [lock(python, target, "") for _ in range(options.repeat)]
        count, opaque = cold[0].said
        print(
            f"| {models:,} | {count} | {opaque} "
            f"| {median(run.wall for run in cold):.1f} | {median(run.cpu for run in cold):.1f} "
            f"| {median(run.wall for run in warm):.1f} | {median(run.cpu for run in warm):.1f} "
            f"| {max(run.peak for run in cold):.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
