"""What stars over unknown tables leave open when two versions of a query are compared."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from analyticsops.lineage.graph import NodeLineage
from analyticsops.sql.facts import Problem
from analyticsops.sql.fingerprint import Fingerprint


def star_doubts(old: Fingerprint, new: Fingerprint, lineage: NodeLineage) -> tuple[Problem, ...]:
    """Doubts about columns that stars over unknown tables may or may not bring."""
    reason = "star over unknown columns"
    before = {key: name for key, name, *_ in old.columns}
    after = {key: name for key, name, *_ in new.columns}
    lost = [] if lineage.complete else [before[key] for key in before if key not in after]
    gained = [after[key] for key in after if key not in before] if old.openings else []
    # A star leaves out what is named beside it; that difference is told by name below.
    told = before.keys() ^ after.keys()
    if _without(old.openings, told) != _without(new.openings, told):
        return (Problem(reason, "its columns cannot be listed"),)
    texts = [f"{n} is not named any more; the star may still bring it" for n in lost]
    texts += [f"{n} is named now; the star may have brought it before" for n in gained]
    return tuple(Problem(reason, text) for text in texts)


def _without(
    openings: tuple[tuple[str, tuple[str, ...]], ...], names: AbstractSet[str]
) -> list[tuple[str, frozenset[str]]]:
    return [(table, frozenset(excluded) - names) for table, excluded in openings]
