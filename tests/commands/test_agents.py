"""The tools for agents: no secret, and nothing that hides, but where SQL is asked for."""

from __future__ import annotations

import json
from typing import Any

from mcp.client import Client

from tests.commands.conftest import Show
from tests.commands.judges import HIDDEN
from tests.commands.secrets import ENVIRONMENT, found_in
from tests.commands.test_secrets import SQL
from tests.mcp.test_server import TOOLS, ask

CALLS: dict[str, dict[str, Any]] = {
    "status": {},
    "search": {"text": "orders"},
    "describe": {"name": "fct_other"},
    "lineage": {"column": "fct_other.address"},
    "impact": {"columns": ["stg.email"]},
    "diff": {},
    "metrics": {},
    "metric_sql": {"metrics": ["revenue"]},
    "slo": {},
    "explain": {"what": "SCH201"},
}
SHOWN = {"diff": {"other"}, "metric_sql": SQL, "lineage": {"literal"}, "describe": {"literal"}}
"""Tool -> what of the project's code it may show."""


def test_tools(show: Show, monkeypatch: Any) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    assert sorted(CALLS) == sorted(TOOLS)
    said: dict[str, str] = {}

    async def asked(client: Client) -> None:
        for tool, arguments in CALLS.items():
            answer = await client.call_tool(tool, arguments)
            assert not answer.is_error, answer
            said[tool] = json.dumps(answer.model_dump(mode="json"), ensure_ascii=False)

    ask(show.world / "head" / "target", asked, "--base", str(show.world / "base" / "target"))
    for tool, text in said.items():
        assert found_in(text) <= SHOWN.get(tool, set()), tool
        assert not HIDDEN.search(text), tool
