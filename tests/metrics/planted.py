"""The projects of tests/cases/metrics: a shop, and changes of it as text."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

from analyticsops.metrics.lock import Lock, make_lock
from analyticsops.workspace import Workspace
from tests.project_maker import project, workspace

CASES = Path(__file__).parent.parent / "cases" / "metrics"
SPECS = ("measures", "metrics")


def shop() -> dict[str, Any]:
    """shop.yml."""
    found: dict[str, Any] = yaml.safe_load((CASES / "shop.yml").read_text(encoding="utf-8"))
    return found


def cases(name: str) -> list[tuple[dict[str, Any], str]]:
    """(change, spec that it is made in): a change of a model or semantic model in both."""
    found = yaml.safe_load((CASES / name).read_text(encoding="utf-8"))
    return [(case, spec) for case in found for spec in specs_of(case)]


def specs_of(case: dict[str, Any]) -> tuple[str, ...]:
    """The specs in which a change can be made."""
    if "spec" in case:
        return (case["spec"],)
    section = case["at"].split("/")[0]
    return (section,) if section in SPECS else SPECS


def changed(data: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    """The shop after a change."""
    made = copy.deepcopy(data)
    for edit in (case, *case.get("also", ())):
        *steps, last = edit["at"].split("/")
        place = made
        for step in steps:
            place = place.setdefault(step, {})
        if "old" not in edit:
            place[last] = edit["new"]
        elif isinstance(place[last], list):
            assert edit["old"] in place[last], edit
            place[last] = [edit["new"] if item == edit["old"] else item for item in place[last]]
        else:
            assert edit["old"] in place[last], edit
            place[last] = place[last].replace(edit["old"], edit["new"])
    return made


def opened(data: dict[str, Any], spec: str) -> Workspace:
    """The project as dbt would have compiled it."""
    made = project(
        sources=data["sources"],
        seeds=data["seeds"],
        models={**data["models"], **data.get("analyses", {})},
        tests=data["tests"],
        semantic_models=data["semantic_models"],
        metrics={name: _metric(entry) for name, entry in data[spec].items()},
        saved_queries=data.get("saved_queries"),
        exposures=data.get("exposures"),
        macros=data.get("macros"),
    )
    nodes = made.manifest["nodes"]
    for name in data.get("analyses", ()):
        node = nodes.pop(f"model.shop.{name}")
        node.update(unique_id=f"analysis.shop.{name}", resource_type="analysis")
        nodes[node["unique_id"]] = node
    return workspace(made)


def _metric(entry: dict[str, Any]) -> dict[str, Any]:
    more = {key: value for key, value in entry.items() if key not in ("params", "filter", "type")}
    return {
        "type": entry.get("type", "simple"),
        "type_params": {key: _with_filters(value) for key, value in entry["params"].items()},
        "filter": _where(entry.get("filter")),
        **more,
    }


def _with_filters(value: Any) -> Any:
    if isinstance(value, dict) and isinstance(value.get("filter"), str):
        return {**value, "filter": _where(value["filter"])}
    return value


def _where(text: str | None) -> dict[str, Any] | None:
    return {"where_filters": [{"where_sql_template": text}]} if text else None


def lock_of(data: dict[str, Any], spec: str) -> tuple[Workspace, Lock]:
    """A project and what its metrics mean."""
    made = opened(data, spec)
    return made, make_lock(made.registry)
