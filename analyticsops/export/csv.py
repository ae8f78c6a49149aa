"""CSV: one line per edge, RFC 4180, with a heading."""

from __future__ import annotations

import csv
from io import StringIO

from analyticsops.export.subgraph import Subgraph
from analyticsops.export.table import EdgeRow, rows
from analyticsops.report.encode import csv_cell


def render(part: Subgraph) -> bytes:
    """The edges as CSV in UTF-8."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(EdgeRow._fields)
    for row in rows(part):
        writer.writerow([_cell(value) for value in row])
    return out.getvalue().encode()


def _cell(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else csv_cell(value)
