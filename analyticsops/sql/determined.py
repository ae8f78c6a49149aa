"""Tables of which all rows of a partition are joined to the same row: a unique key of theirs is
equal to keys of the partition. A join with one keeps or drops partitions as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from analyticsops.sql.canonical_rows import Promise
from analyticsops.sql.decided import is_decided
from analyticsops.sql.implied import IDENTICAL
from analyticsops.sql.row_logic import RowLogic
from analyticsops.sql.text_logic import Use

UniqueTexts = Mapping[frozenset[str], Promise]
"""Values that no two rows of a table have in common -> who says so."""


class Partition(NamedTuple):
    """The rows that a window is over.

    Attributes:
        leaves: of their product.
        predicates: that all of them fulfil.
        keys: by which they are parted.
        promises: without which they would be others.
    """

    leaves: Sequence[str]
    predicates: Sequence[str]
    keys: frozenset[str]
    promises: frozenset[Promise] = frozenset()


def without_whole_partitions(
    rows: Partition, others: Sequence[str], unique: UniqueTexts, logic: RowLogic
) -> Partition:
    """The rows without conditions and joins that keep or drop partitions as a whole.

    Args:
        others: what the window does with the rows.
    """
    found = _without(rows, others, unique, logic)
    for one, other in _equations(rows.predicates, logic):
        if one in found.keys and other not in found.keys and _are_identical(one, other, logic):
            given = rows._replace(keys=rows.keys - {one} | {other})
            parted = _without(given, others, unique, logic)
            if len(parted.leaves) < len(found.leaves):
                found = parted
    return found


def _are_identical(one: str, other: str, logic: RowLogic) -> bool:
    """True if the two are the same value where they are equal."""
    family = logic.family(one)
    return family in IDENTICAL and family == logic.family(other)


def _without(
    rows: Partition, others: Sequence[str], unique: UniqueTexts, logic: RowLogic
) -> Partition:
    plain = _less(rows, others, frozenset(), logic)
    tables, promises = _determined(rows, unique, logic)
    if not tables:
        return plain
    found = _less(rows, others, tables, logic)
    return plain if found == plain else found._replace(promises=promises)


def _less(
    rows: Partition, others: Sequence[str], tables: frozenset[Use], logic: RowLogic
) -> Partition:
    keys = rows.keys
    kept = [part for part in rows.predicates if not is_decided(part, keys, logic, tables)]
    used = frozenset().union(*map(logic.tables_used, (*kept, *keys, *others)))
    gone = tables - used
    leaves = [leaf for leaf in rows.leaves if _table(leaf, logic) not in gone]
    if gone and (not leaves or any(logic.tables_used(leaf) & gone for leaf in leaves)):
        return rows  # what is left would speak of a table that is not there
    return Partition(leaves, kept, keys)


def _determined(
    rows: Partition, unique: UniqueTexts, logic: RowLogic
) -> tuple[frozenset[Use], frozenset[Promise]]:
    tables = {_table(leaf, logic) for leaf in rows.leaves} - {None}
    equal = [*_equations(rows.predicates, logic)]
    found: set[Use] = set()
    promises: set[Promise] = set()

    def fixed(part: str) -> bool:
        return any(
            one == part and (other in rows.keys or logic.tables_used(other) <= found)
            for one, other in equal
        )

    known = [(key, _owner(key, logic), promise) for key, promise in unique.items()]
    known = [one for one in known if one[1] in tables]
    for _ in known:  # what one of them fixes may fix another one
        before = len(found)
        for key, owner, promise in known:
            if owner is not None and owner not in found and all(map(fixed, key)):
                found.add(owner)
                promises.add(promise)
        if len(found) == before:
            break
    return frozenset(found), frozenset(promises)


def _equations(predicates: Iterable[str], logic: RowLogic) -> Iterator[tuple[str, str]]:
    for predicate in predicates:
        if logic.forms.how(predicate) == "eq" and not logic.is_aggregated(predicate):
            one, other = logic.forms.parts(predicate)
            yield one, other
            yield other, one


def _owner(key: frozenset[str], logic: RowLogic) -> Use | None:
    owners = frozenset().union(*map(logic.tables_used, key))
    return next(iter(owners)) if len(owners) == 1 else None


def _table(leaf: str, logic: RowLogic) -> Use | None:
    return logic.table(leaf) if logic.forms.how(logic.uses(leaf)[1]) == "table" else None
