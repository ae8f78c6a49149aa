"""`make fuzz-inputs`: a million mutated artifacts, and hostile YAML and selectors beside them,
through every command and every format.

A case is made from its number alone. It fails if a command raises anything but our own errors, if
it takes more than ten seconds of CPU time, or if this process grows beyond one GiB. Goes on where
it was stopped: what is done stands in FOLDER/done.jsonl; what failed, with its input and traceback,
in FOLDER/faults/.

    python -m scripts.fuzz_inputs [FOLDER] [--artifacts 1000000] [--only KIND ...]
    python -m scripts.fuzz_inputs [FOLDER] --counts
    python -m scripts.fuzz_inputs [FOLDER] --again "artifacts 4711"
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from analyticsops.lineage.pool import shared_pool
from tests.inputs.cases import KINDS, Case
from tests.inputs.pipeline import FaultError, Pipeline, in_process
from tests.inputs.seeds import seeds

FOLDER = Path(__file__).resolve().parent.parent / ".fuzz-inputs"
CPU_SECONDS = 10
WALL_SECONDS = 300
SQL_SECONDS = 1.0
"""Of a worker for one question, where there are workers."""
MOST_BYTES = 1024**3
ADDRESS_SPACE = 6 * 1024**3
"""Beyond it a case has a MemoryError, and the machine has not."""
BATCH = 1_000


class Batch(msgspec.Struct):
    """What became of some cases, one after the other.

    Attributes:
        first: number of the first one.
        mutated: artifacts, or other files, that were mutants.
        read: cases whose files were not refused as a whole.
        commands: that ended with an answer.
        refused: commands that said in one line why they had none.
        slowest: CPU seconds of the slowest case.
        peak: most memory that the process had, in MiB.
    """

    kind: str
    first: int
    cases: int = 0
    mutated: int = 0
    read: int = 0
    commands: int = 0
    refused: int = 0
    faults: int = 0
    slowest: float = 0.0
    peak: int = 0
    seconds: float = 0.0


class Told(msgspec.Struct):
    """What a child says of one case."""

    mutated: int
    read: bool = False
    commands: int = 0
    refused: int = 0
    seconds: float = 0.0
    peak: int = 0
    fault: str = ""


def main() -> int:
    """Run until everything is done; 1 if a case failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--artifacts", type=int, default=1_000_000, help="mutants to reach")
    parser.add_argument("--only", choices=KINDS, nargs="+", help="no other cases than these")
    parser.add_argument("--counts", action="store_true", help="say what is done, and end")
    parser.add_argument("--again", metavar="CASE", help="one case, here, with its traceback")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--most-faults", type=int, default=1_000)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    if chosen.again:
        return again(chosen.again)
    campaign = Campaign(chosen.folder)
    if not chosen.counts:
        kinds = chosen.only or list(KINDS)
        beside(campaign.folder, chosen.jobs, kinds, chosen.artifacts, chosen.most_faults)
        campaign = Campaign(chosen.folder)
    print(campaign.summary())
    return 1 if campaign.faults else 0


def again(name: str) -> int:
    """One case in this process."""
    kind, number = name.split()
    case = KINDS[kind].make(int(number))
    print(case.name, [" ".join(c[:3]) for c in case.commands])
    here = contextlib.nullcontext() if KINDS[kind].workers else in_process()
    with tempfile.TemporaryDirectory() as folder, here:
        print(case.run(Pipeline(Path(folder))))
    return 0


def beside(folder: Path, jobs: int, kinds: list[str], wanted: int, most_faults: int) -> None:
    """So many processes, each with its share of the batches: every ``jobs``-th one."""
    started = []
    for share in range(jobs):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                Campaign(folder, share, jobs).run(kinds, wanted // jobs, most_faults)
                code = 0
            except Exception:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                os._exit(code)
        started.append(child)
    ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in started]
    if any(ends):
        sys.exit(f"a process of the campaign ended with {ends}")


class Campaign:
    """Where it stands, and how it goes on.

    Args:
        share: of the batches, those whose number leaves this when divided by ``of``.
    """

    def __init__(self, folder: Path, share: int = 0, of: int = 1) -> None:
        self.folder, self.share, self.of = folder, share, of
        self._log = folder / "done.jsonl"
        lines = self._log.read_bytes().splitlines() if self._log.is_file() else []
        self.done = [msgspec.json.decode(line, type=Batch) for line in lines]
        self.known: set[str] = set()

    @property
    def faults(self) -> int:
        """Cases that failed."""
        return sum(batch.faults for batch in self.done)

    def run(self, kinds: list[str], wanted: int, most_faults: int) -> None:
        """A batch of every kind in turn: artifacts until there are as many as wanted, the others
        until they are all done, or one for ten of those."""
        memory = Path("/dev/shm")
        folder = str(memory) if memory.is_dir() else None
        work = Path(tempfile.mkdtemp(prefix="fuzz-", dir=folder))
        try:
            self._warm(work / "warm")
            while batches := {k: b for k in kinds if (b := self._next(k, wanted)) is not None}:
                for kind, numbers in batches.items():
                    self._batch(kind, numbers, work / "case")
                    if self.faults >= most_faults:
                        return
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _warm(self, folder: Path) -> None:
        """Load everything once, and answer what is asked of sound projects, for all children."""
        folder.mkdir()
        with in_process():
            pipeline = Pipeline(folder)
            for seed in seeds():
                pipeline.run({f"target/{name}": data for name, data in seed.artifacts.items()})

    def _next(self, kind: str, wanted: int) -> range | None:
        mine = [b for b in self.done if b.kind == kind and b.first // BATCH % self.of == self.share]
        first = BATCH * self.share
        begun = {batch.first for batch in mine}
        while first in begun:
            first += BATCH * self.of
        most = KINDS[kind].most
        if most is None:
            left = wanted - sum(batch.mutated for batch in mine)
            return range(first, first + BATCH) if left > 0 else None
        return range(first, min(first + BATCH, most)) if first < most else None

    def _batch(self, kind: str, numbers: range, folder: Path) -> None:
        """Cases in one child after the other: a new one after each that died."""
        batch = Batch(kind, numbers.start)
        while batch.cases < len(numbers):
            for told in children(kind, batch.first + batch.cases, numbers.stop, folder):
                self._count(batch, told)
        self.done.append(batch)
        with self._log.open("ab") as log:
            log.write(msgspec.json.encode(batch) + b"\n")
        print(f"{kind} {batch.first:,}+{batch.cases}", self.summary(), flush=True)

    def _count(self, batch: Batch, told: Told) -> None:
        batch.cases += 1
        batch.mutated += told.mutated
        batch.read += told.read
        batch.commands += told.commands
        batch.refused += told.refused
        batch.seconds += told.seconds
        batch.slowest = max(batch.slowest, told.seconds)
        batch.peak = max(batch.peak, told.peak)
        if told.fault:
            batch.faults += 1
            self._keep(KINDS[batch.kind].make(batch.first + batch.cases - 1), told.fault)

    def _keep(self, case: Case, fault: str) -> None:
        """One line on the terminal, and what is needed to see it again."""
        folder = self.folder / "faults" / case.name.replace(" ", "-")
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in case.files.items():
            path = folder / "input" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (folder / "fault.txt").write_text(fault, encoding="utf-8", errors="backslashreplace")
        print(
            f"FAULT {case.name}: {' / '.join(fault.strip().splitlines()[-1:])[:300]!a}", flush=True
        )

    def summary(self) -> str:
        """One line."""
        kinds = []
        for kind in KINDS:
            mine = [batch for batch in self.done if batch.kind == kind]
            if mine:
                cases, read = sum(b.cases for b in mine), sum(b.read for b in mine)
                mutants = sum(b.mutated for b in mine)
                kinds.append(f"{kind}: {mutants:,} mutants, {cases:,} cases, {read:,} whole")
        commands = sum(b.commands + b.refused for b in self.done)
        slowest = max((b.slowest for b in self.done), default=0)
        peak = max((b.peak for b in self.done), default=0)
        return (
            f"{'; '.join(kinds)}; {commands:,} commands, {self.faults} faults, "
            f"slowest {slowest:.1f} s, peak {peak:,} MiB; "
            f"{sum(b.seconds for b in self.done):,.0f} s of CPU"
        )


def children(kind: str, first: int, end: int, folder: Path) -> Iterator[Told]:
    """What a child says of these cases, and of the one at which it died, if it did."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        try:
            with contextlib.suppress(BrokenPipeError):  # the campaign was stopped
                _child(kind, range(first, end), folder, os.fdopen(theirs, "wb"))
        finally:
            os._exit(0)
    os.close(theirs)
    number = first
    with os.fdopen(ours, "rb") as stream:
        for line in stream:
            number += 1
            yield msgspec.json.decode(line, type=Told)
    _, status = os.waitpid(child, 0)
    if number < end:
        code = os.waitstatus_to_exitcode(status)
        why = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        why = {"SIGPROF": f"more than {CPU_SECONDS} s of CPU time",
               "SIGALRM": f"more than {WALL_SECONDS} s"}.get(why, why)  # fmt: skip
        yield Told(KINDS[kind].make(number).mutated, fault=why)


def _child(kind: str, numbers: range, folder: Path, out: BinaryIO) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    stack = contextlib.ExitStack()
    if KINDS[kind].workers:
        shared_pool()._cpu_seconds = SQL_SECONDS
    else:
        stack.enter_context(in_process())
    pipeline = Pipeline(folder)
    for number in numbers:
        case = KINDS[kind].make(number)
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)
        started = time.process_time()
        told = Told(case.mutated)
        try:
            outcome = case.run(pipeline)
            told.read, told.commands, told.refused = outcome
        except (FaultError, MemoryError, RecursionError):
            told.fault = traceback.format_exc()
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        told.seconds = time.process_time() - started
        told.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        if told.peak * 1024**2 > MOST_BYTES and not told.fault:
            told.fault = f"memory: {told.peak:,} MiB"
        out.write(msgspec.json.encode(told) + b"\n")
        out.flush()
        if told.fault.startswith("memory"):
            break  # the next child starts small again


if __name__ == "__main__":
    sys.exit(main())
