"""Names that people, accidents and attackers gave reach no output as they are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import run, run_on_terminal
from tests.hostile import NAMES
from tests.project_maker import project, write

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")

LIMITS = {"warn_after": {"count": 1, "period": "hour"}}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two versions of a project in which every word is one of those names."""
    made = []
    for number, folder in enumerate(("base", "head")):
        word = "\x1b[31m{}\n::error::x\u202e<b>|`@here"
        parts: dict[str, Any] = {
            "sources": {"raw.t": {"columns": "id", "freshness": LIMITS}},
            "models": {
                "stg": "select id from @raw.t",
                "fct": "select id from @stg",
                **{f"n{number}": "select nothing from @stg" for number in range(len(NAMES))},
            },
            "metrics": {"m": {"type_params": {"measure": "a"}}},
            "exposures": {"e": {"depends_on": ["fct"], "owner": word.format("owner")}},
            "tests": ["unique fct.id"],
        }
        if number:
            parts["models"]["stg"] = "select id as other from @raw.t"
            parts["tests"] = []
        manifest = project(**parts).manifest
        _rename(manifest, word)
        root = write(
            type(project())(manifest=manifest), tmp_path_factory.mktemp(folder), files=False
        )
        (root / "target" / "sources.json").write_text(
            json.dumps(
                {
                    "metadata": {
                        "dbt_schema_version": "https://schemas.getdbt.com/dbt/sources/v3.json"
                    },
                    "results": [],
                }
            ),
            encoding="utf-8",
        )
        made.append(root)
    return made[0], made[1]


def _rename(manifest: dict[str, Any], word: str) -> None:
    """Everything that people see of a node; ids and SQL stay, so that it still works."""
    kinds = ("nodes", "sources", "metrics", "exposures", "semantic_models")
    entries = [entry for kind in kinds for entry in manifest[kind].values()]
    for number, entry in enumerate(entries):
        hostile = NAMES[number % len(NAMES)]
        entry["alias"] = entry.get("alias") or entry["name"]
        if entry["resource_type"] == "source":
            entry["source_name"] = word.format("source")
        entry["description"] = word.format("text")
        entry["original_file_path"] = f"models/{hostile}.sql".replace("/../", "/")
        entry["name"] = f"{hostile} {word.format(entry['name'])}"
    manifest["metadata"]["project_name"] = "shop"
    manifest["metadata"]["dbt_version"] = word.format("1.11")


COMMANDS = [
    ["check"],
    ["check", "--format", "markdown"],
    ["check", "--format", "github"],
    ["check", "--format", "gitlab"],
    ["check", "--format", "junit"],
    ["check", "--format", "sarif"],
    ["check", "--format", "json"],
    ["doctor"],
    ["doctor", "--format", "json"],
    ["freshness"],
    ["freshness", "--format", "json"],
    ["metrics", "list"],
    ["metrics", "list", "--format", "json"],
    ["metrics", "show", "metric.shop.m"],
    ["metrics", "show", "nobody"],
    ["lineage", "model.shop.stg.other"],
    ["lineage", "model.shop.fct.id"],
    ["lineage", "model.shop.fct.none"],
    ["lineage", "none.none"],
    ["select", "-s", "path:models"],
]


def _harmless(text: str) -> None:
    found = CONTROLS.search(text)
    assert found is None, text[max(0, found.start() - 60) : found.end() + 20]


@pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
def test_commands(hostile: tuple[Path, Path], args: list[str]) -> None:
    done = run(*args, cwd=hostile[1])
    assert done.code in (0, 1, 2)
    assert "Traceback" not in done.err
    _harmless(done.out)
    _harmless(done.err)
    if done.code == 2:
        assert done.err.count("\n") == 1


@pytest.mark.parametrize("name", ["text", "markdown", "github", "json", "junit", "sarif", "gitlab"])
def test_diff(hostile: tuple[Path, Path], name: str) -> None:
    base, head = hostile
    done = run("diff", "--base", base / "target", "--format", name, cwd=head)
    assert done.code == 1
    _harmless(done.out)
    if name == "text":
        assert not [line for line in done.out.splitlines() if line.startswith("::")]
        assert len([line for line in done.out.splitlines() if " SCH" in line]) == 1
    if name == "github":
        commands = [line for line in done.out.splitlines() if line.startswith("::error")]
        assert not [line for line in commands if line == "::error::x"]


@pytest.mark.parametrize(
    "args",
    [
        ["check"],
        ["metrics", "list"],
        ["freshness"],
        ["doctor"],
        ["metrics", "show", "metric.shop.m"],
        ["lineage", "show", "model.shop.fct.id"],
        ["lineage", "impact", "model.shop.stg.other"],
        ["diff", "--base", "base"],
    ],
)
def test_on_a_terminal(hostile: tuple[Path, Path], args: list[str]) -> None:
    args = [str(hostile[0] / "target") if arg == "base" else arg for arg in args]
    done = run_on_terminal(*args, cwd=hostile[1])
    assert done.code in (0, 1)
    _harmless(COLOURS.sub("", done.out))
    assert "\x1b[31mowner" not in done.out
