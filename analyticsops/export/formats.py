"""Which formats the lineage is exported in."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from analyticsops.errors import UsageError
from analyticsops.export.subgraph import Subgraph

FORMATS: Mapping[str, str] = {
    "json": "analyticsops.export.json",
    "openlineage": "analyticsops.export.openlineage",
    "dot": "analyticsops.export.dot",
    "mermaid": "analyticsops.export.mermaid",
    "csv": "analyticsops.export.csv",
    "parquet": "analyticsops.export.parquet",
}
"""Name on the command line -> module with ``render(part) -> bytes``, imported when used."""

BINARY = frozenset({"parquet"})
"""Formats that no terminal can show."""


def export(part: Subgraph, name: str) -> bytes:
    """The lineage in the format called ``name``.

    Raises:
        UsageError: there is no such format, or it lacks something.
    """
    if name not in FORMATS:
        raise UsageError(f"no format named {name!r}", hint=f"formats: {', '.join(FORMATS)}")
    data: bytes = import_module(FORMATS[name]).render(part)
    return data
