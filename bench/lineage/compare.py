"""Column lineage side by side: the same projects, every tool in an environment of its own.

    python -m bench.lineage.compare --models 100 1000 --repeat 5

prints Markdown tables. Every figure is of whole processes, as the operating system counts
them: CPU seconds (user and system, children included) from the start of the interpreter to
its end. Each round runs every tool on every project twice, one after the other: once up to
where the artifacts are read (*empty run*) and once to the end; the tables have the medians
over the rounds. What takes more than ``--once`` CPU seconds is run once only. A tool is not
run on a project larger than ``tools.toml`` says, and nothing is extrapolated.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.lineage.environments import DEFAULT, REPOSITORY, Tool, python_of, tools, version_of
from bench.lineage.process import Measured, machine, measure
from bench.lineage.tables import Result, further, table

PACKAGES = (
    "analyticsops", "recce", "dbt-colibri", "parrant", "sqllineage", "sqlmesh", "acryl-datahub",
    "openlineage-sql", "sqlglot", "sqlglotc", "sqlglotrs",
)  # fmt: skip


def rounds(
    chosen: Sequence[Tool], targets: Mapping[int, Path], repeat: int, once: float, venvs: Path
) -> list[Result]:
    """Every tool on every project in turn, ``repeat`` times; who fails, or takes more than
    ``once`` CPU seconds, is not run again.

    Args:
        targets: number of models -> target folder; 0 for a project that is not generated.
    """
    pythons = {tool.name: python_of(tool.environment, venvs) for tool in chosen}
    results = [
        Result(tool, models, [], [])
        for models in targets
        for tool in chosen
        if tool.largest >= models
    ]
    for number in range(-1, repeat):
        for result in results:
            if result.failure or any(run.cpu > once for run in result.full):
                continue
            tool, python, target = result.tool, pythons[result.tool.name], targets[result.models]
            print(f"... {number + 1}/{repeat} {result.models:,} {tool.name}", file=sys.stderr)
            empty = _run(tool, python, target, "--load")
            if number >= 0:  # the first time is not counted: files are read, bytecode written
                result.empty.append(empty)
                result.full.append(_run(tool, python, target))
    return results


def _run(tool: Tool, python: str, target: Path, *options: str) -> Measured:
    command = [python, "-m", f"bench.lineage.runners.{tool.runner}", str(target), *options]
    return measure(command, {"PYTHONPATH": str(REPOSITORY), **tool.variables})


def report(results: Sequence[Result], models: Sequence[int], repeat: int) -> None:
    """Print a table for each project, and what a further model costs if there are two."""
    print(f"Medians of up to {repeat} runs; {machine()}")
    for size in models:
        print(f"\n{size:,} generated models\n" if size else "\nthe given project\n")
        print("\n".join(table([result for result in results if result.models == size])))
    if len(models) > 1:
        low, high = min(models), max(models)
        print(f"\nCPU of a further model, from the difference of {low:,} and {high:,}\n")
        print("\n".join(further(results, low, high)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, nargs="+", default=[100], help="generated projects")
    parser.add_argument("--target", type=Path, help="a target folder, instead of generated ones")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--once", type=float, default=20, help="CPU seconds")
    parser.add_argument("--only", nargs="*", help="parts of names: run only these, and ours")
    parser.add_argument("--venvs", type=Path, default=DEFAULT)
    options = parser.parse_args()
    chosen = [tool for tool in tools() if tool.kind == "ours" or _named(tool, options.only)]
    with tempfile.TemporaryDirectory() as folder:
        if options.target:
            targets = {0: options.target}
        else:
            targets = {models: Path(folder, str(models)) for models in options.models}
            for models, target in targets.items():
                maker = [sys.executable, "-m", "bench.lineage.generate", str(models), str(target)]
                subprocess.run(maker, check=True, cwd=REPOSITORY)
        results = rounds(chosen, targets, options.repeat, options.once, options.venvs)
    report(results, list(targets), options.repeat)
    print()
    for environment in dict.fromkeys(tool.environment for tool in chosen):
        print("-", version_of(python_of(environment, options.venvs), PACKAGES))


def _named(tool: Tool, only: Sequence[str] | None) -> bool:
    return not only or any(part.lower() in tool.name.lower() for part in only)


if __name__ == "__main__":
    main()
