"""Game days for real: dbt runs on a copy of a DuckDB project into which faults are put."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from analyticsops.chaos import scenarios
from analyticsops.chaos.copied import copy_project
from analyticsops.chaos.profile import Profile, read_profile
from analyticsops.chaos.scenarios import NotPlayableError
from analyticsops.chaos.stage import Stage
from analyticsops.errors import ProcessError, UsageError
from analyticsops.evaluating import declared_objectives, judge, observe_history
from analyticsops.history.reading import Circumstances
from analyticsops.history.store import Store
from analyticsops.measuring import project_folder
from analyticsops.playing import GameDay, NotPlayed
from analyticsops.slo import evaluate as judging
from analyticsops.slo.evaluate import Context
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.gameday.choosing import LATE_BY, at_random, named, targets_of
from analyticsops.slo.gameday.fault import Fault, FaultKind
from analyticsops.slo.gameday.play import (
    Played,
    Raised,
    expected_roots,
    in_trouble,
    label_of,
    raised_by,
    usual_objectives,
)
from analyticsops.slo.gameday.rehearsal import Rehearsal, known_at
from analyticsops.slo.observed import Observed
from analyticsops.slo.spans import DAY, HOUR, MINUTE, Instant, instant_of
from analyticsops.slo.spec.declared import Declared
from analyticsops.workspace import Workspace

HOURS = 8
"""So long a job is awaited that does not come."""

LOOKS = 48
"""So often it is looked, at most, at what began before the run."""


def execute_game_day(
    workspace: Workspace,
    database: Path | None = None,
    *,
    environment: str = "",
    faults: Sequence[str] = (),
    random: int = 0,
    seed: int = 0,
    hours: int = HOURS,
    every: int = 15 * MINUTE,
    tell: Callable[[int, int], None] | None = None,
) -> GameDay:
    """Play faults on a copy of a DuckDB project, which is only read.

    The project and its database are copied to a temporary folder. There the job runs once as it
    does today; then for each fault everything goes back to that, the fault is put into the data
    or the code, the job runs again, and what it left is evaluated. Incidents that there were
    without a fault do not count.

    Args:
        database: the DuckDB file; by default that of the profile.
        environment: under which runs are recorded; by default that of `slos/*.yml`.
        faults: as ``kind:target``; by default one of each kind where it hurts most.
        random: instead, so many random ones.
        seed: of these.
        hours: that a job is awaited that does not come.
        every: microseconds from one look at it to the next.
        tell: told how many faults were played, of how many.

    Raises:
        UsageError: the project is not at hand, has no DuckDB file, or there is no such fault.
        NotFoundError: there is no such target.
        ConfigError: the profile or a file in `slos/` is wrong.
        ProcessError: dbt is missing, or cannot run the project as it is.
    """
    project_dir = project_folder(workspace, "--execute")
    _require_inside(workspace)
    declared = declared_objectives(workspace)
    own = bool(declared.slos)
    if not own:
        declared = usual_objectives(workspace.project, Rehearsal())
    if environment:
        shared = msgspec.structs.replace(declared.shared, environment=environment)
        declared = msgspec.structs.replace(declared, shared=shared)
    profile = read_profile(project_dir, workspace.args, database)
    with tempfile.TemporaryDirectory(prefix="analyticsops-gameday-") as folder:
        stage = _build(workspace, project_dir, declared, profile, Path(folder))
        wanted, left_out = _chosen(stage, faults, random, seed)
        played = _play_all(stage, wanted, left_out, hours, every, tell)
    return GameDay(
        recorded=False,
        executed=True,
        own=own,
        hours=hours,
        every=every,
        played=tuple(played),
        left_out=tuple(left_out),
    )


def _require_inside(workspace: Workspace) -> None:
    """Models that are files may be written anywhere, and not only into the copy."""
    for node in workspace.project.of_kind("model"):
        if node.materialized == "external":
            raise UsageError(
                f"{node.label} is a file, which would not be written into the copy",
                where="--execute",
                hint="play on paper",
            )


def _play_all(
    stage: Stage,
    wanted: Sequence[Fault],
    left_out: list[NotPlayed],
    hours: int,
    every: int,
    tell: Callable[[int, int], None] | None,
) -> list[Played]:
    """One after the other; those that could not be played after all are added to the others."""
    usual = _Usual(stage, hours)
    played: list[Played] = []
    for number, fault in enumerate(wanted):
        try:
            played.append(_play(stage, fault, usual, hours, every))
        except NotPlayableError as error:
            left_out.append(_not(stage, fault, str(error)))
        if tell is not None:
            tell(number + 1, len(wanted))
    return played


def _build(
    workspace: Workspace, project_dir: Path, declared: Declared, profile: Profile, folder: Path
) -> Stage:
    """The copy, after a run as it goes today."""
    how = Rehearsal()
    jobs = ((slo.job, slo.schedule) for slo in declared.slos if slo.job and slo.schedule)
    job, schedule = next(jobs, (how.job, how.schedule))
    told = Circumstances(environment=declared.shared.environment, job=job)
    copied = copy_project(project_dir, profile, folder, _words(profile, workspace.args), told)
    stage = Stage(
        project=workspace.project,
        lineage=workspace.graph,
        declared=declared,
        copied=copied,
        schedule=schedule or how.schedule,
    )
    stage.load()
    code = stage.run()
    if code not in (0, 1):  # 1: something in it failed, as it does today
        raise ProcessError(
            f"dbt cannot run the copy as it is: {copied.last_words}", where=profile.place
        )
    stage = msgspec.structs.replace(
        stage, observed=_observed(stage, _now()), records=copied.records()
    )
    copied.keep()
    return stage


def _words(profile: Profile, args: Any) -> list[str]:
    words = ["--profile", profile.name, "--target", profile.target]
    variables = args.get("vars")
    if isinstance(variables, dict) and variables:
        words += ["--vars", msgspec.json.encode(variables, order="sorted").decode()]
    return words


def _chosen(
    stage: Stage, faults: Sequence[str], random: int, seed: int
) -> tuple[list[Fault], list[NotPlayed]]:
    """What can be played, and what cannot."""
    project, observed, at = stage.project, stage.observed, _now()
    if random:
        asked = list(at_random(project, observed, at, random, seed))
    elif faults:
        asked = [_named(stage, text, at) for text in faults]
    else:
        asked = [
            Fault(kind=kind, target=_best(stage, kind), at=at, by=LATE_BY)
            for kind in FaultKind
            if targets_of(project, observed, kind)
        ]
    wanted: list[Fault] = []
    left_out: list[NotPlayed] = []
    for fault in asked:
        why = scenarios.why_not(stage, fault.kind, fault.target)
        if not why and not faults and fault.kind in scenarios.SLOW:
            why = f"it takes minutes; it is played if named: --fault {fault.kind.value}"
        if why:
            left_out.append(_not(stage, fault, why))
        else:
            wanted.append(fault)
    return wanted, left_out


def _named(stage: Stage, text: str, at: Instant) -> Fault:
    """With a target where it can be played, if the text names none."""
    fault = named(stage.project, stage.observed, text, at)
    if ":" in text:
        return fault
    return msgspec.structs.replace(fault, target=_best(stage, fault.kind))


def _best(stage: Stage, kind: FaultKind) -> str:
    """Of the targets where a fault can be played the one where it hurts most; else the first."""
    targets = targets_of(stage.project, stage.observed, kind)
    can = (target for target in targets if not scenarios.why_not(stage, kind, target))
    return next(can, targets[0])


def _not(stage: Stage, fault: Fault, why: str) -> NotPlayed:
    return NotPlayed(fault=fault, label=label_of(stage.project, fault), why=why)


def _play(stage: Stage, fault: Fault, usual: _Usual, hours: int, every: int) -> Played:
    stage.copied.go_back()
    begin = _now()
    fault = msgspec.structs.replace(fault, at=scenarios.begin_of(fault, begin))
    scenarios.play(stage, fault)
    end = _now()
    observed = _observed(stage, end)
    expected = expected_roots(stage.project, stage.observed, observed, fault)
    looks = [end]
    if fault.kind is FaultKind.JOB_SILENT:
        looks = list(range(end + every, end + hours * HOUR + 1, every))
    elif fault.at < begin:
        looks = [*range(fault.at + every, begin, max(every, (begin - fault.at) // LOOKS)), end]
    raised: dict[str, Raised] = {}
    hit: set[str] = set()
    for now in looks:
        found = _judged(stage, observed, now)
        for one in raised_by(found, fault, expected):
            if one.root not in usual.roots(now):
                raised.setdefault(one.root, one)
        hit |= in_trouble(found)
    return Played(
        fault=fault,
        label=label_of(stage.project, fault),
        expected=expected,
        raised=tuple(raised.values()),
        hit=len(hit),
    )


class _Usual:
    """Incidents that there are without a fault, while the job goes on as it does."""

    def __init__(self, stage: Stage, hours: int) -> None:
        now = _now()
        until = now + 2 * DAY + hours * HOUR
        self._stage = stage
        self._observed = _observed(stage, until, stage.rehearse(now, until))
        self._roots: dict[Instant, frozenset[str]] = {}

    def roots(self, now: Instant) -> frozenset[str]:
        """Their roots at a moment."""
        if now not in self._roots:
            found = _judged(self._stage, self._observed, now)
            self._roots[now] = frozenset(one.root.id for one in found.incidents)
        return self._roots[now]


def _now() -> int:
    return instant_of(datetime.now(UTC))


def _observed(stage: Stage, now: Instant, store: Store | None = None) -> Observed:
    span = judging.span_of(stage.declared.slos, now)
    environment = stage.declared.shared.environment
    return observe_history(store or stage.copied.store, span, environment, stage.project.name)


def _judged(stage: Stage, observed: Observed, now: Instant) -> Evaluation:
    return judge(Context(stage.project, stage.declared, known_at(observed, now), now))
