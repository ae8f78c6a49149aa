"""How long a comparison of two versions takes: cold, and with the lineage of both kept.

    python -m bench.changes.diff --models 1000 10000 --changed 20 --repeat 3

Generates a project and a copy of it in which a condition of some models is another text of the
same meaning, and of as many others another condition. Whole processes that read and compare
both sides, from the start of the interpreter to its end.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench.lineage.environments import DEFAULT, REPOSITORY, python_of
from bench.lineage.generate import write
from bench.lineage.process import Measured, machine, measure

_DIFF = """
import sys
import analyticsops as ao
print(len(ao.diff(ao.load(sys.argv[1]), ao.load(sys.argv[2])).findings))
"""


def change(base: Path, head: Path, models: int) -> None:
    """Copy a target folder, with the conditions of some models changed."""
    head.mkdir()
    shutil.copy(base / "catalog.json", head)
    manifest = json.loads((base / "manifest.json").read_text("utf-8"))
    filtered = [n for n in manifest["nodes"].values() if " where " in n.get("compiled_code", "")]
    for number, node in enumerate(filtered[:models]):
        for field in ("compiled_code", "raw_code"):
            text = str(node[field])
            always = text.replace(" where ", " where 1 = 1 and ", 1)
            other = text.replace("is not null", "is null", 1)
            node[field] = other if number % 2 and other != text else always
    (head / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def diff(python: str, base: Path, head: Path) -> Measured:
    """One comparison.

    Raises:
        SystemExit: it failed.
    """
    environment = {"PYTHONPATH": str(REPOSITORY), "ANALYTICSOPS_CACHE": ""}
    found = measure([python, "-c", _DIFF, str(base), str(head)], environment, sampled=True)
    if found.failure:
        sys.exit(f"diff: {found.failure}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, nargs="+", default=[1000])
    parser.add_argument("--changed", type=int, default=20)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--venvs", type=Path, default=DEFAULT)
    options = parser.parse_args()
    python = python_of("analyticsops", options.venvs)
    print(f"Medians of {options.repeat}; {machine()}\n")
    print("| models | changed | cold s | cold CPU s | warm s | warm CPU s | peak MB |")
    print("|---:" * 7 + "|")
    for models in options.models:
        with tempfile.TemporaryDirectory() as folder:
            base, head = Path(folder, "base"), Path(folder, "head")
            base.mkdir()
            write(models, base)
            change(base, head, options.changed)
            cold, warm = [], []
            for _ in range(options.repeat):
                for kept in (*base.glob("*.sqlite*"), *head.glob("*.sqlite*")):
                    kept.unlink()
                cold.append(diff(python, base, head))
                warm.append(diff(python, base, head))
            print(
                f"| {models:,} | {options.changed} "
                f"| {median(run.wall for run in cold):.1f} | {median(run.cpu for run in cold):.1f} "
                f"| {median(run.wall for run in warm):.1f} | {median(run.cpu for run in warm):.1f} "
                f"| {max(run.peak for run in warm):.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
