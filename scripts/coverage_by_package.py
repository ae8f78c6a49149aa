"""`make coverage`: lines and branches that tests run, by package, as coverage.py measured."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory


def main() -> int:
    """Print a table; the files that are covered least below it."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        command = [sys.executable, "-m", "coverage", "json", "-q", "-o", str(report)]
        subprocess.run(command, check=True)
        files = json.loads(report.read_text("utf-8"))["files"]
    by_package: dict[str, Counter[str]] = {}
    shares = []
    for name, found in files.items():
        parts = Path(name).parts
        package = "/".join(parts[1:3] if parts[2:] and "rules" in parts else parts[1:2])
        counts = by_package.setdefault(package.removesuffix(".py"), Counter())
        summary = found["summary"]
        counts["lines"] += summary["num_statements"]
        counts["run"] += summary["covered_lines"]
        counts["branches"] += summary["num_branches"]
        counts["taken"] += summary["covered_branches"]
        shares.append((summary["percent_covered"], name))
    print("| package | lines | % run | branches | % taken |\n|---|--:|--:|--:|--:|")
    total: Counter[str] = Counter()
    for package, counts in sorted(by_package.items()):
        total += counts
        print(_row(package, counts))
    print(_row("all", total))
    print("\nleast covered:")
    for share, name in sorted(shares)[:20]:
        print(f"  {share:5.1f} %  {name}")
    return 0


def _row(name: str, counts: Counter[str]) -> str:
    lines, branches = counts["lines"], counts["branches"]
    cells = (
        name,
        f"{lines:,}",
        f"{counts['run'] / max(lines, 1):.1%}",
        f"{branches:,}",
        f"{counts['taken'] / max(branches, 1):.1%}",
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
