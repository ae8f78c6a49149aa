"""The published schema takes what the reader takes: the example, and the manual's examples."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from analyticsops import schemas

REPO = Path(__file__).resolve().parents[3]
SCHEMA = json.loads(
    (Path(schemas.__file__).parent / "slo-v1.schema.json").read_text(encoding="utf-8")
)
PAGES = ("slo.md", "incidents.md", "slo-reference.md")


def _files() -> list[Any]:
    found = [(REPO / "dbt_project_example/slos/operations.yml").read_text(encoding="utf-8")]
    for page in PAGES:
        text = (REPO / "docs" / page).read_text(encoding="utf-8")
        blocks = re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        found += [block for block in blocks if re.search(r"^version: 1", block, re.MULTILINE)]
    return found


def test_the_published_schema_is_that_of_the_reader() -> None:
    """`python -m analyticsops.schemas` writes it."""
    assert json.loads(dict(schemas.generate())["slo-v1.schema.json"]) == SCHEMA


@pytest.mark.parametrize("text", _files())
def test_examples_are_valid(text: str) -> None:
    jsonschema.validate(yaml.safe_load(text), SCHEMA)


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 2},
        {"version": 1, "slo": []},
        {"version": 1, "slos": [{"indicator": {"type": "freshnes"}}]},
        {"version": 1, "slos": [{"indicator": {"type": "freshness", "threshold": 4}}]},
        {"version": 1, "slos": [{"indicator": {"type": "success"}, "tier": "gold"}]},
    ],
    ids=str,
)
def test_what_the_reader_refuses_is_not(wrong: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCHEMA)
