"""Metrics and rules: judged by promtool, and by our own evaluation of the same data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from analyticsops.slo.budget import GOOGLE, Timeline, burning
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.exports.prometheus import NAMES, exposition
from analyticsops.slo.exports.prometheus_rules import rules
from analyticsops.slo.spans import DAY, HOUR, MINUTE, Spans
from analyticsops.slo.spec.indicators import Success
from tests.slo.exports.making import NOW, SOURCE, counted, evaluation, judged, loaded, slo

RULES = rules(HOUR)
SAMPLE = re.compile(r"^(\w+)(\{.*\})? (\S+)$")


def samples(found: Evaluation) -> dict[str, float]:
    """Series -> value."""
    lines = (SAMPLE.match(line) for line in exposition(found).splitlines())
    return {f"{m[1]}{m[2] or ''}": float(m[3]) for m in lines if m}


def named(found: Evaluation, name: str) -> list[float]:
    return [value for key, value in samples(found).items() if key.partition("{")[0] == name]


def test_rules_are_rules(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(RULES)
    assert "SUCCESS: " in judged("promtool", "check", "rules", "rules.yml", folder=tmp_path)


def test_rules_refer_to_metrics_that_there_are() -> None:
    used = set(re.findall(r"\banalyticsops_slo_\w+", RULES))
    assert used
    assert used <= NAMES


def test_every_metric_is_written() -> None:
    found = exposition(evaluation(loaded(slo(), NOW - HOUR, NOW)))
    told = set(re.findall(r"^# TYPE (\w+) gauge$", found, re.MULTILINE))
    assert told == NAMES


def test_promtool_reads_the_metrics(tmp_path: Path) -> None:
    import subprocess

    judged("promtool", "--version", folder=tmp_path)
    text = exposition(evaluation(loaded(slo(owner='a "b"\\\n'), NOW - HOUR, NOW)))
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True
    )
    # Its remarks about style are on standard error, and exit with 3.
    assert done.returncode in (0, 3), done.stderr
    assert "error while linting" not in done.stderr, done.stderr


def test_times_never_ages() -> None:
    found = evaluation(loaded(slo(), NOW - HOUR, NOW))
    assert named(found, "analyticsops_slo_data_timestamp_seconds") == [(NOW - HOUR) / 1e6]
    assert named(found, "analyticsops_slo_threshold_seconds") == [7200]
    assert named(found, "analyticsops_slo_expires_timestamp_seconds") == [(NOW + HOUR) / 1e6]
    assert named(found, "analyticsops_slo_evaluated_timestamp_seconds") == [NOW / 1e6]


def test_events_count_misses() -> None:
    runs = slo(name="runs", indicator=Success())
    found = evaluation(counted(runs, [True, False, True, False, False], NOW))
    assert named(found, "analyticsops_slo_missed_in_a_row") == [2]
    assert named(found, "analyticsops_slo_window_bad") == [3]
    assert named(found, "analyticsops_slo_expires_timestamp_seconds") == []


# -- promtool test rules -------------------------------------------------------


def series(steps: list[Evaluation]) -> list[dict[str, str]]:
    """What Prometheus scrapes at each step, as promtool's input."""
    found: dict[str, list[str]] = {}
    for place, one in enumerate(steps):
        for key, value in samples(one).items():
            listed = found.setdefault(key, [])
            listed += ["_"] * (place - len(listed))
            listed.append(repr(value))
        for listed in found.values():
            listed += ["stale"] * (place + 1 - len(listed))  # as Prometheus marks what is gone
    return [{"series": key, "values": " ".join(values)} for key, values in found.items()]


def fired(tmp_path: Path, tests: dict[str, Any]) -> None:
    (tmp_path / "rules.yml").write_text(RULES)
    tests = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [tests]}
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(tests))
    judged("promtool", "test", "rules", "tests.yml", folder=tmp_path)


def count(alert: str, minute: int, expected: int) -> dict[str, Any]:
    """That so many alerts fire at a time."""
    sample = [{"labels": "{}", "value": 1}] if expected else []
    expr = f'count(ALERTS{{alertname="{alert}",alertstate="firing"}}) > 0'
    return {"expr": expr, "eval_time": f"{minute}m", "exp_samples": sample}


def steps(minutes: int, at: Callable[[int], Evaluation]) -> Iterator[Evaluation]:
    return (at(minute * MINUTE) for minute in range(minutes))


def test_silence_pages_and_what_comes_resolves(tmp_path: Path) -> None:
    """Data of the epoch with a threshold of 2 h: the last evaluation is of minute 30, and nothing
    runs until the data of minute 200 is there at minute 240."""

    def at(now: int) -> Evaluation:
        seen = now if now >= 240 * MINUTE else min(now, 30 * MINUTE)
        data = 200 * MINUTE if seen >= 240 * MINUTE else 0
        return evaluation(loaded(slo(), data, seen, start=-DAY), at=seen)

    expected = {"AnalyticsopsDataLate": {119: 0, 122: 1, 239: 1, 242: 0}}
    expected["AnalyticsopsSilent"] = {149: 0, 152: 1, 242: 0}
    expected["AnalyticsopsWatchdog"] = {1: 1, 242: 1}
    expected["AnalyticsopsAbsent"] = {242: 0}
    fired(
        tmp_path,
        {
            "interval": "1m",
            "input_series": series(list(steps(250, at))),
            "promql_expr_test": [
                count(alert, minute, value)
                for alert, times in expected.items()
                for minute, value in times.items()
            ],
            "alert_rule_test": [
                {
                    "eval_time": "130m",
                    "alertname": "AnalyticsopsDataLate",
                    "exp_alerts": [
                        {
                            "exp_labels": {
                                "severity": "page",
                                "slo": "orders/fresh",
                                "subject": "orders",
                                "kind": "model",
                                "indicator": "freshness",
                                "tier": "critical",
                                "owner": "finance",
                                "project": "shop",
                                "environment": "prod",
                                "root": "model.shop.orders",
                                "is_root": "true",
                            },
                            "exp_annotations": {
                                "summary": "orders/fresh is not met: its data is too old or "
                                "overdue, behind it model.shop.orders; owner finance",
                                "runbook_url": "",
                            },
                        }
                    ],
                }
            ],
        },
    )


def test_an_alert_names_the_runbook_of_its_own_environment(tmp_path: Path) -> None:
    """Also where another environment has the same objective, and where nobody owns it."""
    found = []
    for place in ("dev", "prod"):
        promised = slo(owner="", runbook=f"https://runbooks.example/{place}")
        one = evaluation(loaded(promised, -5 * HOUR, 0, start=-DAY), at=0)
        found += series([replace(one, environment=place)] * 3)
    common = {
        "severity": "page",
        "slo": "orders/fresh",
        "subject": "orders",
        "kind": "model",
        "indicator": "freshness",
        "tier": "critical",
        "project": "shop",
        "root": SOURCE,
        "is_root": "false",
    }
    alerts = [
        {
            "exp_labels": {**common, "environment": place},
            "exp_annotations": {
                "summary": "orders/fresh is not met: its data is too old or overdue, behind it "
                f"{SOURCE}; nobody owns it",
                "runbook_url": f"https://runbooks.example/{place}",
            },
        }
        for place in ("dev", "prod")
    ]
    late = {"eval_time": "1m", "alertname": "AnalyticsopsDataLate", "exp_alerts": alerts}
    fired(tmp_path, {"interval": "1m", "input_series": found, "alert_rule_test": [late]})


def test_no_metrics_at_all_pages(tmp_path: Path) -> None:
    checks = [count("AnalyticsopsAbsent", 5, 0), count("AnalyticsopsAbsent", 15, 1)]
    fired(tmp_path, {"interval": "1m", "input_series": [], "promql_expr_test": checks})


@pytest.mark.parametrize("tier", ["critical", "standard"])
def test_two_misses_in_a_row(tmp_path: Path, tier: str) -> None:
    runs = slo(name="runs", indicator=Success(), tier=tier)

    def at(now: int) -> Evaluation:
        goods = [True, False] if now < 10 * MINUTE else [False, False]
        return evaluation(counted(runs, goods, now + 10 * DAY), at=now)

    severity = "page" if tier == "critical" else "ticket"
    expr = f'count(ALERTS{{alertname="AnalyticsopsMissed",severity="{severity}"}}) > 0'
    one = [{"labels": "{}", "value": 1}]
    fired(
        tmp_path,
        {
            "interval": "1m",
            "input_series": series(list(steps(20, at))),
            "promql_expr_test": [
                {"expr": expr, "eval_time": "9m", "exp_samples": []},
                {"expr": expr, "eval_time": "12m", "exp_samples": one},
            ],
        },
    )


def test_burning_fires_when_ours_does(tmp_path: Path) -> None:
    """The same data for both: bad from minute 100 to 130. Ours is exact, theirs sampled once a
    minute, so that they may differ by the step."""
    promised = slo()
    bad = Spans.of([(100 * MINUTE, 130 * MINUTE)])

    def at(now: int) -> Evaluation:
        data = -2 * HOUR + 100 * MINUTE if now < 130 * MINUTE else now
        return evaluation(loaded(promised, data, now, start=-HOUR), at=now)

    # Prometheus knows nothing of what was before its first sample, and ours must not, either.
    line = Timeline(scope=Spans.of([(0, 10 * DAY)]), bad=bad)
    checks = []
    seen = set()
    for rule in GOOGLE:
        name = "".join(part.capitalize() for part in rule.name.split("-"))
        ours = [
            bool(burning(line, promised.target, 28 * DAY, minute * MINUTE, [rule]))
            for minute in range(300)
        ]
        for minute in range(4, 296):
            near = set(ours[minute - 2 : minute + 3])
            if len(near) == 1:
                checks.append(count(f"AnalyticsopsBudget{name}", minute, int(ours[minute])))
                seen.add((rule.name, ours[minute]))
    assert len(seen) == 2 * len(GOOGLE), seen
    fired(
        tmp_path,
        {
            "interval": "1m",
            "input_series": series(list(steps(300, at))),
            "promql_expr_test": checks,
        },
    )
