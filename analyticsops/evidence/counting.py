"""Counts of a comparison over real data -> what is said of a model. Rows are never shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from analyticsops.evidence.pair import Claim, Job, Model
from analyticsops.evidence.query import Counted
from analyticsops.executed import ColumnShare, DataKind, Execution


class Choices:
    """Which choices of columns are counted for a model.

    Args:
        key: columns of the head by which rows are paired; empty to pair them by all that
            are said to be equal.
    """

    def __init__(self, claim: Claim, key: Sequence[str], *, each: bool) -> None:
        self.pairs = (*claim.equal, *claim.other)
        names = [new.lower() for _, new in self.pairs]
        equal = list(range(len(claim.equal)))
        self.key = [names.index(name.lower()) for name in key]
        self.pairing = self.key or equal
        self.columns = [n for n in range(len(self.pairs)) if n not in self.pairing]
        if not each:  # one more choice for each column, and those said to be equal have one
            self.columns = [n for n in self.columns if n >= len(equal)]
        self.all = [self.pairing, equal, *([*self.pairing, n] for n in self.columns)]


def execution_of(
    job: Job,
    model: Model,
    data: DataKind,
    choices: Choices,
    found: Mapping[int, Counted],
    *,
    note: str = "",
) -> Execution:
    """What the counts say of a model."""
    rows, equal = found[0], found[1]
    paired = max(rows.rows - rows.removed, 1)
    shares = []
    for number, column in enumerate(choices.columns, 2):
        differing = found[number].removed - rows.removed
        if differing > 0:
            shares.append(ColumnShare(choices.pairs[column][1], round(differing / paired, 4)))
    differs = bool(rows.removed or rows.added or shares or equal.removed or equal.added)
    claim = model.claim
    refuted: tuple[str, ...] = ()
    if claim is not None and claim.rows and (equal.removed or equal.added):
        names = ", ".join(new for _, new in claim.equal)
        refuted = (f"{model.label} was said to yield the same {names or 'rows'}",)
    built: Literal["model", "downstream"] = "model" if job.built == "model" else "downstream"
    return Execution(
        node=model.id,
        name=model.label,
        data=data,
        built=built,
        outcome="differs" if differs else "no difference",
        reason=note,
        databases=1,
        differing=int(differs),
        key=tuple(choices.pairs[n][1] for n in choices.key),
        rows=rows.rows,
        rows_removed=rows.removed,
        rows_added=rows.added,
        columns=tuple(sorted(shares, key=lambda share: (-share.differing, share.column))),
        refuted=refuted,
    )
