"""What is mutated: small whole projects as every version of dbt writes them, with files around."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from tests.artifacts import shapes
from tests.project_maker import project, sources_json

TESTS = Path(__file__).parent.parent
RESULT_OF = "model.shop.orders"
FILES: Mapping[str, str] = {
    "analyticsops.yml": "version: 1\nstrictness: strict\nlineage: {tags: {follow: [pii]}}\n",
    "dbt_project.yml": "name: shop\nversion: 1.0.0\nprofile: shop\n",
    "models/stg.sql": "select id, amount from {{ source('raw', 'orders') }}\n",
    "models/_models.yml": "models:\n  - name: orders\n    columns:\n      - name: id\n",
}
"""Beside the artifacts, in every project."""


class Seed(msgspec.Struct, frozen=True):
    """A project before it is mutated.

    Attributes:
        artifacts: name of a file in the target folder -> its JSON.
    """

    name: str
    artifacts: Mapping[str, bytes]


def _seed(name: str, **artifacts: Any) -> Seed:
    return Seed(
        name, {f"{key}.json": json.dumps(value).encode() for key, value in artifacts.items()}
    )


_SLO = [
    {
        "name": "fresh",
        "indicator": {"type": "freshness", "threshold": "2h"},
        "window": {"rolling": "7d"},
    },
    {"name": "green", "indicator": {"type": "build_success"}, "objective": 99},
]
_META = {
    "owner": "ann",
    "analyticsops": {
        "columns": {"orders": ["id"]},
        "allow": [{"rule": "SCH201", "reason": "gone for good", "until": "2099-01-01"}],
        "slo": _SLO,
    },
}


def _dense(*, changed: bool) -> Any:
    """Every kind of node and end that dbt knows, each once or twice."""
    amount = "amount * 2" if changed else "amount"
    return project(
        sources={
            "raw.orders": {
                "columns": {"id": "integer", "amount": "decimal(10,2)", "at": "timestamp"},
                "known": True,
                "freshness": {"warn_after": {"count": 1, "period": "hour"}, "error_after": None},
                "loaded_at_field": "at",
                "config": {"meta": {"analyticsops": {"slo": _SLO[:1]}}},
            }
        },
        seeds={"codes": "code,name"},
        snapshots={
            "orders_snapshot": {
                "sql": "select * from @raw.orders",
                "config": {"unique_key": "id", "strategy": "timestamp", "updated_at": "at"},
            }
        },
        models={
            "stg": {
                "sql": f"with o as (select * from @raw.orders) select id, {amount} as "
                "amount, at from o",
                "materialized": "view",
                "path": "models/stg.sql",
                "columns": {
                    "id": {"constraints": ["not_null"], "meta": {"pii": True}, "tags": ["pii"]}
                },
            },
            "eph": {"sql": "select id, amount, at from @stg", "materialized": "ephemeral"},
            "fct": {
                "sql": "select e.id, c.name, e.at, sum(e.amount) over (partition by "
                "c.code) as total "
                "from @eph e left join @codes c on c.code = e.id where e.amount > 0",
                "materialized": "incremental",
                "config": {
                    "unique_key": ["id"],
                    "on_schema_change": "fail",
                    "grants": {"select": ["bi"]},
                },
                "contract": True,
                "columns": {
                    "id": {"data_type": "integer"},
                    "name": "varchar",
                    "at": "timestamp",
                    "total": "decimal",
                },
                "access": "public",
                "group": "core",
                "meta": _META,
                "macros": ["cents"],
                "post_hook": "update fct set name = 'x' where id = 1",
            },
            "dim.v1": {
                "sql": "select id from @fct",
                "latest_version": 2,
                "deprecation_date": "2027-01-01",
            },
            "dim.v2": {
                "sql": "select id, name from @fct union all select 1, 'x'",
                "latest_version": 2,
            },
            "py": {
                "language": "python",
                "raw": "def model(dbt, s):\n  return dbt.ref('fct')",
                "reads": ["fct"],
            },
            "days": {
                "sql": "select at as day from @stg",
                "time_spine": {"standard_granularity_column": "day"},
            },
        },
        tests=[
            "unique fct.id",
            "not_null stg.id",
            "accepted_values fct.name [a, b]",
            {"name": "relationships fct.id", "kwargs": {"to": "ref('stg')", "field": "id"}},
            {"name": "positive", "sql": "select * from @fct where total < 0"},
        ],
        unit_tests={"adds_up": "fct"},
        groups={"core": "Core"},
        semantic_models={
            "orders": {
                "model": "fct",
                "defaults": {"agg_time_dimension": "day"},
                "entities": {"order": {"type": "primary", "expr": "id"}},
                "dimensions": {
                    "day": {
                        "type": "time",
                        "expr": "at",
                        "type_params": {"time_granularity": "day"},
                    },
                    "name": {"type": "categorical"},
                },
                "measures": {"revenue": "sum(total)", "buyers": "count_distinct(id)"},
            }
        },
        metrics={
            "revenue": {
                "type": "simple",
                "type_params": {"measure": {"name": "revenue"}},
                "label": "R",
                "filter": {
                    "where_filters": [
                        {"where_sql_template": "{{ Dimension('order__name') }} > 'a'"}
                    ]
                },
            },
            "buyers": {"type": "simple", "type_params": {"measure": {"name": "buyers"}}},
            "share": {
                "type": "ratio",
                "meta": {"analyticsops": {"tier": "certified", "unit": "EUR", "slo": "24h"}},
                "type_params": {
                    "numerator": {"name": "revenue"},
                    "denominator": {"name": "buyers"},
                },
            },
            "twice": {
                "type": "derived",
                "type_params": {
                    "expr": "a * 2",
                    "metrics": [
                        {
                            "name": "revenue",
                            "alias": "a",
                            "offset_window": {"count": 1, "granularity": "day"},
                        }
                    ],
                },
            },
            "so_far": {
                "type": "cumulative",
                "type_params": {
                    "measure": {"name": "revenue"},
                    "cumulative_type_params": {"window": {"count": 7, "granularity": "day"}},
                },
            },
        },
        saved_queries={
            "q": {
                "metrics": ["revenue"],
                "query_params": {"group_by": ["Dimension('order__name')"], "where": None},
            }
        },
        exposures={
            "board": {"depends_on": ["metric revenue", "fct"], "owner": "ann", "meta": _META}
        },
        macros={"cents": "{% macro cents(x) %} {{ x }} / 100 {% endmacro %}"},
        operations={"on-run-end": "insert into @fct select id, 'y', 1 from @stg"},
        analyses={"look": "select * from @fct"},
        disabled=["model.shop.old"],
    )


_SELECTORS = {
    "nightly": {
        "name": "nightly",
        "default": False,
        "description": "At night.",
        "definition": {
            "union": [
                {"method": "tag", "value": "nightly", "children": True},
                {"intersection": ["+fct", {"exclude": ["stg"]}]},
            ]
        },
    },
    "loop": {"name": "loop", "definition": {"method": "selector", "value": "loop"}},
}


def _results(*ids: str, command: str = "build") -> Any:
    found = shapes.run_results(which=command)
    (first,) = found["results"]
    states = ("success", "error", "skipped", "pass", "fail", "warn")
    times = {"started_at": "2026-01-02T03:04:05.1Z", "completed_at": "2026-01-02T03:04:06Z"}
    found["results"] = [
        {
            **first,
            "unique_id": name,
            "status": states[n % len(states)],
            "timing": [{"name": "compile", **times}, {"name": "execute", **times}],
            "adapter_response": {"_message": "OK", "rows_affected": n, "query_id": "q"},
        }
        for n, name in enumerate(ids)
    ]
    return found


def _of_shape(version: str) -> Seed:
    manifest = shapes.SHAPES[version]()
    measured = shapes.freshness("freshness", 0, "Warn") if version == "2.0" else shapes.freshness()
    return _seed(
        f"shape-{version}",
        manifest=manifest,
        catalog=shapes.catalog(),
        run_results=shapes.run_results(),
        **{"freshness" if version == "2.0" else "sources": measured},
    )


def _dense_seed() -> Seed:
    made = _dense(changed=False)
    made.manifest["selectors"] = _SELECTORS
    ids = [*made.manifest["nodes"]]
    fresh = {
        "unique_id": "raw.orders",
        "status": "warn",
        "criteria": {"warn_after": {"count": 1, "period": "hour"}},
        "max_loaded_at": "2026-01-02T03:00:00Z",
        "snapshotted_at": "2026-01-02T05:04:05Z",
        "max_loaded_at_time_ago_in_s": 7445.0,
    }
    measured = sources_json([fresh])
    measured["metadata"]["invocation_id"] = "22222222-2222-3333-4444-555555555555"
    return _seed(
        "dense",
        manifest=made.manifest,
        catalog=made.catalog,
        run_results=_results(*ids),
        sources=measured,
    )


def _of_folder(name: str, folder: Path) -> Seed:
    known = ("manifest", "catalog", "run_results", "sources", "freshness")
    files = {f"{kind}.json": folder / f"{kind}.json" for kind in known}
    return Seed(name, {key: path.read_bytes() for key, path in files.items() if path.is_file()})


@cache
def seeds() -> tuple[Seed, ...]:
    """All of them: dbt 1.5 to 2.0 by shape, and what dbt 1.8, 1.9, 1.10 and 1.11
    wrote themselves."""
    history = TESTS / "history" / "fixtures"
    return (
        _dense_seed(),
        *(_of_shape(version) for version in shapes.SHAPES),
        _of_folder("jaffle-1.11", TESTS / "artifacts" / "fixtures" / "jaffle"),
        *(
            _of_folder(f"retry-{minor}", history / f"retry_dbt_{minor}" / "1")
            for minor in ("1.8", "1.9", "1.10")
        ),
        _of_folder("freshness-1.11", history / "freshness_after_build" / "2"),
    )


@cache
def base() -> Seed:
    """The version of the dense project with which mutants are compared."""
    made = _dense(changed=True)
    return _seed("base", manifest=made.manifest, catalog=made.catalog)


def smallest() -> Seed:
    """The project whose every path is tried: few nodes, but of every kind."""
    return seeds()[0]
