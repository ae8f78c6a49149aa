"""Acceptances in SQL, in YAML and in a file of approvals."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from analyticsops import api
from analyticsops.acceptances import accepts_of_code
from analyticsops.approvals import ApprovalEntry, read_approvals, with_approvals
from analyticsops.config import Config
from analyticsops.errors import AnalyticsOpsError, ConfigError
from analyticsops.findings import Finding
from analyticsops.report.formats import render
from tests.project_maker import project, workspace

NOW = datetime.datetime(2026, 11, 27, tzinfo=datetime.UTC)
STG = "select id, amount from @raw.payments"
ALLOW = '-- aops:allow ROW301 until=2026-12-31 reason="agreed with finance"\n'


def _accepts(code: str) -> list[tuple[str, str, str, str]]:
    found = accepts_of_code(code, node="model.shop.a", path="models/a.sql")
    return [(a.rule, a.column, a.until.isoformat(), a.reason) for a in found]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (ALLOW, [("ROW301", "", "2026-12-31", "agreed with finance")]),
        (
            '{# aops:allow VAL401, VAL403 column=amount until=2027-01-31 reason="x" #}',
            [("VAL401", "amount", "2027-01-31", "x"), ("VAL403", "amount", "2027-01-31", "x")],
        ),
        (
            '/* aops:allow column-removed reason="x y" until=2027-01-31 */ select 1',
            [("column-removed", "", "2027-01-31", "x y")],
        ),
        ("select 'aops:allow'  -- nothing", []),
    ],
)
def test_comments(code: str, expected: list[tuple[str, str, str, str]]) -> None:
    assert _accepts(code) == expected


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("-- aops:allow ROW301 until=2026-12-31", "'reason' is missing"),
        ('-- aops:allow ROW301 reason="x"', "'until' is missing"),
        ('-- aops:allow until=2026-12-31 reason="x"', "'rule' is missing"),
        ('-- aops:allow ROW301 until=2026-02-31 reason="x"', "'2026-02-31' is no day"),
        (
            '-- aops:allow ROW301 until=soon reason="x"',
            "not of the expected form",
        ),
        ('-- aops:allow ROW301 until=2026-12-31 reason="  "', "'reason' is empty"),
        ('-- aops:allow ROW301 untill=2026-12-31 reason="x"', "unknown key 'untill'"),
        ("-- aops:ignore ROW301", "no comment aops:ignore"),
    ],
)
def test_what_is_missing_is_told_with_its_line(comment: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        _accepts(f"select 1\n{comment}")
    assert "models/a.sql:2" in str(caught.value)


# -- in a comparison ---------------------------------------------------------------


def _diff(
    base: str | dict[str, Any],
    head: str | dict[str, Any],
    now: datetime.datetime = NOW,
    config: Config | None = None,
) -> list[Finding]:
    sides = [
        project(sources={"raw.payments": "id, amount"}, models={"stg": sql}) for sql in (base, head)
    ]
    old, new = workspace(sides[0]), workspace(sides[1], config=config)
    return list(api.diff(old, new, now=now).findings)


def _told(found: list[Finding]) -> list[tuple[str, bool]]:
    return [(finding.name, finding.accepted is not None) for finding in found]


def test_a_comment_accepts_the_finding_of_its_model() -> None:
    (found,) = _diff(STG, f"{ALLOW}{STG} where amount > 0")
    assert found.accepted is not None
    assert (found.accepted.by, found.accepted.where) == ("allow", "models/stg.sql:1")
    assert found.accepted.reason == "agreed with finance"


def test_it_holds_to_its_last_day() -> None:
    head = f"{ALLOW}{STG} where amount > 0"
    last = datetime.datetime(2026, 12, 31, tzinfo=datetime.UTC)
    assert _told(_diff(STG, head, last)) == [("filter-changed", True)]
    found = _diff(STG, head, last + datetime.timedelta(days=1))
    assert _told(found) == [("filter-changed", False), ("acceptance-expired", False)]
    assert str(found[1].location) == "models/stg.sql:1"


def test_a_new_comment_that_matches_nothing_is_stale() -> None:
    assert _told(_diff(STG, f"{ALLOW}{STG}")) == [("acceptance-stale", False)]


def test_once_it_is_merged_it_ends_with_its_day_and_is_not_stale() -> None:
    assert _told(_diff(f"{ALLOW}{STG}", f"{ALLOW}{STG}")) == []


def test_a_part_of_the_project_makes_nothing_stale() -> None:
    sides = [
        workspace(project(sources={"raw.payments": "id, amount"}, models={"stg": sql}))
        for sql in (STG, f"{ALLOW}{STG}")
    ]
    assert api.diff(sides[0], sides[1], select="stg", now=NOW).findings == ()


def test_meta_of_the_model() -> None:
    entry = {"rule": "filter-changed", "reason": "x", "until": "2026-12-31"}
    head = {"sql": f"{STG} where amount > 0", "meta": {"analyticsops": {"allow": [entry]}}}
    assert _told(_diff(STG, head)) == [("filter-changed", True)]


def test_an_unknown_rule_is_an_error_with_its_place() -> None:
    head = f'-- aops:allow ROW999 until=2026-12-31 reason="x"\n{STG}'
    with pytest.raises(Exception, match=r"models/stg\.sql:1: no rule named 'ROW999'"):
        _diff(STG, head)


# -- approvals ---------------------------------------------------------------------


def _approvals(folder: Path, fingerprint: str, **more: str) -> Config:
    entry = {
        "fingerprint": fingerprint,
        "rule": "ROW301",
        "subject": "stg",
        "reason": "agreed",
        "until": "2026-12-31",
        "by": "jane",
        **more,
    }
    lines = "\n    ".join(f'{key}: "{value}"' for key, value in entry.items() if value)
    path = folder / "approvals.yml"
    path.write_text(f"version: 1\napprovals:\n  - {lines}\n", encoding="utf-8")
    return Config(approvals=path)


def test_an_approval_is_bound_to_the_change(tmp_path: Path) -> None:
    (first,) = _diff(STG, f"{STG} where amount > 0")
    config = _approvals(tmp_path, first.fingerprint)
    (same,) = _diff(STG, f"-- moved\n\n{STG} where (amount > 0)", config=config)
    assert same.accepted is not None
    assert (same.accepted.by, same.accepted.reason) == ("approval", "agreed (jane)")


def test_it_is_void_when_the_change_becomes_another(tmp_path: Path) -> None:
    (first,) = _diff(STG, f"{STG} where amount > 0")
    config = _approvals(tmp_path, first.fingerprint)
    found = _diff(STG, f"{STG} where amount > 1", config=config)
    assert _told(found) == [("filter-changed", False), ("acceptance-stale", False)]


def test_of_a_change_that_is_merged_nothing_is_said(tmp_path: Path) -> None:
    config = _approvals(tmp_path, "0123456789abcdef")
    assert _diff(STG, STG, config=config) == []


def test_an_approval_expires(tmp_path: Path) -> None:
    config = _approvals(tmp_path, "0123456789abcdef", until="2026-11-26")
    assert _told(_diff(STG, STG, config=config)) == [("acceptance-expired", False)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reason": ""}, "'reason' is missing"),
        ({"reason": " "}, "'reason' is empty"),
        ({"until": ""}, "'until' is missing"),
        ({"fingerprint": "short"}, "not of the expected form .as every output shows it"),
        ({"who": "jane"}, "unknown key 'who'"),
    ],
)
def test_an_approval_is_read_strictly(tmp_path: Path, change: dict[str, str], said: str) -> None:
    config = _approvals(tmp_path, change.pop("fingerprint", "0123456789abcdef"), **change)
    assert config.approvals is not None
    with pytest.raises(ConfigError, match=said):
        read_approvals(config.approvals)


def test_a_file_that_is_not_there_holds_none(tmp_path: Path) -> None:
    assert read_approvals(tmp_path / "none.yml") == ()


# -- `approve` -------------------------------------------------------------------------


def _reported(folder: Path, *, where: str = "amount > 0") -> Path:
    path = folder / "report.json"
    sides = [
        workspace(project(sources={"raw.payments": "id, amount"}, models={"stg": sql}))
        for sql in (STG, f"{STG} where {where}")
    ]
    path.write_text(render(api.diff(sides[0], sides[1], now=NOW), "json"), encoding="utf-8")
    return path


def _approve(folder: Path, *starts: str, **more: Any) -> list[str]:
    path, entries = api.approve(
        starts or [_fingerprint(folder)],
        _reported(folder),
        **{"reason": "agreed: #1", "until": "2026-12-31", "to": folder / "approvals.yml", **more},
    )
    assert path == folder / "approvals.yml"
    return [f"{entry.rule} {entry.subject}" for entry in entries]


def _fingerprint(folder: Path) -> str:
    (finding,) = api.read_report(_reported(folder)).findings
    return finding.fingerprint


def test_what_is_approved_is_accepted(tmp_path: Path) -> None:
    assert _approve(tmp_path, by="jane") == ["filter-changed stg"]
    config = Config(approvals=tmp_path / "approvals.yml")
    (found,) = _diff(STG, f"{STG} where amount > 0", config=config)
    assert found.accepted is not None
    assert (found.accepted.reason, found.accepted.until) == ("agreed: #1 (jane)", "2026-12-31")


def test_what_stands_in_the_file_stays(tmp_path: Path) -> None:
    before = (
        "# ours\nversion: 1\napprovals:\n  - fingerprint: 0123456789abcdef  # why\n"
        "    rule: a\n    reason: b\n    until: 2026-12-31\n"
    )
    (tmp_path / "approvals.yml").write_text(before, encoding="utf-8")
    assert _approve(tmp_path, _fingerprint(tmp_path)[:6]) == ["filter-changed stg"]
    assert _approve(tmp_path) == []  # it has one already
    assert (tmp_path / "approvals.yml").read_text("utf-8").startswith(before)
    assert len(read_approvals(tmp_path / "approvals.yml")) == 2


@pytest.mark.parametrize(
    ("starts", "more", "said"),
    [
        (["ffff"], {}, "no finding named 'ffff'"),
        ([], {"until": "soon"}, "'soon' is no day"),
        ([], {"reason": " "}, "'reason' is empty"),
    ],
)
def test_nothing_is_written_that_cannot_be_read(
    tmp_path: Path, starts: list[str], more: dict[str, str], said: str
) -> None:
    with pytest.raises(AnalyticsOpsError, match=said):
        _approve(tmp_path, *starts, **more)
    assert not (tmp_path / "approvals.yml").exists()


@pytest.mark.parametrize("fingerprint", ["1234567890123456", "12345e6789012345"])
def test_a_fingerprint_that_reads_as_a_number_is_text(tmp_path: Path, fingerprint: str) -> None:
    entry = ApprovalEntry(
        fingerprint=fingerprint, rule="a", subject="b", reason="c", until="2026-12-31"
    )
    path = tmp_path / "approvals.yml"
    path.write_text(with_approvals("", [entry]), encoding="utf-8")
    (found,) = read_approvals(path)
    assert found.fingerprint == fingerprint


def test_a_file_that_goes_on_after_its_approvals(tmp_path: Path) -> None:
    before = "approvals: []\nversion: 1\n"
    (tmp_path / "approvals.yml").write_text(before, encoding="utf-8")
    with pytest.raises(AnalyticsOpsError, match=r"approvals\.yml:3"):
        _approve(tmp_path)
    assert (tmp_path / "approvals.yml").read_text("utf-8") == before
