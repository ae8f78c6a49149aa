"""Does analyticsops fit beside every adapter of dbt? Resolved, without installing anything.

    python -m scripts.compatibility.adapters WHEEL [--python 3.11 3.13]

Each adapter is resolved with each minor version of dbt-core, once alone and once with analyticsops
and all of its extras. It fits if the two agree on dbt-core and on the adapter: nobody gets an
older adapter, or none, for having analyticsops. Needs uv beside this Python.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import NamedTuple

MINORS = ("1.8", "1.9", "1.10", "1.11")
ADAPTERS = (
    "dbt-athena", "dbt-bigquery", "dbt-clickhouse", "dbt-databricks", "dbt-duckdb", "dbt-fabric",
    "dbt-postgres", "dbt-redshift", "dbt-snowflake", "dbt-spark", "dbt-sqlserver", "dbt-trino",
)  # fmt: skip
EXTRAS = "cloud,fast,lookml,mcp,serve,slo"

TRIES = 2
"""A registry that is slow is no conflict; a conflict is one again the second time."""


class Answer(NamedTuple):
    """What a resolution led to.

    Attributes:
        versions: name -> version; empty if there is no solution.
        words: of uv, if there is none.
    """

    versions: dict[str, str]
    words: str = ""


def resolve(python: str, *requirements: str) -> Answer:
    """Let uv resolve requirements for a version of Python."""
    uv = str(Path(sys.executable).parent / "uv")
    command = [uv, "pip", "compile", "-", "--python-version", python, "--quiet", "--no-header"]
    done = None
    for _ in range(TRIES):
        done = subprocess.run(
            [*command, "--no-annotate"],
            input="\n".join(requirements),
            capture_output=True,
            text=True,
        )
        if not done.returncode:
            return Answer(
                dict(re.findall(r"^([\w.-]+)(?:\[.*\])?==(\S+)", done.stdout, re.MULTILINE))
            )
    assert done is not None
    return Answer({}, done.stderr)


def judged(adapter: str, alone: Answer, together: Answer) -> str:
    """The adapter's version if both agree; else what differs."""
    if not alone.versions:
        return "NONE" if not together.versions else "only together?"
    if not together.versions:
        return f"CONFLICT: {' '.join(together.words.split())}"
    wrong = [
        f"{name} {alone.versions[name]} -> {together.versions.get(name)}"
        for name in ("dbt-core", adapter)
        if alone.versions[name] != together.versions.get(name)
    ]
    return f"DIFFERS: {', '.join(wrong)}" if wrong else alone.versions[adapter]


def main() -> int:
    """Print a table; 1 if an adapter does not fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--python", nargs="+", default=["3.11", "3.13"])
    options = parser.parse_args()
    ours = f"analyticsops[{EXTRAS}] @ {options.wheel.resolve().as_uri()}"

    def one(place: tuple[str, str, str]) -> str:
        adapter, minor, python = place
        # Not a pre-release, and not a dbt-core of another minor version for an adapter's sake.
        wanted = (f"dbt-core~={minor}.0", adapter)
        return judged(adapter, resolve(python, *wanted), resolve(python, *wanted, ours))

    places = list(product(ADAPTERS, MINORS, options.python))
    with ThreadPoolExecutor(max_workers=2) as pool:
        found = dict(zip(places, pool.map(one, places), strict=True))
    table(found, options.python)
    wrong = [(place, said) for place, said in found.items() if not said[0].isdigit()]
    print("\n".join(f"{' '.join(place)}: {said}" for place, said in wrong) or "\neach fits")
    return int(bool(wrong))


def table(found: dict[tuple[str, str, str], str], pythons: Sequence[str]) -> None:
    """One line for an adapter; where Pythons differ, both versions."""
    print("| adapter | " + " | ".join(f"dbt-core {minor}" for minor in MINORS) + " |")
    print("|---" * (len(MINORS) + 1) + "|")
    for adapter in ADAPTERS:
        cells = [
            " / ".join(
                dict.fromkeys(found[adapter, minor, python].split(":")[0] for python in pythons)
            )
            for minor in MINORS
        ]
        print(f"| {adapter} | {' | '.join(cells)} |")


if __name__ == "__main__":
    sys.exit(main())
