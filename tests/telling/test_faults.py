"""What stops in between: nothing is lost, and nothing that was recorded is told again."""

from __future__ import annotations

import errno
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from analyticsops import on_call, responding
from analyticsops.errors import HistoryError
from analyticsops.history.disk import Disk
from analyticsops.responding import Response, respond
from analyticsops.slo.log import files
from analyticsops.slo.log.events import SilenceMatch
from analyticsops.slo.log.files import CLAIMED_FOR, IncidentLog
from analyticsops.slo.spans import HOUR, Instant
from analyticsops.slo.spec.entries import ReceiverEntry
from tests.history.disks import FailingDisk, WatchedDisk
from tests.telling.making import NOON, evaluation, incident, settings, when
from tests.telling.server import Got, Receiver, Reply

SHARED = settings(hook=ReceiverEntry(type="webhook", url_env="URL"))


class Killed(BaseException):
    """Nothing after this is executed."""


class KilledDisk(WatchedDisk):
    """Stops before the ``number``-th call."""

    def __init__(self, number: int) -> None:
        self.number, self.calls = number, 0

    def at(self, step: str) -> None:
        self.calls += 1
        if self.calls == self.number:
            raise Killed(step)


@contextmanager
def disk(monkeypatch: pytest.MonkeyPatch, used: Disk) -> Iterator[None]:
    """All logs lie on that disk."""
    with monkeypatch.context() as patch:
        patch.setattr(responding, "IncidentLog", lambda folder: IncidentLog(folder, used))
        yield


def at(folder: Path, receiver: Receiver, now: Instant, *roots: str) -> Response:
    """Evaluate and respond."""
    found = evaluation(*(incident(root=root) for root in roots), at=now, shared=SHARED)
    return respond(found, folder, now=when(now), environ={"URL": receiver.url})


def told(receiver: Receiver) -> Counter[tuple[str, str, str]]:
    """How often each message arrived."""
    return Counter(
        (got.json["incident"]["root"]["label"], got.json["what"], got.json["key"])
        for got in receiver.got
    )


def recorded(folder: Path) -> int:
    """How many messages are recorded as told."""
    cases = IncidentLog(folder).read().state.cases.values()
    return sum(len(case.told) for case in cases)


def _each_call(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    receiver: Receiver,
    broken: Callable[[int], FailingDisk | KilledDisk],
    stops: type[BaseException],
) -> None:
    number, twice, steps = 0, 0, 0
    while True:
        number += 1
        folder = tmp_path / str(number) / "log"
        folder.parent.mkdir()
        receiver.got.clear()
        used = broken(number)
        with disk(monkeypatch, used):
            try:
                at(folder, receiver, NOON, "a", "b")
                stopped = False
            except stops:
                stopped = True
        if used.calls < number:
            break
        steps += 1
        if stopped:
            before = told(receiver)
            known = recorded(folder)
            assert sum(before.values()) - known in (0, 1)
        # A claim that nobody ended keeps others away for a while.
        later = NOON + CLAIMED_FOR
        again = at(folder, receiver, later, "a", "b")
        assert again.left == 0
        at(folder, receiver, later + HOUR, "a", "b")
        found = told(receiver)
        assert {(root, what) for root, what, _ in found} == {("a", "opened"), ("b", "opened")}
        assert len(found) == 2, "sent again with the same key"
        assert sum(found.values()) <= 3
        twice += sum(found.values()) == 3
        assert recorded(folder) == 2
    assert steps > 40
    assert 0 < twice < steps / 2


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_an_error_at_each_call(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, receiver: Receiver, error: int
) -> None:
    _each_call(monkeypatch, tmp_path, receiver, lambda n: FailingDisk(n, error), HistoryError)


def test_killed_at_each_call(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, receiver: Receiver
) -> None:
    _each_call(monkeypatch, tmp_path, receiver, KilledDisk, Killed)


def test_killed_while_it_sends(tmp_path: Path, receiver: Receiver) -> None:
    """The message arrived, and nobody could write that down."""

    def killed(*args: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analyticsops.telling.client._refused", killed)
        with pytest.raises(Killed):
            at(tmp_path, receiver, NOON, "a")
    assert sum(told(receiver).values()) == 1
    # Who tries at once believes that it is being sent; later it is sent again, by the same key.
    assert at(tmp_path, receiver, NOON + 1, "a").left == 1
    assert len(at(tmp_path, receiver, NOON + CLAIMED_FOR, "a").told) == 1
    assert list(told(receiver).values()) == [2]


def test_evaluations_at_the_same_time(tmp_path: Path, receiver: Receiver) -> None:
    """Nobody crashes, and each message is sent once, though sending takes its time."""
    receiver.replies = [Reply(after=0.05)]
    count = 6
    barrier = threading.Barrier(count)
    faults: list[BaseException] = []

    def evaluate(number: int) -> None:
        barrier.wait()
        try:
            at(tmp_path, receiver, NOON + number, "a", "b", "c")
        except BaseException as fault:
            faults.append(fault)
            raise

    threads = [threading.Thread(target=evaluate, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sorted(told(receiver).values()) == [1, 1, 1]
    cases = IncidentLog(tmp_path).read().state.cases
    assert [len(case.openings) for case in cases.values()] == [1, 1, 1]
    at(tmp_path, receiver, NOON + HOUR, "a", "b", "c")
    assert sum(told(receiver).values()) == 3


def test_one_that_is_told_while_another_looks(tmp_path: Path, receiver: Receiver) -> None:
    """The second evaluation begins while the first one sends."""
    inner: list[Response] = []

    def meanwhile(got: Got) -> None:
        receiver.on_request = None
        inner.append(at(tmp_path, receiver, NOON + 1, "a"))

    receiver.on_request = meanwhile
    outer = at(tmp_path, receiver, NOON, "a")
    assert (len(outer.told), len(inner[0].told), inner[0].left) == (1, 0, 1)
    assert list(told(receiver).values()) == [1]


def test_claims_do_not_pile_up(tmp_path: Path, receiver: Receiver) -> None:
    for step in range(5):
        at(tmp_path, receiver, NOON + step * HOUR, *"ab"[step % 2 :])
    assert len(list((tmp_path / files.SENDING).iterdir())) <= 2


def test_a_folder_that_cannot_be_written(tmp_path: Path, receiver: Receiver) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryError) as fault:
        at(tmp_path / "file" / "log", receiver, NOON, "a")
    assert "\n" not in str(fault.value)
    assert receiver.got == []
    with pytest.raises(HistoryError):
        on_call.silence(tmp_path / "file" / "log", SilenceMatch(root="x"), reason="r", until="1d")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_read_only(tmp_path: Path, receiver: Receiver) -> None:
    folder = tmp_path / "log"
    folder.mkdir(mode=0o500)
    with pytest.raises(HistoryError, match="cannot be written: Permission denied"):
        at(folder, receiver, NOON, "a")
    assert receiver.got == []
