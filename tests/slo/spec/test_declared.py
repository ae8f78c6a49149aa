"""What is declared where, which of it counts, and what is said of mistakes."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

from analyticsops.errors import ConfigError, UsageError
from analyticsops.slo.objective import Slo
from analyticsops.slo.spans import DAY, HOUR
from analyticsops.slo.spec.indicators import Freshness
from analyticsops.slo.standing import PRESETS

from ..declaring import declared, shop


def one(folder: Path, text: str = "", **more: object) -> dict[str, Slo]:
    """Objectives by their full names."""
    found = declared(shop(**more), folder, *([text] if text else ()))  # type: ignore[arg-type]
    assert not found.invalid
    return {slo.full_name: slo for slo in found.slos}


def threshold(slo: Slo) -> int:
    assert isinstance(slo.indicator, Freshness)
    return slo.indicator.threshold


def test_dbts_own_criterion_is_an_objective(tmp_path: Path) -> None:
    slos = one(tmp_path)
    assert set(slos) == {"raw.orders/freshness"}
    slo = slos["raw.orders/freshness"]
    assert (threshold(slo), slo.origin, slo.tier) == (12 * HOUR, "dbt", "standard")
    assert float(slo.target) == 0.99
    assert slo.window.rolling == 28 * DAY
    assert slo.alerting in PRESETS


def test_later_entries_add_key_by_key(tmp_path: Path) -> None:
    source = [{"name": "freshness", "objective": "95%", "owner": "Loaders"}]
    text = """
    slos:
      - name: freshness
        target: {select: "source:raw.orders"}
        owner: Platform
        tier: critical
    """
    slo = one(tmp_path, text, source=source)["raw.orders/freshness"]
    assert threshold(slo) == 12 * HOUR  # dbt's own
    assert slo.target * 100 == 95  # beside the source
    assert (slo.owner, slo.tier, slo.origin) == ("Platform", "critical", "file")
    assert slo.where.endswith("0.yml:4")


def test_another_name_replaces_dbts_own(tmp_path: Path) -> None:
    source = [{"name": "fresh", "indicator": {"type": "freshness", "threshold": "6h"}}]
    assert set(one(tmp_path, source=source)) == {"raw.orders/fresh"}


def test_what_a_node_says_wrongly_hides_nothing_else(tmp_path: Path) -> None:
    model = [
        {"indicator": {"type": "freshness", "threshold": "26 horas"}},
        {"indicator": {"type": "success"}},
        "nonsense",
    ]
    found = declared(shop(model=model), tmp_path)
    assert {slo.full_name for slo in found.slos} == {"orders/success", "raw.orders/freshness"}
    assert [(bad.subject, bad.name, bad.what) for bad in found.invalid] == [
        ("orders", "", "orders.yml:1: an objective that is no mapping"),
        (
            "orders",
            "freshness",
            "orders.yml:1: '26 horas' is no duration: write 90m, 26h or 3d",
        ),
    ]


def test_names_of_schedules_and_calendars(tmp_path: Path) -> None:
    text = """
    schedules: {nightly: {cron: "0 5 * * *", timezone: Europe/Berlin, grace: 2h,
      holidays: [2026-12-25]}}
    calendars: {office: {days: mon-fri, hours: "07:00-19:00", mode: pause_age}}
    slos:
      - {target: {select: orders}, indicator: {type: deadline}, schedule: nightly, calendar: office}
      - {target: {job: nightly}, indicator: {type: success}, schedule: nightly}
      - {target: {project: true}, indicator: {type: deployment_frequency, at_least: 1, per: week}}
    """
    slos = one(tmp_path, text)
    due = slos["orders/deadline"]
    assert due.schedule is not None
    assert due.calendar is not None
    assert (due.schedule.grace, due.schedule.timezone) == (2 * HOUR, "Europe/Berlin")
    assert len(due.schedule.holidays) == 1
    assert due.pauses_age
    assert due.calendar.hours == ((420, 1140),)
    assert slos["nightly/success"].missing == "bad"
    assert due.missing == "unknown"
    assert "project/deployment_frequency" in slos


SLO = "slos: [{target: {select: orders}, indicator: {type: success}"
WRONG = [
    ("slos: [{indicator: {type: success}}]", ":2: 'target' is missing"),
    (SLO.replace("orders", "nothing_such") + "}]", ":2: 'nothing_such' selects nothing"),
    (SLO + ", schedule: weekly}]", ":2: no schedule named 'weekly'"),
    (SLO + ", calendar: office}]", ":2: no calendar named 'office'"),
    (SLO.replace("success", "deadline") + "}]", ":2: a deadline needs a schedule"),
    (SLO + ", objective: 100%}]", ":2: '100%' leaves no error budget"),
    (SLO + ", tiers: critical}]", ":2: unknown key 'tiers'"),
    ("slos: {a: b}", ":2: expected a list"),
    ("slos: [a]", ":2: expected a mapping"),
    ("schedule: {}", ":2: unknown key 'schedule'"),
    (
        'maintenance: [{reason: x, cron: "0 3 * * *", to: 2026-01-01T00:00Z}]',
        ":2: write from and to, or cron and lasts",
    ),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_a_mistake_in_a_file(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        declared(shop(), tmp_path, text)
    assert str(tmp_path / "slos" / "0.yml") + said in str(caught.value)


def test_two_files_with_one_name(tmp_path: Path) -> None:
    text = 'schedules: {nightly: {cron: "0 5 * * *"}}'
    with pytest.raises(ConfigError, match=r"1\.yml:2: 'nightly' is also in another file"):
        declared(shop(), tmp_path, text, text)
    with pytest.raises(ConfigError, match=r"1\.yml:2: environment is also said by another file"):
        declared(shop(), tmp_path, "environment: a", "environment: b")


def test_holidays_of_countries_need_a_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def text(where: str) -> str:
        days = '{country: DE, subdivision: BY}, cron: "0 5 * * *"'
        return SLO + f", schedule: {{holidays: {days}}}}}]".replace("BY", where)

    (bavaria,) = (
        one.schedule for one in declared(shop(), tmp_path, text("BY")).slos if one.schedule
    )
    (berlin,) = (
        one.schedule for one in declared(shop(), tmp_path, text("BE")).slos if one.schedule
    )
    assert date(2026, 1, 6) in bavaria.holidays - berlin.holidays, "Epiphany"
    assert {date(year, 12, 25) for year in (2000, 2050)} <= bavaria.holidays & berlin.holidays
    for days in ("schedule: {cron: '0 5 * * *', ", "calendar: {"):
        nowhere = f"{SLO}, {days}holidays: {{country: XX}}}}}}]"
        with pytest.raises(ConfigError, match=r"0\.yml:2: .*XX"):
            declared(shop(), tmp_path, nowhere)
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(UsageError) as caught:
        declared(shop(), tmp_path, text("BY"))
    assert str(caught.value).endswith(
        "0.yml:2: holidays of countries need a package that is not installed "
        "(pip install 'analyticsops[slo]', or list the days)"
    )
