"""What a selection may need to know besides the project itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

from analyticsops.artifacts.freshness import Freshness
from analyticsops.artifacts.run_results import RunResults
from analyticsops.project.model import Project

Columns: TypeAlias = Callable[[str, str, int | None, int | None], frozenset[str]]
"""``(node, column, parents depth, children depth) -> nodes``: the nodes that hold the
column (``unique_id`` and name), its ancestors and its descendants. A depth of 0 is
"not asked for", None is unlimited."""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """Everything is optional; a method whose part is missing raises SelectionError.

    Attributes:
        previous: the project to compare with (``state:``).
        run_results: of an earlier invocation (``result:``).
        freshness: as measured now (``source_status:``).
        previous_freshness: as measured before (``source_status:``).
        columns: column lineage (``column:``).
        this_package: what ``package:this`` means; empty is the project's own name.
        selectors: contents of ``selectors.yml`` as data, if newer than the manifest's.
        files: paths that exist below the project's folder, with ``/``. dbt looks at the
            disk to answer ``path:``; without this, the paths that the manifest knows count.
    """

    previous: Project | None = None
    run_results: RunResults | None = None
    freshness: Freshness | None = None
    previous_freshness: Freshness | None = None
    columns: Columns | None = None
    this_package: str = ""
    selectors: Mapping[str, Any] | None = None
    files: frozenset[str] = frozenset()
