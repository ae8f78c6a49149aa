"""A commit -> a target folder, compiled once and kept.

What is kept lies in a folder named for the commit and for all else that decides what dbt
writes: the dbt that is installed, how it is called, the profile, and the environment
variables that the project reads.
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from analyticsops.commits import dbt
from analyticsops.commits.git import (
    Repository,
    branch_point,
    checked_out,
    find_repository,
    matches,
    tracked_files,
)
from analyticsops.errors import ProcessError, UsageError

FOLDER = "analyticsops-base"
KEPT = 8
"""So many compiled commits are kept; the oldest go."""

_READS = re.compile(r"env_var\(\s*['\"](\w+)")
_READS_GREP = r"env_var\([[:space:]]*['\"][A-Za-z0-9_]+"
_IGNORED = re.compile(r"DBT_(ENV_SECRET.*|TARGET_PATH|LOG_PATH|PROJECT_DIR|STATE|USE_COLORS.*)")
_PACKAGES = ("packages.yml", "dependencies.yml", "package-lock.yml")
_SOURCES = frozenset({".md", ".py", ".sql", ".yaml", ".yml"})
# Settings of analyticsops are those of the new version, for both.
_NOT_KEPT = frozenset({"analyticsops.yml", "analyticsops.yaml"})
_LARGEST_SOURCE = 1024 * 1024
_MANIFEST = Path("target") / "manifest.json"
_STAMP = "analyticsops.json"


class CompiledCommit(msgspec.Struct, frozen=True, kw_only=True):
    """A commit of the project as dbt compiled it.

    Attributes:
        commit: its full hash.
        project_dir: a folder with the project's text files and its ``target``.
        command: how dbt was called.
        failed: commands that were tried before, and how they failed.
        cached: True if dbt did not have to run.
    """

    commit: str
    project_dir: Path
    command: str
    failed: tuple[str, ...] = ()
    cached: bool = False

    @property
    def target(self) -> Path:
        """The target folder."""
        return self.project_dir / "target"


def compile_commit(
    ref: str,
    project_dir: Path,
    *,
    cache: Path,
    commands: Sequence[str] = (),
    like: Mapping[str, Any] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> CompiledCommit:
    """Compile the commit at which the current branch left ``ref``.

    Args:
        project_dir: the dbt project in the user's working tree, which is only read.
        cache: folder in which the results are kept.
        commands: how to call dbt; the second is tried if the first fails, and so on.
            By default ``dbt compile`` with what ``like`` says.
        like: how dbt was called for the new version.
        tell: told, in a line, what takes long.

    Raises:
        UsageError: a command makes no sense.
        ProcessError: git or dbt is missing or fails.
    """
    known = dbt.command_like(like or {})
    chosen = [dbt.parse_command(text) for text in commands] or [known]
    repository = find_repository(project_dir)
    commit = branch_point(repository, ref)
    folder = cache / FOLDER / _key(repository, commit, chosen, project_dir)
    kept = _kept(folder, commit)
    if kept is not None:
        return kept
    tell(f"compiling {commit[:12]} ({ref}) with `{shlex.join(chosen[0])}`")
    with checked_out(repository, commit) as top:
        root = top / repository.prefix
        if not (root / "dbt_project.yml").is_file():
            raise UsageError(
                f"there is no dbt project in {commit[:12]}",
                where=f"{repository.prefix or '.'}/dbt_project.yml",
                hint="name a commit that has it",
            )
        command, failed = _compile(root, project_dir, chosen)
        made = CompiledCommit(commit=commit, project_dir=folder, command=command, failed=failed)
        _keep(root, made)
    _drop_oldest(folder.parent)
    return made


def _compile(
    root: Path, project_dir: Path, commands: Sequence[Sequence[str]]
) -> tuple[str, tuple[str, ...]]:
    """Run the first command that works; return it, and how those before it failed."""
    environ = dbt.environment(_profiles(root, project_dir))
    _install_packages(root, project_dir, commands[0][0], environ)
    failed: list[str] = []
    for command in commands:
        try:
            dbt.run(command, root, environ)
        except ProcessError as error:
            if command is commands[-1]:
                raise
            failed.append(error.what)
            continue
        if not (root / _MANIFEST).is_file():
            raise ProcessError(
                f"`{shlex.join(command)}` wrote no {_MANIFEST.as_posix()}",
                where=str(root),
                hint="use `dbt compile` or `dbt parse`",
            )
        return shlex.join(command), tuple(failed)
    raise AssertionError("there is at least one command")


def _profiles(root: Path, project_dir: Path) -> Path | None:
    """The working tree's folder, if its profiles.yml is one that git does not know."""
    if os.environ.get("DBT_PROFILES_DIR") or (root / "profiles.yml").is_file():
        return None
    return project_dir.resolve() if (project_dir / "profiles.yml").is_file() else None


def _install_packages(root: Path, project_dir: Path, name: str, environ: Mapping[str, str]) -> None:
    """Packages as the commit wants them: copied if the working tree has just these."""
    wanted = _packages(root)
    if not wanted or (root / "dbt_packages").is_dir():
        return
    installed = project_dir / "dbt_packages"
    local = any(re.search(rb"^\s*-\s*local:", data, re.MULTILINE) for data in wanted.values())
    if installed.is_dir() and wanted == _packages(project_dir) and not local:
        shutil.copytree(installed, root / "dbt_packages", symlinks=True)
    else:
        dbt.run((name, "deps") if Path(name).name == "dbt" else ("dbt", "deps"), root, environ)


def _packages(folder: Path) -> dict[str, bytes]:
    files = {name: folder / name for name in _PACKAGES}
    found = {name: file.read_bytes() for name, file in files.items() if file.is_file()}
    return found if found.keys() - {"package-lock.yml"} else {}


# -- what is kept ----------------------------------------------------------------


def _key(
    repository: Repository, commit: str, commands: Sequence[Sequence[str]], project_dir: Path
) -> str:
    """Changes with everything that decides what dbt writes for a commit."""
    digest = sha256()
    for part in _parts(repository, commit, commands, project_dir):
        digest.update(part.encode("utf-8", "surrogateescape") + b"\0")
    return f"{commit[:12]}-{digest.hexdigest()[:12]}"


def _parts(
    repository: Repository, commit: str, commands: Sequence[Sequence[str]], project_dir: Path
) -> Iterator[str]:
    yield "1"  # of this list
    yield commit
    yield repository.prefix
    for command in commands:
        yield shlex.join(command)
        yield dbt.identity(command[0])
    profile = _profile_text(project_dir, commands)
    yield profile
    names = {name for name in os.environ if name.startswith("DBT_")}
    for text in (profile, *matches(repository, commit, _READS_GREP)):
        names.update(_READS.findall(text))
    for name in sorted(names):
        if not _IGNORED.fullmatch(name):
            yield f"{name}={os.environ.get(name)}"


def _profile_text(project_dir: Path, commands: Sequence[Sequence[str]]) -> str:
    """The profiles.yml that dbt would use, empty if there is none."""
    named = [
        after
        for command in commands
        for word, after in pairwise((*command, ""))
        if word == "--profiles-dir"
    ]
    named += [os.environ.get("DBT_PROFILES_DIR", "")]
    for folder in (*(Path(name) for name in named if name), project_dir, Path.home() / ".dbt"):
        file = folder / "profiles.yml"
        if file.is_file():
            return file.read_text(encoding="utf-8", errors="surrogateescape")
    return ""


class _Stamp(msgspec.Struct, frozen=True):
    """Beside a kept commit: how it was made."""

    command: str
    failed: tuple[str, ...]


def _kept(folder: Path, commit: str) -> CompiledCommit | None:
    """What is kept in ``folder``, if it is whole."""
    try:
        stamp = msgspec.json.decode((folder / _STAMP).read_bytes(), type=_Stamp)
    except (OSError, msgspec.MsgspecError):
        return None
    os.utime(folder)
    return CompiledCommit(
        commit=commit,
        project_dir=folder,
        command=stamp.command,
        failed=stamp.failed,
        cached=True,
    )


def _keep(root: Path, made: CompiledCommit) -> None:
    """Copy what dbt wrote, and the files that line numbers are found in; a reader sees
    all of it or nothing."""
    folder = made.project_dir
    temporary = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.mkdir(parents=True)
        shutil.copytree(root / "target", temporary / "target", symlinks=True)
        for name in tracked_files(root):
            file = root / name
            if file.suffix in _SOURCES and file.name not in _NOT_KEPT and _is_small(file):
                (temporary / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, temporary / name)
        stamp = msgspec.json.encode(_Stamp(made.command, made.failed))
        (temporary / _STAMP).write_bytes(stamp)
        if not (folder / _STAMP).is_file():  # else somebody was quicker, and may be reading it
            shutil.rmtree(folder, ignore_errors=True)  # of an earlier format, or not whole
            temporary.rename(folder)
    except OSError as error:
        if not (folder / _STAMP).is_file():  # nobody was quicker in the last moment
            reason = error.strerror or str(error)
            raise ProcessError(f"cannot be written: {reason}", where=str(folder)) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _is_small(file: Path) -> bool:
    return file.is_file() and not file.is_symlink() and file.stat().st_size <= _LARGEST_SOURCE


def _drop_oldest(folder: Path) -> None:
    kept = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    for entry in sorted(kept, key=lambda entry: -entry.stat().st_mtime)[KEPT:]:
        shutil.rmtree(entry, ignore_errors=True)
