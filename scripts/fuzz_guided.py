"""`make fuzz-guided`: bytes that a fuzzer grows by the branches of ours that they reach (atheris).

Targets: ``reader`` (artifacts), ``yaml``, ``selector``, ``guard`` (SQL, before and after it is
parsed), ``renderers``. A target fails where anything but our own errors comes out. What reached
something new is kept in FOLDER/TARGET/, and goes on from there; what failed lies in FOLDER as
``TARGET-crash-...``.

    python -m scripts.fuzz_guided TARGET [--folder .fuzz-guided] [--seconds 60]
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import atheris  # make fuzz-guided installs it

FOLDER = Path(__file__).resolve().parent.parent / ".fuzz-guided"
LONGEST = 65_536
SECONDS_OF_ONE = 10
MEGABYTES = 1024

with atheris.instrument_imports(include=["analyticsops"]):
    from analyticsops.artifacts import files
    from analyticsops.artifacts.catalog import read_catalog
    from analyticsops.artifacts.freshness import read_freshness
    from analyticsops.artifacts.manifest import Manifest, read_manifest
    from analyticsops.artifacts.run_results import read_run_results
    from analyticsops.errors import AnalyticsOpsError
    from analyticsops.project.build import build_project
    from analyticsops.project.selection import Context, parse_selection, select_nodes
    from analyticsops.report.formats import FORMATS, render
    from analyticsops.sql.facts import Problem
    from analyticsops.sql.fragments import parse_expression, parse_type
    from analyticsops.sql.parse import parse_query
    from analyticsops.yaml_files import load_documents, load_yaml

from tests.hostile import NAMES  # noqa: E402
from tests.inputs import yaml_files  # noqa: E402
from tests.inputs.seeds import seeds, smallest  # noqa: E402
from tests.inputs.selectors import selection  # noqa: E402
from tests.inputs.sql import DIALECTS, GENERATORS  # noqa: E402
from tests.report.hostile import report  # noqa: E402

_READERS: tuple[Callable[[Path], Any], ...] = (
    read_manifest,
    read_catalog,
    read_run_results,
    read_freshness,
)
_file = Path(tempfile.mkdtemp(prefix="fuzz-guided-")) / "input"
_memory: dict[str, Any] = {}


def _reader(data: bytes) -> None:
    """One of four artifacts, by the first byte; a manifest becomes a project."""
    _file.write_bytes(data[1:])
    with contextlib.suppress(AnalyticsOpsError):
        found = _READERS[data[0] % 4 if data else 0](_file)
        if isinstance(found, Manifest):
            build_project(found)


def _yaml(data: bytes) -> None:
    """A file of ours, one of dbt's, or one of several documents, by the first byte."""
    _file.write_bytes(data[1:])
    how = data[0] % 3 if data else 0
    with contextlib.suppress(AnalyticsOpsError):
        if how == 2:
            load_documents(_file)
        else:
            load_yaml(_file, aliases=how == 1)


def _selector(data: bytes) -> None:
    """A selection of the densest project."""
    if "project" not in _memory:
        _file.write_bytes(smallest().artifacts["manifest.json"])
        _memory["project"] = build_project(read_manifest(_file))
    with contextlib.suppress(AnalyticsOpsError):
        chosen = parse_selection(data.decode("utf-8", "surrogateescape"), ())
        select_nodes(_memory["project"], chosen, Context(previous=_memory["project"]))


def _guard(data: bytes) -> None:
    """SQL as a query, an expression and a type, in a dialect by the first byte."""
    dialect = DIALECTS[data[0] % len(DIALECTS)] if data else DIALECTS[0]
    text = data[1:].decode("utf-8", "surrogateescape")
    for found in (parse_query(text, dialect), parse_expression(text, dialect)):
        assert not isinstance(found, Problem) or "\n" not in str(found)
    parse_type(text, dialect)


def _renderers(data: bytes) -> None:
    """A report in which every word is this one, in every format."""
    made = report(data.decode("utf-8", "surrogateescape"))
    for name in FORMATS:
        render(made, name).encode("utf-8")


def _seeds(target: str) -> list[bytes]:
    if target == "reader":
        order = ("manifest.json", "catalog.json", "run_results.json", "sources.json")
        kinds = [
            (bytes([order.index(k)]), v)
            for s in seeds()
            for k, v in s.artifacts.items()
            if k in order
        ]
        return [kind + data for kind, data in kinds]
    if target == "yaml":
        return [bytes([n]) + data for n in range(3) for data in yaml_files.files().values()]
    if target == "selector":
        from random import Random

        return [selection(Random(n)).encode("utf-8", "surrogatepass") for n in range(200)]
    if target == "guard":
        made = [
            (n, g.of_tokens(60, d)) for g in GENERATORS.values() for n, d in enumerate(DIALECTS)
        ]
        return [bytes([n]) + sql.encode("utf-8", "surrogatepass") for n, sql in made]
    return [name.encode("utf-8", "surrogatepass") for name in NAMES]


TARGETS: dict[str, Callable[[bytes], None]] = {
    "reader": _reader,
    "yaml": _yaml,
    "selector": _selector,
    "guard": _guard,
    "renderers": _renderers,
}


def main() -> None:
    """Fuzz one target; libFuzzer ends the process, not with 0 if something failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--seconds", type=int, default=60)
    chosen = parser.parse_args()
    corpus = chosen.folder / chosen.target
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(_seeds(chosen.target)):
        (corpus / f"seed-{number:04d}").write_bytes(data[:LONGEST])
    patch.object(files, "_PAUSES", ()).start()  # nobody is writing
    options = {
        "max_total_time": chosen.seconds,
        "max_len": LONGEST,
        "timeout": SECONDS_OF_ONE,
        "rss_limit_mb": MEGABYTES,
        "artifact_prefix": f"{chosen.folder}/{chosen.target}-",
        "print_final_stats": 1,
        "verbosity": 0,
    }
    atheris.Setup(
        [sys.argv[0], str(corpus), *(f"-{key}={value}" for key, value in options.items())],
        TARGETS[chosen.target],
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
