"""Acceptances, baselines and severities."""

from __future__ import annotations

import datetime
import json
import random
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given, strategies as st

from analyticsops.errors import ConfigError, UsageError
from analyticsops.findings import Finding, Location, Severity, fingerprint, order_key
from analyticsops.suppression import (
    ACCEPTANCE_EXPIRED,
    ACCEPTANCE_STALE,
    RULES,
    Accept,
    Baseline,
    BaselineEntry,
    apply_accepts,
    apply_baseline,
    apply_severities,
    failed,
    read_baseline,
    write_baseline,
)

TODAY = datetime.date(2026, 11, 21)
DAY = datetime.timedelta(days=1)


def finding(
    node: str = "model.shop.orders",
    column: str = "amount",
    rule: tuple[str, str] = ("CHG201", "column-removed"),
    severity: Severity = Severity.ERROR,
) -> Finding:
    name = node.rpartition(".")[2]
    return Finding(
        rule=rule[0],
        name=rule[1],
        severity=severity,
        node=node,
        subject=f"{name}.{column}" if column else name,
        column=column,
        message="gone",
        fingerprint=fingerprint(rule[0], node, column),
    )


def accept(**changes: object) -> Accept:
    made = Accept(rule="column-removed", reason="moving", until=TODAY, where="analyticsops.yml:3")
    return msgspec.structs.replace(made, **changes)


ANY_FINDING = st.builds(
    finding,
    node=st.sampled_from(["model.shop.orders", "model.shop.stg_a", "source.shop.raw.b", ""]),
    column=st.sampled_from(["amount", "id", ""]),
    rule=st.sampled_from([("CHG201", "column-removed"), ("CHG210", "column-retyped")]),
    severity=st.sampled_from(Severity),
)
ANY_ACCEPT = st.builds(
    accept,
    rule=st.sampled_from(["CHG201", "column-retyped", "nothing"]),
    node=st.sampled_from(["", "*", "orders", "model.shop.*", "nowhere"]),
    column=st.sampled_from(["", "AMOUNT"]),
    until=st.dates(TODAY - 2 * DAY, TODAY + 2 * DAY),
)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"rule": "CHG201"},
        {"node": "orders"},
        {"node": "model.shop.orders"},
        {"node": "ord*"},
        {"node": "model.*.order?"},
        {"column": "Amount"},
        {"fingerprint": finding().fingerprint},
        {"until": TODAY + DAY},
    ],
)
def test_accepted(changes: dict[str, object]) -> None:
    (only,) = apply_accepts([finding()], [accept(**changes)], TODAY)
    assert only.accepted is not None
    assert only.accepted.by == "allow"
    assert only.accepted.reason == "moving"
    assert only.accepted.where == "analyticsops.yml:3"
    assert not failed([only], "info")


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "column"},
        {"rule": "chg201"},
        {"node": "order"},
        {"node": "orders.amount"},
        {"node": "*customers"},
        {"column": "amoun"},
        {"column": "amount*"},
        {"fingerprint": "0" * 16},
    ],
)
def test_not_accepted(changes: dict[str, object]) -> None:
    (only,) = apply_accepts([finding()], [accept(**changes)], TODAY)
    assert only.accepted is None


def test_a_name_with_the_characters_of_a_pattern_matches_itself() -> None:
    odd = finding(node="model.shop.a[1]")
    (only,) = apply_accepts([odd], [accept(node="model.shop.a[1]")], TODAY)
    assert only.accepted is not None


def test_the_first_match_gives_the_reason() -> None:
    first, second = accept(reason="first"), accept(reason="second")
    (only,) = apply_accepts([finding()], [first, second], TODAY)
    assert only.accepted is not None
    assert only.accepted.reason == "first"


def test_what_was_accepted_before_stays() -> None:
    known = apply_baseline([finding()], _baseline([finding()]))
    assert apply_accepts(known, [accept()], TODAY) == known


def test_an_entry_without_a_place_says_only_its_reason() -> None:
    (only,) = apply_accepts([], [accept(where="", until=TODAY - DAY)], TODAY)
    assert only.evidence == ("reason: moving",)


def _baseline(findings: list[Finding]) -> Baseline:
    entries = tuple(
        BaselineEntry(fingerprint=item.fingerprint, rule=item.rule) for item in findings
    )
    return Baseline(entries=entries, where="b.json")


def test_expired() -> None:
    old = accept(until=TODAY - DAY, node="orders", location=Location("analyticsops.yml", 3))
    found = apply_accepts([finding()], [old], TODAY)
    assert [(item.rule, item.accepted) for item in found] == [("CHG201", None), ("SYS902", None)]
    assert found[1].name == "acceptance-expired"
    assert found[1].location == Location("analyticsops.yml", 3)
    assert found[1].message == (
        "The acceptance of column-removed for orders ran out on 2026-11-20."
    )
    assert found[1].evidence == ("reason: moving", "at analyticsops.yml:3")
    assert failed(found, "error")


def test_stale_only_if_asked() -> None:
    stale = accept(node="odrers")
    assert [item.rule for item in apply_accepts([finding()], [stale], TODAY)] == ["CHG201"]
    found = apply_accepts([finding()], [stale, accept()], TODAY, judged=[stale, accept()])
    assert [item.rule for item in found] == ["CHG201", "SYS903"]
    assert found[1].message == "The acceptance of column-removed for odrers matches no finding."


def test_rules_are_exported() -> None:
    assert RULES == (ACCEPTANCE_EXPIRED, ACCEPTANCE_STALE)
    assert [(rule.code, rule.severity.value) for rule in RULES] == [
        ("SYS902", "warning"),
        ("SYS903", "warning"),
    ]


@given(st.lists(ANY_FINDING), st.lists(ANY_ACCEPT), st.booleans())
def test_accepts_lose_nothing(
    findings: list[Finding], accepts: list[Accept], report_stale: bool
) -> None:
    made = apply_accepts(findings, accepts, TODAY, judged=accepts if report_stale else ())
    own = [item for item in made if not item.rule.startswith("SYS")]
    bare = [msgspec.structs.replace(item, accepted=None) for item in own]
    assert sorted(bare, key=order_key) == sorted(findings, key=order_key)
    assert list(made) == sorted(made, key=order_key)
    for item in own:
        holding = [a for a in accepts if a.until >= TODAY and a.matches(item)]
        assert (item.accepted is not None) == bool(holding)
    expired = [item for item in made if item.rule == "SYS902"]
    assert len(expired) == sum(a.until < TODAY for a in accepts)
    stale = [item for item in made if item.rule == "SYS903"]
    unused = [a for a in accepts if a.until >= TODAY and not any(map(a.matches, findings))]
    assert len(stale) == (len(unused) if report_stale else 0)


@given(st.lists(ANY_FINDING), st.lists(ANY_ACCEPT), st.integers(0))
def test_the_order_of_findings_does_not_matter(
    findings: list[Finding], accepts: list[Accept], seed: int
) -> None:
    shuffled = random.Random(seed).sample(findings, len(findings))
    assert apply_accepts(findings, accepts, TODAY) == apply_accepts(shuffled, accepts, TODAY)


def test_severities() -> None:
    findings = [finding(), finding(rule=("CHG210", "column-retyped"))]
    made = apply_severities(
        findings, {"column-removed": "info", "CHG210": "off", "column-retyped": "error"}
    )
    assert [(item.rule, item.severity.value) for item in made] == [("CHG201", "info")]
    assert made[0].fingerprint == findings[0].fingerprint
    assert apply_severities(findings, {}) == tuple(sorted(findings, key=order_key))


@pytest.mark.parametrize(
    ("severity", "fail_on", "expected"),
    [
        ("error", "error", True),
        ("warning", "error", False),
        ("warning", "warning", True),
        ("info", "info", True),
        ("info", "warning", False),
        ("error", "never", False),
    ],
)
def test_failed(severity: str, fail_on: str, expected: bool) -> None:
    assert failed([finding(severity=Severity(severity))], fail_on) is expected
    assert not failed([], fail_on)


def test_failed_with_an_unknown_severity() -> None:
    with pytest.raises(UsageError, match="no severity named 'fatal'"):
        failed([finding()], "fatal")


def test_baseline_text(tmp_path: Path) -> None:
    text = write_baseline([finding(column="b"), finding(column="a"), finding(column="a")])
    assert text.decode() == (
        "{\n"
        '  "schema": "analyticsops/baseline/v1",\n'
        '  "findings": [\n'
        f'    {{"fingerprint": "{finding(column="a").fingerprint}", "rule": "CHG201",'
        ' "name": "column-removed", "subject": "orders.a"},\n'
        f'    {{"fingerprint": "{finding(column="b").fingerprint}", "rule": "CHG201",'
        ' "name": "column-removed", "subject": "orders.b"}\n'
        "  ]\n"
        "}\n"
    )
    empty = tmp_path / "empty.json"
    empty.write_bytes(write_baseline([]))
    assert read_baseline(empty) == Baseline(where=str(empty))


def test_acceptances_stay_out_of_a_baseline_and_the_baseline_stays_in(tmp_path: Path) -> None:
    file = tmp_path / "b.json"
    file.write_bytes(write_baseline([finding(column="known")]))
    findings = apply_baseline([finding(column="known")], read_baseline(file))
    findings += apply_accepts([finding(column="accepted")], [accept()], TODAY)
    findings += (finding(column="new"),)
    again = json.loads(write_baseline(findings))
    assert [entry["subject"] for entry in again["findings"]] == ["orders.known", "orders.new"]


@given(known=st.lists(ANY_FINDING), new=st.lists(ANY_FINDING))
def test_baseline_round_trip(
    tmp_path_factory: pytest.TempPathFactory, known: list[Finding], new: list[Finding]
) -> None:
    file = tmp_path_factory.mktemp("baseline") / "b.json"
    file.write_bytes(write_baseline(known))
    baseline = read_baseline(file)
    assert not failed(apply_baseline(known, baseline), "info")
    old = {item.fingerprint for item in known}
    marked = apply_baseline([*known, *new], baseline)
    for item in marked:
        assert (item.accepted is not None) == (item.fingerprint in old)
    # Written again from its own result it is the same file, byte for byte.
    assert write_baseline(apply_baseline(known, baseline)) == file.read_bytes()


@given(st.lists(st.text(st.characters(categories=None), max_size=8), max_size=5))
@example(["", "\x1f"])
@example(["\x1e1", "\x1f"])
def test_any_subject_can_be_written(subjects: list[str]) -> None:
    findings = [
        msgspec.structs.replace(finding(), subject=subject, fingerprint=fingerprint(subject))
        for subject in subjects
    ]
    read = json.loads(write_baseline(findings))
    assert sorted(entry["subject"] for entry in read["findings"]) == sorted(set(subjects))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "this is not a baseline"),
        (b"[]", "this is not a baseline: Expected `object`, got `array`"),
        (b"\xff\xfe{", "this is not a baseline"),
        (b"[" * 100_000, "this is not a baseline"),
        (b'{"findings": []}', "missing required field `schema`"),
        (b'{"schema": "analyticsops/baseline/v2"}', "reads analyticsops/baseline/v1"),
        (
            b'{"schema": "analyticsops/baseline/v1", "findings": [{"fingerprint": 1, "rule": ""}]}',
            "Expected `str`, got `int` - at `$.findings[0].fingerprint`",
        ),
    ],
)
def test_not_a_baseline(tmp_path: Path, data: bytes, message: str) -> None:
    file = tmp_path / "b.json"
    file.write_bytes(data)
    with pytest.raises(ConfigError) as error:
        read_baseline(file)
    assert message in str(error.value)
    assert error.value.where == str(file)


def test_a_baseline_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyticsops.suppression._BASELINE_BYTES", 10)
    (tmp_path / "b.json").write_bytes(write_baseline([finding()]))
    with pytest.raises(ConfigError, match="larger than 64 MiB"):
        read_baseline(tmp_path / "b.json")


def test_no_baseline(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file") as error:
        read_baseline(tmp_path / "none.json")
    assert "`analyticsops baseline write`" in error.value.hint
