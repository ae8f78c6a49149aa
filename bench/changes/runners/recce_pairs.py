"""Recce's classification of a changed model, as its dbt adapter calls it."""

from __future__ import annotations

import os
from typing import Any

from recce.util.change_classifier import parse_change_category

from bench.changes.runners import pairs


def prepare(pair: dict[str, Any]) -> pairs.Classify:
    """With the columns that a catalog would list, unless CATALOG is off."""
    schema = {name: dict.fromkeys(columns, "INTEGER") for name, columns in pair["tables"].items()}
    known = None if os.environ.get("CATALOG") == "off" else schema

    def classify() -> pairs.Answer:
        change = parse_change_category(
            pair["left"], pair["right"], old_schema=known, new_schema=known, dialect="duckdb"
        )
        columns = {name.lower(): str(how) for name, how in (change.columns or {}).items()}
        if change.category == "non_breaking":
            return (pairs.ADDITIVE if columns else pairs.NO_OP), []
        if change.category == "partial_breaking":
            return pairs.COLUMNS, [name for name, how in columns.items() if how != "added"]
        return (pairs.ROWS if change.category == "breaking" else pairs.UNKNOWN), []

    return classify


if __name__ == "__main__":
    pairs.main(prepare)
