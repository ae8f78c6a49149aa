"""Reading a manifest of 3,000 models: CPU seconds and peak memory.

make bench
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from bench import measure

MODELS = 3_000

NOTHING = "pass"
MANIFEST = """
import sys
from pathlib import Path
from analyticsops.artifacts.manifest import read_manifest
read_manifest(Path(sys.argv[1]))
"""
PROJECT = """
import sys
from pathlib import Path
from analyticsops.artifacts.manifest import read_manifest
from analyticsops.project.build import build_project
build_project(read_manifest(Path(sys.argv[1])))
"""
GRAPH = """
import sys
import analyticsops as ao
assert ao.load(sys.argv[1]).graph.edges
"""
STDLIB = "import json, sys; json.load(open(sys.argv[1], encoding='utf-8'))"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "manifest.json"
        # In a process of its own: a child's peak starts at its parent's size.
        maker = Path(__file__).with_name("generate.py")
        subprocess.run([sys.executable, str(maker), str(MODELS), folder], check=True)
        size = path.stat().st_size / 1e6

        def cost(code: str, runs: int = 5) -> measure.Cost:
            return measure.median([sys.executable, "-c", code, str(path)], runs)

        bare = cost(NOTHING)
        read, built, loose = cost(MANIFEST), cost(PROJECT), cost(STDLIB)
        graph = cost(GRAPH, runs=1)

    def row(what: str, found: measure.Cost, goal: str) -> tuple[str, str, str]:
        return what, f"{found.cpu:.2f} s CPU, {found.memory:.0f} MB peak", goal

    measure.show(
        f"manifest.json of {MODELS:,} models, {size:.1f} MB (whole processes, start included)",
        [
            ("what", "measured, median of 5", "goal"),
            row("an interpreter that does nothing", bare, ""),
            row("read_manifest", read, "under 0.6 s and 150 MB for 50 MB"),
            row("read_manifest and build_project", built, ""),
            row("json.load of the standard library, for comparison", loose, ""),
            row("column lineage of all models (one run)", graph, ""),
        ],
    )


if __name__ == "__main__":
    main()
