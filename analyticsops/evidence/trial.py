"""A job over made-up databases: what differs, and where it is seen best."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from analyticsops.evidence.databases import databases
from analyticsops.evidence.difference import (
    Rows,
    column_differs,
    delta,
    is_key,
    rows_differ,
)
from analyticsops.evidence.pair import SIDES, Claim, Found, Job, Model, Wanted, unknown
from analyticsops.evidence.shrink import Witness, counterexample
from analyticsops.evidence.stage import Answers, Database, Stage
from analyticsops.evidence.steady import UNSTEADY, steady_columns
from analyticsops.evidence.types import Types, type_choices
from analyticsops.executed import ColumnShare, Counterexample, Execution, Outcome
from analyticsops.verify.sandbox import Refused, Sandbox

_ENOUGH = 0.25
"""Share of databases on which both versions must answer, or other types are tried."""

_WALL = 5.0
"""Seconds that may pass for each second of CPU: other processes must not decide what is found,
and a query that waits for nothing must not run for ever."""

_SETTLED = 24
"""Databases after which no more are needed, if every difference was seen: the smallest are
among them, and some that are larger or empty."""

_WITNESSES = 4
"""Databases that are kept for one difference: the first may turn out to be chance."""


def execute_generated(job: Job) -> Found:
    """Run both versions of all models over made-up databases."""
    best: _Trial | None = None
    with Sandbox(memory=job.limits.memory, seconds=_WALL * budget(job)) as sandbox:
        sandbox.lock()
        settle(sandbox, job)
        for types in type_choices(sandbox, job):
            try:
                trial = _Trial(Stage(sandbox, job, types), types)
                trial.run()
            except sandbox.error as fault:
                return unknown(job, str(sandbox.refusal(fault)))
            if best is None or trial.answered > best.answered:
                best = trial
            if best.answered >= _ENOUGH * job.limits.databases or sandbox.is_over:
                break
        return best.found() if best is not None else unknown(job, "no types are known")


def budget(job: Job) -> float:
    """Seconds of CPU for all models of a job."""
    return job.limits.seconds * max(1, sum(model.claim is not None for model in job.models))


def settle(sandbox: Sandbox, job: Job) -> None:
    """Look for unqualified names where the project's models are, and stop the clock."""
    names = [query.name for model in job.models for query in model.versions if query]
    where = next((name for name in names if len(name) > 2), None)
    if where is not None:
        sandbox.settle(*where[:2])
    sandbox.freeze()


class Tally:
    """What was seen of one model."""

    def __init__(self, model: Model, claim: Claim) -> None:
        self.model = model
        self.claim = claim
        names = [new for _, new in (*claim.equal, *claim.other)]
        self.names = names
        self.equal = range(len(claim.equal))
        lower = [name.lower() for name in names]
        self.key = [lower.index(k) for k in model.key] if {*model.key} <= {*lower} else []
        self.keyed = bool(self.key)
        self.databases = self.differing = self.rows = self.removed = self.added = 0
        self.paired = 0
        self.columns: Counter[int] = Counter()
        self.reasons: Counter[str] = Counter()

    def add(self, base: Rows, head: Rows, steady: Sequence[int]) -> None:
        """Count one database."""
        self.databases += 1
        usable = self.key and all(n in steady for n in self.key)
        keyed = bool(usable) and is_key(self.key, base, head)
        self.keyed = self.keyed and keyed
        pairing = self.key if keyed else [n for n in self.equal if n in steady]
        found = delta(base, head, pairing, steady)
        self.differing += found.differs
        self.rows += found.rows
        self.removed += found.removed
        self.added += found.added
        self.paired += found.paired
        self.columns.update(found.columns)

    def execution(self, job: Job, refuted: Sequence[str]) -> Execution:
        """The sum of it."""
        outcome: Outcome = "no difference" if self.databases else "unknown"
        if self.differing:
            outcome = "differs"
        shares = [
            ColumnShare(self.names[n], round(min(many / max(self.paired, 1), 1.0), 4))
            for n, many in sorted(self.columns.items(), key=lambda item: (-item[1], item[0]))
        ]
        reason = "" if self.databases else next(iter(dict(self.reasons.most_common(1))), "")
        return Execution(
            node=self.model.id,
            name=self.model.label,
            data="generated",
            built="model" if job.built == "model" else "downstream",
            outcome=outcome,
            reason=reason,
            databases=self.databases,
            differing=self.differing,
            key=self.model.key if self.keyed and self.databases else (),
            rows=self.rows,
            rows_removed=self.removed,
            rows_added=self.added,
            columns=tuple(shares),
            refuted=tuple(refuted),
        )


class _Trial:
    """One choice of types."""

    def __init__(self, stage: Stage, types: Types) -> None:
        self.stage = stage
        self.job = stage.job
        self.types = types
        self.tallies = {
            model.id: Tally(model, model.claim)
            for model in self.job.models
            if model.claim is not None
        }
        self.witnesses: dict[Wanted, list[Database]] = {}
        self.against: dict[Wanted, list[Database]] = {}

    @property
    def answered(self) -> int:
        """Databases on which both versions of the models answered, on average."""
        found = [tally.databases for tally in self.tallies.values()]
        return sum(found) // max(1, len(found))

    def run(self) -> None:
        """Over all databases, or as many as there is time for."""
        if not any(self._runs(tally) for tally in self.tallies.values()):
            for tally in self.tallies.values():
                self._refuse(tally, *self.stage.prepared(tally.model))
            return
        sandbox = self.stage.sandbox
        end = time.process_time() + budget(self.job)
        for number, database in enumerate(databases(sandbox, self.job, self.types)):
            if sandbox.is_over or time.process_time() > end:
                break
            if number >= _SETTLED and self._is_settled():
                break
            self.stage.fill(database)
            answers = self.stage.run()
            for tally in self.tallies.values():
                self._count(tally, answers, database)

    def _is_settled(self) -> bool:
        """True if everything that is wanted was seen, and nothing can be refuted any more."""
        claims = [tally for tally in self.tallies.values() if tally.claim.rows]
        return not claims and all(wanted in self.witnesses for wanted in self.job.wanted)

    def _runs(self, tally: Tally) -> bool:
        return not any(isinstance(q, Refused) for q in self.stage.prepared(tally.model))

    def _count(self, tally: Tally, answers: Answers, database: Database) -> None:
        base, head = (answers.get((tally.model.id, side)) for side in SIDES)
        self._refuse(tally, base, head)
        if base is None or head is None or isinstance(base, Refused) or isinstance(head, Refused):
            return
        steady: Sequence[int] | None = range(len(tally.names))
        if base.rows != head.rows:
            steady = steady_columns(self.stage, tally.model, database, base.rows, head.rows)
        if steady is None:
            tally.reasons[UNSTEADY] += 1
            return
        tally.add(base.rows, head.rows, steady)
        self._keep(tally, database, base.rows, head.rows, steady)

    def _refuse(self, tally: Tally, *answers: object) -> None:
        for version, answer in zip(("old", "new"), answers, strict=True):
            if isinstance(answer, Refused):
                tally.reasons[f"the {version} version does not run: {answer}"] += 1

    def _keep(
        self, tally: Tally, database: Database, base: Rows, head: Rows, steady: Sequence[int]
    ) -> None:
        """Remember a database on which a wanted difference, or a forbidden one, shows."""
        equal = [n for n in tally.equal if n in steady]
        differ = rows_differ(base, head, equal)
        model = tally.model.id
        if tally.claim.rows and differ:
            _add(self.against, Wanted(model), database)
        for wanted in self.job.wanted:
            if wanted.model != model:
                continue
            if not wanted.column:
                seen = differ
            else:
                lower = [name.lower() for name in tally.names]
                place = lower.index(wanted.column.lower()) if wanted.column.lower() in lower else -1
                seen = place in steady and column_differs(base, head, equal, place)
            if seen:
                _add(self.witnesses, wanted, database)

    def found(self) -> Found:
        """The sums, and the smallest databases that show what is wanted."""
        shown: list[tuple[Wanted, Counterexample]] = []
        refuted: list[tuple[Wanted, Counterexample]] = []
        with contextlib.suppress(self.stage.sandbox.error):  # its time is over
            refuted.extend(self._shown(self.against))
            shown.extend(self._shown(self.witnesses))
        return Found(
            executions=tuple(
                tally.execution(
                    self.job,
                    [_said(tally, example) for w, example in refuted if w.model == tally.model.id],
                )
                for tally in self.tallies.values()
            ),
            shown=tuple(shown),
            refuted=tuple((wanted.model, example) for wanted, example in refuted),
        )

    def _shown(
        self, witnesses: Mapping[Wanted, Sequence[Database]]
    ) -> Iterator[tuple[Wanted, Counterexample]]:
        for wanted, kept in witnesses.items():
            tally = self.tallies[wanted.model]
            lower = [name.lower() for name in tally.names]
            column = lower.index(wanted.column.lower()) if wanted.column else None
            witness = Witness(self.stage, tally.model, range(len(tally.claim.equal)), column)
            for database in kept if not self.stage.sandbox.is_over else ():
                small = witness.smallest(database)
                if not witness.is_steady(small):
                    witness.strict = True
                    small = witness.smallest(database)
                if witness.is_steady(small):
                    yield wanted, counterexample(witness, small)
                    break


def _add(kept: dict[Wanted, list[Database]], wanted: Wanted, database: Database) -> None:
    found = kept.setdefault(wanted, [])
    if len(found) < _WITNESSES:
        found.append(database)


def _said(tally: Tally, example: Counterexample) -> str:
    """What was claimed and is not so."""
    names = [name for name in example.base.columns if name]
    return f"{tally.model.label} was said to yield the same {', '.join(names) or 'rows'}"
