"""Measured rounds as Markdown, with ratios to ours."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from bench.lineage.environments import Tool
from bench.lineage.process import Measured


class Result(NamedTuple):
    """The rounds of a tool on a project.

    Attributes:
        models: size of the project; 0 if it was not generated.
        empty: runs that stopped after reading the artifacts.
        full: runs to the end.
    """

    tool: Tool
    models: int
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
        """Median CPU seconds beyond the median of the empty runs."""
        return self.cpu - median(run.cpu for run in self.empty)

    @property
    def peak(self) -> float:
        """Median peak memory of its largest process, in MB."""
        return median(run.peak for run in self.full)


def table(results: Sequence[Result]) -> list[str]:
    """The figures of one project, and ratios to the first of ours."""
    ours = next(result for result in results if result.tool.kind == "ours")
    lines = [
        "| | runs | CPU s | ratio | CPU s beyond the empty run | ratio | peak MB | models "
        "| columns | edges | failed |",
        "|---|" + "---:|" * 10,
    ]
    for result in results:
        if result.failure:
            lines.append(f"| {result.tool.name} | {result.failure} |" + " |" * 9)
            continue
        said = result.full[-1].said
        found = [said["models"], said["columns"] or "-", said["edges"] or "-", said["failed"]]
        lines.append(
            f"| {result.tool.name} | {len(result.full)} "
            f"| {result.cpu:.2f} | {result.cpu / ours.cpu:.2f} "
            f"| {result.net:.2f} | {result.net / ours.net:.2f} | {result.peak:.0f} | "
            + " | ".join(f"{cell:,}" if isinstance(cell, int) else cell for cell in found)
            + " |"
        )
    return lines


def further(results: Sequence[Result], low: int, high: int) -> list[str]:
    """What each further model costs once everything is started: no start, no imports, but
    its share of reading the artifacts. Only of tools that ran on both projects."""
    costs: dict[str, float] = {}
    below = {result.tool.name: result for result in results if result.models == low}
    for result in results:
        other = below.get(result.tool.name)
        if result.models == high and other and not (result.failure or other.failure):
            costs[result.tool.name] = (result.cpu - other.cpu) / (high - low) * 1000
    first = next(iter(costs.values()), 1.0)  # ours stands first
    lines = ["| | ms | ratio |", "|---|---:|---:|"]
    return lines + [f"| {name} | {ms:.2f} | {ms / first:.2f} |" for name, ms in costs.items()]
