"""A workspace that has something of everything that an export must hold."""

from __future__ import annotations

from typing import Any

from analyticsops.workspace import Workspace
from tests.project_maker import project, workspace

MODELS: dict[str, Any] = {
    "stg": {
        "sql": "select id, amount as cents, md5(email) as email_hash from @raw.orders",
        "columns": {"cents": {"data_type": "integer", "description": "In cents."}},
    },
    "eph": {"sql": "select id, cents from @stg where cents > 0", "materialized": "ephemeral"},
    "fct": "select eph.id, sum(cents) as total, count(q) as n, max(case when w then 1 end) as m "
    "from @eph as eph join elsewhere.t using (id) group by 1",
    "doubt": "select nobody_knows from @raw.a cross join @raw.b",
    "script": {"sql": "@fct", "language": "python", "columns": {"q": {}}},
}


def shop(**more: Any) -> Workspace:
    """Models of every kind, a table outside of the project, and ends."""
    parts: dict[str, Any] = {
        "sources": {
            "raw.orders": {"columns": {"id": {}, "amount": {}, "email": {}}, "known": True},
            "raw.a": {},
            "raw.b": {},
        },
        "models": MODELS,
        "metrics": {"revenue": {"type_params": {"measure": {"name": "total"}}}},
        "semantic_models": {"fct_s": {"model": "fct", "measures": {"total": "sum(total)"}}},
        "exposures": {"board": {"depends_on": ["metric revenue", "fct"], "owner": "CFO"}},
        "tests": ["unique fct.id"],
    }
    return workspace(project(**{**parts, **more}))
