"""Every command that the documentation shows is run, and every output is today's."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import demo, make_docs
from tests.cli.shell import run, run_process
from tests.commits.repository import commit_all, git

REPO = Path(__file__).resolve().parents[2]
PAGES = [REPO / "README.md", *sorted((REPO / "docs").glob("*.md"))]
AOPS = Path(sys.executable).parent / "analyticsops"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _commands() -> list[str]:
    """Lines in console blocks, and code in tables, that call analyticsops."""
    found: dict[str, None] = {}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for language, block in FENCE.findall(text):
            if language == "console":
                for line in block.splitlines():
                    found[line.removeprefix("$ ").split("#")[0].strip()] = None
        for line in text.splitlines():
            for code in re.findall(r"`(analyticsops [^`]+)`", line):
                found[code] = None
    # `serve` ends when somebody stops it: tests/e2e/test_serve.py does.
    left_out = ("CODE", "analyticsops serve")
    return sorted(
        command
        for command in found
        if command.startswith("analyticsops ") and not any(word in command for word in left_out)
    )


@pytest.fixture(scope="module")
def clone(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pull request `harmful` in a git repository, with a report that was written."""
    top = tmp_path_factory.mktemp("clone")
    folder = top / "harmful"
    demo.copy_example(folder)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit_all(folder)
    git(folder, "update-ref", "refs/remotes/origin/main", "main")
    git(folder, "switch", "--quiet", "--create", "harmful")
    shutil.copytree(shop / "harmful", folder, symlinks=True, dirs_exist_ok=True)
    commit_all(folder)
    for name in ("base", "main", "harmful/main"):
        (top / name).symlink_to(shop / "base")
    command = [str(AOPS), "diff", "--base", "main/target", "-o", "json=report.json"]
    assert subprocess.run(command, cwd=folder, capture_output=True).returncode == 1
    remember = [str(AOPS), "ingest", "main/target", "--log-path", "main/logs"]
    subprocess.run(remember, cwd=folder, capture_output=True, check=True)
    look = [str(AOPS), "slo", "evaluate", "--fail-on", "never"]
    subprocess.run(look, cwd=folder, capture_output=True, check=True)
    return top


@pytest.mark.parametrize("command", _commands())
def test_command_runs(command: str, clone: Path, tmp_path: Path) -> None:
    folder = tmp_path / "clone" / "harmful"
    shutil.copytree(clone, tmp_path / "clone", symlinks=True)
    name, *arguments = shlex.split(command)
    # In this process, unless it reads standard input: most of the time went into their starts.
    play = run_process if "mcp" in arguments else run
    done = play(*arguments, cwd=folder, GITHUB_STEP_SUMMARY=str(tmp_path / "summary"))
    assert done.code in (0, 1), done.err
    assert "Traceback" not in done.err
    assert name == "analyticsops"


def test_there_are_commands() -> None:
    assert len(_commands()) >= 10


@pytest.mark.parametrize("path", make_docs.PAGES, ids=lambda path: path.name)
def test_outputs_are_todays(path: Path, shop: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert make_docs.with_outputs(page, shop) == page, "run `make demo docs`"


def test_rule_reference_is_todays() -> None:
    page = (REPO / "docs" / "rules.md").read_text(encoding="utf-8")
    assert page == make_docs.rule_reference(), "run `make docs`"


def test_slo_reference_is_todays() -> None:
    page = (REPO / "docs" / "slo-reference.md").read_text(encoding="utf-8")
    assert page == make_docs.slo_reference(), "run `make docs`"


def test_links_lead_somewhere() -> None:
    pages = [*PAGES, *(REPO / name for name in ("ARCHITECTURE.md", "CONTRIBUTING.md"))]
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def _python(page: Path) -> list[str]:
    return [b for lang, b in FENCE.findall(page.read_text(encoding="utf-8")) if lang == "python"]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("README.md", "int_money_movements amount aggregation"),
        ("docs/types.md", "fct_orders.net_revenue decimal(16,2) contract DECIMAL(16,2)"),
    ],
)
def test_python_runs(page: str, said: str, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "target").symlink_to(shop / "harmful" / "target")
    (tmp_path / "main").symlink_to(shop / "base")
    blocks = _python(REPO / page)
    assert blocks
    for block in blocks:
        done = subprocess.run(
            [sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert said in done.stdout


def test_all_python_is_run() -> None:
    assert [page.name for page in PAGES if _python(page)] == ["README.md", "types.md"]


def test_types_of_the_example_are_those_of_the_warehouse(shop: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "bench.types",
        str(shop / "base" / "target"),
        "--wrong",
        "--unknown",
    ]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=True)
    head, line = done.stdout.splitlines()
    assert head.split()[:4] == ["project", "dialect", "columns", "family"]
    assert line.split()[1:9] == ["duckdb", "156", *("100.00", "%") * 3]


def test_refactorings_of_the_example_are_proven(shop: Path) -> None:
    command = [sys.executable, "-m", "bench.changes.refactorings", str(shop / "base" / "target")]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=True)
    models, analysed, tried, proven = done.stdout.splitlines()[-1].split("|")[2:6]
    assert int(models) > 10
    assert "100.0 %" in analysed
    assert int(tried) > 40
    assert "100.0 %" in proven
