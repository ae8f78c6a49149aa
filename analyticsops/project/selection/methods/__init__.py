"""The selection methods: what can stand before the colon.

``selector`` and ``column`` need more than one node at a time; they are answered in
:mod:`analyticsops.project.selection.evaluate`.
"""

from __future__ import annotations

from collections.abc import Mapping

from analyticsops.project.selection.methods.config import by_config
from analyticsops.project.selection.methods.names import by_fqn, by_name, by_package, by_source
from analyticsops.project.selection.methods.paths import by_file, by_path
from analyticsops.project.selection.methods.properties import (
    by_access,
    by_group,
    by_resource_type,
    by_tag,
    by_test_name,
    by_test_type,
    by_version,
)
from analyticsops.project.selection.methods.runs import by_result, by_source_status
from analyticsops.project.selection.methods.search import Method
from analyticsops.project.selection.methods.state import by_state

METHODS: Mapping[str, Method] = {
    "access": by_access,
    "config": by_config,
    "exposure": by_name("exposure"),
    "file": by_file,
    "fqn": by_fqn,
    "function": by_name("function"),
    "group": by_group,
    "metric": by_name("metric"),
    "package": by_package,
    "path": by_path,
    "resource_type": by_resource_type,
    "result": by_result,
    "saved_query": by_name("saved_query"),
    "semantic_model": by_name("semantic_model"),
    "source": by_source,
    "source_status": by_source_status,
    "state": by_state,
    "tag": by_tag,
    "test_name": by_test_name,
    "test_type": by_test_type,
    "unit_test": by_name("unit_test"),
    "version": by_version,
}

METHOD_NAMES = tuple(sorted([*METHODS, "column", "selector"]))
"""All methods, in order. ``function`` and ``selector`` are those of dbt 2 and dbt 1.12,
``column`` is our own."""
