"""The example project as dbt 1.8 and 1.9 want it written.

The example uses the forms of today. Some came with dbt 1.10 (`arguments:` of tests, `config:` of
columns, sources and exposures), some with 1.9 (snapshots in YAML, `time_spine:`), and an older dbt
ignores them or refuses the project. What is said stays the same; only where it stands changes.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

MOVED = {
    "columns": ("tags", "meta"),
    "exposures": ("tags", "meta"),
    "sources": ("tags", "meta", "freshness", "loaded_at_field"),
    "tables": ("tags", "meta", "freshness", "loaded_at_field"),
}
"""Key of a list -> what stood beside `config` before it stood in it."""

TESTS = ("data_tests", "tests")

TIME_SPINE = """\
select date_day from {{ ref('time_spine_daily') }}
"""


def rewrite(project: Path, minor: tuple[int, int]) -> None:
    """Write a project for a minor version of dbt, where that is older than its forms.

    Args:
        project: a copy of the example.
        minor: of dbt-core, as (1, 8).
    """
    if minor >= (1, 10):
        return
    settings = project / "dbt_project.yml"
    allowed = re.sub(r"require-dbt-version: .*", "require-dbt-version: '>=1.8.0'", _text(settings))
    settings.write_text(allowed, encoding="utf-8")
    for file in sorted(project.glob("*/**/*.yml")):
        if {"slos", "analyticsops", "dbt_packages"} & set(file.relative_to(project).parts):
            continue
        document = yaml.safe_load(_text(file))
        _move(document)
        for group in document.get("groups", ()):
            group.pop("description", None)
        if minor < (1, 9):
            _as_of_1_8(document, project)
        written = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)
        file.write_text(written, encoding="utf-8")


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _move(there: Any, kind: str = "") -> None:
    """Out of `config` and `arguments`, wherever 1.9 wants it beside them."""
    if isinstance(there, list):
        for entry in there:
            _move(entry, kind)
    if not isinstance(there, dict):
        return
    config = there.get("config")
    if isinstance(config, dict):
        there.update({key: config.pop(key) for key in MOVED.get(kind, ()) if key in config})
        if not config:
            del there["config"]
    if kind in TESTS:
        for test in there.values():
            if isinstance(test, dict):
                test.update(test.pop("arguments", {}))
    for key, value in there.items():
        _move(value, key if isinstance(value, list) else "")


def _as_of_1_8(document: dict[str, Any], project: Path) -> None:
    """Snapshots are SQL, the calendar has a fixed name, and a test of SQL has no YAML."""
    for snapshot in document.get("snapshots", ()):
        config = {**snapshot.pop("config"), "target_schema": "snapshots"}
        config.pop("hard_deletes")  # `ignore`, which is what 1.8 does
        hook = config.pop("post_hook")
        text = (
            f"{{% snapshot {snapshot['name']} %}}\n{{{{ config("
            + ", ".join(f"{key}={value!r}" for key, value in config.items())
            + f", post_hook={hook!r}) }}}}\n"
            + f"select * from {{{{ {snapshot.pop('relation')} }}}}\n{{% endsnapshot %}}\n"
        )
        (project / "snapshots" / f"{snapshot['name']}.sql").write_text(text, encoding="utf-8")
    for metric in document.get("metrics", ()):
        metric["type_params"].update(metric["type_params"].pop("cumulative_type_params", {}))
    for model in document.get("models", ()):
        if model.pop("time_spine", None):
            for column in model["columns"]:
                column.pop("granularity", None)
            calendar = project / "models" / "semantic_layer" / "metricflow_time_spine.sql"
            calendar.write_text(TIME_SPINE, encoding="utf-8")
    if isinstance(document.get("data_tests"), list):
        del document["data_tests"]
