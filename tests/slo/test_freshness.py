"""Freshness of sources, and objectives on what is built from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analyticsops import api
from analyticsops.artifacts.times import instant
from analyticsops.findings import Finding
from analyticsops.slo.durations import duration, spoken
from analyticsops.slo.freshness import Objective, SourceFreshness
from tests.project_maker import project, workspace

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LIMITS = {
    "warn_after": {"count": 6, "period": "hour"},
    "error_after": {"count": 1, "period": "day"},
}


def _result(table: str, hours: float, status: str = "pass", **more: Any) -> dict[str, Any]:
    return {
        "unique_id": table,
        "status": status,
        "max_loaded_at": (NOW - timedelta(hours=hours)).isoformat(),
        "snapshotted_at": NOW.isoformat(),
        "max_loaded_at_time_ago_in_s": hours * 3600,
        **more,
    }


def _shop(**sources: Any) -> dict[str, Any]:
    return {
        "sources": {
            f"raw.{name}": {"columns": "id", "freshness": limits}
            for name, limits in (sources or {"orders": LIMITS}).items()
        },
        "models": {"fct": "select id from @raw.orders"},
    }


def _sources(results: list[dict[str, Any]], parts: dict[str, Any]) -> dict[str, SourceFreshness]:
    made = workspace(project(**parts), freshness=results)
    return {source.name: source for source in api.read_freshness(made, now=NOW).sources}


def _found(results: list[dict[str, Any]], parts: dict[str, Any]) -> list[Finding]:
    report = api.check(workspace(project(**parts), freshness=results), now=NOW)
    measured = ("SLO1", "SLO2", "SLO401")
    return [finding for finding in report.findings if finding.rule.startswith(measured)]


# -- sources -------------------------------------------------------------------


@pytest.mark.parametrize("status", ["pass", "Pass", "PASS"])
def test_a_fresh_source_has_no_finding(status: str) -> None:
    results = [_result("raw.orders", 1, status)]
    source = _sources(results, _shop())["raw.orders"]
    assert (source.status, source.age) == ("pass", timedelta(hours=1))
    assert (source.warn_after, source.error_after) == (timedelta(hours=6), timedelta(days=1))
    assert _found(results, _shop()) == []


@pytest.mark.parametrize(
    ("status", "severity", "message"),
    [
        ("warn", "warning", "source raw.orders was 7h 30m old, allowed are 6h"),
        ("Error", "error", "source raw.orders was 7h 30m old, allowed are 1d"),
    ],
)
def test_a_stale_source(status: str, severity: str, message: str) -> None:
    (found,) = _found([_result("raw.orders", 7.5, status)], _shop())
    assert (found.name, found.severity.value, found.message) == ("source-stale", severity, message)
    assert found.evidence == ("measured 2026-11-20 12:00 UTC",)


def test_a_source_that_dbt_left_out_was_not_measured() -> None:
    (found,) = _found([], _shop())
    assert (found.name, found.proven) == ("source-unmeasured", False)
    assert _sources([], _shop())["raw.orders"].status == "unmeasured"


@pytest.mark.parametrize(
    "result",
    [
        {"status": "runtime error", "error": "no such table"},
        {"status": "runtime error", "max_loaded_at_time_ago_in_s": 60},
        {"status": "pass"},
        {"status": "pass", "max_loaded_at_time_ago_in_s": float("nan")},
        {"status": "pass", "max_loaded_at_time_ago_in_s": 1e300},
    ],
)
def test_a_result_without_an_age_is_no_measurement(result: dict[str, Any]) -> None:
    results = [{"unique_id": "raw.orders", **result}]
    assert [found.name for found in _found(results, _shop())] == ["source-unmeasured"]


@pytest.mark.parametrize(
    "limits",
    [
        None,
        {"warn_after": None, "error_after": None},
        {"warn_after": {"count": None, "period": None}, "filter": "x > 1"},
    ],
)
def test_without_a_criterion_nothing_is_expected(limits: Any) -> None:
    assert _sources([], _shop(orders=limits)) == {}
    assert _found([], _shop(orders=limits)) == []


def test_a_criterion_that_only_the_results_know() -> None:
    results = [_result("raw.orders", 30, "error", criteria=LIMITS)]
    assert _sources(results, _shop(orders=None))["raw.orders"].error_after == timedelta(days=1)


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ({"count": 90, "period": "minute"}, timedelta(minutes=90)),
        ({"count": 2, "period": "hour"}, timedelta(hours=2)),
        ({"count": 3, "period": "day"}, timedelta(days=3)),
        ({"count": 3, "period": "DAY"}, timedelta(days=3)),
        ({"count": 3, "period": "fortnight"}, None),
        ({"count": "3", "period": "day"}, None),
        ({"count": 10**30, "period": "day"}, None),
        ("3 days", None),
    ],
)
def test_thresholds(limit: Any, expected: timedelta | None) -> None:
    found = _sources([], _shop(orders={"warn_after": limit, "error_after": LIMITS["error_after"]}))
    assert found["raw.orders"].warn_after == expected


def test_data_ahead_of_the_clock_is_no_pass() -> None:
    results = [_result("raw.orders", -3)]
    (found,) = _found(results, _shop())
    assert (found.name, found.severity.value, found.proven) == (
        "source-ahead-of-clock",
        "warning",
        False,
    )
    assert found.message == "newest data of source raw.orders is 3h ahead of the database's clock"
    assert _found([_result("raw.orders", -0.01)], _shop()) == []  # clocks differ by seconds


def test_a_source_without_rows() -> None:
    """dbt writes the first day of the year 1 for it."""
    age = (NOW - datetime(1, 1, 1, tzinfo=UTC)).total_seconds()
    result = _result("raw.orders", 0, "error")
    result |= {"max_loaded_at": "0001-01-01T00:00:00+00:00", "max_loaded_at_time_ago_in_s": age}
    (found,) = _found([result], _shop())
    assert found.message == "source raw.orders had no rows, allowed are 1d"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20T12:00:00Z", NOW),
        ("2026-11-20T12:00:00+00:00", NOW),
        ("2026-11-20T13:00:00+01:00", NOW),
        ("2026-11-20T12:00:00", NOW),
        ("2026-11-20 12:00:00.000000", NOW),
        ("2026-11-20T12:00:00.000000123Z", NOW),
        ("", None),
        (None, None),
        ("yesterday", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_instants(text: str | None, expected: datetime | None) -> None:
    assert instant(text) == expected


# -- durations -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("26h", 26),
        ("1.5h", 1.5),
        ("90m", 1.5),
        ("90 min", 1.5),
        ("90 minutes", 1.5),
        ("2d", 48),
        ("2 Days", 48),
        ("1w", 168),
        (" 3600s ", 1),
        ("0h", 0),
    ],
)
def test_durations(text: str, hours: float) -> None:
    assert duration(text) == timedelta(hours=hours)


@pytest.mark.parametrize(
    "text", ["", None, 26, "26", "h", "-1h", "1h30m", "26 horas", "inf h", "nanh", "1e300d", [], {}]
)
def test_what_is_no_duration(text: Any) -> None:
    assert duration(text) is None


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0s"),
        (0.4, "0s"),
        (59.6, "1m"),
        (61, "1m 1s"),
        (3600, "1h"),
        (3608, "1h"),
        (25_208, "7h"),
        (86_400 + 300, "1d"),
        (100_800, "1d 4h"),
        (-7200, "-2h"),
    ],
)
def test_spoken(seconds: float, expected: str) -> None:
    assert spoken(timedelta(seconds=seconds)) == expected


def test_spoken_of_nothing() -> None:
    assert spoken(None) == "unknown"


# -- objectives ----------------------------------------------------------------


def _slo(threshold: Any = "4h", **more: Any) -> dict[str, Any]:
    indicator = {"type": "freshness", "threshold": threshold, **more.pop("indicator", {})}
    entry = {"name": "fresh", "indicator": indicator, "objective": "99%", **more}
    return {"analyticsops": {"slo": [entry]}}


def _two(meta: dict[str, Any]) -> dict[str, Any]:
    """An exposure on a mart on two sources, one of them behind an ephemeral model."""
    return {
        "sources": {
            "raw.orders": {"columns": "id", "freshness": LIMITS},
            "raw.rates": {"columns": "id", "freshness": LIMITS},
        },
        "models": {
            "eph": {"sql": "select id from @raw.rates", "materialized": "ephemeral"},
            "fct": "select o.id from @raw.orders o join @eph r on r.id = o.id",
        },
        "metrics": {"n": "count(fct.id)"},
        "exposures": {"board": {"depends_on": ["fct"], "meta": meta, "owner": "CFO"}},
    }


def _stands(results: list[dict[str, Any]], parts: dict[str, Any]) -> Objective:
    made = workspace(project(**parts), freshness=results)
    (objective,) = api.read_freshness(made, now=NOW).objectives
    return objective


def test_met_by_the_slowest_source() -> None:
    results = [_result("raw.orders", 1), _result("raw.rates", 3)]
    stands = _stands(results, _two(_slo()))
    assert (stands.state, stands.age, stands.because) == (
        "sources met",
        timedelta(hours=3),
        "raw.rates",
    )
    assert (stands.owner, stands.target, stands.threshold) == ("CFO", "99%", timedelta(hours=4))


@pytest.mark.parametrize(("tier", "severity"), [("standard", "warning"), ("critical", "error")])
def test_breached_by_the_slowest_source(tier: str, severity: str) -> None:
    results = [_result("raw.orders", 1), _result("raw.rates", 5)]
    meta = _slo(tier=tier, runbook="https://wiki.example/fresh")
    (found,) = _found(results, _two(meta))
    assert (found.name, found.severity.value) == ("freshness-objective-breached", severity)
    assert found.message == (
        "objective fresh is breached: data of raw.rates was 5h old, allowed are 4h"
    )
    assert found.fix == "Runbook: https://wiki.example/fresh"


def test_it_grows_old_while_nobody_measures() -> None:
    results = [_result("raw.orders", 1), _result("raw.rates", 3)]
    made = workspace(project(**_two(_slo())), freshness=results)
    (later,) = api.read_freshness(made, now=NOW + timedelta(hours=1)).objectives
    assert (later.state, later.age) == ("sources met", timedelta(hours=4))
    (old,) = api.read_freshness(made, now=NOW + timedelta(hours=2)).objectives
    assert (old.state, old.because) == (
        "unknown",
        "raw.rates may have loaded since it was measured",
    )


@pytest.mark.parametrize(
    ("exceptions", "state", "because"),
    [
        ({"raw.rates": "6h"}, "sources met", "raw.rates"),
        ({"raw.rates": "2h"}, "breached", "raw.rates"),
        ({"raw.rates": "static"}, "sources met", "raw.orders"),
        ({"raw.rates": "soon"}, "unknown", "models/_exposures.yml: 'soon' is no duration"),
        ({"raw.rates": "static", "raw.orders": "static"}, "unknown", "every source"),
        ({"raw.other": "1h"}, "breached", "raw.rates"),
        ("nonsense", "unknown", "models/_exposures.yml: expected a mapping, got text"),
    ],
)
def test_exceptions_of_single_sources(exceptions: Any, state: str, because: str) -> None:
    results = [_result("raw.orders", 1), _result("raw.rates", 5)]
    stands = _stands(results, _two(_slo(indicator={"sources": exceptions})))
    assert stands.state == state
    assert stands.because.startswith(because)


def test_what_was_not_measured_is_unknown_unless_the_rest_is_too_old() -> None:
    unknown = _stands([_result("raw.orders", 1)], _two(_slo()))
    assert (unknown.state, unknown.because) == ("unknown", "raw.rates was not measured")
    assert _stands([_result("raw.orders", 9)], _two(_slo())).state == "breached"
    names = [found.name for found in _found([_result("raw.orders", 1)], _two(_slo()))]
    assert names == ["source-unmeasured", "freshness-objective-unknown"]


def test_data_from_the_future_proves_nothing() -> None:
    results = [_result("raw.orders", 1), _result("raw.rates", -48)]
    stands = _stands(results, _two(_slo()))
    assert (stands.state, stands.because) == ("unknown", "raw.rates has data from the future")


def test_a_source_itself_is_met_and_not_only_its_sources() -> None:
    parts = _shop()
    parts["sources"]["raw.orders"]["config"] = {"meta": _slo()}
    assert _stands([_result("raw.orders", 1)], parts).state == "met"


def test_a_metric_of_an_exposure_leads_to_its_sources() -> None:
    parts = _two(_slo())
    parts["exposures"]["board"]["depends_on"] = ["metric n"]
    made = project(**parts)
    made.manifest["metrics"]["metric.shop.n"]["depends_on"] = {
        "nodes": ["semantic_model.shop.fct_n"]
    }
    results = [_result("raw.orders", 1), _result("raw.rates", 5)]
    (stands,) = api.read_freshness(workspace(made, freshness=results), now=NOW).objectives
    assert (stands.state, stands.because) == ("breached", "raw.rates")


@pytest.mark.parametrize(
    ("entries", "because"),
    [
        (
            [{"indicator": {"type": "freshness", "threshold": "soon"}}],
            "'soon' is no duration: write 90m, 26h or 3d",
        ),
        ([{"indicator": {"type": "freshness"}}], "'threshold' is missing"),
        (
            [{"indicator": {"type": "freshnes", "threshold": "4h"}}],
            "invalid value 'freshnes' (freshness, deadline, success, ",
        ),
        ([{"indicator": {"type": "freshness", "threshold": "4h", "sorces": {}}}], "unknown key "),
        ([{"name": "x"}], "'indicator' is missing"),
        (["4h"], "an objective that is no mapping"),
        ("4h", "an objective that is no mapping"),
        ({"indicator": {"type": "freshness", "threshold": 4}}, "4 is no duration: write "),
        (
            [{"indicator": {"type": "freshness", "threshold": "4h"}, "tier": "gold"}],
            "invalid enum value 'gold' (critical or standard)",
        ),
        (
            [{"indicator": {"type": "freshness", "threshold": "4h"}, "objctive": "99%"}],
            "unknown key 'objctive' (did you mean 'objective'?)",
        ),
    ],
)
def test_an_objective_that_cannot_be_read_is_unknown(entries: Any, because: str) -> None:
    parts = _two({"analyticsops": {"slo": entries}})
    results = [_result("raw.orders", 1), _result("raw.rates", 1)]
    stands = _stands(results, parts)
    said = stands.because.removeprefix("models/_exposures.yml: ")
    assert (stands.state, said[: len(because)]) == ("unknown", because)
    assert [found.name for found in _found(results, parts)] == ["objective-invalid"]


@pytest.mark.parametrize("kind", ["success", "quality", "schema_stability"])
def test_objectives_of_another_kind_are_not_about_freshness(kind: str) -> None:
    parts = _two({"analyticsops": {"slo": [{"name": "x", "indicator": {"type": kind}}]}})
    results = [_result("raw.orders", 1), _result("raw.rates", 1)]
    assert (
        api.read_freshness(workspace(project(**parts), freshness=results), now=NOW).objectives == ()
    )
    assert _found(results, parts) == []


def test_without_any_measurement_check_says_so() -> None:
    for parts in (_shop(), _two(_slo())):
        report = api.check(workspace(project(**parts)), now=NOW)
        assert "freshness was not measured: run `dbt source freshness`" in report.notes
    silent = api.check(workspace(project(**_shop(orders=None))), now=NOW)
    assert not [note for note in silent.notes if "freshness" in note]
