"""Game days on a copy of a DuckDB project: faults in its tables and code, and dbt run for real.

The project and its database are copied into a folder that is gone afterwards; nothing of the
original is written.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from analyticsops.commits import dbt
from analyticsops.errors import ProcessError, UsageError
from analyticsops.evaluating import declared_objectives, judge, observe_history
from analyticsops.history.reading import Circumstances
from analyticsops.measuring import duckdb_file, project_folder
from analyticsops.playing import GameDay
from analyticsops.project.model import Node
from analyticsops.recording import ingest_target, open_store
from analyticsops.slo import evaluate as judging
from analyticsops.slo.causes import JOB
from analyticsops.slo.evaluate import Context
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.gameday import sabotage
from analyticsops.slo.gameday.choosing import named, one_of_each
from analyticsops.slo.gameday.fault import ON_SOURCES, Fault, FaultKind
from analyticsops.slo.gameday.play import Played, Raised, in_trouble, usual_objectives
from analyticsops.slo.gameday.rehearsal import Rehearsal
from analyticsops.slo.gameday.sabotage import CannotPlayError
from analyticsops.slo.spans import instant_of
from analyticsops.workspace import Workspace
from analyticsops.yaml_files import load_yaml

THING = "game"
"""Environment and job of the runs."""

_BUILD = ("dbt", "build", "--exclude", "resource_type:seed")
_FRESHNESS = ("dbt", "source", "freshness")
_LEFT_BEHIND = shutil.ignore_patterns("target*", "logs", ".git", "*.duckdb*", ".analyticsops")
_KILL_AFTER = 60.0
"""Seconds in which a run must have built something, to be killed then."""


def real_game_day(
    workspace: Workspace,
    database: str | Path | None,
    *,
    faults: Sequence[str] = (),
    tell: Callable[[int, int], None] | None = None,
) -> GameDay:
    """Play faults for real.

    Args:
        database: the project's DuckDB file; it is copied.
        faults: as ``kind:target``; by default one of each kind that can be played so.
        tell: told how many faults were played, of how many.

    Raises:
        UsageError: it is no DuckDB project, or a fault does not exist.
        ProcessError: dbt is missing, or the project does not build before anything is broken.
    """
    source = project_folder(workspace, "--execute")
    file = duckdb_file(workspace, database)
    with tempfile.TemporaryDirectory(prefix="analyticsops-game-") as folder:
        ground = _Ground(workspace, source, file, Path(folder))
        for node in workspace.project.of_kind("source"):
            ground.sql(sabotage.loaded_now(node))
        ground.run_well(times=2)
        ground.keep()
        before = ground.evaluate()
        usual = frozenset(one.root.id for one in before.incidents)
        at = instant_of(datetime.now(UTC))
        observed = before.observed
        wanted = (
            [named(workspace.project, observed, text, at) for text in faults]
            if faults
            else list(one_of_each(workspace.project, observed, at))
        )
        played: list[Played] = []
        left_out: list[tuple[str, str]] = []
        for number, fault in enumerate(wanted):
            ground.restore()
            try:
                played.append(_played(ground, fault, usual))
            except CannotPlayError as reason:
                left_out.append((fault.kind.value, str(reason)))
            if tell is not None:
                tell(number + 1, len(wanted))
    own = bool(declared_objectives(workspace).slos)
    return GameDay(
        recorded=False,
        own=own,
        hours=0,
        every=0,
        played=tuple(played),
        executed=True,
        left_out=tuple(left_out),
    )


class _Ground:
    """Copies of the project, its database and a history of its own."""

    def __init__(self, workspace: Workspace, source: Path, file: Path, folder: Path) -> None:
        self.workspace = workspace
        self.project = folder / "project"
        self.database = folder / "data" / file.name
        self._kept = folder / "kept"
        self._history = folder / "history"
        shutil.copytree(source, self.project, ignore=_LEFT_BEHIND, symlinks=True)
        self.database.parent.mkdir()
        shutil.copy(file, self.database)
        profiles = folder / "profiles"
        profiles.mkdir()
        text = msgspec.json.encode(_profile(workspace, source, self.database)).decode()
        (profiles / "profiles.yml").write_text(text, encoding="utf-8")
        self._environ = dbt.environment(profiles)
        self._declared = declared_objectives(workspace)
        if not self._declared.slos:
            self._declared = usual_objectives(workspace.project, Rehearsal(job=THING))

    # -- what dbt does

    def run(self, *command: str) -> int:
        """Run dbt, and remember it; its exit code."""
        done = subprocess.run(  # noqa: S603 - a list, no shell
            [dbt.executable(command[0]), *command[1:]],
            cwd=self.project,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.remember(done.returncode)
        return done.returncode

    def run_well(self, times: int) -> None:
        """Measure and build, so often; raises ProcessError if that does not go well."""
        for _ in range(times):
            self.run(*_FRESHNESS)
            if self.run(*_BUILD):
                raise ProcessError("the copy does not build before anything is broken", where="dbt")

    def crash(self) -> None:
        """Begin to build, and kill dbt as soon as it has built something."""
        log = self.project / "logs" / "dbt.log"
        log.unlink(missing_ok=True)
        running = subprocess.Popen(  # noqa: S603 - a list, no shell
            [dbt.executable(_BUILD[0]), *_BUILD[1:]],
            cwd=self.project,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + _KILL_AFTER
        while time.monotonic() < until and running.poll() is None:
            if log.is_file() and " OK created " in log.read_text(errors="replace"):
                break
            time.sleep(0.02)
        running.send_signal(signal.SIGKILL)
        running.wait()
        self.remember(-signal.SIGKILL)

    def remember(self, exit_code: int) -> None:
        told = Circumstances(environment=THING, job=THING, exit_code=exit_code)
        ingest_target(
            self.project / "target",
            history=self._history,
            project_dir=self.project,
            told=told,
        )

    def sql(self, statements: Sequence[str]) -> None:
        """Run statements on the copy of the database."""
        import duckdb

        with duckdb.connect(str(self.database)) as connection:
            for statement in statements:
                connection.execute(statement)

    # -- before and after

    def keep(self) -> None:
        """This is how it is before each fault."""
        for name in ("project", "data", "history"):
            shutil.copytree(self.project.parent / name, self._kept / name, symlinks=True)

    def restore(self) -> None:
        """As it was kept."""
        for name in ("project", "data", "history"):
            shutil.rmtree(self.project.parent / name)
            shutil.copytree(self._kept / name, self.project.parent / name, symlinks=True)

    def forget(self) -> None:
        """As if nothing had been remembered."""
        shutil.rmtree(self._history)

    def evaluate(self) -> Evaluation:
        """How everything stands."""
        now = instant_of(datetime.now(UTC))
        span = judging.span_of(self._declared.slos, now)
        observed = observe_history(open_store(self._history), span, THING)
        return judge(Context(self.workspace.project, self._declared, observed, now))


def _profile(workspace: Workspace, source: Path, database: Path) -> dict[str, Any]:
    """The project's profile, with the copy of the database instead of its own."""
    settings, _ = load_yaml(source / "dbt_project.yml", aliases=True)
    name = str(settings.get("profile") or "")
    named = workspace.args.get("profiles_dir")
    for folder in (source, Path(str(named)) if named else None, Path.home() / ".dbt"):
        if folder is None or not (folder / "profiles.yml").is_file():
            continue
        profiles, _ = load_yaml(folder / "profiles.yml", aliases=True)
        profile = profiles.get(name) if isinstance(profiles, dict) else None
        if not isinstance(profile, dict):
            continue
        target = str(workspace.args.get("target") or profile.get("target") or "default")
        output = (profile.get("outputs") or {}).get(target)
        if isinstance(output, dict) and output.get("type") == "duckdb":
            redirected = {**output, "path": str(database)}
            return {name: {"target": target, "outputs": {target: redirected}}}
    raise UsageError(
        f"no DuckDB profile {name!r} was found", where="--execute", hint="set DBT_PROFILES_DIR"
    )


# -- playing ------------------------------------------------------------------------


def _played(ground: _Ground, fault: Fault, usual: frozenset[str]) -> Played:
    began = instant_of(datetime.now(UTC))
    project = ground.workspace.project
    node = project.nodes.get(fault.target)
    expected = _play(ground, fault, node)
    found = ground.evaluate()
    raised = tuple(
        Raised(
            root=one.root.id,
            label=one.root.label,
            rules=tuple(dict.fromkeys(alert.rule for alert in one.alerts)),
            page=one.page,
            at=found.at,
            after=found.at - began,
            right=one.root.id in expected,
        )
        for one in found.incidents
        if one.root.id not in usual
    )
    label = node.label if node is not None else f"job {fault.target}"
    return Played(
        fault=fault, label=label, expected=expected, raised=raised, hit=len(in_trouble(found))
    )


def _play(ground: _Ground, fault: Fault, node: Node | None) -> tuple[str, ...]:
    """Break it and run; what should be named.

    Raises:
        CannotPlayError: it cannot be had for real.
    """
    if fault.kind is FaultKind.JOB_CRASHES:
        ground.crash()
        return (JOB + THING,)
    if node is None or fault.kind is FaultKind.NODE_SLOWER:
        raise CannotPlayError("it shows only over many runs: play it on paper")
    if fault.kind in ON_SOURCES:
        column = ""
        if fault.kind is FaultKind.COLUMN_DROPPED:
            column = sabotage.read_column(ground.workspace.graph, node)
        if fault.kind in (FaultKind.SOURCE_LATE, FaultKind.SOURCE_MISSING):
            # Nobody has seen the newer data: a watermark never falls.
            ground.forget()
        ground.sql(sabotage.statements(fault.kind, node, column))
        ground.run(*_FRESHNESS)
        ground.run(*_BUILD)
        if fault.kind is FaultKind.ROWS_DUPLICATED:
            return sabotage.first_unique(ground.workspace.project, fault.target)
        return (fault.target,)
    if not node.path.endswith(".sql") or node.package != ground.workspace.project.name:
        raise CannotPlayError(f"{node.label} is no SQL model of this project")
    if fault.kind is FaultKind.NODE_FLAPS:
        for _ in range(2):
            sabotage.break_code(ground.project, node)
            ground.run("dbt", "run", "--select", node.name)
            sabotage.mend_code(ground.project, node)
            ground.run("dbt", "run", "--select", node.name)
        return (fault.target,)
    sabotage.break_code(ground.project, node)
    ground.run(*_BUILD)
    return (fault.target,)
