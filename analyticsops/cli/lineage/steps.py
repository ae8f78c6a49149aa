"""The steps of a trace, as people read them: which share a line, and what is said of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from analyticsops.report.encode import one_line

if TYPE_CHECKING:
    from analyticsops.tracing import ColumnAnswer, Step

UNMARKED = frozenset({"hook", "model", "seed", "snapshot", "source"})
"""Kinds of nodes that are told by their names alone."""

Below = Mapping[str, Sequence["Step"]]


def title_of(answer: ColumnAnswer) -> str:
    """What was asked for: ``orders.amount``, ``orders (rows)``, ``metric revenue``."""
    if answer.what == "column":
        return answer.column
    rows = answer.what == "rows"
    return f"{answer.column} (rows)" if rows else f"{answer.what} {answer.column}"


def name_of(step: Step) -> str:
    """As :attr:`Step.next` of the steps below it names it."""
    return f"{step.name}.{step.column}" if step.column else step.name


def below_each(steps: Iterable[Step]) -> dict[str, list[Step]]:
    """Steps by the name of the one that they are next to; empty for the column asked for."""
    found: dict[str, list[Step]] = {}
    known = list(steps)
    names = {name_of(step) for step in known}
    for step in known:
        found.setdefault(step.next if step.next in names else "", []).append(step)
    return found


def grouped(steps: Iterable[Step], below: Below) -> list[list[Step]]:
    """Steps that share a line: leaves of one table, or ends of one kind, that take part
    in the same way."""
    groups: dict[tuple[object, ...], list[Step]] = {}
    for position, step in enumerate(steps):
        alone = position if name_of(step) in below else -1
        owner = step.owner if step.node_kind == "exposure" else ""
        table = step.node if step.column else ""
        what = (step.node_kind, table, owner, step.kinds, step.sure, step.fields)
        groups.setdefault((alone, *what), []).append(step)
    return list(groups.values())


def how(step: Step) -> str:
    """How it takes part, how sure that is unless it is exact, and who owns an exposure."""
    said = [", ".join(step.kinds)]
    said += [f"field {', '.join(step.fields)}"] if step.fields else []
    said += [step.sure] if step.sure != "exact" else []
    said += [f"owner {step.owner}"] if step.owner and step.node_kind == "exposure" else []
    return one_line("; ".join(said))
