"""Answers queries: from the cache if it can, else by a worker."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import cast

import msgspec

from analyticsops.lineage.cache import Cache, Entry
from analyticsops.lineage.outline import Outline
from analyticsops.lineage.pool import Pool
from analyticsops.lineage.questions import Question
from analyticsops.sql.facts import QueryFacts

NO_FACTS = QueryFacts()

_facts = msgspec.msgpack.Decoder(QueryFacts)
_outlines = msgspec.msgpack.Decoder(Outline)


class Analysed(msgspec.Struct, frozen=True, dict=True):
    """A query that was analysed; its facts are unpacked when somebody looks.

    Attributes:
        understood: False if there are no facts; ``outline.problems`` says why.
    """

    outline: Outline
    packed: bytes | None

    @property
    def understood(self) -> bool:
        """True if there are facts."""
        return self.packed is not None

    @cached_property
    def facts(self) -> QueryFacts:
        """The facts; empty if there are none."""
        return NO_FACTS if self.packed is None else _facts.decode(self.packed)


class Analyst:
    """Answers queries of one build.

    Args:
        cache: where facts are kept; None to keep none.
    """

    def __init__(self, pool: Pool, cache: Cache | None) -> None:
        self._cache = cache
        self._session = pool.open()

    def known(self, query: Question) -> Analysed | None:
        """The answer, if the cache has it."""
        entry = self._cache.get(query.key) if self._cache is not None else None
        if entry is None:
            return None
        try:
            return Analysed(_outlines.decode(entry.outline), entry.facts)
        except msgspec.MsgspecError:
            return None  # written by something else

    def ask(self, ticket: object, query: Question) -> None:
        """Have a query analysed; :meth:`answers` will bring the ticket back."""
        self._session.ask((ticket, query), query)

    def answers(self) -> Iterator[tuple[object, Analysed]]:
        """(ticket, answer) of everything that was asked, as the answers come."""
        for ticket, packed, facts in self._session.answers():
            asked, query = cast("tuple[object, Question]", ticket)
            outline = _outlines.decode(packed)
            # A query over budget may have met a busy or small machine: it is tried again.
            over = facts is None and outline.problems[0].reason == "budget"
            if self._cache is not None and not over:
                self._cache.put(query.key, Entry(packed, facts))
            yield asked, Analysed(outline, facts)
