"""`check` finds of objectives what `slo lint` does without a history, and tells each thing once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from analyticsops import api
from analyticsops.errors import ConfigError
from analyticsops.linting import lint_objectives
from analyticsops.workspace import Workspace

from ..project_maker import project, workspace

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FRESH = {"error_after": {"count": 1, "period": "hour"}}
HOUR_OLD = {
    "unique_id": "raw.orders",
    "status": "pass",
    "max_loaded_at": "2026-11-20T11:00:00Z",
    "snapshotted_at": "2026-11-20T12:00:00Z",
    "max_loaded_at_time_ago_in_s": 3600,
}
MEANINGLESS = """
version: 1
schedules: {never: {cron: "0 5 25 12 *", holidays: {country: DE}}}
slos:
  - {target: {job: nightly}, indicator: {type: success}, schedule: never}
  - {target: {select: mart}, indicator: {type: quality}}
routes: [{to: [pager]}]
"""


def shop(
    folder: Path, written: str = "", *, slo: Any = None, measured: bool = False, **metric: Any
) -> Workspace:
    """raw.orders, measured by dbt, and raw.rates, which never is -> mart -> a metric."""
    if written:
        (folder / "slos").mkdir()
        (folder / "slos" / "all.yml").write_text(written)
    meta = {"meta": {"analyticsops": {"slo": slo}}} if slo is not None else {}
    made = project(
        sources={"raw.orders": {"columns": "id", "freshness": FRESH}, "raw.rates": "id"},
        models={
            "mart": {"sql": "select o.id from @raw.orders o join @raw.rates using (id)", **meta}
        },
        metrics={"n": "count(mart.id)"},
    )
    if metric:
        made.manifest["metrics"]["metric.shop.n"] |= {
            "config": {"meta": {"analyticsops": metric}},
            "depends_on": {"nodes": ["semantic_model.shop.mart_n"]},
        }
    results = [HOUR_OLD] if measured else None
    return workspace(made, freshness=results, project_dir=folder)


def told(made: Workspace, **options: Any) -> list[tuple[str, str, str]]:
    """(code, subject, place) of what `check` says of objectives."""
    found = api.check(made, now=NOW, **options).findings
    return [
        (one.rule, one.subject, str(one.location or ""))
        for one in found
        if one.rule.startswith("SLO")
    ]


def test_it_says_what_slo_lint_says(tmp_path: Path) -> None:
    made = shop(tmp_path, MEANINGLESS)
    assert sorted(told(made)) == [
        ("SLO407", "nightly/success", "slos/all.yml:5"),
        ("SLO419", "pager", "slos/all.yml:7"),
        ("SLO423", "mart/quality", "slos/all.yml:6"),
    ]
    linted = lint_objectives(made, None, now=NOW)
    checked = api.check(made, now=NOW)
    whole = {one.fingerprint: one for one in checked.findings}
    assert all(whole[one.fingerprint] == one for one in linted.findings)
    assert {code for code, *_ in told(made, exclude="mart")} == {"SLO407", "SLO419"}


OLD = {"indicator": {"type": "freshness", "threshold": "26h"}}
UNREADABLE = {"name": "x", "indicator": {"type": "freshness", "threshold": "26 horas"}}


@pytest.mark.parametrize("measured", [False, True])
@pytest.mark.parametrize(
    ("slo", "expected"),
    [
        (OLD, ("SLO412", "mart/freshness")),
        (UNREADABLE, ("SLO401", "mart/x")),
        (
            {
                "indicator": OLD["indicator"]
                | {"sources": dict.fromkeys(["raw.orders", "raw.rates"], "static")}
            },
            ("SLO411", "mart/freshness"),
        ),
    ],
)
def test_what_nobody_can_ever_know_is_told_once(
    slo: Any, expected: tuple[str, str], measured: bool, tmp_path: Path
) -> None:
    """Also where dbt measured, and the objective is unknown by that, too."""
    assert [one[:2] for one in told(shop(tmp_path, slo=[slo], measured=measured))] == [expected]


def test_what_a_group_promises_is_told_at_its_file(tmp_path: Path) -> None:
    """dbt does not say in which line a group stands."""
    made = project(
        models={"mart": {"sql": "select 1 as id", "group": "finance"}}, groups={"finance": "CFO"}
    )
    made.manifest["groups"]["group.shop.finance"] |= {
        "original_file_path": "models/groups.yml",
        "config": {"meta": {"analyticsops": {"slo": [UNREADABLE]}}},
    }
    found = told(workspace(made, project_dir=tmp_path))
    assert found == [("SLO401", "mart/x", "models/groups.yml")]


def test_a_breach_is_told_beside_what_is_never_measured(tmp_path: Path) -> None:
    slo = {"indicator": {"type": "freshness", "threshold": "30m"}}
    codes = {code for code, *_ in told(shop(tmp_path, slo=[slo], measured=True))}
    assert codes == {"SLO201", "SLO412", "SLO424"}


def test_the_goal_of_a_metric_is_left_to_the_rules_of_metrics(tmp_path: Path) -> None:
    """They look at the sources of its value alone."""
    made = shop(tmp_path, freshness={"slo": "26h"})
    assert told(made) == []
    linted = lint_objectives(made, None, now=NOW).findings
    assert [one.rule for one in linted] == ["SLO412"]


def test_a_wrong_file_ends_it_although_nothing_was_measured(tmp_path: Path) -> None:
    made = shop(
        tmp_path, "version: 1\nslos:\n  - {target: {job: nightly}, indicator: {type: luck}}\n"
    )
    with pytest.raises(ConfigError, match=r"slos/all\.yml:3: "):
        api.check(made, now=NOW)
