"""catalog.json v1: the columns and types that the warehouse really holds."""

from __future__ import annotations

from pathlib import Path

import msgspec

from analyticsops.artifacts.files import read_artifact


class CatalogMetadata(msgspec.Struct, frozen=True, gc=False):
    """``metadata`` of the catalog."""

    dbt_schema_version: str
    dbt_version: str = ""
    generated_at: str = ""
    invocation_id: str | None = None


class CatalogColumn(msgspec.Struct, frozen=True, gc=False):
    """A column of a relation; ``index`` is its 1-based position."""

    name: str
    type: str = ""
    index: int = 0


class CatalogTable(msgspec.Struct, frozen=True, gc=False):
    """A relation; its key in the catalog is the node's ``unique_id``."""

    columns: dict[str, CatalogColumn] = {}

    def in_order(self) -> list[CatalogColumn]:
        """The columns as they stand in the relation."""
        return sorted(self.columns.values(), key=lambda column: column.index)


class Catalog(msgspec.Struct, frozen=True, gc=False):
    """Relations by ``unique_id``."""

    metadata: CatalogMetadata
    nodes: dict[str, CatalogTable]
    sources: dict[str, CatalogTable] = {}


def read_catalog(path: Path) -> Catalog:
    """Read ``catalog.json``.

    Raises:
        ArtifactError: it cannot be used.
    """
    return read_artifact(path, Catalog, kind="catalog", versions=range(1, 2))
