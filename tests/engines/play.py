"""Several dbt commands in one process, which saves most of the time that each would take.

``python -m tests.engines.play steps.json`` runs them in the current folder and writes what
became of each into ``played/<number>/``: exit_code, output, and dbt's artifacts.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

REPO = Path(__file__).resolve().parents[2]
PYTHON = os.environ.get("ENGINE_PYTHON") or sys.executable
ARTIFACTS = ("run_results.json", "sources.json", "manifest.json")


class Step(NamedTuple):
    """One dbt command.

    Attributes:
        words: its arguments; or ``psql``, an address, and SQL for PostgreSQL.
        environ: variables that it finds.
    """

    words: Sequence[str]
    environ: Mapping[str, str] = {}


class Played(NamedTuple):
    """What became of it.

    Attributes:
        folder: has its artifacts, and dbt.log as it was then.
        code: the exit code that dbt would have ended with.
        output: what it printed.
    """

    folder: Path
    code: int
    output: str


def play(project: Path, steps: Sequence[Step], timeout: float = 900) -> list[Played]:
    """Run the commands in a project, one after the other."""
    folder = project / "played"
    first = len(list(folder.iterdir())) if folder.is_dir() else 0
    (project / "steps.json").write_text(
        json.dumps([[list(s.words), dict(s.environ)] for s in steps])
    )
    environ = {
        **os.environ,
        "DBT_PROFILES_DIR": str(project),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "PYTHONPATH": str(REPO),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    done = subprocess.run(
        [PYTHON, "-m", "tests.engines.play", "steps.json", str(first)],
        cwd=project,
        env=environ,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [
        Played(place, int((place / "exit_code").read_text()), (place / "output").read_text())
        for place in (folder / str(number) for number in range(first, first + len(steps)))
    ]


def install_package(project: Path) -> None:
    """As `dbt deps` would from a local folder."""
    packages = project / "dbt_packages"
    packages.mkdir()
    (packages / "analyticsops").symlink_to(REPO)
    (packages / "analyticsops_warehouse").symlink_to(REPO / "warehouse")


HELD: list[Any] = []
"""Connections that hold a lock."""


def _psql(uri: str, sql: str) -> None:
    """Run SQL as somebody else; ``lock`` keeps its lock until ``unlock``."""
    import psycopg2

    if sql == "unlock":
        HELD.pop().close()
        return
    connection = psycopg2.connect(uri)
    connection.autocommit = sql.startswith("create database")
    connection.cursor().execute(sql)
    if sql.startswith("lock"):
        HELD.append(connection)
    else:
        connection.commit()
        connection.close()


def _run(words: list[str], environ: dict[str, str]) -> tuple[int, str]:
    from dbt.cli.main import dbtRunner

    if words[0] == "psql":
        _psql(*words[1:])
        return 0, ""
    output = io.StringIO()
    before = dict(os.environ)
    os.environ.update(environ)
    sys.argv = ["dbt", *words]  # dbt writes down what it was called with
    try:
        with contextlib.redirect_stdout(output):
            result = dbtRunner().invoke(words)
    finally:
        os.environ.clear()
        os.environ.update(before)
    # As dbt's own command line decides.
    return (0 if result.success else 1 if result.exception is None else 2), output.getvalue()


def main(file: str, first: str) -> None:
    """Run what the file says."""
    for number, (words, environ) in enumerate(json.loads(Path(file).read_text()), int(first)):
        code, output = _run(words, environ)
        folder = Path("played") / str(number)
        folder.mkdir(parents=True)
        (folder / "exit_code").write_text(str(code))
        (folder / "output").write_text(output)
        for name in ARTIFACTS:
            if (Path("target") / name).is_file():
                shutil.copy(Path("target") / name, folder / name)
        if words[0] != "psql":
            shutil.copy(Path("logs") / "dbt.log", folder / "dbt.log")


if __name__ == "__main__":
    main(*sys.argv[1:3])
