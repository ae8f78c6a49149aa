"""Earlier artifacts for the oracle: a manifest with random changes, results, freshness."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

Entry = dict[str, Any]
Change = Callable[[Random, Entry], None]

STATUSES = ("success", "error", "skipped", "fail", "warn", "pass", "partial success")


def write_earlier(folder: Path, raw: Entry, random: Random) -> None:
    """A state folder: what an earlier version of this project may have left."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps(changed_manifest(raw, random)))
    (folder / "run_results.json").write_text(json.dumps(run_results(raw, random)))
    (folder / "sources.json").write_text(json.dumps(freshness(raw, random)))


def changed_manifest(raw: Entry, random: Random) -> Entry:
    """A third of the entries changed in one way each, some gone, some added."""
    manifest = deepcopy(raw)
    for collection in COLLECTIONS:
        entries = manifest[collection]
        for unique_id in list(entries):
            fate = random.random()
            if fate < 0.08:
                del entries[unique_id]
            elif fate < 0.45:
                entry = entries[unique_id]
                random.choice(list(changes_of(entry)))(random, entry)
            elif fate < 0.48 and entries[unique_id].get("version") is None:
                twin = f"{unique_id}_twin"
                entries[twin] = {**deepcopy(entries[unique_id]), "unique_id": twin}
    for unique_id in random.sample(sorted(manifest["macros"]), k=3):
        manifest["macros"][unique_id]["macro_sql"] += " "
    own = [key for key in manifest["macros"] if not key.startswith(("macro.dbt.", "macro.dbt_"))]
    for unique_id in random.sample(own, k=min(len(own), random.randrange(3))):
        if random.random() < 0.5:
            del manifest["macros"][unique_id]
        else:
            manifest["macros"][unique_id]["macro_sql"] += "\n"
    return manifest


COLLECTIONS = (
    "nodes",
    "sources",
    "exposures",
    "metrics",
    "semantic_models",
    "saved_queries",
    "unit_tests",
    "functions",
)


def changes_of(entry: Entry) -> Iterator[Change]:
    """The changes that make sense for an entry, those without effect included."""
    kind = entry["resource_type"]
    yield _describe
    yield _recolour
    if "unrendered_config" in entry:
        yield _configure
        yield _configure
    if "fqn" in entry:
        yield _move
    if "raw_code" in entry:
        yield _edit
        yield _describe_column
    yield from _BY_KIND.get(kind, ())


def _describe(random: Random, entry: Entry) -> None:
    # null to "" is a change to dbt and not to us; nobody writes an empty description.
    entry["description"] = random.choice(["something else", entry.get("description")])


def _describe_column(random: Random, entry: Entry) -> None:
    for column in list(entry["columns"].values())[:1]:
        column["description"] = "another text"


def _recolour(random: Random, entry: Entry) -> None:
    if isinstance(entry.get("tags"), list):
        entry["tags"] = [*entry["tags"], "recoloured"]


def _move(random: Random, entry: Entry) -> None:
    entry["fqn"] = [entry["fqn"][0], "elsewhere", *entry["fqn"][1:]]


def _edit(random: Random, entry: Entry) -> None:
    entry["raw_code"] += "\n-- edited"


def _configure(random: Random, entry: Entry) -> None:
    written = entry["unrendered_config"]
    keys = ("alias", "schema", "database", "tags", "group", "meta", "severity", "where", "limit")
    key = random.choice([*keys, "materialized", "enabled", "docs", "own_key", *written])
    if key in written and random.random() < 0.5:
        del written[key]
    else:
        written[key] = random.choice([None, "x", ["x"], {"x": 1}, written.get(key)])


def _set(*path: str, to: tuple[Any, ...]) -> Change:
    def change(random: Random, entry: Entry) -> None:
        for key in path[:-1]:
            entry = entry[key]
        entry[path[-1]] = random.choice(to)

    return change


def _set_both(key: str, to: tuple[Any, ...]) -> Change:
    """Of the entry and of its config, as dbt writes them."""

    def change(random: Random, entry: Entry) -> None:
        entry[key] = entry["config"][key] = random.choice(to)

    return change


def _contract(random: Random, entry: Entry) -> None:
    # dbt stops with an error if a versioned model breaks its contract.
    if entry["contract"]["enforced"] and entry.get("version") is None and random.random() < 0.5:
        entry["contract"] = {"enforced": False, "alias_types": True, "checksum": None}
    elif entry["contract"]["enforced"]:
        entry["contract"]["checksum"] = "0" * 64


def _export(random: Random, entry: Entry) -> None:
    key = random.choice(["export_as", "alias", "schema", "other"])
    entry["exports"][0]["unrendered_config"][key] = "changed"


def _lose_parent(random: Random, entry: Entry) -> None:
    entry["depends_on"]["nodes"] = entry["depends_on"]["nodes"][:-1]


def _turn_parents(random: Random, entry: Entry) -> None:
    entry["depends_on"]["nodes"] = entry["depends_on"]["nodes"][::-1]


def _reshape(key: str) -> Change:
    def change(random: Random, entry: Entry) -> None:
        if entry[key] and random.random() < 0.5:
            entry[key][0]["description"] = "reshaped"
        else:
            entry[key] = entry[key][:-1]

    return change


_CHECKSUM = _set("checksum", "checksum", to=("1", "2"))
_PERIOD = {"count": 3, "period": "hour"}
_BY_KIND: dict[str, tuple[Change, ...]] = {
    "model": (
        _contract,
        _contract,
        _CHECKSUM,
        _set("latest_version", to=(None, 1, 2, 7)),
        _set("access", to=("public", "private", "protected")),
        _set(
            "deprecation_date", to=(None, "2031-01-01T00:00:00+00:00", "2030-01-01T00:00:00+00:00")
        ),
        _set("config", "materialized", to=("view", "table")),
    ),
    "seed": (_CHECKSUM, _set("checksum", "name", to=("path", "sha256"))),
    "test": (_set("column_name", to=("x",)),),
    "source": (
        _set("database", to=("elsewhere",)),
        _set("schema", to=("elsewhere",)),
        _set("identifier", to=("elsewhere",)),
        _set("quoting", "schema", to=(True, False, None)),
        _set_both("loaded_at_field", to=(None, "at")),
        _set("external", to=(None, {"location": "s3://other"})),
        _set_both(
            "freshness", to=(None, {"warn_after": _PERIOD, "error_after": None, "filter": None})
        ),
        _set("loader", to=("other",)),
        _set("unrendered_schema", to=("other",)),
    ),
    "exposure": (
        _set("type", to=("ml", "dashboard")),
        _set("owner", "name", to=("Bob", None)),
        _set("owner", "email", to=("bob@example.com",)),
        _set("maturity", to=("low", "high", None)),
        _set("url", to=("https://example.com", None)),
        _set("label", to=("Label", None)),
        _lose_parent,
        _turn_parents,
    ),
    "metric": (
        _set("label", to=("Other",)),
        _set("type", to=("derived", "simple")),
        _set("filter", to=(None, {"where_filters": [{"where_sql_template": "1"}]})),
        _set("type_params", "expr", to=("x",)),
        _set_both("group", to=(None, "sales")),
    ),
    "semantic_model": (
        _set("model", to=("ref('x')",)),
        _set_both("group", to=(None, "sales")),
        _set("label", to=("Label",)),
        _set("primary_entity", to=("order", None)),
        _set("defaults", to=(None, {"agg_time_dimension": "other"})),
        _set("config", "meta", to=({}, {"x": 1})),
        _reshape("measures"),
        _reshape("entities"),
        _reshape("dimensions"),
    ),
    "saved_query": (
        _set("label", to=("Label", None)),
        _set_both("group", to=(None, "sales")),
        _set("query_params", "metrics", to=(["revenue"],)),
        _set("query_params", "group_by", to=([],)),
        _set("query_params", "limit", to=(3, None)),
        _set("config", "meta", to=({}, {"x": 1})),
        _set("config", "cache", to=({"enabled": True},)),
        _export,
        _export,
    ),
    "unit_test": (_set("checksum", to=("1",)), _set("model", to=("other",))),
    "function": (
        _set("returns", "data_type", to=("int",)),
        _set("arguments", to=([], [{"name": "a", "data_type": "int"}])),
    ),
}


def run_results(raw: Entry, random: Random) -> Entry:
    """A result for most nodes."""
    ids = [unique_id for unique_id in raw["nodes"] if random.random() < 0.8]
    ids += [
        unique_id for name in COLLECTIONS[2:] for unique_id in raw[name] if random.random() < 0.3
    ]
    return {
        "metadata": _metadata("run-results/v6"),
        "elapsed_time": 1.0,
        "args": {"which": "build"},
        "results": [
            {
                "unique_id": unique_id,
                "status": random.choice(STATUSES),
                "timing": [],
                "thread_id": "Thread-1",
                "execution_time": 0.1,
                "adapter_response": {},
                "message": None,
                "failures": None,
                "compiled": True,
                "compiled_code": None,
                "relation_name": None,
            }
            for unique_id in ids
        ],
    }


def freshness(raw: Entry, random: Random) -> Entry:
    """A measurement of most sources, a few failed."""
    return {
        "metadata": _metadata("sources/v3"),
        "elapsed_time": 1.0,
        "results": [_measured(key, random) for key in raw["sources"] if random.random() < 0.8],
    }


def _measured(unique_id: str, random: Random) -> Entry:
    if random.random() < 0.2:
        return {"unique_id": unique_id, "status": "runtime error", "error": "no such table"}
    return {
        "unique_id": unique_id,
        "status": "pass",
        "max_loaded_at": f"2026-01-0{random.randrange(1, 4)}T00:00:00Z",
        "snapshotted_at": "2026-01-05T00:00:00Z",
        "max_loaded_at_time_ago_in_s": 1.0,
        "criteria": {"warn_after": _PERIOD, "error_after": None, "filter": None},
        "adapter_response": {},
        "timing": [],
        "thread_id": "Thread-1",
        "execution_time": 0.1,
    }


def _metadata(schema: str) -> Entry:
    return {
        "dbt_schema_version": f"https://schemas.getdbt.com/dbt/{schema}.json",
        "dbt_version": "1.11.16",
        "generated_at": "2026-01-05T00:00:00Z",
        "invocation_id": "00000000-0000-0000-0000-000000000000",
        "env": {},
    }
