"""Column lineage side by side: the same project, every tool in an environment of its own.

    python -m bench.lineage.compare --models 100 --repeat 5

prints a Markdown table. Every figure is of whole processes, as the operating system counts
them: CPU seconds (user and system, children included) from the start of the interpreter to
its end. Each round runs every tool twice, once up to where the artifacts are read (*empty
run*) and once to the end, one after the other; the table has the medians over the rounds. A
tool is not run on a project larger than ``tools.toml`` says, and nothing is extrapolated.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.lineage.environments import DEFAULT, REPOSITORY, Tool, python_of, tools, version_of
from bench.lineage.process import Measured, measure

PACKAGES = (
    "analyticsops", "recce", "dbt-colibri", "parrant", "sqllineage", "sqlmesh", "acryl-datahub",
    "openlineage-sql", "sqlglot", "sqlglotc", "sqlglotrs",
)  # fmt: skip


class Result(NamedTuple):
    """A tool's rounds."""

    tool: Tool
    empty: list[Measured]
    full: list[Measured]

    @property
    def failure(self) -> str:
        """Why it has no figures; empty if it has."""
        return next((run.failure for run in (*self.empty, *self.full) if run.failure), "")

    @property
    def cpu(self) -> float:
        """Median CPU seconds of the whole process."""
        return median(run.cpu for run in self.full)

    @property
    def net(self) -> float:
        """Median CPU seconds beyond the empty run's median."""
        return self.cpu - median(run.cpu for run in self.empty)

    @property
    def peak(self) -> float:
        """Median peak memory of its largest process, in MB."""
        return median(run.peak for run in self.full)


def rounds(chosen: Sequence[Tool], target: Path, repeat: int, venvs: Path) -> list[Result]:
    """Every tool in turn, ``repeat`` times; one that fails is not run again."""
    results = [Result(tool, [], []) for tool in chosen]
    pythons = {tool.name: python_of(tool.environment, venvs) for tool in chosen}
    for result in results:  # once unmeasured: bytecode is written, files are read
        _run(result.tool, pythons[result.tool.name], target, "--load")
    for number in range(repeat):
        for result in results:
            if result.failure:
                continue
            print(f"... {number + 1}/{repeat} {result.tool.name}", file=sys.stderr)
            python = pythons[result.tool.name]
            result.empty.append(_run(result.tool, python, target, "--load"))
            result.full.append(_run(result.tool, python, target))
    return results


def _run(tool: Tool, python: str, target: Path, *options: str) -> Measured:
    command = [python, "-m", f"bench.lineage.runners.{tool.runner}", str(target), *options]
    return measure(command, {"PYTHONPATH": str(REPOSITORY), **tool.variables})


def table(results: Sequence[Result]) -> list[str]:
    """Markdown: figures, and ratios to the first of ours."""
    ours = next(result for result in results if result.tool.kind == "ours")
    lines = [
        "| | CPU s | ratio | CPU s beyond the empty run | ratio | peak MB | models | columns "
        "| edges | failed |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for result in results:
        if result.failure:
            lines.append(f"| {result.tool.name} | {result.failure} |" + " |" * 8)
            continue
        said = result.full[-1].said
        found = [said["models"], said["columns"] or "-", said["edges"] or "-", said["failed"]]
        lines.append(
            f"| {result.tool.name} | {result.cpu:.2f} | {result.cpu / ours.cpu:.2f} "
            f"| {result.net:.2f} | {result.net / ours.net:.2f} | {result.peak:.0f} | "
            + " | ".join(f"{cell:,}" if isinstance(cell, int) else cell for cell in found)
            + " |"
        )
    return lines


def machine() -> str:
    """What it ran on, and how busy that was."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{os.cpu_count()} cores of {model}, Python {platform.python_version()}; "
        f"load average at the end {load}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=100, help="size of the generated project")
    parser.add_argument("--target", type=Path, help="a target folder, instead of a generated one")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--only", nargs="*", help="parts of names: run only these, and ours")
    parser.add_argument("--venvs", type=Path, default=DEFAULT)
    options = parser.parse_args()
    chosen = [tool for tool in tools() if _wanted(tool, options.models, options.only)]
    with tempfile.TemporaryDirectory() as folder:
        target = options.target or Path(folder)
        if not options.target:
            maker = [sys.executable, "-m", "bench.lineage.generate", str(options.models), folder]
            subprocess.run(maker, check=True, cwd=REPOSITORY)
        results = rounds(chosen, target, options.repeat, options.venvs)
    what = options.target.name if options.target else f"{options.models:,} generated models"
    print(f"{what}, medians of {options.repeat}; {machine()}\n")
    print("\n".join(table(results)))
    print()
    for environment in dict.fromkeys(tool.environment for tool in chosen):
        print("-", version_of(python_of(environment, options.venvs), PACKAGES))


def _wanted(tool: Tool, models: int, only: Sequence[str] | None) -> bool:
    named = not only or any(part.lower() in tool.name.lower() for part in only)
    return tool.kind == "ours" or (named and tool.largest >= models)


if __name__ == "__main__":
    main()
