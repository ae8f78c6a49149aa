"""How many models are built after ten changes of the example: `state:modified+` of dbt,
beside `analyticsops select --changed`, beside what DuckDB shows to differ.

    python -m bench.selection

takes about five minutes: dbt compiles and builds each change. It prints the table that
stands in docs/ci.md, and fails if a model whose contents differ is not selected.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

import analyticsops as ao
from scripts import demo

_WITHOUT_TESTS = ("--resource-type", "model", "--resource-type", "snapshot")
_Edit = Callable[[Path], None]


class Change(NamedTuple):
    """A change of the example, and how it is made."""

    title: str
    edit: _Edit


class Row(NamedTuple):
    """Models by name: those that dbt selects, those that we do, those whose contents or
    columns differ after both versions were built."""

    title: str
    dbt: frozenset[str]
    ours: frozenset[str]
    differ: frozenset[str]


def _replace(file: str, old: str, new: str) -> _Edit:
    def edit(project: Path) -> None:
        path = project / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    return edit


def _patch(name: str) -> _Edit:
    def edit(project: Path) -> None:
        command = ["git", "apply", "-p1", str(demo.EXAMPLE / "pull_requests" / f"{name}.patch")]
        environ = {"GIT_CEILING_DIRECTORIES": str(project.parent), "PATH": "/usr/bin:/bin"}
        subprocess.run(command, cwd=project, env=environ, check=True)

    return edit


CHANGES = (
    Change(
        "a comment in `stg_orders`",
        _replace(
            "models/staging/stg_orders.sql", "with source", "-- One row an order.\nwith source"
        ),
    ),
    Change("pull request *refactoring*", _patch("refactoring")),
    Change(
        "an argument of a macro has another name",
        _replace("macros/cents_to_dollars.sql", "column_name", "cents"),
    ),
    Change(
        "`stg_customers.phone` with two zeros for the plus",
        _replace(
            "models/staging/stg_customers.sql", "phone,", "replace(phone, '+', '00') as phone,"
        ),
    ),
    Change(
        "`stg_web_events.page_path` in lower case",
        _replace(
            "models/staging/stg_web_events.sql",
            "json_extract_string(properties, '$.path')",
            "lower(json_extract_string(properties, '$.path') || '/')",
        ),
    ),
    Change(
        "`stg_products.cost` is zero where it is not agreed",
        _replace("models/staging/stg_products.sql", "'cost_cents'", "'coalesce(cost_cents, 0)'"),
    ),
    Change(
        "`int_customer_activity` becomes a table",
        _replace(
            "models/intermediate/int_customer_activity.sql",
            "with orders as",
            "{{ config(materialized='table') }}\n\nwith orders as",
        ),
    ),
    Change(
        "`session_timeout_minutes` is 5",
        _replace("dbt_project.yml", "timeout_minutes: 30", "timeout_minutes: 5"),
    ),
    Change("pull request *additive*", _patch("additive")),
    Change("pull request *harmful*", _patch("harmful")),
)


def main() -> int:
    """Print the table; 1 if a model that differs is not selected."""
    with tempfile.TemporaryDirectory(prefix="analyticsops-bench-") as folder:
        rows = list(measure(Path(folder), CHANGES))
    print(table(rows))
    missed = [f"{row.title}: {name}" for row in rows for name in sorted(row.differ - row.ours)]
    for line in missed:
        print(f"not selected, but differs: {line}", file=sys.stderr)
    return 1 if missed else 0


def measure(folder: Path, changes: tuple[Change, ...], *, build: bool = True) -> Iterator[Row]:
    """Make each change in a copy of the example, one after the other.

    Args:
        folder: an empty one; `base` in it is taken if it is there and built.
        build: False to leave out what DuckDB shows.
    """
    base = folder / "base"
    if not base.is_dir():
        demo.copy_example(base)
        demo.dbt(base, "deps")
        demo.dbt(base, "seed", "--full-refresh")
        demo.dbt(base, "build", "--full-refresh", *_WITHOUT_TESTS)
    before = _contents(base) if build else {}
    for number, change in enumerate(changes):
        copy = folder / f"change{number}"
        demo.copy_example(copy)
        shutil.copytree(base / "dbt_packages", copy / "dbt_packages", symlinks=True)
        change.edit(copy)
        if build:
            shutil.copyfile(base / "shop.duckdb", copy / "shop.duckdb")
            _run(copy)
        else:
            demo.dbt(copy, "compile", "--full-refresh")
        after = _contents(copy) if build else {}
        yield Row(
            title=change.title,
            dbt=_modified(base, copy),
            ours=_changed(base, copy),
            differ=frozenset(name for name in after if before.get(name) != after[name]),
        )


def _run(copy: Path) -> None:
    """Build it; a change that breaks a model still shows what the others became."""
    command = [str(demo.BIN / "dbt"), "--quiet", "run", "--full-refresh"]
    subprocess.run(command, cwd=copy, capture_output=True)
    assert (copy / "target" / "manifest.json").is_file()


def _manifest(project: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project / "target" / "manifest.json").read_bytes())
    return found


def _modified(base: Path, copy: Path) -> frozenset[str]:
    """What `dbt ls -s state:modified+` lists, without what is never built."""
    command = [
        *(str(demo.BIN / "dbt"), "--quiet", "ls", "--select", "state:modified+"),
        *("--state", str(base / "target"), "--resource-type", "model"),
        *("--output", "json", "--output-keys", "unique_id", "--target-path", "target_ls"),
    ]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=True)
    ids = [json.loads(line)["unique_id"] for line in done.stdout.splitlines() if line[:1] == "{"]
    return _built(copy, ids)


def _changed(base: Path, copy: Path) -> frozenset[str]:
    before = ao.load(base / "target")
    found = ao.select_changed(before, ao.load(copy / "target", base=before))
    return _built(copy, [entry.node for entry in found if entry.kind == "model"])


def _built(project: Path, ids: list[str]) -> frozenset[str]:
    nodes = _manifest(project)["nodes"]
    return frozenset(i for i in ids if nodes[i]["config"]["materialized"] != "ephemeral")


def _contents(project: Path) -> dict[str, Any]:
    """Unique id of a model -> its columns, and how often each row occurs; None if it could
    not be read."""
    found: dict[str, Any] = {}
    with duckdb.connect(str(project / "shop.duckdb"), read_only=True) as connection:
        for unique_id, node in _manifest(project)["nodes"].items():
            if node["resource_type"] != "model" or not node["relation_name"]:
                continue
            try:
                # The name of the file is the name of the database.
                result = connection.sql(f"select * from {node['relation_name']}")
                found[unique_id] = (result.columns, Counter(map(repr, result.fetchall())))
            except duckdb.Error:
                found[unique_id] = None
    return found


def table(rows: list[Row]) -> str:
    """As Markdown."""
    lines = [
        "| change | `state:modified+` | `select --changed` | differ when built |",
        "|---|---:|---:|---:|",
    ]
    lines += [
        f"| {row.title} | {len(row.dbt)} | {len(row.ours)} | {len(row.differ)} |" for row in rows
    ]
    sums = [sum(len(getattr(row, name)) for row in rows) for name in ("dbt", "ours", "differ")]
    lines.append(f"| **together** | **{sums[0]}** | **{sums[1]}** | **{sums[2]}** |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
