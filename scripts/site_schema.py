"""The JSON Schema of the report's data, from which the front end's types are made.

    python -m scripts.site_schema

It is between the package and its own page, and no format that is kept: no part of the package.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from analyticsops.schemas import describe
from analyticsops.site.schema import schema

PATH = Path(__file__).resolve().parents[1] / "web" / "site.schema.json"


def text() -> str:
    """The schema, with the words of the structs."""
    found = schema()
    for definition in found["$defs"].values():
        describe(definition)
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Write it beside the front end."""
    PATH.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
