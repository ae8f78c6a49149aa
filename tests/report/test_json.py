"""The JSON format and its published schema."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest

from analyticsops import schemas
from analyticsops.errors import UsageError
from analyticsops.report import json as report_json
from analyticsops.report.model import Report
from tests.hostile import NAMES

from . import crowded, hostile, sample

FOLDER = Path(schemas.__file__).parent


def test_published_schemas_are_current() -> None:
    """Written again by ``python -m analyticsops.schemas``."""
    written = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.json")}
    assert written == dict(schemas.generate())


def test_every_schema_is_a_schema_and_explains_its_properties() -> None:
    for _, text in schemas.generate():
        schema = json.loads(text)
        jsonschema.Draft202012Validator.check_schema(schema)
        for definition in schema["$defs"].values():
            assert definition.get("description")
            for name, found in definition.get("properties", {}).items():
                assert "description" in found or "$ref" in found, name


@pytest.mark.parametrize(
    "report",
    [sample.report(), sample.clean_report(), *map(hostile.report, NAMES)],
)
def test_output_validates(report: Report) -> None:
    schema = json.loads((FOLDER / "report-v1.schema.json").read_text("utf-8"))
    jsonschema.validate(json.loads(report_json.render(report)), schema)


def test_nothing_of_a_report_is_left_out() -> None:
    assert set(Report.__struct_fields__) < set(report_json.ReportV1.__struct_fields__)
    read = msgspec.json.decode(report_json.render(sample.report()), type=report_json.ReportV1)
    for field in Report.__struct_fields__:
        assert getattr(read, field) == getattr(sample.report(), field)


@pytest.mark.parametrize("report", [sample.report(), sample.clean_report(), crowded.report()])
def test_what_is_written_is_read_back(report: Report) -> None:
    assert report_json.read(report_json.render(report).encode(), "report.json") == report


@pytest.mark.parametrize("data", [b"[" * 5_000, b'{"schema": "analyticsops/report/v2"}', b"\xff"])
def test_what_is_no_report_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError, match="this is not a report of version 1") as error:
        report_json.read(data, "theirs.json")
    assert error.value.where == "theirs.json"
    assert error.value.hint == "`analyticsops diff --output json=PATH` writes one"


def test_what_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = report_json.render(sample.clean_report()).encode()
    monkeypatch.setattr(report_json, "SIZE_LIMIT", len(data))
    assert report_json.read(data, "ours.json") == sample.clean_report()
    with pytest.raises(UsageError, match=f"a report of {len(data) + 1:,} bytes is not") as error:
        report_json.read(data + b" ", "theirs.json")
    assert (error.value.where, error.value.hint) == ("theirs.json", f"at most {len(data):,}")


def test_schema_and_version_come_first() -> None:
    assert report_json.render(sample.report()).startswith(
        '{\n  "schema": "analyticsops/report/v1",\n  "command": "diff",\n'
    )


def test_summary_counts_what_nobody_accepted() -> None:
    read = json.loads(report_json.render(sample.report()))
    assert read["summary"] == {"error": 1, "warning": 3, "info": 1, "accepted": 2}
