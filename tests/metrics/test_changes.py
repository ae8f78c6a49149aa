"""What a changed meaning asks for, by tier: in `metrics lock --check` and in `diff`."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from analyticsops import api
from analyticsops.errors import ConfigError
from analyticsops.workspace import Workspace
from tests.metrics.planted import changed, opened, shop
from tests.project_maker import project, workspace

UPSTREAM = {"at": "models/stg_orders", "old": "where not is_test", "new": "where true"}
FORMULA = {"at": "measures/revenue/params/measure/name", "new": "tax"}
ENTITIES = "semantic_models/orders/entities"
TIME = "semantic_models/orders/dimensions/ordered_at"
NOW = datetime.datetime(2026, 11, 20, tzinfo=datetime.UTC)


def _shop(meta: dict[str, Any], edit: dict[str, Any] | None = None) -> dict[str, Any]:
    data = shop()
    data["measures"] = {name: data["measures"][name] for name in ("revenue", "tax", "visits")}
    data["measures"]["revenue"]["meta"] = {"analyticsops": meta}
    return changed(data, edit) if edit is not None else data


def _open(root: Path, data: dict[str, Any]) -> Workspace:
    made = project(
        sources=data["sources"],
        seeds=data["seeds"],
        models=data["models"],
        semantic_models=data["semantic_models"],
        tests=data["tests"],
        metrics={
            name: {"type_params": entry["params"], "meta": entry.get("meta") or {}}
            for name, entry in data["measures"].items()
        },
    )
    return workspace(made, project_dir=root)


def _checked(root: Path, meta: dict[str, Any], edit: dict[str, Any], **after: Any) -> set[str]:
    """The findings of the check after a change; the lock was written before it."""
    answer = api.lock_metrics(_open(root, _shop(meta)))
    answer.path.parent.mkdir(parents=True, exist_ok=True)
    answer.path.write_text(answer.text, encoding="utf-8")
    report = api.check_lock(_open(root, _shop({**meta, **after}, edit)), now=NOW)
    about = [f for f in report.findings if "revenue" in (f.subject, *(a.name for a in f.affected))]
    return {f"{finding.rule} {finding.severity}" for finding in about}


CERTIFIED = {"tier": "certified", "version": "1.2.0"}


def test_nothing_changed(tmp_path: Path) -> None:
    untouched = {"at": "measures/revenue/label", "new": "Revenue"}
    assert _checked(tmp_path, CERTIFIED, untouched) == set()


@pytest.mark.parametrize(
    ("meta", "edit", "expected"),
    [
        ({}, UPSTREAM, {"MET507 error"}),
        ({"tier": "draft"}, FORMULA, {"MET507 error"}),
        ({"tier": "reviewed"}, UPSTREAM, {"MET502 warning", "MET507 error"}),
        (CERTIFIED, UPSTREAM, {"MET501 error"}),
        (CERTIFIED, FORMULA, {"MET501 error"}),
    ],
)
def test_a_changed_meaning(
    tmp_path: Path, meta: dict[str, Any], edit: dict[str, Any], expected: set[str]
) -> None:
    assert _checked(tmp_path, meta, edit) == expected


def _record(root: Path, **more: Any) -> None:
    path = root / "analyticsops/changes/revenue/2.0.0.yml"
    path.parent.mkdir(parents=True)
    record = {"kind": "redefine", "why": "x", "release_note": "y", "approved_by": "z", **more}
    path.write_text(yaml.safe_dump(record), encoding="utf-8")


def test_a_major_version_needs_a_record_and_a_plan(tmp_path: Path) -> None:
    found = _checked(tmp_path, CERTIFIED, UPSTREAM, version="2.0.0")
    assert found == {"MET503 error", "MET507 error"}
    _record(tmp_path)
    found = _checked(tmp_path, CERTIFIED, UPSTREAM, version="2.0.0")
    assert found == {"MET504 error", "MET507 error"}


def test_with_both_only_the_lock_is_to_be_written(tmp_path: Path) -> None:
    _record(tmp_path, migration={"steps": ["tell"], "backfill": "none"})
    found = _checked(tmp_path, CERTIFIED, UPSTREAM, version="2.0.0")
    assert found == {"MET507 error"}


def test_a_certification_is_void_until_it_is_approved_again(tmp_path: Path) -> None:
    _record(tmp_path, migration={"steps": ["tell"], "backfill": "none"})
    lock = _open(tmp_path, _shop(CERTIFIED)).registry.meant.metrics["revenue"]
    approved = {"fingerprint": lock.fingerprint, "by": "cfo", "date": "2026-10-01"}
    meta = {**CERTIFIED, "approved": approved}
    assert _checked(tmp_path, meta, {"at": "measures/revenue/label", "new": "x"}) == set()
    found = _checked(tmp_path, meta, UPSTREAM, version="2.0.0")
    assert found == {"MET507 error", "MET510 error"}
    after = _open(tmp_path, _shop(CERTIFIED, UPSTREAM)).registry.meant.metrics["revenue"]
    again = {**approved, "fingerprint": after.fingerprint}
    found = _checked(tmp_path, meta, UPSTREAM, version="2.0.0", approved=again)
    assert found == {"MET507 error"}


def test_a_needless_major_version(tmp_path: Path) -> None:
    untouched = {"at": "measures/revenue/label", "new": "Revenue"}
    found = _checked(tmp_path, CERTIFIED, untouched, version="2.0.0")
    assert found == {"MET508 warning", "MET507 warning"}


def test_a_locked_metric_is_gone(tmp_path: Path) -> None:
    answer = api.lock_metrics(_open(tmp_path, _shop(CERTIFIED)))
    answer.path.parent.mkdir(parents=True)
    answer.path.write_text(answer.text, encoding="utf-8")
    data = _shop(CERTIFIED)
    del data["measures"]["revenue"]
    report = api.check_lock(_open(tmp_path, data), now=NOW)
    assert [(f.rule, f.subject, f.severity) for f in report.findings] == [
        ("MET505", "revenue", "error")
    ]


def test_diff_asks_for_the_same(tmp_path: Path) -> None:
    base = _open(tmp_path, _shop(CERTIFIED))
    report = api.diff(base, _open(tmp_path, _shop(CERTIFIED, UPSTREAM)), now=NOW)
    found = [f for f in report.findings if f.rule.startswith("MET")]
    assert [(f.rule, f.subject) for f in found] == [("MET501", "revenue")]
    (finding,) = found
    assert finding.message == (
        "certified metric revenue means something else (rows) and is still at version 1.2.0"
    )
    assert str(finding.location) == "models/stg_orders.sql:14"
    assert "changed: rows of stg_orders (models/stg_orders.sql:14)" in finding.evidence


def test_diff_says_nothing_of_metrics_that_nobody_agreed_upon(tmp_path: Path) -> None:
    base = _open(tmp_path, _shop({"tier": "draft"}))
    report = api.diff(base, _open(tmp_path, _shop({"tier": "draft"}, UPSTREAM)), now=NOW)
    assert [f for f in report.findings if f.rule.startswith("MET")] == []


def test_a_refactoring_asks_for_nothing(tmp_path: Path) -> None:
    edit = {"at": "models/stg_orders", "old": "renamed", "new": "cleaned"}
    assert _checked(tmp_path, CERTIFIED, edit) == set()


def test_the_shop_of_planted_changes_opens() -> None:
    assert opened(shop(), "metrics").registry.definitions


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (
            {"at": ENTITIES, "new": {"order": {"type": "primary", "expr": "order_id"}}},
            "can no longer be grouped by customer__country and customer__region",
        ),
        ({"at": "semantic_models/customers/dimensions/region/expr", "new": "upper(region)"}, ""),
        (
            {"at": f"{TIME}/type_params/time_granularity", "new": "month"},
            "is no longer known by day, only by month",
        ),
        ({"at": "semantic_models/visits/dimensions", "new": {"visited_at": {"type": "time"}}}, ""),
    ],
)  # fmt: skip
def test_what_a_metric_can_no_longer_be_grouped_by(
    tmp_path: Path, edit: dict[str, Any], told: str
) -> None:
    base, head = (_open(tmp_path, _shop(CERTIFIED, change)) for change in (None, edit))
    report = api.diff(base, head, now=NOW)
    found = [f for f in report.findings if f.rule == "MET506"]
    assert [f.subject for f in found] == (["revenue"] if told else [])
    assert all(told in f.message and f.severity == "error" for f in found)


@pytest.mark.parametrize("version", ["one", "3c8e1ad32d49", "9" * 20 + ".0.0", "1.2"])
def test_a_lock_with_a_version_that_is_none_is_refused(version: str, tmp_path: Path) -> None:
    """Found by mutated locks: the check compares major versions, and had a traceback."""
    answer = api.lock_metrics(_open(tmp_path, _shop(CERTIFIED)))
    answer.path.parent.mkdir(parents=True)
    answer.path.write_text(answer.text.replace("1.2.0", f'"{version}"'), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"lock\.yml:4: not of the .* \(three numbers as in 2"):
        api.check_lock(_open(tmp_path, _shop(CERTIFIED, UPSTREAM)), now=NOW)
