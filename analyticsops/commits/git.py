"""What is asked of git: which commit is meant, and a folder that holds its files."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from analyticsops.errors import ProcessError

# A hook is run with these set, and they would lead every git below to another place.
_OF_HOOKS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")


class Repository(msgspec.Struct, frozen=True):
    """A git repository, and where in it the dbt project lies.

    Attributes:
        root: its top folder.
        prefix: path of the project in it, with forward slashes; empty if they are the same.
    """

    root: Path
    prefix: str


def find_repository(project_dir: Path) -> Repository:
    """The repository that a dbt project lies in.

    Raises:
        ProcessError: there is no git, or no repository.
    """
    done = _git(project_dir, "rev-parse", "--show-toplevel", "--show-prefix")
    if done.returncode:
        raise ProcessError(
            _last_words(done) or "no git repository",
            where=str(project_dir),
            hint="name two target folders with --base and --head instead",
        )
    root, prefix, *_ = [*done.stdout.splitlines(), ""]
    return Repository(Path(root), prefix.rstrip("/"))


def head_commit(folder: Path) -> str:
    """Hash of the commit that is checked out; empty if there is no repository, or no git."""
    try:
        done = _git(folder, "rev-parse", "--verify", "--quiet", "HEAD")
    except ProcessError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def commit_times(folder: Path, commits: Sequence[str]) -> dict[str, datetime]:
    """When commits were made, UTC; without those that the repository does not have."""
    found = {}
    for commit in commits:
        try:
            done = _git(folder, "show", "-s", "--format=%ct", "--end-of-options", commit)
        except ProcessError:
            return {}
        if done.returncode == 0 and done.stdout.strip().isdigit():
            found[commit] = datetime.fromtimestamp(int(done.stdout), UTC)
    return found


def branch_point(repository: Repository, ref: str) -> str:
    """The commit at which the current branch left ``ref``: what a pull request starts from.
    It is ``ref`` itself if that is an ancestor.

    Raises:
        ProcessError: there is no such commit, or no common one.
    """
    tip = _commit(repository, ref)
    done = _git(repository.root, "merge-base", tip, "HEAD")
    if done.returncode or not done.stdout.strip():
        raise ProcessError(
            f"{ref!r} and HEAD have no commit in common", where="git", hint=_missing(repository)
        )
    return done.stdout.split()[0]


def _commit(repository: Repository, ref: str) -> str:
    arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    done = _git(repository.root, *arguments)
    if done.returncode or not done.stdout.strip():
        remote, slash, branch = ref.partition("/")
        fetch = f"`git fetch {remote} {branch}`" if slash else "`git branch --all` lists them"
        raise ProcessError(
            f"no commit named {ref!r}", where="git", hint=_missing(repository, otherwise=fetch)
        )
    return done.stdout.strip()


def _missing(repository: Repository, otherwise: str = "name a commit of this history") -> str:
    """What to do when a commit is not there."""
    if _git(repository.root, "rev-parse", "--is-shallow-repository").stdout.strip() == "true":
        return (
            "the clone is shallow: `git fetch --unshallow`, or `fetch-depth: 0` for "
            "actions/checkout, or `GIT_DEPTH: 0` on GitLab"
        )
    return otherwise


def matches(repository: Repository, commit: str, pattern: str) -> tuple[str, ...]:
    """What an extended regular expression finds in the project's files of a commit."""
    arguments = ("grep", "-h", "-o", "-I", "-E", pattern, commit, "--", repository.prefix or ".")
    return tuple(sorted(set(_git(repository.root, *arguments).stdout.splitlines())))


@contextlib.contextmanager
def checked_out(repository: Repository, commit: str) -> Iterator[Path]:
    """A temporary folder with the files of a commit; gone afterwards, whatever happens.

    A worktree and not an archive: archives leave out what is marked ``export-ignore``,
    and hold pointers in the place of large files.

    Raises:
        ProcessError: git cannot make it.
    """
    parent = Path(tempfile.mkdtemp(prefix="analyticsops-"))
    folder = parent / (repository.root.name or "repository")
    try:
        done = _git(repository.root, "worktree", "add", "--detach", str(folder), commit)
        if done.returncode:
            raise ProcessError(
                f"no folder with the files of {commit[:12]}: {_last_words(done)}", where="git"
            )
        yield folder
    finally:
        _git(repository.root, "worktree", "remove", "--force", str(folder))
        shutil.rmtree(parent, ignore_errors=True)


def tracked_files(folder: Path) -> tuple[str, ...]:
    """Paths of the files that git knows below ``folder``, relative to it."""
    return tuple(path for path in _git(folder, "ls-files", "-z").stdout.split("\0") if path)


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git without hooks, without questions, in English."""
    environ = {key: value for key, value in os.environ.items() if key not in _OF_HOOKS}
    environ |= {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
    command: Sequence[str] = ("git", "-c", "core.hooksPath=/dev/null", *arguments)
    try:
        return subprocess.run(  # noqa: S603 - a list, no shell
            command, cwd=folder, env=environ, capture_output=True, text=True, errors="replace"
        )
    except OSError as error:
        raise ProcessError(
            f"git cannot be run: {error.strerror or error}",
            where=str(folder),
            hint="install git, or name two target folders with --base and --head",
        ) from error


def _last_words(done: subprocess.CompletedProcess[str]) -> str:
    said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return " ".join(said).removeprefix("fatal: ")
