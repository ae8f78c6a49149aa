"""How much of real projects is resolved, without a catalog, and why the rest is not.

    python bench/lineage/real.py TARGET... [--worst 5]

TARGET is a folder with a manifest.json. A catalog.json beside it is not read. Prints
Markdown: one line per project, then the reasons and the worst files of each. *Empty* are
models that are not analysed because nothing is in their file: they count as models.
"""

from __future__ import annotations

import argparse
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from analyticsops.artifacts.target import read_target
from analyticsops.config import Config
from analyticsops.lineage.graph import NodeLineage, Status
from analyticsops.project.build import build_project
from analyticsops.project.model import Node
from analyticsops.workspace import Workspace, project_of

_NO_SQL = re.compile(r"--[^\n]*|/\*.*?\*/|\{#.*?#\}|\{\{\s*config\(.*?\)\s*\}\}", re.DOTALL)
"""What may be in a file that holds no SQL, and no Jinja that could write any."""


class Result(NamedTuple):
    """One project, analysed.

    Attributes:
        name: for the reader.
        adapter: dbt's name of it.
        nodes: models and snapshots, with their lineage.
        cpu: user and system seconds, of worker processes too.
    """

    name: str
    adapter: str
    nodes: Sequence[tuple[Node, NodeLineage]]
    cpu: float

    @property
    def statuses(self) -> Counter[str]:
        """Models by status."""
        return Counter(str(lineage.status) for _, lineage in self.nodes)

    @property
    def empty(self) -> int:
        """Models that are not analysed and in whose files there is no SQL."""
        return sum(
            lineage.status is Status.UNKNOWN
            and node.language == "sql"
            and not _NO_SQL.sub("", node.raw_code).strip()
            for node, lineage in self.nodes
        )

    @property
    def columns(self) -> Counter[str]:
        """Columns by status."""
        return Counter(
            str(column.status) for _, lineage in self.nodes for column in lineage.columns.values()
        )


def measure(target: Path) -> Result:
    """Read and analyse one target folder."""
    before = _seconds()
    artifacts = read_target(target)
    workspace = Workspace(
        project=build_project(artifacts.manifest, None),
        folder=artifacts.folder,
        project_dir=project_of(target),
        config=Config(),
        args=artifacts.args,
    )
    graph = workspace.graph
    nodes = [
        (node, graph.nodes[node.unique_id])
        for node in workspace.project.nodes.values()
        if node.kind in ("model", "snapshot") and node.unique_id in graph.nodes
    ]
    return Result(workspace.project.name, workspace.project.adapter, nodes, _seconds() - before)


def _seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def summary(results: Sequence[Result]) -> Iterator[str]:
    """One line per project, and their sum."""
    yield (
        "| project | adapter | models | empty | analysed | columns | proven | partial | unknown"
        " | CPU s |"
    )
    yield "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for result in results:
        yield _line(result.name, result.adapter, [result])
    if len(results) > 1:
        yield _line("all", "", results)


def _line(name: str, adapter: str, results: Sequence[Result]) -> str:
    statuses = sum((result.statuses for result in results), Counter[str]())
    columns = sum((result.columns for result in results), Counter[str]())
    models, total = statuses.total(), columns.total()
    cells = [
        name,
        adapter,
        f"{models:,}",
        f"{sum(result.empty for result in results):,}",
        _share(models - statuses[Status.UNKNOWN], models),
        f"{total:,}",
        *(_share(columns[status], total) for status in Status),
        f"{sum(result.cpu for result in results):.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({100 * part / whole:.2f} %)" if whole else "0"


def reasons(result: Result) -> Iterator[str]:
    """How many columns and models each reason keeps from being proven."""
    columns: Counter[str] = Counter()
    models: Counter[str] = Counter()
    for _, lineage in result.nodes:
        models.update({problem.reason for problem in lineage.problems})
        for column in lineage.columns.values():
            columns.update({problem.reason for problem in column.problems})
    if models:
        yield f"\n### {result.name}\n"
        yield "| reason | columns | models |"
        yield "|---|--:|--:|"
        for reason, count in models.most_common():
            yield f"| {reason} | {columns[reason]:,} | {count:,} |"


def worst(result: Result, count: int) -> Iterator[str]:
    """The files with the most columns that are not proven, and the first reason."""
    found = []
    for node, lineage in result.nodes:
        doubtful = [c for c in lineage.columns.values() if c.status is not Status.PROVEN]
        problems = [problem for column in doubtful for problem in column.problems]
        first = min(problems or lineage.problems, default="")
        if lineage.status is not Status.PROVEN:
            found.append((-len(doubtful), node.path, len(lineage.columns), str(first)))
    if found and count:
        yield "\n| file | not proven | of columns | first problem |"
        yield "|---|--:|--:|---|"
        for doubtful_count, path, total, text in sorted(found)[:count]:
            yield f"| {path} | {-doubtful_count} | {total} | {text.replace('|', chr(92) + '|')} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("targets", nargs="+", type=Path)
    parser.add_argument("--worst", type=int, default=5, help="how many files to name")
    options = parser.parse_args()
    results = [measure(target) for target in options.targets]
    print("\n".join(summary(results)))
    for result in results:
        print("\n".join([*reasons(result), *worst(result, options.worst)]))


if __name__ == "__main__":
    main()
