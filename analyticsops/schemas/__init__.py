"""Published JSON Schemas, generated from the structs that they describe.

The files beside this one are package data, for editors and for programs that read
reports. ``python -m analyticsops.schemas`` writes them again after a struct changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from inspect import cleandoc
from typing import Any


def generate() -> Iterator[tuple[str, str]]:
    """File name and text of every schema."""
    from analyticsops import config
    from analyticsops.export import json as lineage
    from analyticsops.metrics import change_records, settings, sql_metrics
    from analyticsops.report import json as report
    from analyticsops.slo.spec import entries as slo
    from analyticsops.telling import message

    for name, schema in (
        ("config-v1.schema.json", config.schema()),
        ("change-record-v1.schema.json", change_records.schema()),
        ("incident-message-v1.schema.json", message.schema()),
        ("lineage-v1.schema.json", lineage.schema()),
        ("metric-settings-v1.schema.json", settings.schema()),
        ("metrics-v1.schema.json", sql_metrics.schema()),
        ("report-v1.schema.json", report.schema()),
        ("slo-v1.schema.json", slo.schema()),
    ):
        for definition in schema["$defs"].values():
            describe(definition)
        yield name, json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def describe(definition: dict[str, Any]) -> None:
    """Give each property the words that the struct's docstring has for it.

    An editor shows them where the reader types; in one long text nobody sees them.
    """
    # From 3.13 on the compiler takes the indentation of docstrings away by itself.
    docstring = cleandoc(definition.get("description", ""))
    summary, _, attributes = docstring.partition("Attributes:")
    definition["description"] = " ".join(summary.replace("``", "`").split())
    for name, words in re.findall(r"^ {4}(\w+): (.+(?:\n {8}.+)*)", attributes, re.MULTILINE):
        if name in definition.get("properties", {}):
            described = " ".join(words.replace("``", "`").split())
            definition["properties"][name]["description"] = described
