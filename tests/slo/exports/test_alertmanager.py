"""Routes of Alertmanager, judged by amtool."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from analyticsops.slo.calendar import Calendar
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.exports.alertmanager import config
from analyticsops.slo.objective import Maintenance
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import DAY, HOUR, instant_of, time_of
from analyticsops.slo.spec.entries import MatchEntry, ReceiverEntry, RouteEntry
from analyticsops.slo.spec.reading import SharedSettings
from tests.slo.exports.making import NOW, evaluation, judged, loaded, slo

SHARED = SharedSettings(
    receivers={
        "oncall": ReceiverEntry(type="pagerduty", key_env="PD_KEY"),
        "chat": ReceiverEntry(type="slack", url_env="SLACK_URL"),
        "hook": ReceiverEntry(type="webhook", url_env="HOOK_URL", token_env="HOOK_TOKEN"),
        "beat": ReceiverEntry(type="heartbeat", url_env="BEAT_URL"),
    },
    routes=(
        RouteEntry(to=("oncall",), match=MatchEntry(severity="page", owner="finance")),
        RouteEntry(to=("chat",), match=MatchEntry(group="mart*", node="o?ders.v2")),
        RouteEntry(to=("hook",)),
    ),
)


def made() -> Evaluation:
    office = Calendar(
        timezone="Europe/Berlin",
        days=frozenset(range(5)),
        hours=((420, 1140),),
        holidays=frozenset({date(2027, 1, 18), date(2001, 1, 1)}),
    )
    work = Maintenance(reason="upgrade", span=(NOW + HOUR, NOW + DAY + HOUR + 1))
    again = Maintenance(reason="vacuum", schedule=Schedule(cron="0 3 * * 0"), lasts=2 * HOUR)
    return evaluation(
        loaded(slo(), NOW - HOUR, NOW),
        loaded(slo(name="office", calendar=office, maintenance=(work, again)), NOW - HOUR, NOW),
        shared=SHARED,
    )


def written(folder: Path) -> Path:
    """The configuration; amtool before 0.26 knows no `url_file` of webhooks, which the others'
    tests need not wait for."""
    text = config(made())
    assert text.count("url_file") == 3
    text = "\n".join(
        line.replace("url_file: secrets/", "url: http://127.0.0.1/")
        if "api_url_file" not in line
        else line
        for line in text.splitlines()
    )
    path = folder / "alertmanager.yml"
    path.write_text(text)
    return path


def test_amtool_reads_it(tmp_path: Path) -> None:
    written(tmp_path)
    found = judged("amtool", "check-config", "alertmanager.yml", folder=tmp_path)
    assert "SUCCESS" in found
    assert "3 inhibit rules" in found
    assert "5 receivers" in found


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ("severity=page owner=finance", "oncall,hook"),
        ("severity=ticket owner=finance", "hook"),
        ("severity=ticket group=marts subject=orders.v2", "chat,hook"),
        ("severity=ticket group=marts subject=ordersXv2", "hook"),
        ("alertname=AnalyticsopsWatchdog severity=none", "beat,nobody"),
        ("severity=page alertname=AnalyticsopsSilent", "hook"),
    ],
)
def test_routes(tmp_path: Path, labels: str, receivers: str) -> None:
    written(tmp_path)
    arguments = ["config", "routes", "test", "--config.file=alertmanager.yml"]
    arguments += [f"--verify.receivers={receivers}", *labels.split()]
    judged("amtool", *arguments, folder=tmp_path)


def test_no_secret_and_no_address() -> None:
    text = config(made())
    assert "http" not in text.replace("http_config", "")
    assert "secrets/PD_KEY" in text
    assert "secrets/HOOK_TOKEN" in text


def test_planned_work_is_muted() -> None:
    """The pieces cover the planned time, minute by minute, and no more."""
    times = {
        one["name"]: one["time_intervals"]
        for one in yaml.safe_load(config(made()))["time_intervals"]
    }
    planned = next(value for name, value in times.items() if name.endswith("-planned"))
    holidays = next(value for name, value in times.items() if name.endswith("-holidays"))
    assert [one["days_of_month"] for one in holidays] == [["18"]]
    upgrade = [one for one in planned if one["times"][0]["start_time"] != "03:00"]
    total = 0
    for one in upgrade:
        day = date(int(one["years"][0]), int(one["months"][0]), int(one["days_of_month"][0]))
        assert abs(instant_of(time_of(NOW)) // DAY - (day - date(1970, 1, 1)).days) <= 2
        start, end = (one["times"][0][key].split(":") for key in ("start_time", "end_time"))
        total += int(end[0]) * 60 + int(end[1]) - int(start[0]) * 60 - int(start[1])
    assert total == 24 * 60 + 1
    assert len(planned) - len(upgrade) == 5
