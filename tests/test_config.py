"""``analyticsops.yml``."""

from __future__ import annotations

import datetime
from pathlib import Path

import jsonschema
import pytest
import yaml

from analyticsops.acceptances import accepts_of_meta
from analyticsops.config import (
    TEMPLATE,
    Config,
    load_config,
    schema,
)
from analyticsops.errors import ConfigError
from analyticsops.findings import Location
from analyticsops.suppression import RULES, Accept

FULL = """\
version: 1
fail_on: warning
dialect: snowflake
rules:
  column-removed: warning
  CHG210: off
allow:
  - rule: column-removed
    node: stg_*
    column: id
    reason: finance moves
    until: 2027-03-31
  - {rule: CHG201, fingerprint: c0bf3a76beacec42, reason: x, until: "2027-04-01"}
baseline: ci/baseline.json
"""


def _load(folder: Path, text: str) -> Config:
    (folder / "analyticsops.yml").write_text(text, encoding="utf-8")
    return load_config(None, folder)


def _error(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as error:
        _load(folder, text)
    return str(error.value).removeprefix(f"{folder}/")


def test_everything(tmp_path: Path) -> None:
    path = tmp_path / "analyticsops.yml"
    assert _load(tmp_path, FULL) == Config(
        fail_on="warning",
        dialect="snowflake",
        rules={"column-removed": "warning", "CHG210": "off"},
        accepts=(
            Accept(
                rule="column-removed",
                node="stg_*",
                column="id",
                reason="finance moves",
                until=datetime.date(2027, 3, 31),
                where=f"{path}:8",
                location=Location("analyticsops.yml", 8),
            ),
            Accept(
                rule="CHG201",
                fingerprint="c0bf3a76beacec42",
                reason="x",
                until=datetime.date(2027, 4, 1),
                where=f"{path}:13",
                location=Location("analyticsops.yml", 13),
            ),
        ),
        baseline=tmp_path / "ci" / "baseline.json",
        path=path,
    )


def test_without_a_file(tmp_path: Path) -> None:
    assert load_config(None, tmp_path) == Config()
    with pytest.raises(ConfigError, match="No such file"):
        load_config(tmp_path / "other.yml", tmp_path)


def test_the_other_name_and_an_explicit_path(tmp_path: Path) -> None:
    (tmp_path / "analyticsops.yaml").write_text("version: 1\nfail_on: info\n")
    assert load_config(None, tmp_path).fail_on == "info"
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    config = load_config(tmp_path / "analyticsops.yaml", folder)
    assert config.fail_on == "info"
    (tmp_path / "analyticsops.yml").write_text("version: 1\n")
    with pytest.raises(ConfigError, match=r"there is also analyticsops\.yaml \(keep one\)"):
        load_config(None, tmp_path)


def test_a_file_outside_the_project_is_no_place_in_it(tmp_path: Path) -> None:
    (tmp_path / "c.yml").write_text(FULL)
    (tmp_path / "project").mkdir()
    config = load_config(tmp_path / "c.yml", tmp_path / "project")
    assert [accept.location for accept in config.accepts] == [None, None]
    assert config.accepts[0].where == f"{tmp_path}/c.yml:8"


ENTRY = "version: 1\nallow:\n  - rule: CHG201\n    reason: x\n    until: 2027-01-01\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "analyticsops.yml: the file is empty (start with `version: 1`)"),
        ("- a\n", "analyticsops.yml:1: expected a mapping, got a list"),
        ("fail_on: error\n", "analyticsops.yml:1: 'version' is missing (write `version: 1`)"),
        ("version: 2\n", "analyticsops.yml:1: invalid enum value 2 (this analyticsops reads"),
        ("version: '1'\n", "analyticsops.yml:1: "),
        (
            "version: 1\n\nfailon: error\n",
            "analyticsops.yml:3: unknown key 'failon' (did you mean 'fail_on'?)",
        ),
        ("version: 1\nxyz: 1\n", "analyticsops.yml:2: unknown key 'xyz' (known: version, fail_on,"),
        (
            "version: 1\nfail_on: fatal\n",
            "analyticsops.yml:2: invalid enum value 'fatal' (error, warning, info or never)",
        ),
        ("version: 1\nrules: [a]\n", "analyticsops.yml:2: expected a mapping, got a list"),
        ("version: 1\nrules:\n", "analyticsops.yml:2: expected a mapping, got nothing"),
        (
            "version: 1\nrules:\n  a: off\n  b: no\n",
            "analyticsops.yml:4: expected one of error, warning, info, off, got 'no'",
        ),
        (
            "version: 1\nrules:\n  a: [off]\n",
            "analyticsops.yml:3: expected one of error, warning, info, off, got ['off']",
        ),
        ("version: 1\nallow: x\n", "analyticsops.yml:2: expected a list, got text"),
        ("version: 1\nallow: [x]\n", "analyticsops.yml:2: expected a mapping, got text"),
        (
            ENTRY.replace("    reason: x\n", ""),
            "analyticsops.yml:3: 'reason' is missing (say why it is accepted)",
        ),
        (
            ENTRY.replace("    until: 2027-01-01\n", ""),
            "analyticsops.yml:3: 'until' is missing (give the last day on which it holds, YYYY-",
        ),
        (ENTRY.replace("x\n", "' '\n"), "analyticsops.yml:4: 'reason' is empty"),
        (ENTRY.replace("x\n", "''\n"), "analyticsops.yml:4: expected text, got none"),
        (ENTRY.replace("x\n", "5\n"), "analyticsops.yml:4: expected text, got a whole number"),
        (
            ENTRY.replace("2027-01-01", "soon"),
            "analyticsops.yml:5: not of the expected form (a day as YYYY-MM-DD)",
        ),
        (
            ENTRY.replace("2027-01-01", "2027-02-30"),
            "analyticsops.yml:5: '2027-02-30' is no day: day",
        ),
        (
            ENTRY.replace("until", "untill"),
            "analyticsops.yml:5: unknown key 'untill' (did you mean 'until'?)",
        ),
        ("version: 1\ndialect: snowflak\n", "analyticsops.yml:2: no dialect named 'snowflak'"),
        ("version: 1\nbaseline: 1\n", "analyticsops.yml:2: expected text, got a whole number"),
        ("version: 1\nversion: 1\n", "analyticsops.yml:2:1: the key 'version' is also in line 1"),
    ],
)
def test_errors_say_where(tmp_path: Path, text: str, message: str) -> None:
    found = _error(tmp_path, text)
    assert found.startswith(message), found


def test_rules_that_do_not_exist(tmp_path: Path) -> None:
    file = tmp_path / "analyticsops.yml"
    file.write_text("version: 1\nrules:\n  SYS902: off\n  acceptance-expird: off\n")
    assert load_config(None, tmp_path).rules
    with pytest.raises(ConfigError) as error:
        load_config(None, tmp_path, known_rules=lambda: RULES)
    assert str(error.value) == (
        f"{file}:4: no rule named 'acceptance-expird' (did you mean 'acceptance-expired'?)"
    )
    file.write_text(ENTRY)
    with pytest.raises(ConfigError, match="no rule named 'CHG201'") as error:
        load_config(None, tmp_path, known_rules=lambda: RULES)
    assert error.value.where == f"{file}:3"


def test_template_loads_as_it_is_and_with_everything_switched_on(tmp_path: Path) -> None:
    assert _load(tmp_path, TEMPLATE) == Config(path=tmp_path / "analyticsops.yml")
    switched = TEMPLATE
    for line in TEMPLATE.splitlines():
        words = line.removeprefix("# ")
        if line.startswith("# ") and words.split(":")[0].strip("- ") in KEYS and ":" in words:
            switched = switched.replace(line, words, 1)
    config = _load(tmp_path, switched)
    assert config.dialect == "snowflake"
    assert config.rules == {"column-removed": "warning", "CHG201": "off"}
    assert config.accepts[0].node == "stg_*"
    assert config.accepts[0].until == datetime.date(2027, 3, 31)
    assert config.baseline == tmp_path / "analyticsops-baseline.json"


KEYS = {
    "dialect", "rules", "column-removed", "CHG201", "allow", "rule", "node", "column",
    "reason", "until", "baseline",
}  # fmt: skip


def test_schema_agrees_with_the_reader() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    for good in (FULL, ENTRY, TEMPLATE):
        validator.validate(yaml.load(good, yaml.BaseLoader) | {"version": 1})
    for bad in ({}, {"version": 2}, {"version": 1, "failon": "x"}, {"version": 1, "rules": None}):
        assert not validator.is_valid(bad)


def test_meta() -> None:
    entries = [{"rule": "CHG201", "column": "id", "reason": "x", "until": "2027-01-01"}]
    place = "models/a.yml (config.meta.analyticsops.allow[0] of model.shop.a)"
    assert accepts_of_meta(entries, node="model.shop.a", path="models/a.yml") == (
        Accept(
            rule="CHG201",
            node="model.shop.a",
            column="id",
            reason="x",
            until=datetime.date(2027, 1, 1),
            where=place,
            location=Location("models/a.yml"),
        ),
    )


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({}, "allow of model.shop.a): expected a list, got a mapping"),
        (["x"], "allow[0] of model.shop.a): expected a mapping, got text"),
        ([{"rule": "a", "until": "2027-01-01"}], "'reason' is missing"),
        ([{"rule": "a", "reason": "x"}], "'until' is missing"),
        ([{"rule": "a", "reason": "x", "until": "x", "node": "b"}], "for that model alone"),
        ([{"rule": "a", "reason": "x", "until": 20270101}], "expected text, got a whole number"),
        ([{"rule": "a", "reason": "x", "unti": 1}], "unknown key 'unti' (did you mean 'until'?)"),
        ([{1: 2}], "unknown key 1"),
    ],
)
def test_bad_meta(entries: object, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        accepts_of_meta(entries, node="model.shop.a", path="models/a.yml")
    assert message in str(error.value)
    assert error.value.where.startswith("models/a.yml (config.meta.analyticsops.allow")


# -- lineage -----------------------------------------------------------------------


def test_what_is_expected_of_the_lineage(tmp_path: Path) -> None:
    text = (
        "version: 1\nlineage:\n  coverage: 98\n  namespace: snowflake://a-b\n"
        "  tags: {follow: [pii], meta: [class], exposed: {public: false, groups: [core]}}\n"
    )
    found = _load(tmp_path, text).lineage
    assert found.objectives == {"**": 98}
    assert (found.namespace, found.tags.follow, found.tags.meta) == (
        "snowflake://a-b",
        ("pii",),
        ("class",),
    )
    exposed = found.tags.exposed
    assert (exposed.exposures, exposed.public, exposed.groups) == (True, False, ("core",))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("  coverige: 1", "analyticsops.yml:3: unknown key 'coverige' (did you mean 'coverage'?)"),
        ("  coverage: 101", "analyticsops.yml:3: expected a number <= 100.0"),
        ("  coverage: {a: x}", "analyticsops.yml:3: expected a number, got text"),
        ("  tags: {folow: [a]}", "unknown key 'folow' (did you mean 'follow'?)"),
        ("  tags: {exposed: {publik: true}}", "unknown key 'publik' (did you mean 'public'?)"),
        ("  tags: [pii]", "expected a mapping, got a list"),
    ],
)
def test_what_is_wrong_with_it(tmp_path: Path, lines: str, said: str) -> None:
    assert said in _error(tmp_path, f"version: 1\nlineage:\n{lines}\n")
