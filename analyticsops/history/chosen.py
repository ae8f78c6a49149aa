"""Which record of an invocation counts, where there are several.

The answer depends on what the records hold, never on when or how often they came, so
histories can be merged, ingested again and compacted in any order. The record that knows
most wins; of two that know as much, the greater digest. Both are kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

import msgspec

from analyticsops.history.record import Invocation, RecordName

_STATES = ("started", "unknown", "crashed", "failed", "interrupted", "finished")
_MANIFESTS = ("none", "other", "own")


class Known(msgspec.Struct, frozen=True, gc=False):
    """A record and where it is. The invocation is None where it was not needed: the record
    is the only one of its invocation."""

    name: RecordName
    path: Path
    invocation: Invocation | None = None

    @property
    def is_loose(self) -> bool:
        """True if it lies in a file of its own."""
        return self.path.suffix != ".parquet"


def weight(invocation: Invocation) -> tuple[int, ...]:
    """How much a record knows; greater is more."""
    state, manifest = invocation.state, invocation.manifest
    return (
        _STATES.index(state) if state in _STATES else -1,
        invocation.results,
        _MANIFESTS.index(manifest) if manifest in _MANIFESTS else -1,
        # A hook runs before dbt is done: it cannot say how the run ended.
        invocation.door is None,
        sum(value is not None for value in msgspec.structs.astuple(invocation)),
    )


def choose(known: Iterable[Known]) -> tuple[Known, ...]:
    """One record for each invocation, in order of their names.

    Raises:
        ValueError: of two records of one invocation, one comes without it.
    """
    best: dict[str, Known] = {}
    # Of one record in two places the pack is taken: the other is about to be removed.
    for one in sorted(known, key=lambda known: (known.name, known.is_loose, str(known.path))):
        other = best.get(one.name.invocation_id)
        if other is None or _beats(one, other):
            best[one.name.invocation_id] = one
    return tuple(sorted(best.values(), key=lambda known: known.name))


def state_hash(names: Iterable[RecordName]) -> str:
    """What a history holds, as 32 hex digits: equal for equal records that count,
    wherever and in whichever order they were recorded, loose or in a pack."""
    digest = blake2b(digest_size=16)
    for name in sorted(names):
        digest.update(f"{name}\n".encode())
    return digest.hexdigest()


def _beats(one: Known, other: Known) -> bool:
    if one.name == other.name:
        return False  # the same, in two places
    if one.invocation is None or other.invocation is None:
        raise ValueError(f"two records of {one.name.invocation_id}, and one was not read")
    return (weight(one.invocation), one.name) > (weight(other.invocation), other.name)
