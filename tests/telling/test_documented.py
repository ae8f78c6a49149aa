"""The settings that docs/incidents.md shows are settings, and the words that it uses are ours."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from analyticsops.slo.log.events import What
from analyticsops.slo.spec.reading import read_files
from analyticsops.telling.due import routed, unknown_receivers
from tests.telling.making import alert, incident

PAGE = (Path(__file__).parents[2] / "docs" / "incidents.md").read_text(encoding="utf-8")


def test_routes(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "slos").mkdir()
    (tmp_path / "slos" / "ops.yml").write_text(block)
    shared = read_files(tmp_path)
    assert unknown_receivers(shared) == ()
    page = incident(alert(page=True, group="finance"))
    assert routed(page, shared) == ("finance-oncall", "data-alerts", "prometheus")
    ticket = incident(alert(owner="growth team"))
    assert routed(ticket, shared) == ("tickets", "data-alerts", "prometheus")


def test_whats() -> None:
    table = re.findall(r"^\| `(\w+)` \|", PAGE.partition("## What a message says")[2], re.MULTILINE)
    assert sorted(table) == sorted(get_args(What))


def test_receivers() -> None:
    part = PAGE.partition("## Receivers")[2].partition("## What")[0]
    table = re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)
    assert table == ["slack", "webhook", "pagerduty", "alertmanager", "heartbeat"]
