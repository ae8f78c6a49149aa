"""Trim a manifest of the generated project down to what we read, for cases/manifest.json.

Run it after a change of :mod:`.generated_project`::

    python tests/project/selection/trim.py target/manifest.json > cases/manifest.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from analyticsops.artifacts import manifest as m

_NOTHING: tuple[Any, ...] = (None, {}, [], "")
_COLLECTIONS: dict[str, type[msgspec.Struct]] = {
    "nodes": m.Node,
    "sources": m.Source,
    "exposures": m.Exposure,
    "metrics": m.Metric,
    "semantic_models": m.SemanticModel,
    "saved_queries": m.SavedQuery,
    "unit_tests": m.UnitTest,
    "functions": m.Node,
    "groups": m.Group,
    "macros": m.Macro,
}
_LEFT_OUT = frozenset({"compiled_code", "relation_name", "path", "time_spine", "primary_key"})


def trimmed(raw: dict[str, Any]) -> dict[str, Any]:
    """Only fields that the reader knows and that say something; only the project's macros."""
    metadata = {key: raw["metadata"][key] for key in ("dbt_schema_version", "dbt_version")}
    names = {key: raw["metadata"][key] for key in ("project_name", "adapter_type")}
    when = {"generated_at": "2026-01-01T00:00:00Z", "invocation_id": "0"}
    result: dict[str, Any] = {"metadata": {**metadata, **names, **when}}
    for collection, shape in _COLLECTIONS.items():
        known = {field.encode_name for field in msgspec.structs.fields(shape)} - _LEFT_OUT
        result[collection] = {
            unique_id: {key: _spoken(part) for key, part in entry.items() if key in known}
            for unique_id, entry in sorted(raw[collection].items())
            if not entry["package_name"].startswith("dbt")
        }
    result["selectors"] = raw["selectors"]
    return {key: _spoken(part) for key, part in result.items()}


def _spoken(value: Any) -> Any:
    """Without what is empty, except in lists and on the first level of a definition."""
    if not isinstance(value, dict):
        return value
    parts = {key: _spoken(part) for key, part in value.items()}
    return {key: part for key, part in parts.items() if part not in _NOTHING}


if __name__ == "__main__":
    found = json.loads(Path(sys.argv[1]).read_bytes())
    print(json.dumps(trimmed(found), indent=1))
