"""metrics list, show, search, lineage, used-by, owners, changelog, readiness: from the index."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import analyticsops as ao
from analyticsops import searching
from analyticsops.errors import NotFoundError
from tests.cli.shell import Done, run
from tests.project_maker import project, write

META = {
    "tier": "certified",
    "version": "2.0.0",
    "unit": "USD",
    "synonyms": ["turnover"],
    "owner": "Finance",
    "bounds": {"min": 0},
    "invariants": ["value < 100"],
    "additivity": {"time": False, "dimensions": ["status"]},
    "equals": [{"column": "orders.amount", "by": {"order": "id"}}],
}
RECORD = """\
kind: redefine
why: Refunds are taken off.
release_note: Revenue is net of refunds now.
approved_by: cfo
migration:
  steps: [tell the board]
  backfill: none
"""
PARTS: dict[str, Any] = {
    "sources": {"raw.orders": {"columns": {"id": {}, "amount": {}, "status": {}}}},
    "models": {
        "orders": "select id, amount from @raw.orders where status = 'paid'",
        "days": "select id from @orders",
    },
    "tests": ["not_null orders.amount"],
    "metrics": {
        "orders_count": "count(orders.id)",
        "revenue": {
            "type": "simple",
            "label": "Revenue",
            "type_params": {"measure": {"name": "revenue"}},
            "config": {"meta": {"analyticsops": META}},
        },
        "average": {
            "type": "ratio",
            "type_params": {
                "numerator": {"name": "revenue"},
                "denominator": {"name": "orders_count"},
            },
        },
    },
    "semantic_models": {
        "money": {
            "model": "orders",
            "entities": {"order": {"type": "primary", "expr": "id"}},
            "measures": {"revenue": "sum(amount)"},
        }
    },
    "exposures": {"board": "metric revenue"},
}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("ANALYTICSOPS_CACHE", raising=False)
    folder = write(project(**PARTS), tmp_path)
    record = folder / "analyticsops" / "changes" / "revenue" / "2.0.0.yml"
    record.parent.mkdir(parents=True)
    record.write_text(RECORD, encoding="utf-8")
    return folder


def told(shop: Path, *words: str) -> list[list[str]]:
    done = run("metrics", *words, cwd=shop)
    assert done.code == 0, done.err
    return [line.split("\t") for line in done.out.splitlines()]


def as_json(shop: Path, *words: str) -> Any:
    return json.loads(run("metrics", *words, "--format", "json", cwd=shop).out)


def test_show_says_everything(shop: Path) -> None:
    card = as_json(shop, "show", "turnover")
    assert card["metric"]["columns"] == ["orders.amount"]
    assert card["metric"]["sources"] == ["raw.orders.amount"]
    assert card["metric"]["decided_by"] == ["raw.orders.status"]
    assert card["tests"] == ["not_null: orders.amount"]
    assert card["promised"] == [
        "at least 0",
        "value < 100",
        "does not add up over time, by dimensions: status",
        "equals sum of orders.amount by order",
    ]
    assert card["sql"].count("sum(f.metric_value)") == 1
    assert [version["version"] for version in card["versions"]] == ["2.0.0"]
    assert any("MET414" in lack for lack in card["missing"])
    page = run("metrics", "show", "revenue", cwd=shop).out.splitlines()
    lines = {line[:13].strip(): line[13:] for line in page}
    assert lines["owner"] == "Finance"
    assert lines["last change"] == "2.0.0 redefine: Refunds are taken off."
    assert lines["used by"] in ("exposure board", "metric average")


def test_list_by_tier_owner_and_source(shop: Path) -> None:
    names = {
        words: [row[0] for row in told(shop, "list", *words)]
        for words in ((), ("--tier", "certified"), ("--owner", "fin"), ("--source", "raw.orders"))
    }
    assert names[()] == ["average", "orders_count", "revenue"]
    assert names["--tier", "certified"] == names["--owner", "fin"] == ["revenue"]
    assert "revenue" in names["--source", "raw.orders"]


def test_search_looks_at_columns_and_synonyms(shop: Path) -> None:
    assert told(shop, "search", "turnover")[0][:2] == ["metric", "revenue"]
    assert {row[1] for row in told(shop, "search", "amount")} >= {"revenue"}
    done = run("metrics", "search", "revneue", cwd=shop)
    assert "did you mean 'revenue'" in done.err


def test_lineage_goes_down_to_sources(shop: Path) -> None:
    lines = run("metrics", "lineage", "average", cwd=shop).out.splitlines()
    assert lines[0] == "average = revenue / orders_count"
    assert "  revenue = sum(amount)" in lines
    assert "    source raw.orders.amount" in lines
    assert "    decided by raw.orders.status" in lines
    assert as_json(shop, "lineage", "average").keys() == {"average", "revenue", "orders_count"}


def test_used_by_a_metric_or_a_column(shop: Path) -> None:
    assert sorted(row[1] for row in told(shop, "used-by", "revenue")) == ["average", "board"]
    users = [row[1] for row in told(shop, "used-by", "orders.amount")]
    assert {"revenue", "average", "board"} <= set(users)
    assert run("metrics", "used-by", "nothing", cwd=shop).code == 2


def test_owners_changelog_and_readiness(shop: Path) -> None:
    assert told(shop, "owners") == [["nobody", "2", "2 without"], ["Finance", "1", "1 certified"]]
    (entry,) = told(shop, "changelog")
    assert entry == ["revenue", "2.0.0", "redefine", "cfo", "Revenue is net of refunds now."]
    assert any("MET407" in row[2] for row in told(shop, "readiness", "revenue"))
    assert told(shop, "readiness", "--tier", "draft") == []


def test_the_project_is_not_read_again(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(shop, "list")
    script = (
        "import sys; from analyticsops.cli import cli\n"
        "try: cli(['metrics', 'show', 'revenue'])\n"
        "finally: print([name for name in ('sqlglot', 'duckdb') if name in sys.modules])"
    )
    done = _python(script, shop)
    assert done.out.splitlines()[-1] == "[]"
    with ao.lookup_of(ao.load(shop / "target")) as lookup:
        monkeypatch.setattr(searching, "metric_cards", None)
        assert lookup.metric("revenue").metric.tier == "certified"
        with pytest.raises(NotFoundError, match="did you mean 'revenue'"):
            lookup.metric("revenu")


def _python(script: str, folder: Path) -> Done:
    import os
    import subprocess
    import sys

    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, env=environ, capture_output=True, text=True
    )
    return Done(done.returncode, done.stdout, done.stderr)


def test_what_people_write_makes_another_index(shop: Path) -> None:
    assert len(told(shop, "changelog")) == 1
    newer = shop / "analyticsops" / "changes" / "revenue" / "3.0.0.yml"
    newer.write_text(RECORD.replace("Refunds", "Fees"), encoding="utf-8")
    assert [row[1] for row in told(shop, "changelog")] == ["3.0.0", "2.0.0"]
