"""Our hook beside elementary's and dbt_artifacts': the same results of the same run.

``python -m bench.history.hooks --packages FOLDER`` wants checkouts of the dbt packages in the
folders ``elementary``, ``dbt_artifacts`` and ``dbt_utils`` of FOLDER; without it only our own
hook is measured. It runs `dbt build` on PostgreSQL, of many models and of one, and prints
for each on-run-end hook the CPU seconds of dbt's process and the seconds that went by.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from bench import measure
from tests.engines.play import REPO
from tests.engines.servers import postgres

OTHERS = ("elementary", "dbt_artifacts", "dbt_utils")


class Spent(NamedTuple):
    """On one hook, or between two.

    Attributes:
        package: whose it is.
        cpu: seconds of dbt's process, with rendering the hook.
        wall: seconds that went by.
    """

    package: str
    cpu: float
    wall: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=Path)
    parser.add_argument("--models", type=int, default=500)
    parser.add_argument("--engine", choices=["postgres", "duckdb"], default="postgres")
    given = parser.parse_args()
    with TemporaryDirectory(ignore_cleanup_errors=True) as name, postgres() as server:
        folder = Path(name)
        make_project(folder, given.models, given.packages, given.engine, server)
        _dbt(folder, "run-operation", "analyticsops.install")
        if given.packages:
            _dbt(folder, "run", "--select", "package:elementary", "package:dbt_artifacts")
        selections = (
            (f"{2 * given.models:,} results", ["package:shop"]),
            ("one model", ["m0", "--exclude", "resource_type:test"]),
        )
        for title, selection in selections:
            spent = _dbt(folder, "build", "--select", *selection)
            rows = [(one.package, f"{one.cpu:.2f} s CPU", f"{one.wall:.2f} s") for one in spent]
            measure.show(title, rows)


def make_project(
    folder: Path, models: int, packages: Path | None, engine: str, server: Path
) -> None:
    """Views with a test each, and the hooks of every package."""
    (folder / "models").mkdir()
    tested = [
        {"name": f"m{number}", "columns": [{"name": "x", "data_tests": ["not_null"]}]}
        for number in range(models)
    ]
    (folder / "models" / "models.yml").write_text(json.dumps({"version": 2, "models": tested}))
    for number in range(models):
        (folder / "models" / f"m{number}.sql").write_text(f"select {number} as x")
    hooks = ["{{ analyticsops.record_run(results) }}"]
    if packages:
        hooks.append("{{ dbt_artifacts.upload_results(results) }}")
    project = {
        "name": "shop",
        "profile": "shop",
        "version": "1.0",
        "on-run-end": hooks,
        "vars": {"analyticsops_targets": ["prod"]},
        "models": {"shop": {"+materialized": "view"}},
        "flags": {"send_anonymous_usage_stats": False},
    }
    output: dict[str, Any] = {"type": "duckdb", "path": "dev.duckdb", "threads": 1}
    if engine == "postgres":
        output = {
            "type": "postgres",
            "host": str(server),
            "port": 5432,
            "user": "postgres",
            "password": "x",
            "dbname": "postgres",
            "schema": "shop",
            "threads": 1,
        }
    profile = {"shop": {"target": "prod", "outputs": {"prod": output}}}
    (folder / "dbt_project.yml").write_text(json.dumps(project))
    (folder / "profiles.yml").write_text(json.dumps(profile))
    (folder / "dbt_packages").mkdir()
    (folder / "dbt_packages" / "analyticsops").symlink_to(REPO)
    for name in OTHERS if packages else ():
        (folder / "dbt_packages" / name).symlink_to((packages or Path()).resolve() / name)


def _dbt(folder: Path, *words: str) -> list[Spent]:
    """Run a command; what each hook at its end took."""
    environ = {**os.environ, "DBT_PROFILES_DIR": str(folder), "PYTHONPATH": str(REPO)}
    command = [sys.executable, "-m", "bench.history.hooks", "child", *words]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{done.stdout}\n{done.stderr}\ndbt {' '.join(words)} failed")
    return [Spent(*one) for one in json.loads(done.stdout.splitlines()[-1])]


def child(words: Sequence[str]) -> int:
    """dbt in this process, and a clock at the end of each hook."""
    from dbt.cli.main import dbtRunner

    marks: list[tuple[str, float, float]] = []

    def note(event: Any) -> None:
        name = event.info.name
        if name in ("LogHookEndLine", "NodeFinished", "Formatting"):
            said = event.data.statement if name == "LogHookEndLine" else ""
            marks.append((said, time.process_time(), time.monotonic()))

    result = dbtRunner(callbacks=[note]).invoke([*words, "--quiet"])
    spent: dict[str, list[float]] = {}
    of_root = iter(("analyticsops", "dbt_artifacts"))  # our own hook first, then theirs
    for before, (said, cpu, wall) in itertools.pairwise(marks):
        package, _, hook = said.partition(".")
        if hook.startswith("on-run-end"):
            owner = next(of_root) if package == "shop" else package
            sums = spent.setdefault(owner, [0.0, 0.0])
            sums[0] += cpu - before[1]
            sums[1] += wall - before[2]
    print()
    print(json.dumps([[name, *sums] for name, sums in spent.items()]))
    return 0 if result.success else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        sys.exit(child(sys.argv[2:]))
    main()
