"""Change one model of a generated project, as a developer would between two runs.

    python -m bench.lineage.edit TARGET NUMBER [--column]

puts a filter into the SQL of the staging model that most others read; with ``--column`` it
also gets a new column, so that its children must be analysed again.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path


def edit(target: Path, number: int, column: bool) -> str:
    """Rewrite the manifest; returns the id of the model. ``number`` makes it a new change."""
    path = target / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    staging = [key for key in manifest["nodes"] if key.startswith("model.big.stg_")]
    chosen = max(staging, key=lambda key: len(manifest["child_map"][key]))
    node = manifest["nodes"][chosen]
    body = node["compiled_code"].rpartition("\n\nselect ")[0]
    more = f", {number} as added_{number}" if column else ""
    node["compiled_code"] = f"{body}\n\nselect *{more} from renamed where {number} = {number}\n"
    path.write_text(json.dumps(manifest), "utf-8")
    return str(chosen)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path)
    parser.add_argument("number", type=int)
    parser.add_argument("--column", action="store_true")
    options = parser.parse_args()
    print(edit(options.target, options.number, options.column))
