"""The case files: ``$ arguments of dbt ls``, then the unique ids, one a line, or an error.

A case that lists nothing is followed by nothing. All cases share one project
(``cases/manifest.json``, a trimmed manifest of :mod:`.generated_project`), one earlier
version of it (``previous.patch.json``, a JSON merge patch), run results and freshness.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from analyticsops.artifacts.freshness import read_freshness
from analyticsops.artifacts.manifest import Manifest, read_manifest
from analyticsops.artifacts.run_results import read_run_results
from analyticsops.project.build import build_project
from analyticsops.project.model import Project
from analyticsops.project.selection import Context

from .questions import Question

FOLDER = Path(__file__).parent / "cases"

_FLAGS = {
    "--select": "select",
    "--exclude": "exclude",
    "--selector": "selector",
    "--indirect-selection": "indirect",
    "--resource-type": "only",
    "--exclude-resource-type": "without",
}


class Case(NamedTuple):
    """One question and its answer; ``error`` is empty if there is an answer."""

    file: str
    line: int
    question: Question
    expected: tuple[str, ...]
    error: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def read_cases() -> list[Case]:
    """All cases, in the order of files and lines."""
    return [case for path in sorted(FOLDER.glob("*.txt")) for case in _cases(path)]


def _cases(path: Path) -> Iterator[Case]:
    lines = path.read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        answer = [line for line in lines[start + 1 : end] if line and not line.startswith("#")]
        error = answer[0].removeprefix("error: ") if answer and " " in answer[0] else ""
        question = _question(shlex.split(lines[start][2:]))
        yield Case(path.name, start + 1, question, () if error else tuple(answer), error)


def _question(arguments: list[str]) -> Question:
    found: dict[str, tuple[str, ...]] = {}
    name = ""
    for argument in arguments:
        if argument in _FLAGS:
            name = _FLAGS[argument]
        else:
            found[name] = (*found.get(name, ()), argument)
    single = {key: found.pop(key)[0] for key in ("selector", "indirect") if key in found}
    return Question(**{**found, **single})  # type: ignore[arg-type]


def fixture_project() -> Project:
    """The project of the cases."""
    return build_project(read_manifest(FOLDER / "manifest.json"))


def fixture_context() -> Context:
    """What the cases are compared with."""
    raw = json.loads((FOLDER / "manifest.json").read_bytes())
    earlier = msgspec.convert(earlier_of(raw), type=Manifest)
    return Context(
        previous=build_project(earlier),
        run_results=read_run_results(FOLDER / "run_results.json"),
        freshness=read_freshness(FOLDER / "sources.json"),
        previous_freshness=read_freshness(FOLDER / "previous_sources.json"),
    )


def earlier_of(raw: dict[str, Any]) -> dict[str, Any]:
    """The earlier version of a manifest of this project, trimmed or not."""
    patch = json.loads((FOLDER / "previous.patch.json").read_bytes())
    merged: dict[str, Any] = _merged(raw, patch)
    return merged


def _merged(value: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    base = value if isinstance(value, dict) else {}
    kept = {key: part for key, part in base.items() if key not in patch}
    changed = {key: _merged(base.get(key), part) for key, part in patch.items() if part is not None}
    return {**kept, **changed}
