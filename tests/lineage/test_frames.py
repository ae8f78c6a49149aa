"""Answers on their way from a worker: all arrive, soon, in few looks."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from analyticsops.lineage.frames import Inbox, Outbox, Packed

Ends = tuple[Outbox, Inbox]


@pytest.fixture
def ends() -> Iterator[Ends]:
    answers, bell = os.pipe(), os.pipe()
    with os.fdopen(answers[1], "wb") as written, os.fdopen(bell[1], "wb") as rung:
        inbox = Inbox(answers[0], bell[0])
        yield Outbox(written, rung), inbox
        inbox.close()


def taken(inbox: Inbox, count: int) -> list[list[Packed]]:
    """What each look brought, until there are so many."""
    looks: list[list[Packed]] = []
    while sum(map(len, looks)) < count:
        looks.append(inbox.take())
    return looks


def test_one_look_brings_everything_before_the_bell(ends: Ends) -> None:
    outbox, inbox = ends
    for number in range(16):
        outbox.put(b"outline %d" % number, b"facts" if number % 2 else b"")
    outbox.ring()
    assert taken(inbox, 16) == [
        [(b"outline %d" % number, b"facts" if number % 2 else None) for number in range(16)]
    ]


def test_answers_larger_than_a_pipe(ends: Ends) -> None:
    outbox, inbox = ends
    facts = [bytes([number]) * (300_000 * number) for number in range(5)]

    def write() -> None:
        for each in facts:
            outbox.put(b"", each)
        outbox.ring()

    worker = threading.Thread(target=write)
    worker.start()
    found = [answer for look in taken(inbox, 5) for answer in look]
    worker.join()
    assert [answer or b"" for _, answer in found] == facts


def test_much_rings_before_the_end(ends: Ends) -> None:
    outbox, inbox = ends
    outbox.put(b"", b"x" * 30_000)
    assert not inbox._rings.poll(0)
    outbox.put(b"", b"y" * 30_000)
    assert inbox._rings.poll(0)
    assert len(inbox.take()) == 2


def test_a_slow_query_holds_nothing_back(ends: Ends) -> None:
    outbox, inbox = ends
    outbox.put(b"done", b"")
    assert inbox.take() == [(b"done", None)], "although no bell rings"


def test_what_was_answered_before_the_end_arrives() -> None:
    answers, bell = os.pipe(), os.pipe()
    inbox = Inbox(answers[0], bell[0])
    with os.fdopen(answers[1], "wb") as written, os.fdopen(bell[1], "wb") as rung:
        Outbox(written, rung).put(b"whole", b"")
        written.write(b"\x09\x00\x00\x00half")
    assert inbox.take() == [(b"whole", None)]
    assert inbox.take() == []
    inbox.close()
