"""The dashboard: its queries are judged by promtool, and ask for metrics that there are."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import yaml

from analyticsops.slo.exports.grafana import dashboard
from analyticsops.slo.exports.prometheus import NAMES
from analyticsops.slo.exports.prometheus_rules import rules
from analyticsops.slo.spans import HOUR
from tests.slo.exports.making import judged

MADE = dashboard()
QUERIES = [target["expr"] for panel in MADE["panels"] for target in panel.get("targets", ())]


def test_queries_are_promql(tmp_path: Path) -> None:
    made = [{"record": f"q:{place}", "expr": expr} for place, expr in enumerate(QUERIES)]
    (tmp_path / "queries.yml").write_text(
        yaml.safe_dump({"groups": [{"name": "q", "rules": made}]})
    )
    found = judged("promtool", "check", "rules", "queries.yml", folder=tmp_path)
    assert f"{len(QUERIES)} rules found" in found


def test_queries_ask_for_metrics_that_there_are() -> None:
    used = {name for expr in QUERIES for name in re.findall(r"\banalyticsops_slo[_:][\w:]+", expr)}
    recorded = set(re.findall(r"record: (\S+)", rules(HOUR)))
    assert len(used) > 10
    assert used <= NAMES | recorded


def test_panels_do_not_overlap() -> None:
    places = [panel["gridPos"] for panel in MADE["panels"]]
    for one, other in combinations(places, 2):
        apart_x = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        apart_y = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert apart_x or apart_y, (one, other)
    assert all(place["x"] + place["w"] <= 24 for place in places)


def test_rows() -> None:
    assert [p["title"] for p in MADE["panels"] if p["type"] == "row"] == [
        "Executive",
        "On call",
        "Debug",
    ]
    assert len({panel["id"] for panel in MADE["panels"]}) == len(MADE["panels"])
