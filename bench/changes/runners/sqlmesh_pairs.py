"""SQLMesh's categorisation of a changed model, mode *full*: what is not proven to add
projections only is breaking. Equal rendered queries count as no change."""

from __future__ import annotations

from typing import Any

import sqlglot
from sqlmesh.core.model import create_sql_model

from bench.changes.runners import pairs


def prepare(pair: dict[str, Any]) -> pairs.Classify:
    """With the columns of the tables, as SQLMesh knows those of its models."""
    schema = {
        f'"{name}"': dict.fromkeys(columns, "INT") for name, columns in pair["tables"].items()
    }

    def classify() -> pairs.Answer:
        models = []
        for side in ("left", "right"):
            model = create_sql_model(
                '"m"', sqlglot.parse_one(pair[side], dialect="duckdb"), dialect="duckdb"
            )
            model.set_mapping_schema(schema)
            models.append(model)
        old, new = models
        if new.render_query() == old.render_query():
            return pairs.NO_OP, []
        return (pairs.ADDITIVE if new.is_breaking_change(old) is False else pairs.ROWS), []

    return classify


if __name__ == "__main__":
    pairs.main(prepare)
