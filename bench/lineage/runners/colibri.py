"""dbt-colibri's extractor over a whole project, without its report."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from dbt_colibri.lineage_extractor.extractor import DbtColumnLineageExtractor

from bench.lineage.runners import run

logging.disable(logging.CRITICAL)


def answers(folder: Path) -> Iterator[run.Answer]:
    """It reads the artifacts itself, and always wants a catalog."""
    extractor = DbtColumnLineageExtractor(folder / "manifest.json", folder / "catalog.json")
    found = extractor.extract_project_lineage()
    for model, columns in found["lineage"]["parents"].items():
        yield (
            model,
            {
                name: {(at["dbt_node"], at["column"]) for at in sources}
                for name, sources in columns.items()
                if not name.startswith("__colibri_")
            },
        )
    for error in found["errors"]:
        yield error["node_id"], error["error_message"]


if __name__ == "__main__":
    run.main(answers, read=run.itself)
