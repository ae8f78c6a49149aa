"""A plugin of pytest: which tests call which function, and a fork for each mutant."""

from __future__ import annotations

import functools
import gc
import importlib
import inspect
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any, ClassVar, NamedTuple

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants.mutant import Fate, Hunted, Mutant

FUTURE = "from __future__ import annotations\n"
MOST_TESTS = 1000
"""Tests for a mutant: first those that run the changed line, then others that call its function.
The quickest of each function of tests are taken, then the second of each: one that is run with
hundreds of names must not leave out all others."""

NOT_MADE = 3
"""Exit code of a fork that could not change the function."""

ROUNDS = 200
"""Of comparisons with brute force (`ROUNDS` of a module of tests): with thousands under a profiler
the hunt did not begin for ten minutes, and each mutant waited for them again."""

PATIENCE = 4.0
"""How much longer than before tests may take, and how many seconds they always have."""


class Ran(NamedTuple):
    """A test, how long it took when nothing was changed, and the (file, line) that it ran."""

    item: pytest.Item
    seconds: float
    lines: frozenset[tuple[str, int]] = frozenset()


class Hunter:
    """Runs the collected tests once, then hunts.

    Args:
        told: hears of each fate.
        jobs: how many forks at a time.
    """

    def __init__(
        self, mutants: Sequence[Mutant], told: Callable[[Hunted], None], jobs: int = 2
    ) -> None:
        self.mutants, self.told, self.jobs = mutants, told, jobs
        self.files = {str(Path(mutant.file).resolve()) for mutant in mutants}
        self.callers: dict[tuple[str, str], list[Ran]] = {}
        self.broken: list[str] = []
        self.sound: set[str] = set()
        self.slow: set[str] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of pytest's loop."""
        _tame_hypothesis()
        _tame_rounds(session.items)
        self._watch(session.items)
        if self.broken:
            print(f"left out, because they fail when nothing is changed: {self.broken}")
        _Fork.remembering = tuple(
            found for found in gc.get_objects() if isinstance(found, functools._lru_cache_wrapper)
        )
        # A database that nobody holds any more would be closed in a fork, where the threads that
        # it waits for are not.
        gc.collect()
        gc.freeze()  # forks share what is never collected
        self._hunt()
        return True

    # -- which tests call what --------------------------------------------------

    def _watch(self, items: Sequence[pytest.Item]) -> None:
        for item, following in zip(items, [*items[1:], None], strict=True):
            begun = time.monotonic()
            with self._traced() as (called, lines):
                reports = runtestprotocol(item, nextitem=following, log=False)
            if any(report.failed for report in reports):
                self.broken.append(item.nodeid)
                continue
            ran = Ran(item, time.monotonic() - begun, frozenset(lines))
            for code in called:
                for name in _names_of(code):
                    self.callers.setdefault((code.co_filename, name), []).append(ran)

    @contextmanager
    def _traced(self) -> Iterator[tuple[set[CodeType], set[tuple[str, int]]]]:
        called: set[CodeType] = set()
        lines: set[tuple[str, int]] = set()
        files = self.files

        def seen(frame: FrameType, _: str, __: Any) -> Any:
            if frame.f_code.co_filename not in files:
                return None
            called.add(frame.f_code)
            return step

        def step(frame: FrameType, event: str, _: Any) -> Any:
            if event == "line":
                lines.add((frame.f_code.co_filename, frame.f_lineno))
            return step

        sys.settrace(seen)
        threading.settrace(seen)
        try:
            yield called, lines
        finally:
            sys.settrace(None)
            threading.settrace(lambda *_: None)

    def tests_of(self, mutant: Mutant) -> list[Ran]:
        """Those that call its function, see :data:`MOST_TESTS`; those of one module together."""
        file = str(Path(mutant.file).resolve())
        rounds: Counter[str] = Counter()
        found: list[tuple[bool, int, Ran]] = []
        for ran in sorted(
            self.callers.get((file, mutant.function), ()), key=lambda ran: ran.seconds
        ):
            name = _function_of(ran.item.nodeid)
            found.append(((file, mutant.line) not in ran.lines, rounds[name], ran))
            rounds[name] += 1
        quick = [ran for *_, ran in sorted(found, key=lambda one: one[:2])[:MOST_TESTS]]
        order: dict[Path, int] = {}
        for ran in quick:
            order.setdefault(ran.item.path, len(order))
        return sorted(quick, key=lambda ran: order[ran.item.path])

    # -- the hunt ------------------------------------------------------------------

    def _hunt(self) -> None:
        waiting, again = list(self.mutants), list[Mutant]()
        while waiting:
            self._hunt_all(waiting, again)
            waiting, again = again, []

    def _hunt_all(self, mutants: Sequence[Mutant], again: list[Mutant]) -> None:
        running: dict[int, _Fork] = {}
        for mutant in mutants:
            tests = self.tests_of(mutant)
            if not tests:
                self.told(Hunted(mutant.key, mutant.line, "untested"))
                continue
            while len(running) >= self.jobs:
                self._collect(running, again)
            fork = _Fork(mutant, tests)
            running[fork.pid] = fork
        while running:
            self._collect(running, again)

    def _judge(
        self, mutant: Mutant, tests: Sequence[Ran], found: Hunted, again: list[Mutant]
    ) -> None:
        """A test that failed must not fail in a fork in which nothing is changed, else it says
        nothing of mutants, and this one is hunted again without it. Likewise one that did not end,
        twice: the machine may have been busy."""
        if found.fate == "slow" and mutant.key not in self.slow:
            self.slow.add(mutant.key)
            again.append(mutant)
            return
        if found.by and found.by not in self.sound:
            last = next(n for n, ran in enumerate(tests) if ran.item.nodeid == found.by)
            if _Fork(None, tests[: last + 1]).wait():
                # With all its other parameters: each would be waited for, twice.
                name = _function_of(found.by)
                print(f"left out, because it fails in a fork: {name}", flush=True)
                for listed in self.callers.values():
                    listed[:] = [one for one in listed if _function_of(one.item.nodeid) != name]
                again.append(mutant)
                return
            self.sound.add(found.by)
        self.told(found)

    def _collect(self, running: dict[int, _Fork], again: list[Mutant]) -> None:
        """Wait until one has ended, or took too long."""
        while True:
            for pid, fork in running.items():
                ended, status = os.waitpid(pid, os.WNOHANG)
                late = time.monotonic() > fork.until
                if not ended and late:
                    fork.kill()
                    os.waitpid(pid, 0)
                elif ended:
                    fork.kill()  # what its tests have left running
                if ended or late:
                    del running[pid]
                    found = fork.fate(os.waitstatus_to_exitcode(status) if ended else None)
                    assert fork.mutant is not None
                    self._judge(fork.mutant, fork.tests, found, again)
                    return
            time.sleep(0.002)


class _Fork:
    """A process in which one function is another.

    Attributes:
        remembering: functions that remember what they said before the change.
    """

    remembering: ClassVar[tuple[functools._lru_cache_wrapper[Any], ...]] = ()

    def __init__(self, mutant: Mutant | None, tests: Sequence[Ran]) -> None:
        self.mutant, self.tests = mutant, tests
        self.begun = time.monotonic()
        self.until = self.begun + PATIENCE * (1 + sum(ran.seconds for ran in tests))
        self.last, writing = os.pipe()
        os.set_blocking(self.last, False)
        self.pid = os.fork()
        if self.pid:
            os.close(writing)
            return
        code = NOT_MADE
        try:
            os.setsid()
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            for function in self.remembering:
                function.cache_clear()
            if mutant is not None:
                apply(mutant)
            code = 1
            code = _run(tests, writing)
        finally:
            os._exit(code)

    def wait(self) -> bool:
        """True if a test fails, or all take too long."""
        found = False
        while not found:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status) != 0
            found = time.monotonic() > self.until
            time.sleep(0.002)
        self.kill()
        os.waitpid(self.pid, 0)
        return True

    def kill(self) -> None:
        """It and all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def fate(self, code: int | None) -> Hunted:
        """What its exit code says, and which test was the last that it began."""
        ended = code is not None and code != -signal.SIGALRM
        fate: Fate = "survived" if code == 0 else "killed" if ended else "slow"
        if code == NOT_MADE:
            fate = "not made"
        begun = self._read().splitlines()
        noticed = begun and fate in ("killed", "slow")
        by = self.tests[int(begun[-1])].item.nodeid if noticed else ""
        seconds = round(time.monotonic() - self.begun, 3)
        mutant = self.mutant
        assert mutant is not None
        return Hunted(mutant.key, mutant.line, fate, len(self.tests), by, seconds)

    def _read(self) -> str:
        try:
            return os.read(self.last, 1 << 16).decode()
        except BlockingIOError:
            return ""
        finally:
            os.close(self.last)


def _run(tests: Sequence[Ran], last: int) -> int:
    """Each test has a time of its own, after which the alarm ends the process: who waits for a lock
    would never hear of it otherwise."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    items = [ran.item for ran in tests]
    for number, (ran, following) in enumerate(zip(tests, [*items[1:], None], strict=True)):
        os.write(last, b"%d\n" % number)
        signal.setitimer(signal.ITIMER_REAL, PATIENCE * (1 + ran.seconds))
        reports = runtestprotocol(ran.item, nextitem=following, log=False)
        if any(report.failed for report in reports):
            return 1
    return 0


def apply(mutant: Mutant) -> None:
    """Give a function other code, wherever it was imported to."""
    name = mutant.file.removesuffix(".py").replace("/", ".")
    module = importlib.import_module(name.removesuffix(".__init__"))  # else it is made once more
    owner, _, name = mutant.function.rpartition(".")
    space = dict(vars(module))
    if owner:
        body = "\n".join(f"    {line}" for line in mutant.code.splitlines())
        exec(f"{FUTURE}class {owner}:\n{body}", space)
        made, found = vars(space[owner])[name], vars(getattr(module, owner))[name]
    else:
        exec(f"{FUTURE}{mutant.code}", space)
        made, found = space[name], getattr(module, name)
    new, old = _plain(made), _plain(found)
    old.__code__ = new.__code__
    old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__


def _plain(found: Any) -> FunctionType:
    """What is behind a decorator."""
    inner: Any = found.__func__ if isinstance(found, staticmethod | classmethod) else found
    inner = inner.fget if isinstance(inner, property) else inner
    inner = inner.func if isinstance(inner, functools.cached_property) else inner
    inner = inspect.unwrap(inner)
    assert isinstance(inner, FunctionType), inner
    return inner


def _function_of(nodeid: str) -> str:
    """A test without its parameters."""
    return nodeid.partition("[")[0]


def _names_of(code: CodeType) -> Iterator[str]:
    """The function that it is, or is within: comprehensions and closures belong to theirs."""
    outer = code.co_qualname.partition(".<locals>")[0]
    yield outer


def _tame_hypothesis() -> None:
    """The same examples each time, and no search for the smallest."""
    import hypothesis  # not before pytest, which wants to rewrite its assertions

    hypothesis.settings.register_profile(
        "mutants",
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=40,
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    )
    hypothesis.settings.load_profile("mutants")


def _tame_rounds(items: Sequence[pytest.Item]) -> None:
    """Fewer rounds where a module of tests says how many there are."""
    for module in {item.module for item in items if isinstance(item, pytest.Function)}:
        if hasattr(module, "ROUNDS"):
            module.ROUNDS = min(module.ROUNDS, ROUNDS)
