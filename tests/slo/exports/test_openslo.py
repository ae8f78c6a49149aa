"""OpenSLO in and out: what is written means the same when it is read."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings, strategies as st

from analyticsops.errors import ConfigError
from analyticsops.slo.exports.openslo import documents, render
from analyticsops.slo.objective import Slo
from analyticsops.slo.spec.declared import declare
from analyticsops.slo.spec.reading import SharedSettings, read_files, together
from analyticsops.yaml_files import load_documents, parse_yaml
from tests.project_maker import project, workspace
from tests.slo.exports.making import NOW

SHOP = workspace(
    project(
        models={"stg": "select * from @raw.orders", "orders": "select * from @stg"},
        sources={"raw.orders": "id"},
    )
).project


def declared(shared: SharedSettings) -> tuple[Slo, ...]:
    """What a project promises by its files, wherever they stand."""

    class Nowhere:
        def at(self, steps: Any = ()) -> str:
            return ""

    found = declare(SHOP, shared, lambda node: Nowhere())
    assert not found.invalid
    return tuple(msgspec.structs.replace(slo, origin="", where="") for slo in found.slos)


def read(text: str, folder: Path) -> tuple[Slo, ...]:
    (folder / "slos").mkdir(exist_ok=True)
    (folder / "slos" / "openslo.yml").write_text(text, encoding="utf-8")
    return declared(read_files(folder))


# -- everything that can be promised -------------------------------------------

SECONDS = st.integers(1, 10_000_000)
LENGTHS = st.one_of(
    st.builds("{}{}".format, st.integers(1, 90), st.sampled_from("smhd")),
    st.builds("{}s".format, SECONDS),
    st.just("0.25s"),
)
SHARES = st.one_of(
    st.builds("{}%".format, st.integers(1, 99)),
    st.sampled_from(["99.95%", "0.9999", "1/3", "99.999999999999999999%"]),
)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu"])
DATES = st.lists(st.dates().map(str), max_size=3)
CRONS = st.sampled_from(["0 5 * * 1-5", "*/15 * * * *", "30 2 1 * *", "0 0 * * 7"])
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")), max_size=60)
NUMBERS = st.floats(0, 1e9, allow_nan=False)


def some(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


SCOPED: dict[str, Any] = {
    "scope": st.sampled_from(["own", "end_to_end"]),
    "sources": st.fixed_dictionaries({}, optional={"raw.orders": st.just("static") | LENGTHS}),
}
INDICATORS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "freshness": some(
        {"threshold": LENGTHS}, quality_gate=st.sampled_from(["none", "error"]), **SCOPED
    ),
    "deadline": some({}, **SCOPED),
    "success": some(
        {},
        attempts=st.sampled_from(["final", "first"]),
        skipped=st.sampled_from(["bad", "exclude"]),
        partial=st.sampled_from(["bad", "good"]),
    ),
    "duration": some({"threshold": LENGTHS}),
    "quality": some({}, warned=st.sampled_from(["good", "bad"])),
    "volume": some({"at_least": st.integers(0, 9)}, at_most=st.integers(9, 1 << 60)),
    "null_rate": some({"column": TEXT.filter(bool)}, at_most=SHARES),
    "schema_stability": some({}),
    "cost": some({"at_most": NUMBERS}),
    "lineage_coverage": some({"at_least": SHARES}),
    "deployment_frequency": some(
        {}, per=st.sampled_from(["day", "week", "month"]), at_least=st.integers(0, 99)
    ),
    "alert_latency": some({"threshold": LENGTHS}),
    "custom_sql": some(
        {"query": TEXT.filter(bool), "good": st.just("g"), "total": st.just("t")}, at=TEXT
    )
    | some({"query": st.just("select 1\nas x  \n"), "value": st.just("x"), "at_least": NUMBERS}),
}
SCHEDULES = some({"cron": CRONS}, timezone=ZONES, grace=LENGTHS, holidays=DATES)
CALENDARS = some(
    {},
    days=st.sampled_from(["mon-fri", "sat,sun", "fri-mon", "wed"]),
    hours=st.sampled_from(["07:00-19:00", "8-12, 13-17", "22:00-06:00", "0-24"]),
    timezone=ZONES,
    holidays=DATES,
    mode=st.sampled_from(["evaluate_only", "pause_age"]),
)
WINDOWS = some({"rolling": LENGTHS}, timezone=ZONES) | some(
    {"calendar": st.sampled_from(["week", "month", "quarter", "year"])}, timezone=ZONES
)
BUDGETS = st.sampled_from(["exclude", "count"])
MAINTENANCE = some(
    {"reason": TEXT, "from": st.just("2026-12-01T00:00:00.000001Z"), "to": st.just("2026-12-02")},
    budget=BUDGETS,
) | some({"reason": TEXT, "cron": CRONS, "lasts": LENGTHS}, timezone=ZONES, budget=BUDGETS)


@st.composite
def entries(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """An objective as somebody may write it."""
    targets = [{"select": "orders"}, {"job": draw(TEXT.filter(bool))}, {"project": True}]
    timed = kind in ("freshness", "deadline")
    optional = {
        "name": TEXT.filter(bool),
        "objective": SHARES,
        "window": WINDOWS,
        "schedule": SCHEDULES,
        "calendar": CALENDARS,
        "missing": st.sampled_from(["bad", "unknown", "exclude"]),
        "tier": st.sampled_from(["critical", "standard"]),
        "owner": TEXT,
        "runbook": TEXT,
        "description": TEXT | st.just("x" * 1100) | st.just("one\ntwo \n"),
        "alerting": st.sampled_from(["batch", "google", "seed4x", "off"]),
    }
    found: dict[str, Any] = draw(st.fixed_dictionaries({}, optional=optional))
    found["indicator"] = {"type": kind, **draw(INDICATORS[kind])}
    found["target"] = targets[0] if timed else draw(st.sampled_from(targets))
    if kind == "deadline":
        found["schedule"] = draw(SCHEDULES)
    return found


@pytest.mark.parametrize("kind", INDICATORS)
@given(data=st.data())
@settings(max_examples=8, deadline=None, phases=[Phase.generate])
def test_nothing_is_lost(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    from analyticsops.metrics.exports.yaml_text import yaml_text

    written = data.draw(entries(kind))
    work = data.draw(st.lists(MAINTENANCE, max_size=2))
    file = {"version": 1, "slos": [written], "maintenance": work}
    folder = tmp_path_factory.getbasetemp() / "trip"
    folder.mkdir(exist_ok=True)
    promised = declared(
        together([parse_yaml(msgspec.json.encode(file).decode(), Path("slos.yml"))])
    )
    text = render(promised, "shop", NOW)
    assert read(text, folder) == promised
    for one in documents(promised, "shop", NOW):
        assert re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", one["metadata"]["name"])
        assert yaml_text(one)


# -- documents of others -------------------------------------------------------

SLO = """apiVersion: openslo/v1
kind: DataSource
metadata: {name: history}
spec: {type: analyticsops, connectionDetails: {}}
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: age}
spec:
  thresholdMetric:
    metricSource:
      metricSourceRef: history
      spec: {indicator: {type: freshness}, target: {select: orders}}
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: fast}
spec:
  severity: page
  condition: {kind: burnrate, op: gte, threshold: 4, lookbackWindow: 30m, alertAfter: 15m}
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: fast}
spec:
  alertWhenBreaching: true
  conditions: [{conditionRef: fast}]
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: orders-fresh, labels: {tier: critical}}
spec:
  service: shop
  indicatorRef: age
  timeWindow: [{duration: 4w, isRolling: true}]
  budgetingMethod: Timeslices
  objectives:
  - {op: lte, value: 7200, targetPercent: 99.5, timeSliceTarget: 1.0, timeSliceWindow: 1m}
  alertPolicies: [{alertPolicyRef: fast}]
"""


def test_a_document_by_hand(tmp_path: Path) -> None:
    (found,) = read(SLO, tmp_path)
    assert (found.full_name, str(found.window), found.target) == (
        "orders/orders-fresh",
        "28d",
        Fraction(199, 200),
    )
    assert found.indicator.threshold == 7_200_000_000  # type: ignore[union-attr]
    assert (found.alerting, found.tier) == ("seed4x", "critical")


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("type: analyticsops", "type: Prometheus", 11, "type 'Prometheus' cannot be asked"),
        ("target: {", "description: {", 13, "'description' is not supported here"),
        (", target: {select: orders}", "", 13, "'target' is missing"),
        ("indicatorRef: age", "indicatorRef: [age]", 34, "expected text"),
        ("kind: SLI", "kind: Gauge", 7, "no kind 'Gauge'"),
        ("apiVersion: openslo/v1\nkind: SLO", "apiVersion: openslo/v2alpha\nkind: SLO", 29, "only"),
        ("op: gte", "op: lte", 20, "from a threshold on"),
        ("threshold: 4", "threshold: 5", 20, "no rule of a preset"),
        ("conditionRef: fast", "conditionRef: slow", 27, "no AlertCondition named 'slow'"),
        ("alertWhenBreaching", "alertWhenNoData", 26, "alertWhenNoData"),
        ("indicatorRef: age", "indicatorRef: old", 34, "no SLI named 'old'"),
        ("duration: 4w", "duration: 1M", 35, "no fixed length"),
        ("isRolling: true", "isRolling: false", 35, "'4w' is not supported"),
        ("Method: Timeslices", "Method: RatioTimeslices", 36, "budgetingMethod Timeslices"),
        ("op: lte, value", "op: lt, value", 38, "op: lte"),
        ("timeSliceTarget: 1.0", "timeSliceTarget: 0.9", 38, "every instant"),
        ("timeSliceWindow: 1m", "timeSliceWindow: 5m", 38, "not sampled"),
        ("targetPercent: 99.5", "target: 0.9, targetPercent: 99.5", 38, "target or targetPercent"),
        ("service: shop", "service: shop\n  compositeWeight: 2", 34, "'compositeWeight'"),
        ("name: orders-fresh", "name: age", 0, ""),
    ],
)
def test_what_cannot_be_done_is_said(
    tmp_path: Path, old: str, new: str, line: int, what: str
) -> None:
    assert SLO.count(old) >= 1
    text = SLO.replace(old, new, 1)
    if not what:
        assert read(text, tmp_path)  # names are their own for each kind
        return
    with pytest.raises(ConfigError, match=re.escape(what)) as raised:
        read(text, tmp_path)
    assert raised.value.where == f"{tmp_path}/slos/openslo.yml:{line}"


def test_documents_keep_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "several.yml"
    path.write_text("a: 1\n---\nb:\n  c: 2\n---\n")
    (first, _), (second, lines), (third, _) = load_documents(path)
    assert (first, second, third) == ({"a": 1}, {"b": {"c": 2}}, None)
    assert lines.number(("b", "c")) == 4
