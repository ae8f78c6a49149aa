"""A commit becomes a target folder; every way in which that fails is one clear line."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import analyticsops as ao
from analyticsops.commits import compiling
from analyticsops.commits.compiling import CompiledCommit, compile_commit
from analyticsops.errors import AnalyticsOpsError
from tests.cli.shell import run
from tests.commits.repository import BASE, REPO, commit, fake_dbt, git, make_repository
from tests.project_maker import project, write


class Place:
    """A repository on its branch `pr`, and the calls of its dbt."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "repository"
        self.root.mkdir()
        make_repository(self.root)
        self.project = self.root / "warehouse"
        self.log = fake_dbt(folder / "bin")
        self.cache = folder / "cache"

    @property
    def calls(self) -> list[str]:
        return [line.partition(" ")[2] for line in self.log.read_text().splitlines()]

    def compile(self, ref: str = "main", *commands: str, **like: object) -> CompiledCommit:
        return compile_commit(ref, self.project, cache=self.cache, commands=commands, like=like)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name in [name for name in os.environ if name.startswith(("DBT_", "GIT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    made = Place(tmp_path)
    monkeypatch.setenv("PATH", f"{made.log.parent}:{os.environ['PATH']}")
    return made


def test_the_commit_at_which_the_branch_left(place: Place) -> None:
    made = place.compile()
    assert made.commit == git(place.root, "merge-base", "main", "pr")
    assert made.commit != git(place.root, "rev-parse", "main")
    assert (made.target / "manifest.json").is_file()
    assert (made.project_dir / "dbt_project.yml").is_file()
    assert place.calls == ["compile"]
    assert not (place.project / "target").exists()


def test_nothing_is_left_behind(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(place.cache.parent / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (place.cache.parent / "tmp").mkdir()
    place.compile()
    with pytest.raises(AnalyticsOpsError):
        place.compile("main", "dbt compile --fail")
    assert list((place.cache.parent / "tmp").iterdir()) == []
    assert len(git(place.root, "worktree", "list").splitlines()) == 1
    assert git(place.root, "status", "--porcelain") == ""
    assert [entry.name[:1] for entry in (place.cache / compiling.FOLDER).iterdir()] != ["."]


def test_nothing_is_left_behind_by_a_job_that_is_cancelled(place: Place) -> None:
    scratch = place.cache.parent / "tmp"
    scratch.mkdir()
    words = ["diff", "--base-ref", "main", "--base-command", "dbt compile --sleep"]
    command = [sys.executable, "-m", "analyticsops", *words]
    environ = {**os.environ, "TMPDIR": str(scratch), "PYTHONPATH": str(REPO)}
    made = write(project(**json.loads(BASE)), scratch.parent / "made")
    shutil.copytree(made / "target", place.project / "target")
    with subprocess.Popen(command, cwd=place.project, env=environ) as job:
        while not place.calls:
            time.sleep(0.05)
            assert job.poll() is None
        assert list(scratch.iterdir())
        job.terminate()
    assert job.returncode == 128 + signal.SIGTERM
    assert list(scratch.iterdir()) == []
    assert len(git(place.root, "worktree", "list").splitlines()) == 1


def test_it_is_compiled_once(place: Place) -> None:
    first, second = place.compile(), place.compile()
    assert (first.cached, second.cached) == (False, True)
    assert first.target == second.target
    assert place.calls == ["compile"]


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({"DBT_THREADS": "3"}, True),
        ({"SHOP_DB": "x"}, True),  # the project reads it
        ({"PROFILE_VAR": "x"}, True),  # the profile reads it
        ({"OTHER": "x"}, False),
        ({"DBT_ENV_SECRET_PASSWORD": "x"}, False),
        ({"DBT_TARGET_PATH": "/elsewhere"}, False),
    ],
)
def test_what_else_it_depends_on(
    place: Place, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], again: bool
) -> None:
    git(place.root, "switch", "--quiet", "--create", "reads", "main")
    commit(place.root, model__sql="select '{{ env_var( \"SHOP_DB\", 'x') }}'")
    profile = place.project.parent.parent / ".dbt" / "profiles.yml"
    profile.parent.mkdir()
    profile.write_text("shop: {path: \"{{ env_var('PROFILE_VAR') }}\"}")
    place.compile("reads")
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    assert place.compile("reads").cached is not again
    profile.write_text("shop: {}")
    assert not place.compile("reads").cached


def test_another_dbt_compiles_again(place: Place) -> None:
    place.compile()
    os.utime(place.log.parent / "dbt", ns=(1, 1))
    assert not place.compile().cached
    assert not place.compile("main", "dbt compile --full-refresh").cached


def test_dbt_is_called_as_for_the_new_version(place: Place) -> None:
    place.compile(vars={"b": 1, "a": "it's"}, target="ci", full_refresh=True)
    assert place.calls == ["""compile --target ci --vars {"a":"it's","b":1} --full-refresh"""]


def test_the_next_command_is_tried_and_said(place: Place) -> None:
    made = place.compile("main", "dbt compile --fail", "dbt parse")
    assert made.command == "dbt parse"
    (failure,) = made.failed
    assert failure.endswith("exit code 2: Compilation Error Model 'a' is wrong")
    assert place.compile("main", "dbt compile --fail", "dbt parse").failed == made.failed


def test_packages_are_copied_where_they_are_the_same(place: Place) -> None:
    git(place.root, "switch", "--quiet", "main")
    commit(place.root, packages__yml="packages: []\n")
    git(place.root, "switch", "--quiet", "pr")
    git(place.root, "merge", "--quiet", "--strategy", "ours", "main")
    (place.project / "packages.yml").write_text("packages: [{package: a/b}]\n")
    (place.project / "dbt_packages" / "b").mkdir(parents=True)
    place.compile()
    assert place.calls == ["deps", "compile"]
    place.log.write_text("")
    (place.project / "packages.yml").write_text("packages: []\n")
    place.compile("main", "dbt compile --full-refresh")
    assert place.calls == ["compile --full-refresh"]


def test_from_within_a_hook_and_with_hooks(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = place.root / ".git" / "hooks" / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {place.cache.parent}/hooked\n")
    hook.chmod(0o755)
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    place.compile()
    assert not (place.cache.parent / "hooked").exists()


def test_the_oldest_go(place: Place) -> None:
    for number in range(compiling.KEPT + 2):
        place.compile("main", f"dbt compile --threads {number}")
    assert len(list((place.cache / compiling.FOLDER).iterdir())) == compiling.KEPT
    assert place.compile("main", f"dbt compile --threads {compiling.KEPT + 1}").cached


# -- what can go wrong -------------------------------------------------------------


@pytest.mark.parametrize(
    ("ref", "commands", "said"),
    [
        ("nope", (), "git: no commit named 'nope' (`git branch --all` lists them)"),
        ("origin/x", (), "git: no commit named 'origin/x' (`git fetch origin x`)"),
        ("--help", (), "git: no commit named '--help' (`git branch --all` lists them)"),
        ("main", ("dbt compile --fail",), "Compilation Error Model 'a' is wrong"),
        ("main", ("dbt compile --nothing",), "wrote no target/manifest.json (use `dbt compile`"),
        ("main", ("nodbt compile",), "'nodbt' is not installed, or not on the PATH"),
        ("main", ("dbt compile --target-path x",), "--target-path is set for you"),
        ("main", ("dbt compile '",), "is no command: No closing quotation"),
        ("main", ("",), "the command is empty"),
    ],
)
def test_faults(place: Place, ref: str, commands: tuple[str, ...], said: str) -> None:
    with pytest.raises(AnalyticsOpsError) as caught:
        place.compile(ref, *commands)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_shallow_clone(place: Place, tmp_path: Path) -> None:
    url = f"file://{place.root}"
    arguments = ("--quiet", "--depth", "1", "--no-single-branch", "--branch", "pr", url, "shallow")
    git(tmp_path, "clone", *arguments)
    place.project = tmp_path / "shallow" / "warehouse"
    for ref in ("origin/main", "HEAD~1"):
        with pytest.raises(AnalyticsOpsError, match="the clone is shallow: `git fetch --unsh"):
            place.compile(ref)


def test_no_repository_and_no_git(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = place.cache.parent / "outside"
    outside.mkdir()
    with pytest.raises(AnalyticsOpsError, match=r"not a git repository.*--base and --head"):
        compile_commit("main", outside, cache=place.cache)
    monkeypatch.setenv("PATH", str(place.log.parent))
    with pytest.raises(AnalyticsOpsError, match="git cannot be run: No such file"):
        place.compile()


def test_no_project_in_that_commit(place: Place) -> None:
    git(place.root, "switch", "--quiet", "--orphan", "empty")
    git(place.root, "commit", "--quiet", "--allow-empty", "--message", "nothing")
    git(place.root, "switch", "--quiet", "--create", "later")
    commit(place.root, dbt_project__yml="name: shop\n", parts__json=BASE)
    with pytest.raises(AnalyticsOpsError, match=r"warehouse/dbt_project.yml: there is no dbt pro"):
        place.compile("empty")
    with pytest.raises(AnalyticsOpsError, match="'main' and HEAD have no commit in common"):
        place.compile("main")


def test_a_cache_that_cannot_be_written(place: Place) -> None:
    place.cache.write_text("a file")
    with pytest.raises(AnalyticsOpsError, match="cannot be written: "):
        place.compile()


# -- by the command line -------------------------------------------------------------


def test_diff_and_its_exit_codes(place: Place) -> None:
    args = ["diff", "--base-ref", "main", "--fail-on", "warning"]
    environ = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}
    git(place.root, "switch", "--quiet", "pr")
    # The head is compiled by the user.
    (place.project / "target").mkdir()
    (place.project / "target" / "manifest.json").write_bytes(
        (place.compile("pr").target / "manifest.json").read_bytes()
    )
    done = run(*args, cwd=place.project, **environ)
    assert done.code == 1, done.err
    assert "VAL401" in done.out
    assert done.err.startswith("... compiling ")
    wrong = run("diff", "--base-ref", "nope", cwd=place.project, **environ)
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err == "error: git: no commit named 'nope' (`git branch --all` lists them)\n"
    both = run("diff", "--base-ref", "main", "--base", "target", cwd=place.project, **environ)
    assert (both.code, both.err) == (
        2,
        "error: --base and --base-ref: two versions to compare with\n",
    )
    # What is typed goes before what the environment says.
    environ["DBT_STATE"] = "nowhere"
    assert run(*args, cwd=place.project, **environ).code == 1
    neither = run("diff", cwd=place.project, PATH=environ["PATH"])
    assert neither.code == 2
    assert "name a target folder or manifest, or a commit with --base-ref" in neither.err


def test_select_with_a_ref(place: Place) -> None:
    (place.project / "target").mkdir()
    (place.project / "target" / "manifest.json").write_bytes(
        (place.compile("pr").target / "manifest.json").read_bytes()
    )
    environ = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}
    place.log.write_text("")
    done = run("select", "-s", "stg", "--base-ref", "main", cwd=place.project, **environ)
    assert (done.out, place.calls) == ("model.shop.stg\n", [])  # nobody asks for a state
    done = run("select", "-s", "state:modified", "--base-ref", "main", cwd=place.project, **environ)
    assert (done.out, place.calls) == ("model.shop.stg\n", ["compile"])
    done = run("select", "--changed", "--base-ref", "main", cwd=place.project, **environ)
    assert (done.code, done.out) == (0, "fqn:shop.stg\nfqn:shop.fct\n")
    done = run("select", "--changed", "--base-ref", "pr", cwd=place.project, **environ)
    assert (done.code, done.out) == (0, "")
    assert done.err.endswith("nothing must be built or tested again\n")
    assert run("select", "--changed", cwd=place.project, **environ).code == 2


def test_worktrees_of_the_user_stay(place: Place, tmp_path: Path) -> None:
    """Also one whose folder is not there at the moment."""
    git(place.root, "worktree", "add", "--quiet", "--detach", str(tmp_path / "other"), "main")
    (tmp_path / "other").rename(tmp_path / "unplugged")
    place.compile()
    assert "other" in git(place.root, "worktree", "list")


def test_somebody_else_was_quicker(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    first = place.compile()
    marker = first.project_dir / "marker"
    marker.touch()
    monkeypatch.setattr(compiling, "_kept", lambda *_: None)
    assert place.compile().target == first.target
    assert marker.exists()


def test_settings_say_how_dbt_is_called(place: Place) -> None:
    target = place.project / "target"
    target.mkdir()
    made = place.compile("pr", "dbt compile --threads 1")
    (target / "manifest.json").write_bytes((made.target / "manifest.json").read_bytes())
    (place.project / "analyticsops.yml").write_text(
        "version: 1\nreview: {base_commands: [dbt compile --fail, dbt parse]}\n"
    )
    head = ao.load(target)
    base = ao.load_ref("main", head)
    report = ao.diff(base, head)
    assert report.base is not None
    assert report.base.commit == base.commit == git(place.root, "merge-base", "main", "pr")
    assert any("Model 'a' is wrong; used `dbt parse`" in note for note in report.notes)
