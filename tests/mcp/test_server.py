"""The server, asked by the SDK's own client over standard input and output."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp_types import CallToolResult, TextContent

from tests.project_maker import project, write

REPO = Path(__file__).resolve().parents[2]
TOOLS = [
    "status", "search", "describe", "lineage", "impact", "diff", "metrics", "metric_sql", "slo",
    "explain",
]  # fmt: skip
STG = "select id, amount from @raw.payments"
HIDDEN = "\x1b[31mred\x1b[0m \u202eturned\u2066 \x07bell"


def made(folder: Path, stg: str = STG, **more: Any) -> Path:
    parts = {
        "sources": {"raw.payments": {"columns": {"id": {}, "amount": {}}}},
        "models": {
            "stg": {"sql": stg, "description": f"Payments. {HIDDEN}"},
            "fct": "select sum(amount) as revenue from @stg",
        },
        "metrics": {"money": "sum(fct.revenue)"},
        "exposures": {"board": "fct"},
        **more,
    }
    return write(project(**parts), folder)


Asked = Callable[[Client], Awaitable[None]]


def ask(target: Path, asked: Asked, *options: str) -> None:
    command = ["-m", "analyticsops", "mcp", "--target-path", str(target), *options]
    environ = {**os.environ, "PYTHONPATH": str(REPO)}
    server = StdioServerParameters(command=sys.executable, args=command, env=environ)

    async def main() -> None:
        async with Client(server) as client:
            await asked(client)

    anyio.run(main)


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert isinstance(result, CallToolResult)
    assert not result.is_error, result.content
    found = result.structured_content
    assert isinstance(found, dict)
    return found


def test_every_tool_answers_and_says_what_it_is_worth(tmp_path: Path) -> None:
    base, head = made(tmp_path / "base"), made(tmp_path / "head", f"{STG} where amount > 0")

    async def asked(client: Client) -> None:
        listed = (await client.list_tools()).tools
        assert [tool.name for tool in listed] == TOOLS
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in listed)
        arguments: dict[str, dict[str, Any]] = {
            "search": {"text": "reven"},
            "describe": {"name": "fct"},
            "lineage": {"column": "fct.revenue"},
            "impact": {"columns": ["stg.amount"]},
            "explain": {"what": "ROW301"},
            "metric_sql": {"metrics": ["money"], "limit": 7},
        }
        found = {name: await call(client, name, **arguments.get(name, {})) for name in TOOLS}
        for name, answer in found.items():
            about = answer["about"]
            assert about["lineage"] == {"proven": 2, "partial": 0, "unknown": 0}, name
            assert about["compiled"].startswith("2026-"), name
            assert about["age"], name
        assert found["status"]["counts"]["model"] == 2
        assert found["search"]["found"][0]["name"] == "fct.revenue"
        assert found["describe"]["columns"] == [{"name": "revenue"}]
        sources = [step["column"] for step in found["lineage"]["upstream"]]
        assert sources[-1] == "raw.payments.amount" or "raw.payments.amount" in sources
        assert [hit["name"] for hit in found["impact"]["hits"]][:2] == ["board", "money"]
        assert found["diff"]["verdicts"] == {"stg": "rows changed"}
        assert found["diff"]["findings"][0]["rule"] == "ROW301 filter-changed"
        assert [metric["name"] for metric in found["metrics"]["metrics"]] == ["money"]
        sql = found["metric_sql"]["sql"]
        assert sql.startswith("with money_values as (")
        assert sql.endswith("limit 7")
        assert found["explain"]["rule"].startswith("## ROW301")

    ask(head / "target", asked, "--base", str(base / "target"))


def test_foreign_words_hide_nothing(tmp_path: Path) -> None:
    long = "x" * 5_000
    models = {"stg": {"sql": STG, "description": f"{HIDDEN} {long}"}}

    async def asked(client: Client) -> None:
        says = (await call(client, "describe", name="stg"))["says"]
        assert len(says) == 2_000
        assert "red \\u{202e}turned" in says
        assert not {"\x1b", "\x07", "\u202e", "\u2066"} & set(json.dumps(says, ensure_ascii=False))

    ask(made(tmp_path, models=models, metrics={}, exposures={}) / "target", asked)


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    models = {f"m{number:03}": "select amount from @raw.payments" for number in range(250)}

    async def asked(client: Client) -> None:
        answer = await call(client, "lineage", column="raw.payments.amount")
        assert len(answer["downstream"]) == 200
        assert answer["downstream_more"].startswith("50 more")
        answer = await call(client, "impact", columns=["raw.payments.amount"], limit=10)
        assert (len(answer["hits"]), answer["more"][:8]) == (10, "240 more")

    ask(made(tmp_path, models=models, metrics={}, exposures={}) / "target", asked)


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("describe", {"name": "ftc"}, "no model, metric or column named 'ftc'"),
        ("lineage", {"column": "fct.revenu"}, "did you mean 'revenue'"),
        ("lineage", {"column": "fct.revenue", "direction": "up"}, "upstream, downstream or both"),
        ("search", {"text": "x", "kinds": ["table"]}, "no kind named 'table'"),
        ("diff", {}, "start it with --base DIR"),
        ("metrics", {"name": "mony"}, "did you mean 'money'"),
        ("metric_sql", {"metrics": ["mony"]}, "did you mean 'money'"),
        ("metric_sql", {"metrics": ["money"], "by": ["a__b"]}, "cannot be reached"),
        ("metric_sql", {"metrics": ["money"], "where": ["{% x %}"]}, "has Jinja other than"),
        ("explain", {"what": "SCH999"}, "no rule named 'SCH999'"),
        ("impact", {"columns": ["x"], "limit": 0}, "limit"),
    ],
)
def test_a_mistake_is_one_clear_line(
    tmp_path: Path, tool: str, arguments: dict[str, Any], said: str
) -> None:
    async def asked(client: Client) -> None:
        result = await client.call_tool(tool, arguments)
        assert isinstance(result, CallToolResult)
        assert result.is_error
        (words,) = result.content
        assert isinstance(words, TextContent)
        assert said in words.text
        assert "Traceback" not in words.text

    ask(made(tmp_path) / "target", asked)


def test_artifacts_are_read_again_when_they_change(tmp_path: Path) -> None:
    target = made(tmp_path) / "target"

    async def asked(client: Client) -> None:
        assert (await call(client, "status"))["counts"]["model"] == 2
        made(tmp_path, models={"stg": STG}, metrics={}, exposures={})
        assert (await call(client, "status"))["counts"]["model"] == 1

    ask(target, asked)


def test_a_project_that_cannot_be_read_ends_the_server(tmp_path: Path) -> None:
    from tests.cli.shell import run

    done = run("mcp", "--target-path", str(tmp_path), cwd=tmp_path)
    assert done.code == 2
    assert "manifest" in done.err
