"""A git repository with a dbt project, and a dbt that takes no time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FAKE = """#!{python}
import json, os, pathlib, sys
with open({log!r}, "a") as log:
    print(os.getcwd(), *sys.argv[1:], file=log)
if "--sleep" in sys.argv:
    import time
    time.sleep(60)
if "deps" in sys.argv:
    pathlib.Path("dbt_packages").mkdir()
    sys.exit(0)
if "--fail" in sys.argv or (pathlib.Path("broken").exists() and "parse" not in sys.argv):
    print("01:02:03  Running with dbt=1.11.16")
    print("01:02:04  Encountered an error:\\nCompilation Error\\n  Model 'a' is wrong")
    sys.exit(2)
if "--nothing" in sys.argv:
    sys.exit(0)
import msgspec
sys.path.insert(0, {repo!r})
from tests.project_maker import project, write
parts = json.loads(pathlib.Path("parts.json").read_text())
made = write(project(**parts), pathlib.Path(os.environ.get("SCRATCH", "made")).absolute())
target = pathlib.Path(os.environ["DBT_TARGET_PATH"])
target.mkdir(exist_ok=True)
(target / "manifest.json").write_bytes((made / "target" / "manifest.json").read_bytes())
"""
REPO = Path(__file__).resolve().parents[2]

BASE = '{"models": {"stg": "select 1 as id, 2 as amount", "fct": "select id, amount from @stg"}}'
HEAD = '{"models": {"stg": "select 1 as id, 3 as amount", "fct": "select id, amount from @stg"}}'


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody, without the settings of this machine."""
    environ = {
        **os.environ,
        **{
            f"GIT_{who}_{what}": "a@b"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=environ, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(repository: Path, **files: str) -> str:
    """Write files of the project, commit them, and return the commit."""
    project = repository / "warehouse"
    project.mkdir(exist_ok=True)
    for name, text in files.items():
        (project / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return commit_all(repository)


def commit_all(repository: Path) -> str:
    """Commit whatever is there, and return the commit."""
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "a change")
    return git(repository, "rev-parse", "HEAD")


def make_repository(folder: Path) -> Path:
    """A branch `main`, a branch `pr` that changes a model, and `main` that went on."""
    git(folder, "init", "--quiet", "--initial-branch", "main")
    (folder / ".gitignore").write_text("target/\nmade/\n")
    commit(folder, dbt_project__yml="name: shop\n", parts__json=BASE)
    git(folder, "switch", "--quiet", "--create", "pr")
    commit(folder, parts__json=HEAD)
    git(folder, "switch", "--quiet", "main")
    commit(folder, parts__json=BASE.replace("2 as amount", "4 as amount"))
    git(folder, "switch", "--quiet", "pr")
    return folder


def fake_dbt(folder: Path) -> Path:
    """An executable `dbt` in a folder; it notes each call in the file that is returned."""
    folder.mkdir(parents=True)
    log = folder / "calls"
    script = folder / "dbt"
    script.write_text(FAKE.format(python=sys.executable, log=str(log), repo=str(REPO)))
    script.chmod(0o755)
    log.touch()
    return log
