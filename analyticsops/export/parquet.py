"""Parquet: one row per edge, written by DuckDB."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from analyticsops.export.subgraph import Subgraph
from analyticsops.export.table import EdgeRow, rows
from analyticsops.report.encode import json_text


def render(part: Subgraph) -> bytes:
    """The edges as a Parquet file: text columns and one boolean, in the order of the edges."""
    import duckdb

    found = list(rows(part))
    columns = [
        [_cell(row[place]) for row in found]  # DuckDB takes columns a hundred times faster
        for place in range(len(EdgeRow._fields))
    ]
    # Names of the fields of EdgeRow; what comes from outside is bound.
    listed = ", ".join(
        f"unnest(?::{'boolean' if name == 'masking' else 'varchar'}[]) as {name}"
        for name in EdgeRow._fields
    )
    with TemporaryDirectory() as folder, duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"create table edges as select {listed}", columns)
        path = Path(folder) / "edges.parquet"
        connection.table("edges").write_parquet(str(path), compression="zstd")
        return path.read_bytes()


def _cell(value: str | bool) -> str | bool:
    return json_text(value) if isinstance(value, str) else value
