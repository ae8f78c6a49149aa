"""A copy of a DuckDB project in a folder of its own, in which dbt runs and is recorded.

Nothing is written outside the folder by what is here: dbt works in the copied project, with a
profile of its own that leads to the copied database, and what it leaves is recorded in a history
that lies in the folder, too.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from analyticsops.chaos.profile import FILE, Profile, redirected
from analyticsops.commits import dbt
from analyticsops.errors import ProcessError, UsageError
from analyticsops.history.ingest import ingest
from analyticsops.history.reading import Circumstances
from analyticsops.history.record import Record
from analyticsops.history.store import Store

BUILD = ("build", "--exclude", "resource_type:seed")
"""Seeds are the tables that loaders write: a fault in them must stay."""

FRESHNESS = ("source", "freshness")

_LEFT = ("target*", "logs", ".git", ".venv", "venv", "node_modules", ".analyticsops", ".user.yml")
_POLL = 0.02
_DATABASES = (".duckdb", ".db", ".wal")


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """The copy.

    Attributes:
        folder: that holds it: ``stage`` is played on, ``kept`` is what it goes back to.
        words: options of each dbt command: profile, target, vars.
        database: name of the DuckDB file.
        told: what is recorded with each run.
    """

    folder: Path
    words: tuple[str, ...]
    database: str
    told: Circumstances

    @property
    def project(self) -> Path:
        """Root of the copied project."""
        return self.folder / "stage" / "project"

    @property
    def data(self) -> Path:
        """The copied database."""
        return self.folder / "stage" / "data" / self.database

    @property
    def store(self) -> Store:
        """The history of the copy."""
        return Store(self.folder / "stage" / "history")

    def records(self) -> tuple[Record, ...]:
        """What is recorded so far."""
        return tuple(self.store.read(loose.path) for loose in self.store.listing().loose)

    def keep(self) -> None:
        """Remember data and code as they are, to go back to them; the runs so far are forgotten,
        and what dbt wrote about them."""
        shutil.rmtree(self.store.folder)
        shutil.rmtree(self.project / "logs", ignore_errors=True)
        for name in ("manifest", "run_results", "sources"):
            (self.project / "target" / f"{name}.json").unlink(missing_ok=True)
        shutil.copytree(self.folder / "stage", self.folder / "kept", symlinks=True)

    def go_back(self) -> None:
        """Let everything be as when it was kept."""
        shutil.rmtree(self.folder / "stage")
        shutil.copytree(self.folder / "kept", self.folder / "stage", symlinks=True)

    def dbt(self, *command: str, kill_after: int | None = None) -> int:
        """Run dbt and record it; the exit code, negative for a signal.

        Args:
            kill_after: kill it, as if the machine had run out of memory, when so many nodes are
                done.

        Raises:
            ProcessError: there is no dbt, or it does not end.
            AnalyticsOpsError: what it wrote cannot be recorded.
        """
        code = self._run(command, kill_after)
        told = msgspec.structs.replace(self.told, exit_code=code)
        log = self.project / "logs" / "dbt.log"
        ingest(self.store, self.project / "target", log, told)
        return code

    def _run(self, command: Sequence[str], kill_after: int | None) -> int:
        environ = dbt.environment(self.folder / "profiles")
        environ["DBT_LOG_FORMAT_FILE"] = "json"
        words = [dbt.executable("dbt", hint=_HINT), *command, *options_of(self.words, command[0])]
        log = self.project / "logs" / "dbt.log"
        before = log.stat().st_size if log.is_file() else 0
        end = time.monotonic() + dbt.TIMEOUT
        with (self.folder / "dbt.out").open("wb") as out:
            process = subprocess.Popen(  # noqa: S603 - a list, no shell
                words,
                cwd=self.project,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                while process.poll() is None:
                    if time.monotonic() > end:
                        raise ProcessError("dbt did not end", where=" ".join(command))
                    if kill_after is not None and _done(log, before) >= kill_after:
                        break
                    time.sleep(_POLL)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        return process.returncode

    @property
    def last_words(self) -> str:
        """What dbt said last, on one line."""
        return dbt.last_words((self.folder / "dbt.out").read_text("utf-8", "replace"))


def options_of(words: Sequence[str], command: str) -> Sequence[str]:
    """`dbt retry` takes the variables of the run that it tries again."""
    if command == "retry" and "--vars" in words:
        return words[: words.index("--vars")]
    return words


_HINT = "activate the environment that holds it"


def copy_project(
    project_dir: Path, profile: Profile, folder: Path, words: Sequence[str], told: Circumstances
) -> Copied:
    """Copy a project and its database.

    Raises:
        UsageError: the database is in use, or is none.
    """
    copied = Copied(folder=folder, words=tuple(words), database=profile.database.name, told=told)
    root = str(project_dir)

    def ignored(folder: str, names: list[str]) -> set[str]:
        left = shutil.ignore_patterns(*_LEFT)(folder, names) if folder == root else set()
        return {*left, *(name for name in names if name.endswith(_DATABASES))}

    shutil.copytree(root, copied.project, symlinks=True, ignore=ignored)
    _lead_home(project_dir.resolve(), copied.project)
    copied.data.parent.mkdir(parents=True)
    _copy_database(profile.database, copied.data)
    (folder / "profiles").mkdir()
    (folder / "profiles" / FILE).write_bytes(redirected(profile, copied.data))
    return copied


def _lead_home(original: Path, copy: Path) -> None:
    """Links that lead out of the project still lead where they led."""
    for folder, folders, files in os.walk(copy):
        for name in (*folders, *files):
            link = Path(folder) / name
            if link.is_symlink():
                there = (original / link.relative_to(copy)).resolve()
                if not there.is_relative_to(original):
                    link.unlink()
                    link.symlink_to(there)


def _copy_database(database: Path, to: Path) -> None:
    """Copy it while nobody can write to it: DuckDB lets no one write what another one reads."""
    import duckdb

    try:
        with duckdb.connect(str(database), read_only=True):
            for suffix in ("", ".wal"):
                part = database.with_name(database.name + suffix)
                if part.is_file():
                    shutil.copyfile(part, to.with_name(to.name + suffix))
    except duckdb.Error as error:
        said = str(error).splitlines()[0]
        raise UsageError(
            f"the database cannot be copied: {said}",
            where=str(database),
            hint="wait until nobody writes to it",
        ) from error


def _done(log: Path, start: int) -> int:
    """Nodes that were done since a place in dbt's log."""
    try:
        with log.open("rb") as file:
            file.seek(start)
            return file.read().count(b'"name": "NodeFinished"')
    except OSError:
        return 0
