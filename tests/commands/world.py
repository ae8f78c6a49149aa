"""A folder in which every command has something to say: two versions of a project, a database,
a history, objectives, incidents to come, and a run that is not remembered yet."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from analyticsops.history.store import Store
from analyticsops.slo.gameday.fault import Fault, FaultKind
from analyticsops.slo.gameday.faults import inject
from analyticsops.slo.gameday.rehearsal import Rehearsal, rehearse
from analyticsops.slo.spans import DAY, HOUR, MINUTE, instant_of
from scripts.simulated_history import records_of
from tests.hostile import READABLE
from tests.project_maker import Made, project, workspace, write

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)

Change = Callable[[dict[str, Any]], None]
"""Does something to a manifest before it is written."""

PLAIN: Mapping[str, str] = {
    "literal": "paid",
    "filter": "",
    "comment": "note",
    "other": "gone",
    "message": "abc",
    "adapter": "x",
    "argument": "y",
    "environment": "z",
    "log": "w",
    "hook": "h",
    "default": "d",
    "rendered": "r",
}
"""What stands at each place where a secret may be."""

_SLO = [
    {
        "name": "fresh",
        "indicator": {"type": "freshness", "threshold": "2h"},
        "window": {"rolling": "7d"},
    }
]
_SOURCE = {
    "columns": {
        "id": "integer",
        "amount": "integer",
        "email": "varchar",
        "ordered_at": "timestamp",
    },
    "known": True,
    "freshness": {"warn_after": {"count": 2, "period": "hour"}, "error_after": None},
    "config": {"meta": {"analyticsops": {"slo": _SLO}}},
}
_OPERATIONS = """\
version: 1
environment: prod
slos:
  - name: success
    target: {job: hourly}
    indicator: {type: success}
    objective: 95%
    window: {rolling: 7d}
    owner: Data Platform
receivers:
  team: {type: slack, url_env: SLACK_URL}
routes: [{to: [team]}]
"""
_GOLDEN = "metric_time__month,value\n2026-01-01,7\n"
_ALLOWED = "Finding of the base: nobody reads it."


def parts(words: Mapping[str, str], *, changed: bool) -> dict[str, Any]:
    """Arguments of the project maker; ``changed`` for the later version."""
    renamed = "amount as cents" if changed else "amount"
    other = words["other"] if changed else "kept"
    return {
        "sources": {"raw.orders": _SOURCE},
        "models": {
            "stg": {
                "sql": f"select id, {renamed}, email, ordered_at, '{words['literal']}' as state "
                f"-- {words['comment']}\nfrom @raw.orders where email <> '{words['filter']}'",
                "description": "Orders as they come.",
                "pre_hook": f"delete from @raw.orders where email = '{words['hook']}'",
            },
            "fct": "select id, sum(amount) as total, max(ordered_at) as ordered_at from @stg "
            f"where email <> '{other}' and state <> '{words['filter']}x' group by id",
            "fct_other": f"select case when id = 1 then '{words['literal']}' else email end as "
            f"address, coalesce(email, '{words['default']}') as shown from @stg",
        },
        "tests": [
            *([] if changed else ["unique stg.id"]),
            "not_null fct.id",
            f"accepted_values stg.state [{words['literal']}, {words['default']}]",
        ],
        "semantic_models": {
            "orders": {
                "model": "fct",
                "entities": {"order": {"type": "primary", "expr": "id"}},
                "dimensions": {
                    "ordered_at": {
                        "expr": "ordered_at",
                        "type": "time",
                        "type_params": {"time_granularity": "day"},
                    },
                },
                "measures": {"total": "sum(total)", "many": "count(id)"},
                "defaults": {"agg_time_dimension": "ordered_at"},
            }
        },
        "metrics": {
            "revenue": {
                "type": "simple",
                "label": "Revenue",
                "description": "Money.",
                "type_params": {"measure": {"name": "total"}},
                "meta": {"analyticsops": {"owner": "Finance", "golden": "golden.csv"}},
            },
            "orders": {"type": "simple", "type_params": {"measure": {"name": "many"}}},
        },
        "exposures": {
            "board": {"depends_on": ["metric revenue", "fct"], "owner": "CFO"},
            "mail": {"depends_on": ["fct_other"], "owner": "Sales"},
        },
    }


def make_world(
    folder: Path,
    words: Mapping[str, str] = PLAIN,
    change: Change = lambda manifest: None,
    *,
    backwards: bool = False,
) -> Path:
    """``base``, ``head`` and ``ran`` (a target folder to be ingested) below ``folder``, which is
    handed back; ``backwards`` if the last run is remembered first."""
    for name in ("base", "head"):
        made = project(**parts(words, changed=name == "head"))
        made.manifest["metadata"]["env"] = {"DBT_ENV_CUSTOM_ENV_TOKEN": words["environment"]}
        change(made.manifest)
        root = write(made, folder / name, freshness=[_measured()])
        (root / "golden.csv").write_text(_GOLDEN, encoding="utf-8")
        (root / "slos").mkdir()
        (root / "slos" / "operations.yml").write_text(_OPERATIONS, encoding="utf-8")
    _remember(words, change, folder / "head" / ".analyticsops" / "history", backwards)
    _database(folder / "db.duckdb")
    _ran(words, folder / "ran", made)
    (folder / "out").mkdir()
    return folder


def _measured() -> dict[str, Any]:
    return {
        "unique_id": "raw.orders",
        "status": "warn",
        "max_loaded_at": "2026-11-20T01:00:00+00:00",
        "snapshotted_at": "2026-11-20T08:00:00+00:00",
        "max_loaded_at_time_ago_in_s": 25_200,
    }


def _remember(words: Mapping[str, str], change: Change, folder: Path, backwards: bool) -> None:
    """Three days: a source that came late, and a model that fails since three hours ago."""
    made = project(**parts(words, changed=False))
    change(made.manifest)
    shop = workspace(made).project
    now = instant_of(NOW)
    observed = rehearse(shop, (now - DAY, now - 10 * MINUTE), Rehearsal())
    late = Fault(
        kind=FaultKind.SOURCE_LATE, target="source.shop.raw.orders", at=now - 12 * HOUR, by=9 * HOUR
    )
    failing = Fault(kind=FaultKind.NODE_FAILS, target="model.shop.stg", at=now - 3 * HOUR)
    for fault in (late, failing):
        observed = inject(shop, observed, fault)
    store = Store(folder)
    records = list(records_of(shop, msgspec.structs.replace(observed, environment="prod")))
    for record in reversed(records) if backwards else records:
        store.put(record)


def _database(path: Path) -> None:
    """Tables of the mart, for what asks a warehouse."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema dev")
        connection.execute(
            "create table dev.fct as select 1 as id, 7 as total, "
            "timestamp '2026-01-02' as ordered_at"
        )


def _ran(words: Mapping[str, str], folder: Path, made: Made) -> None:
    """What dbt leaves behind of a run in which a model failed."""
    folder.mkdir()
    about = {
        "dbt_version": "1.11.16",
        "generated_at": "2026-11-20T07:00:10.000001Z",
        "invocation_id": "6b0a4a4e-0000-4000-8000-00000000000a",
        "invocation_started_at": "2026-11-20T07:00:00.123456Z",
        "env": {"DBT_ENV_CUSTOM_ENV_TOKEN": words["environment"]},
        "dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json",
    }
    results = [
        {
            "unique_id": f"model.shop.{name}",
            "status": status,
            "execution_time": 1.5,
            "timing": [
                {
                    "name": "execute",
                    "started_at": "2026-11-20T07:00:01Z",
                    "completed_at": "2026-11-20T07:00:02Z",
                }
            ],
            "message": f"Runtime Error in model {name} (models/{name}.sql)\n  Conversion Error: "
            f"Could not convert string '{words['message']}' to INT32\n  LINE 1: "
            f"select '{words['message']}'",
            "failures": None,
            "thread_id": "Thread-1",
            "adapter_response": {"_message": words["adapter"], "rows_affected": 3},
            "compiled_code": f"select '{words['literal']}'",
        }
        for name, status in (("stg", "success"), ("fct", "error"))
    ]
    arguments = {
        "which": "build",
        "vars": {"key": words["argument"]},
        "profiles_dir": f"/home/{words['argument']}",
        "invocation_command": f"dbt build --vars '{{key: {words['argument']}}}'",
    }
    document = {"metadata": about, "results": results, "elapsed_time": 9.0, "args": arguments}
    (folder / "run_results.json").write_text(json.dumps(document), encoding="utf-8")
    about["dbt_schema_version"] = "https://schemas.getdbt.com/dbt/manifest/v12.json"
    manifest = {**made.manifest, "metadata": {**made.manifest["metadata"], **about}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "dbt.log").write_text(
        f"07:00:01 Using value {words['log']}\n07:00:02 select '{words['literal']}'\n",
        encoding="utf-8",
    )


def named(manifest: dict[str, Any]) -> None:
    """Adds a model, its column, an exposure, a metric, a source's description, each with one of
    the names that people, accidents and attackers gave; ids stay, so that commands find them."""
    for number, name in enumerate(READABLE):
        made = _MANY.manifest
        for kind in ("nodes", "exposures", "metrics", "semantic_models"):
            for key, entry in made[kind].items():
                if key.rpartition(".m")[2] == str(number):
                    manifest[kind][key] = {**entry, **_words(name, kind, entry)}


def _words(name: str, kind: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    more: dict[str, Any] = {"name": name, "description": name}
    if kind == "nodes":
        columns = {name: {"name": name, "description": name, "data_type": name}}
        more |= {"columns": columns, "tags": [name], "alias": entry["name"]}
    if kind == "exposures":
        reads = {"nodes": [*entry["depends_on"]["nodes"], "model.shop.fct"]}
        more |= {"owner": {"name": name, "email": name}, "depends_on": reads}
    if kind == "metrics":
        more |= {"label": name}
    if kind == "semantic_models":
        more = {"description": name, "label": name}
    return more


_MANY = project(
    models={f"m{number}": f"select {number} as c" for number in range(len(READABLE))},
    exposures={f"m{number}": f"m{number}" for number in range(len(READABLE))},
    metrics={f"m{number}": f"sum(m{number}.c)" for number in range(len(READABLE))},
)
