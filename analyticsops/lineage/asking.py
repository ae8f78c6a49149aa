"""A few questions at once, answered by the cache or by workers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Generic, TypeVar, cast

import msgspec

from analyticsops.lineage.analyst import Analysed, Analyst
from analyticsops.lineage.cache import Cache
from analyticsops.lineage.pool import Pool, shared_pool
from analyticsops.lineage.questions import Question
from analyticsops.sql.facts import Problem

T = TypeVar("T")

_MANY = 500
"""Questions for which it pays to read the whole cache instead of looking for each."""


class Answers(Generic[T]):
    """What workers say to questions of one kind.

    Args:
        kind: type of an answer.
        cache: file in which answers are kept; None to keep none.
        pool: worker processes; None for those of this process.
    """

    def __init__(self, kind: type[T], cache: Path | None, pool: Pool | None = None) -> None:
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._cache = cache
        self._pool = pool

    def to(self, questions: Mapping[str, Question]) -> Mapping[str, T | Problem]:
        """The answer to each, or why there is none."""
        if not questions:
            return {}
        with contextlib.ExitStack() as stack:
            kept = None
            if self._cache is not None:
                kept = stack.enter_context(Cache(self._cache, ahead=len(questions) >= _MANY))
            analyst = Analyst(self._pool or shared_pool(), kept)
            found = dict(self._answered(analyst, questions))
        return {ticket: found[ticket] for ticket in questions}

    def _answered(
        self, analyst: Analyst, questions: Mapping[str, Question]
    ) -> Iterator[tuple[str, T | Problem]]:
        for ticket, question in questions.items():
            answer = analyst.known(question)
            if answer is None:
                analyst.ask(ticket, question)
            else:
                yield ticket, self._read(answer)
        for asked, answer in analyst.answers():
            yield cast("str", asked), self._read(answer)

    def _read(self, answer: Analysed) -> T | Problem:
        if answer.packed is None:
            return answer.outline.problems[0]
        return self._decoder.decode(answer.packed)
