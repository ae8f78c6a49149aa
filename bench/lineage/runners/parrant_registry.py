"""parrant (the new name of dbt-col-lineage) over a whole project."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from parrant.artifacts.registry import ModelRegistry

from bench.lineage.runners import run

logging.disable(logging.CRITICAL)


def answers(folder: Path) -> Iterator[run.Answer]:
    """It reads the artifacts itself; models go by their bare name."""
    registry = ModelRegistry(str(folder / "catalog.json"), str(folder / "manifest.json"))
    registry.load()
    models = registry.get_models()
    ids = {name: model.unique_id or name for name, model in models.items()}
    for model in models.values():
        if model.resource_type in ("model", "snapshot"):
            yield (
                ids[model.name],
                {
                    name: {
                        _source(ids, reference)
                        for entry in column.lineage
                        for reference in entry.source_columns
                    }
                    for name, column in model.columns.items()
                },
            )


def _source(ids: Mapping[str, str], reference: str) -> tuple[str, str]:
    table, _, column = reference.rpartition(".")
    return ids.get(table, table), column


if __name__ == "__main__":
    run.main(answers, read=run.itself)
