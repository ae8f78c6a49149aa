"""Each rule of `slo lint` on what it is about, and not on what is well."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from analyticsops.errors import ConfigError
from analyticsops.slo import lint_rules, lint_schedules
from analyticsops.slo.lint import Linted, lint
from analyticsops.slo.observed import Build, Observed, Seen
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import DAY, HOUR, instant_of

from .declaring import declared, shop

NOW = instant_of(datetime(2026, 11, 20, 12, tzinfo=UTC))


def found(
    folder: Path, text: str, observed: Observed | None = None, tests: tuple[str, ...] = ()
) -> list[tuple[str, str, str]]:
    """(code, message, place) of what is found."""
    project = shop(tests=tests)
    findings = lint(Linted(project, declared(project, folder, text), observed, NOW, folder))
    assert len({one.fingerprint for one in findings}) == len(findings)
    return [(one.rule, one.message, str(one.location or "")) for one in findings]


def codes(folder: Path, text: str, observed: Observed | None = None) -> set[str]:
    return {code for code, _, _ in found(folder, text, observed)}


def slo(select: str, indicator: str, more: str = "") -> str:
    return f"slos: [{{target: {select}, indicator: {{{indicator}}}{more and ', ' + more}}}]"


ORDERS, JOB = "{select: orders}", "{job: nightly}"
CHRISTMAS = 'schedule: {cron: "0 5 25 12 *", holidays: {country: DE}}'
DAILY = 'schedule: {cron: "0 5 * * *"}'

CASES = [
    ("SLO402", slo(ORDERS, "type: freshness, threshold: 26h", "objective: 80%")),
    ("SLO403", slo(JOB, "type: success", DAILY)),
    ("SLO404", slo(ORDERS, "type: freshness, threshold: 20h", DAILY)),
    ("SLO406", slo(JOB, "type: success", 'schedule: {cron: "0 5 1 * *"}, window: {rolling: 7d}')),
    (
        "SLO407",
        slo(JOB, "type: success", 'schedule: {cron: "0 5 25 12 *", holidays: {country: DE}}'),
    ),
    (
        "SLO408",
        slo(JOB, "type: success", 'schedule: {cron: "30 2 * * *", timezone: Europe/Berlin}'),
    ),
    (
        "SLO409",
        slo(ORDERS, "type: freshness, threshold: 26h")
        + "\nmaintenance: [{from: 2026-10-01T00:00Z, to: 2026-12-01T00:00Z, reason: move}]",
    ),
    ("SLO410", "maintenance: [{from: 2024-10-01T00:00Z, to: 2024-10-02T00:00Z, reason: old}]"),
    ("SLO411", slo("{select: shades}", "type: freshness, threshold: 26h")),
    (
        "SLO411",
        slo(ORDERS, "type: freshness, threshold: 26h, sources: {raw.orders: static}"),
    ),
    ("SLO412", slo("{select: wide}", "type: freshness, threshold: 26h")),
    ("SLO413", slo("{select: stg}", "type: freshness, threshold: 26h, scope: own")),
    ("SLO414", slo('{select: "exposure:board"}', "type: success")),
    ("SLO415", slo(JOB, "type: cost, at_most: 3")),
    ("SLO418", slo(JOB, "type: success", "tier: critical")),
    ("SLO419", "routes: [{to: [pager]}]"),
    ("SLO420", "receivers: {ops: {type: slack, url_env: OPS}}"),
    (
        "SLO421",
        "receivers: {ops: {type: slack, url_env: OPS}}\n"
        "routes: [{to: [ops], match: {severity: page}}]",
    ),
    (
        "SLO422",
        "slos:\n"
        "  - {name: a, target: {job: nightly}, indicator: {type: success}}\n"
        "  - {name: b, target: {job: nightly}, indicator: {type: success}}",
    ),
    ("SLO423", slo(ORDERS, "type: quality")),
    ("SLO424", slo(ORDERS, "type: freshness, threshold: 6h")),
    ("SLO425", slo(ORDERS, "type: freshness, threshold: 26h", "missing: exclude")),
]


@pytest.mark.parametrize(
    ("code", "text"), CASES, ids=[f"{code}-{n}" for n, (code, _) in enumerate(CASES)]
)
def test_rule_fires(code: str, text: str, tmp_path: Path) -> None:
    assert code in codes(tmp_path, text)


WELL = """
schedules: {nightly: {cron: "0 5 * * *", timezone: Europe/Berlin, grace: 1h}}
receivers: {ops: {type: slack, url_env: OPS}, alive: {type: heartbeat, url_env: ALIVE}}
routes: [{to: [ops]}]
prices: {hour: 3}
slos:
  - target: {select: orders}
    indicator: {type: freshness, threshold: 26h}
    schedule: nightly
    tier: critical
    owner: Data Platform
    runbook: https://runbooks.example/orders
  - {target: {select: orders}, indicator: {type: quality}}
  - {target: {job: nightly}, indicator: {type: success}, schedule: nightly, objective: 95%}
  - {target: {job: nightly}, indicator: {type: cost, at_most: 3}}
  - target: {select: wide}
    indicator: {type: freshness, threshold: 26h, sources: {raw.dim: static}}
"""


def test_what_is_well_has_no_findings(tmp_path: Path) -> None:
    assert found(tmp_path, WELL, tests=("unique orders.id",)) == []


SHARED = """
routes:
  - {to: [stdout], match: {severity: page}}
  - to: [stdout, pager]
    match: {owner: nobody}
receivers:
  ops: {type: slack, url_env: OPS}
"""
SHARED_TOO = """
maintenance:
  - {from: 2026-11-01T00:00Z, to: 2026-12-02T00:00Z, reason: now}
  - from: 2024-10-01T00:00Z
    to: 2024-10-02T00:00Z
    reason: old
routes:
  - {to: [phone], match: {owner: nobody}}
receivers:

  mail: {type: webhook, url_env: MAIL}
"""


def test_what_is_shared_is_told_at_its_line(tmp_path: Path) -> None:
    """Files are one, and each entry stands where it was written."""
    both = declared(shop(), tmp_path, SHARED, SHARED_TOO)
    findings = lint(Linted(shop(), both, None, NOW, tmp_path))
    places = {(one.rule, one.subject): str(one.location) for one in findings}
    assert places == {
        ("SLO419", "pager"): "slos/0.yml:5",
        ("SLO419", "phone"): "slos/1.yml:9",
        ("SLO420", "ops"): "slos/0.yml:8",
        ("SLO420", "mail"): "slos/1.yml:12",
        ("SLO421", "ticket"): "slos/0.yml:4",
        ("SLO410", "old"): "slos/1.yml:5",
    }


def test_work_on_nothing_is_told_at_its_line(tmp_path: Path) -> None:
    work = "{cron: '0 5 * * *', lasts: 1h, reason: move, applies_to: 'SELECTED'}"
    text = f"maintenance:\n  - {work.replace('SELECTED', 'tag:moved')}"
    said = "'move' is on nothing: 'tag:moved' selects no node"
    assert found(tmp_path, text) == [("SLO410", said, "slos/0.yml:3")]
    text = f"maintenance:\n  - {work.replace('SELECTED', 'nobody:knows')}"
    with pytest.raises(ConfigError, match=r"slos/0\.yml:3: "):
        declared(shop(), tmp_path, text)


def test_many_objectives_by_one_schedule_look_at_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not at each minute of a year."""
    seen: list[int] = []
    real = Schedule.slots

    def counted(schedule: Schedule, *span: int) -> tuple[int, ...]:
        found = real(schedule, *span)
        seen.append(len(found))
        return found

    monkeypatch.setattr(Schedule, "slots", counted)
    text = "schedules: {always: {cron: '* * * * *'}}\nslos:\n" + "".join(
        f"  - {{name: n{number}, target: {{job: j}}, indicator: {{type: success}}, "
        f"schedule: always, window: {{rolling: 1d}}, objective: {80 + number}%}}\n"
        for number in range(9)
    )
    assert found(tmp_path, text) == []
    assert sorted(seen) == [1440, lint_schedules.MOST]


def test_rare_loads_and_rows_that_nobody_tells(tmp_path: Path) -> None:
    node = "source.shop.raw.orders"
    seen = tuple(Seen(node, NOW - ago * DAY + HOUR, NOW - ago * DAY) for ago in range(9, 0, -1))
    text = slo("{select: 'source:raw.orders'}", "type: freshness, threshold: 13h")
    observed = Observed(span=(NOW - 28 * DAY, NOW), seen={node: seen})
    [(code, message, place)] = found(tmp_path, text, observed)
    assert code == "SLO405"
    assert message == "raw.orders/freshness: it allows 13h, and data of raw.orders comes every 1d"
    assert place == "slos/0.yml:2"
    build = Build(
        "model.shop.orders", "r", 1, 1, 2, "good", True, False, 1.0, None, None, None, "", ""
    )
    told = build._replace(rows=5)
    volume = slo(ORDERS, "type: volume, at_least: 1")
    for one, expected in ((build, {"SLO416"}), (told, set())):
        observed = Observed(span=(0, NOW), builds={one.node: (one,)})
        assert codes(tmp_path, volume, observed) == expected
    rate = slo(ORDERS, "type: null_rate, column: id, at_most: 1%")
    assert codes(tmp_path, rate, observed) == {"SLO417"}
    assert codes(tmp_path, rate) == set()


def test_an_objective_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    project = shop(model=[{"indicator": {"type": "freshness", "threshold": "26 horas"}}])
    [one] = lint(Linted(project, declared(project, tmp_path), None, NOW))[:1]
    assert (one.rule, one.location and one.location.line) == ("SLO401", 1)
    assert "26 horas" in one.message


def test_two_that_cannot_be_read_are_two(tmp_path: Path) -> None:
    wrong = {"indicator": {"type": "freshness", "threshold": "26 horas"}}
    project = shop(model=[{"name": "a", **wrong}, {"name": "b", **wrong}])
    listed = lint(Linted(project, declared(project, tmp_path), None, NOW))[:2]
    assert [(one.subject, one.node) for one in listed] == [
        ("orders/a", "model.shop.orders"),
        ("orders/b", "model.shop.orders"),
    ]
    assert listed[0].fingerprint != listed[1].fingerprint


def test_every_rule_is_tested() -> None:
    here = {code for code, _ in CASES} | {"SLO401", "SLO405", "SLO416", "SLO417"}
    assert here == {rule.code for rule in lint_rules.RULES}
