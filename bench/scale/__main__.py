"""Time and memory of every command by the size of the project, and how they grow.

    python -m bench.scale --models 1250 2500 5000 10000

Whole processes, from the start of the interpreter to its end, in the order of
``bench.scale.commands``; what a command keeps is there for those after it. *Growth* is the exponent
of time over size: 1 if a project of twice the size takes twice as long, between the two largest
sizes, when what a process takes that only says its version is left out.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import analyticsops as ao
from analyticsops import on_call
from bench.lineage.environments import REPOSITORY
from bench.lineage.process import Measured, machine, measure
from bench.scale.commands import FINDING, SILENCE, Measurable, Place, commands
from bench.scale.project import write

Row = tuple[str, Measured]


def place_of(folder: Path) -> Place:
    """The place of a generated project.

    Raises:
        AnalyticsOpsError: there is none.
    """
    workspace = ao.load(folder / "base" / "target")
    graph, models = workspace.graph, workspace.project.of_kind("model")
    first, last = models[0], models[-1]
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    metric = workspace.project.of_kind("metric")[0].name
    return Place(
        folder=folder,
        out=out,
        column=f"{first.name}.{graph.nodes[first.unique_id].names[0]}",
        mart=f"{last.name}.{graph.nodes[last.unique_id].names[0]}",
        metric=metric,
        run="latest",
        objective="job",
    )


def run(place: Place, one: Measurable, limit: float) -> Measured:
    """One process.

    Raises:
        SystemExit: it could not run.
    """
    where = place.folder / one.where
    # The command line says in its last words how it went; a finding is no failure.
    code = (
        "import os, sys; os.chdir(sys.argv.pop(1)); from analyticsops.cli import main\n"
        "os.dup2(os.open(os.devnull, os.O_WRONLY), 1)\n"
        "try: main()\n"
        "except SystemExit as end: sys.exit(end.code if end.code not in (0, 1, None) else 0)"
    )
    known = {FINDING: _finding, SILENCE: _silence}
    arguments = [known[word](place) if word in known else word for word in one.arguments]
    command = [sys.executable, "-c", code, str(where), *arguments]
    found = measure(command, _environment(place.folder), limit, sampled=True)
    if found.failure:
        sys.exit(f"analyticsops {' '.join(one.arguments)}: {found.failure}")
    return found


def _finding(place: Place) -> str:
    found = json.loads(place.findings.read_text("utf-8"))["findings"]
    return str(found[0]["fingerprint"])


def _silence(place: Place) -> str:
    return on_call.list_incidents(place.out / "incidents").silences[0].id


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PYTHONPATH": str(REPOSITORY),
        "ANALYTICSOPS_CACHE": str(folder / "cache"),
        "NO_COLOR": "1",
    }


def growth(small: tuple[int, float], large: tuple[int, float]) -> str:
    """The exponent between two sizes; empty where there is too little to be measured."""
    if min(small[1], large[1]) < 0.05:
        return ""
    return f"{math.log(large[1] / small[1]) / math.log(large[0] / small[0]):.2f}"


def table(sizes: Sequence[int], start: float, found: dict[str, list[Measured]]) -> list[str]:
    """Markdown: a line for each command."""
    heads = [f"{size:,}: CPU s | MB" for size in sizes]
    lines = [
        f"| command | {' | '.join(heads)} | ms a model | growth |",
        "|---|" + "--:|" * (2 * len(sizes) + 2),
    ]
    for name, runs in found.items():
        cells = [f"{one.cpu:.2f} | {one.tree:,.0f}" for one in runs]
        net = [max(one.cpu - start, 0.0) for one in runs]
        each = f"{net[-1] / sizes[-1] * 1000:.2f}"
        grown = ""
        if len(sizes) > 1:
            grown = growth((sizes[-2], net[-2]), (sizes[-1], net[-1]))
        lines.append(f"| {name} | {' | '.join(cells)} | {each} | {grown} |")
    return lines


def main() -> int:
    """Generate, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, nargs="+", default=[1_250, 2_500, 5_000, 10_000])
    parser.add_argument("--only", default="", help="commands whose names begin so")
    parser.add_argument("--limit", type=float, default=900, help="wall seconds for a command")
    given = parser.parse_args()
    found: dict[str, list[Measured]] = {}
    start = 0.0
    for size in given.models:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            base = write(size, folder)
            megabytes = (base / "target" / "manifest.json").stat().st_size / 1e6
            place = place_of(folder)
            for kept in folder.rglob("*.sqlite*"):
                kept.unlink()
            print(f"{size:,} models, manifest of {megabytes:,.0f} MB", file=sys.stderr)
            start = run(place, Measurable("--version", ("--version",)), given.limit).cpu
            for one in commands(place):
                if not one.name.startswith(given.only):
                    continue
                name = f"`{one.name}`" + (f" ({one.note})" if one.note else "")
                done = run(place, one, given.limit)
                found.setdefault(name, []).append(done)
                print(f"  {name} {done.cpu:.2f} s, {done.tree:,.0f} MB", file=sys.stderr)
    print(f"{machine()}\n")
    print("\n".join(table(given.models, start, found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
