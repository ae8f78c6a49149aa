"""The jobs of `noxfile.py`: that they can fail, and that what they compare is the same thing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.compatibility import adapters, bare, example
from scripts.compatibility.older_forms import rewrite

REPO = Path(__file__).resolve().parents[1]


# -- the example in older forms --------------------------------------------------------

SCHEMA: dict[str, Any] = {
    "models": [
        {
            "name": "a",
            "config": {"group": "g"},
            "columns": [
                {
                    "name": "x",
                    "config": {"tags": ["pii"], "meta": {"pii": True}},
                    "data_tests": [
                        "unique",
                        {"accepted_values": {"arguments": {"values": [1]}, "config": {"x": 1}}},
                    ],
                }
            ],
        }
    ],
    "sources": [
        {
            "name": "raw",
            "config": {"meta": {"owner": "o"}},
            "tables": [{"name": "t", "config": {"loaded_at_field": "at", "freshness": None}}],
        }
    ],
    "groups": [{"name": "g", "description": "words", "owner": {"name": "o"}}],
    "metrics": [
        {"name": "m", "type_params": {"cumulative_type_params": {"window": "7 days"}},
         "config": {"group": "g"}}
    ],
}  # fmt: skip


def rewritten(folder: Path, minor: tuple[int, int]) -> Any:
    (folder / "models").mkdir()
    (folder / "models" / "schema.yml").write_text(yaml.safe_dump(SCHEMA))
    (folder / "dbt_project.yml").write_text('name: x\nrequire-dbt-version: [">=1.10.8"]\n')
    rewrite(folder, minor)
    return yaml.safe_load((folder / "models" / "schema.yml").read_text())


def test_what_1_10_brought_stands_where_1_9_reads_it(tmp_path: Path) -> None:
    found = rewritten(tmp_path, (1, 9))
    (column,) = found["models"][0]["columns"]
    assert (column["tags"], column["meta"]) == (["pii"], {"pii": True})
    assert "config" not in column
    assert column["data_tests"][1] == {"accepted_values": {"values": [1], "config": {"x": 1}}}
    assert found["models"][0]["config"] == {"group": "g"}  # of a model it always stood there
    assert found["sources"][0]["meta"] == {"owner": "o"}
    assert found["sources"][0]["tables"][0] == {
        "name": "t", "loaded_at_field": "at", "freshness": None
    }  # fmt: skip
    assert found["groups"] == [{"name": "g", "owner": {"name": "o"}}]
    assert found["metrics"] == SCHEMA["metrics"]
    settings = yaml.safe_load((tmp_path / "dbt_project.yml").read_text())
    assert settings == {"name": "x", "require-dbt-version": ">=1.8.0"}


def test_what_1_9_brought_is_said_in_the_words_of_1_8(tmp_path: Path) -> None:
    (metric,) = rewritten(tmp_path, (1, 8))["metrics"]
    assert metric["type_params"] == {"window": "7 days"}


def test_nothing_is_touched_for_a_dbt_that_knows_the_forms(tmp_path: Path) -> None:
    assert rewritten(tmp_path, (1, 10)) == SCHEMA


# -- what several dbts led to ----------------------------------------------------------


def seen(folder: Path, dbt: str, said: example.Said) -> Path:
    (folder / dbt).mkdir()
    document = {"versions": {"dbt-core": dbt, "dbt-duckdb": "1.11.1"}, "said": said}
    (folder / dbt / "observed.json").write_text(json.dumps(document))
    return folder / dbt


def test_a_difference_that_nobody_explained_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hook = "command=source freshness retry=False"
    last = {"check": ["ROW301 | error | x"], "pulled from the hook": ["command=build", hook]}
    without = {**last, "pulled from the hook": ["command=build"]}
    newest = seen(tmp_path, "1.11.16", last)
    assert example.compare([seen(tmp_path, "1.9.11", without), newest]) == 0
    assert "1.9.11: 1 lines: dbt runs hooks after" in capsys.readouterr().out
    # The same line is not explained under a dbt that runs the hook.
    assert example.compare([seen(tmp_path, "1.10.23", without), newest]) == 1
    found = {**last, "check": ["ROW301 | warning | x"]}
    assert example.compare([seen(tmp_path, "1.9.0", found), newest]) == 1
    out = capsys.readouterr().out
    assert "1.9.0: check + ROW301 | warning | x" in out
    assert "1.9.0: check - ROW301 | error | x" in out


# -- beside adapters, and without anything ---------------------------------------------


def test_an_adapter_fits_if_nothing_becomes_older_for_our_sake() -> None:
    alone = adapters.Answer({"dbt-core": "1.11.2", "dbt-x": "1.11.0", "click": "8.2.0"})
    together = adapters.Answer({**alone.versions, "click": "8.1.0", "sqlglot": "30.0.0"})
    assert adapters.judged("dbt-x", alone, together) == "1.11.0"
    older = adapters.Answer({**together.versions, "dbt-x": "1.9.0"})
    assert adapters.judged("dbt-x", alone, older) == "DIFFERS: dbt-x 1.11.0 -> 1.9.0"
    none = adapters.Answer({}, "no solution:\n  because")
    assert adapters.judged("dbt-x", alone, none) == "CONFLICT: no solution: because"
    assert adapters.judged("dbt-x", none, none) == "NONE"


def test_every_command_is_tried_without_extras() -> None:
    lines = bare.TRIED.strip().splitlines()
    assert bare.untried(lines) == []
    assert bare.untried([line for line in lines if not line.startswith("mcp")]) == ["mcp"]
    assert len(lines) > 60


@pytest.mark.parametrize(
    ("code", "out", "err", "lacks", "right"),
    [
        (0, "fine", "", "", True),
        (1, "findings", "", "", True),
        (2, "", "error: no", "", False),
        (1, "", "Traceback (most recent call last):\nImportError: mcp", "", False),
        (2, "", "error: no mcp (pip install 'analyticsops[mcp]')", "[mcp]", True),
        (2, "", "error: no mcp (pip install 'analyticsops[mcp]')\nand more", "[mcp]", False),
        (2, "", "error: no mcp", "[mcp]", False),
        (0, "fine", "", "[mcp]", False),
    ],
)
def test_how_a_command_may_end(code: int, out: str, err: str, lacks: str, right: bool) -> None:
    assert (bare.judged(code, out, err, lacks) == "") is right


def test_the_dbts_that_are_tried_are_those_that_may_be_installed() -> None:
    project = (REPO / "pyproject.toml").read_text("utf-8")
    assert f'"dbt-core>={adapters.MINORS[0]},<1.12"' in project
    assert f"DBTS = {json.dumps(list(adapters.MINORS))}" in (REPO / "noxfile.py").read_text("utf-8")
