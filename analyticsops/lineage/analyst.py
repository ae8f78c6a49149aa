"""Answers queries: from the cache if it can, else by a worker."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import cast
from weakref import WeakValueDictionary

import msgspec

from analyticsops.lineage.cache import Cache, Entry
from analyticsops.lineage.outline import Outline
from analyticsops.lineage.pool import Pool
from analyticsops.lineage.questions import Question
from analyticsops.sql.facts import QueryFacts

NO_FACTS = QueryFacts()

_encoder = msgspec.msgpack.Encoder()
_facts = msgspec.msgpack.Decoder(QueryFacts)
_outlines = msgspec.msgpack.Decoder(Outline)


class Analysed(msgspec.Struct, frozen=True, dict=True, weakref=True):
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


_alive: WeakValueDictionary[bytes, Analysed] = WeakValueDictionary()
"""Answers that somebody in this process holds, by the keys of their questions: two versions of
a project share nearly all of them."""


class Analyst:
    """Answers queries of one build.

    Args:
        cache: where facts are kept; None to keep none.
    """

    def __init__(self, pool: Pool, cache: Cache | None) -> None:
        self._cache = cache
        self._session = pool.open()

    def known(self, query: Question) -> Analysed | None:
        """The answer, if the cache has it, or the graph of another version."""
        if self._cache is None:
            return None
        key = query.key
        entry, alive = self._cache.get(key), _alive.get(key)
        if alive is not None:
            if entry is None:
                self._cache.put(key, Entry(_encoder.encode(alive.outline), alive.packed))
            return alive
        if entry is None:
            return None
        try:
            found = Analysed(_outlines.decode(entry.outline), entry.facts)
        except msgspec.MsgspecError:
            return None  # written by something else
        _alive[key] = found
        return found

    def ask(self, ticket: object, query: Question) -> None:
        """Have a query analysed; :meth:`answers` will bring the ticket back."""
        self._session.ask((ticket, query), query)

    def answers(self) -> Iterator[tuple[object, Analysed]]:
        """(ticket, answer) of everything that was asked, as the answers come."""
        for ticket, packed, facts in self._session.answers():
            asked, query = cast("tuple[object, Question]", ticket)
            outline = _outlines.decode(packed)
            found = Analysed(outline, facts)
            # A query over budget may have met a busy or small machine: it is tried again.
            over = facts is None and outline.problems[0].reason == "budget"
            if self._cache is not None and not over:
                key = query.key
                self._cache.put(key, Entry(packed, facts))
                _alive[key] = found
            yield asked, found
