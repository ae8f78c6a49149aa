"""The command line that every runner has.

    python -m bench.lineage.runners.NAME TARGET [--load] [--no-catalog] [--edges FILE]

prints one JSON line: models, columns, edges (columns that values come from) and failed.
``--load`` stops after the imports and reading the artifacts; ``--edges`` writes what was
found as JSON lines.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.lineage.runners.project import Model, Project, load

Sources = set[tuple[str, str]]
"""(id of a table, column): where a column's value comes from."""
Found = Mapping[str, Sources]
"""The sources of each column of a model."""
Answer = tuple[str, Found | str]
"""A model, and what was found or why nothing was."""


def each(analyse: Callable[[Project, Model], Found]) -> Callable[[Project], Iterator[Answer]]:
    """A tool that is asked one model at a time. What it finds out about a model that no
    catalog lists is known when the next ones are asked."""

    def answers(project: Project) -> Iterator[Answer]:
        for model in project.models:
            project.turn_to(model)
            try:
                found = analyse(project, model)
            except Exception as error:  # foreign code may raise anything: the model failed
                yield model.unique_id, f"{type(error).__name__}: {error}"[:500]
                continue
            if not model.table.columns and "*" not in found:
                model.table.columns = dict.fromkeys(found, "unknown")
            yield model.unique_id, found

    return answers


def itself(folder: Path, _catalog: bool) -> Path:
    """For tools that read the artifacts themselves."""
    return folder


def main(
    analyse: Callable[[Any], Iterator[Answer]],
    read: Callable[[Path, bool], Any] = load,
    alone: Callable[[Path, bool], Any] = load,
) -> None:
    """Run a tool over a target folder as the command line says.

    Args:
        read: makes what the tool analyses out of the folder.
        alone: what ``--load`` does.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path)
    parser.add_argument("--load", action="store_true")
    parser.add_argument("--no-catalog", action="store_true")
    parser.add_argument("--edges", type=Path, default=Path(os.devnull))
    options = parser.parse_args()
    project = (alone if options.load else read)(options.target, not options.no_catalog)
    counted = dict.fromkeys(("models", "columns", "edges", "failed"), 0)
    if not options.load:
        wanted = options.edges != Path(os.devnull)
        with options.edges.open("w", encoding="utf-8") as file:
            for model, found in analyse(project):
                if isinstance(found, str):
                    counted["failed"] += 1
                else:
                    counted["models"] += 1
                    counted["columns"] += len(found) - ("*" in found)
                    counted["edges"] += sum(len(sources) for sources in found.values())
                if wanted:
                    file.write(json.dumps(_plain(model, found)) + "\n")
    print(json.dumps(counted))


def _plain(model: str, found: Found | str) -> dict[str, object]:
    if isinstance(found, str):
        return {"model": model, "error": found}
    columns = {name: sorted(sources) for name, sources in found.items()}
    return {"model": model, "columns": columns}
