"""A virtual environment for each tool, made by pip once and again when its pins change."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
DEFAULT = Path.home() / ".cache" / "analyticsops-bench"


class Tool(NamedTuple):
    """One way of computing lineage that is measured.

    Attributes:
        name: as the table shows it.
        environment: whose packages it runs with.
        runner: module in ``bench/lineage/runners``.
        variables: its settings.
        largest: models of the largest project that it ends on in a reasonable time.
        kind: ``ours``, ``floor`` (less than lineage) or ``lineage``.
    """

    name: str
    environment: str
    runner: str
    variables: Mapping[str, str] = {}
    largest: int = 10_000
    kind: str = "lineage"


def tools() -> list[Tool]:
    """Everyone in ``tools.toml``."""
    return [Tool(**entry) for entry in _data()["tools"]]


def python_of(environment: str, folder: Path) -> str:
    """The interpreter of an environment, which is made if need be.

    Raises:
        CalledProcessError: pip could not install it.
    """
    root = folder / environment
    pins = [pin.format(repository=REPOSITORY) for pin in _data()["environments"][environment]]
    mark, wanted = root / "installed", "\n".join(pins)
    if not mark.is_file() or mark.read_text("utf-8") != wanted:
        print(f"... installing {environment} into {root}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", root], check=True)
        python = str(root / "bin" / "python")
        quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([python, *quiet, *pins], check=True)
        mark.write_text(wanted, "utf-8")
    return str(root / "bin" / "python")


def version_of(python: str, packages: Sequence[str]) -> str:
    """What is installed of these packages: ``recce 1.69.1, sqlglot 30.30.0``."""
    code = (
        "import sys\nfrom importlib.metadata import PackageNotFoundError, version\n"
        "for name in sys.argv[1:]:\n"
        "    try: print(name, version(name))\n"
        "    except PackageNotFoundError: pass\n"
    )
    done = subprocess.run([python, "-c", code, *packages], check=True, capture_output=True)
    return ", ".join(done.stdout.decode().splitlines())


def _data() -> dict[str, Any]:
    with (HERE / "tools.toml").open("rb") as file:
        return tomllib.load(file)
