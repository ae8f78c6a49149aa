"""SARIF, judged by a schema of what we write and, if it is there, by OASIS's own.

The standard's schema is not ours to ship. To validate against it, download
``sarif-schema-2.1.0.json`` from https://github.com/oasis-tcs/sarif-spec and say where:

    SARIF_SCHEMA=sarif-schema-2.1.0.json python -m pytest tests/report/test_sarif.py
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from analyticsops.findings import fingerprint
from analyticsops.report import sarif
from analyticsops.report.model import Report
from analyticsops.report.options import Options
from tests.hostile import NAMES

from . import hostile, sample

PROFILE = Path(__file__).with_name("schemas") / "sarif-profile.schema.json"
REPORTS = {
    "sample": sample.report(),
    "clean": sample.clean_report(),
    **{f"hostile-{number}": hostile.report(name) for number, name in enumerate(NAMES)},
}


def _validators() -> list[jsonschema.protocols.Validator]:
    paths = [PROFILE, *map(Path, filter(None, [os.environ.get("SARIF_SCHEMA")]))]
    schemas = [json.loads(path.read_text("utf-8")) for path in paths]
    return [jsonschema.validators.validator_for(schema)(schema) for schema in schemas]


VALIDATORS = _validators()


def _run(report: Report, options: Options | None = None) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(sarif.render(report, options or Options()))["runs"][0]
    return run


@pytest.mark.parametrize("name", REPORTS)
def test_schema(name: str) -> None:
    log = json.loads(sarif.render(REPORTS[name]))
    for validator in VALIDATORS:
        validator.validate(log)


def test_rules_are_where_the_results_say() -> None:
    run = _run(sample.report())
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert rules[0]["help"]["text"].startswith("Whatever reads the column fails")


def test_a_rule_that_is_not_described_has_a_place_all_the_same() -> None:
    run = _run(msgspec.structs.replace(sample.report(), rules=()))
    assert {"id": "CHG201", "name": "column-removed"} in run["tool"]["driver"]["rules"]


def test_accepted_findings_are_suppressed_and_the_others_say_that_they_are_not() -> None:
    results = _run(sample.report())["results"]
    assert [len(result["suppressions"]) for result in results] == [0, 0, 0, 0, 0, 1, 1]
    assert results[-2]["suppressions"][0] == {
        "kind": "external",
        "status": "accepted",
        "justification": "finance moved to payment_id, see TICKET-12",
    }


def test_paths_count_from_the_repository() -> None:
    results = _run(sample.report(), Options(root="dbt/my shop/"))["results"]
    places = [result["locations"][0]["physicalLocation"] for result in results]
    assert places[0]["artifactLocation"]["uri"] == "dbt/my%20shop/models/marts/orders.sql"
    assert places[0]["region"] == {"startLine": 12, "startColumn": 3}
    nowhere = next(place for place, result in zip(places, results, strict=True)
                   if result["ruleId"] == "RDY101")  # fmt: skip
    assert nowhere["artifactLocation"]["uri"] == "dbt/my%20shop/dbt_project.yml"
    assert nowhere["region"] == {"startLine": 1}


def test_fingerprints_do_not_move_with_the_line() -> None:
    before = sample.report()
    moved = tuple(msgspec.structs.replace(f, location=None) for f in before.findings)
    after = msgspec.structs.replace(before, findings=moved)
    assert [result["partialFingerprints"] for result in _run(before)["results"]] == [
        result["partialFingerprints"] for result in _run(after)["results"]
    ]


def test_cap_drops_accepted_findings_first_and_says_so() -> None:
    accepted, *_ = [finding for finding in sample.findings() if finding.accepted]
    active, *_ = [finding for finding in sample.findings() if not finding.accepted]
    active = msgspec.structs.replace(active, affected=())
    many = [
        msgspec.structs.replace(active, fingerprint=fingerprint(str(number)))
        for number in range(sarif.RESULT_LIMIT)
    ]
    report = msgspec.structs.replace(sample.report(), findings=(accepted, *many))
    run = _run(report)
    assert len(run["results"]) == sarif.RESULT_LIMIT
    assert not any("suppressions" in result for result in run["results"])
    told = run["invocations"][0]["toolExecutionNotifications"]
    assert told[-1]["message"]["text"] == "1 more finding does not fit into this file"
