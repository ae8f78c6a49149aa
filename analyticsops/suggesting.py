"""Objectives proposed from the history of a workspace, each judged by that history."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from analyticsops.evaluating import declared_objectives, observe_history
from analyticsops.history.store import Store
from analyticsops.invisible import CONTROLS, INVISIBLE
from analyticsops.report.encode import one_line
from analyticsops.selecting import selected_nodes
from analyticsops.slo import evaluate as judging
from analyticsops.slo.evaluate import Context
from analyticsops.slo.shares import percent
from analyticsops.slo.spans import DAY, instant_of
from analyticsops.slo.spec.declared import KINDS, declare
from analyticsops.slo.spec.reading import together
from analyticsops.slo.suggest import Nothing, Proposal, propose, target_of
from analyticsops.workspace import Workspace
from analyticsops.yaml_files import parse_yaml

WINDOW = 28 * DAY
"""Microseconds of history that are looked at."""


class Suggested(msgspec.Struct, frozen=True, kw_only=True):
    """What is proposed.

    Attributes:
        text: a file for `slos/`; empty if nothing is proposed.
        proposals: with their targets.
        nothing: what nothing is proposed for, and why.
    """

    text: str
    proposals: tuple[Proposal, ...]
    nothing: tuple[Nothing, ...]


def suggest_objectives(
    workspace: Workspace,
    store: Store,
    *,
    select: Sequence[str] = (),
    quantile: Fraction = Fraction(99, 100),
    environment: str = "",
    now: datetime | None = None,
) -> Suggested:
    """Propose objectives where nobody wrote any of that kind.

    Args:
        select: only for these nodes; then none for jobs.
        quantile: of the ages that are to be fresh.

    Raises:
        UsageError: it is not clear whose runs count.
        ConfigError: a file in `slos/` is wrong.
        HistoryError: the history cannot be read.
    """
    project = workspace.project
    declared = declared_objectives(workspace)
    at = instant_of(now or datetime.now(UTC))
    span = (at - WINDOW - judging.CARRIED_IN, at)
    chosen = environment or declared.shared.environment
    observed = observe_history(store, span, chosen, project.name)
    written = {(slo.subject, slo.indicator.type) for slo in declared.slos if slo.origin != "dbt"}
    labels = None
    if select:
        nodes = selected_nodes(workspace, select, (), kinds=KINDS)
        labels = {project.nodes[node].label for node in nodes}
    found: list[Proposal] = []
    nothing: list[Nothing] = []
    for one in propose(project, observed, quantile):
        if labels is not None and one.subject not in labels:
            continue
        if isinstance(one, Nothing):
            nothing.append(one)
        elif (one.subject.removeprefix("job "), one.entry["indicator"]["type"]) not in written:
            found.append(one)
    kept, dropped = _with_targets(Context(project, declared, observed, at), found)
    return Suggested(text=_file(kept) if kept else "", proposals=kept, nothing=(*nothing, *dropped))


def _with_targets(
    context: Context, proposals: Sequence[Proposal]
) -> tuple[tuple[Proposal, ...], tuple[Nothing, ...]]:
    """Each with the target that the history keeps; without those that it keeps in no way."""
    entries = [
        {**one.entry, **_node(one), "name": f"proposal-{n}"} for n, one in enumerate(proposals)
    ]
    text = json.dumps({"version": 1, "slos": entries})
    shared = together([parse_yaml(text, Path("suggested"))])
    declared = declare(context.project, shared, lambda _: "suggested")
    asked = msgspec.structs.replace(
        declared, slos=tuple(slo for slo in declared.slos if slo.name.startswith("proposal-"))
    )
    good = {slo.name: sli for slo, sli in judging.shares(context._replace(declared=asked))}
    kept: list[Proposal] = []
    dropped: list[Nothing] = []
    for number, one in enumerate(proposals):
        sli = good[f"proposal-{number}"]
        target = target_of(sli)
        if target is None:
            because = f"only {percent(sli)} of the last 28 days would have been good"
            dropped.append(Nothing(subject=one.subject, because=because))
            continue
        entry = {**one.entry, "objective": percent(target)}
        because = f"{one.because}; {percent(sli)} of the last 28 days were good"
        kept.append(msgspec.structs.replace(one, entry=entry, because=because))
    return tuple(kept), tuple(dropped)


def _node(proposal: Proposal) -> Mapping[str, Any]:
    """Its target by id: to find each node by what selects it asks all nodes."""
    return {"target": {"node": proposal.node}} if proposal.node else {}


def _file(proposals: Sequence[Proposal]) -> str:
    return "\n".join(_lines(proposals)) + "\n"


def _lines(proposals: Sequence[Proposal]) -> Iterator[str]:
    yield "# Proposed by `analyticsops slo suggest` from the history. Read it, then promise it."
    yield "version: 1"
    yield "slos:"
    for one in proposals:
        yield f"  # {one_line(f'{one.subject}: {one.because}')}"
        for number, (key, value) in enumerate(one.entry.items()):
            yield f"  {'-' if not number else ' '} {key}: {_flow(value)}"


def _flow(value: Any) -> str:
    """JSON is YAML, as far as nothing in it has to be escaped as two halves."""
    text = json.dumps(value, ensure_ascii=False)
    return INVISIBLE.sub(_yaml_escape, CONTROLS.sub(_yaml_escape, text))


def _yaml_escape(match: re.Match[str]) -> str:
    return f"\\U{ord(match[0]):08x}"
