"""Which run retries which, and what that hides.

``dbt retry`` writes a new invocation without a word about the one it retries. But it takes
exactly the nodes of the last run_results.json that did not succeed: the run that it
retries is the latest one before it, in the same project and environment, among whose
unsuccessful nodes all of its nodes are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a chain.

    Attributes:
        results: node -> outcome, of builds and tests.
    """

    invocation_id: str
    started_at: datetime
    group: tuple[str, str]
    retry: bool
    verdict: str
    results: Mapping[str, str]


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """A run and its retries.

    Attributes:
        attempts: invocation ids, in order; the first is no retry, unless what it retries
            is not in the history.
        first_ok: whether the first attempt was.
        final_ok: whether it was in the end.
        started_at: of the first attempt.
        known_start: False if the first attempt is a retry of a run that is not known.
    """

    attempts: tuple[str, ...]
    started_at: datetime
    first_ok: bool
    final_ok: bool
    known_start: bool = True


class MaskedNode(msgspec.Struct, frozen=True, kw_only=True):
    """A node that failed at first and was good after a retry.

    Attributes:
        runs: in which it took part, retries aside.
        failed_first: chains in which its first attempt failed.
        recovered: of those, chains in which it was good in the end.
    """

    unique_id: str
    runs: int
    failed_first: int
    recovered: int


class RetriesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """First tries against final results.

    Attributes:
        chains: runs, each with its retries counted as one.
        first_ok: how many were good at the first try.
        final_ok: how many were good in the end.
        masked: how many were good only because of a retry.
        retried: chains with a retry, latest first.
        nodes: nodes that retries saved, the most often saved first.
    """

    chains: int
    first_ok: int
    final_ok: int
    masked: int
    retried: tuple[Chain, ...]
    nodes: tuple[MaskedNode, ...]


_UNSUCCESSFUL = ("bad", "partial", "skipped")
_GOOD = ("good", "warned", "none")


def find_chains(connection: DuckDBPyConnection) -> tuple[Chain, ...]:
    """The runs of an open history, each with its retries, oldest first."""
    return tuple(_chain(parts) for parts in link(attempts(connection)))


def find_retries(connection: DuckDBPyConnection) -> RetriesAnswer:
    """The answer for the runs of an open history."""
    linked = link(attempts(connection))
    chains = [_chain(parts) for parts in linked]
    retried = [chain for chain in chains if len(chain.attempts) > 1 or not chain.known_start]
    return RetriesAnswer(
        chains=len(chains),
        first_ok=sum(chain.first_ok for chain in chains),
        final_ok=sum(chain.final_ok for chain in chains),
        masked=sum(chain.final_ok and not chain.first_ok for chain in chains),
        retried=tuple(reversed(retried)),
        nodes=_masked(connection, linked),
    )


def attempts(connection: DuckDBPyConnection) -> list[Attempt]:
    """The runs that built or tested something, oldest first. Of a run that is no retry only
    those results are read that can be retried: what did not succeed."""
    rows = connection.execute(
        """
        select run.invocation_id, run.started_at, coalesce(run.project, ''),
          coalesce(run.place, ''), coalesce(run.retries, false), run.verdict,
          list(node.unique_id order by node.unique_id) filter (node.unique_id is not null),
          list(node.outcome order by node.unique_id) filter (node.unique_id is not null)
        from runs as run left join (
          select * from results where kind in ('build', 'test', 'unit test', 'clone')
            and (retries or outcome not in ('good', 'warned', 'none'))
        ) as node using (invocation_id)
        where run.command in ('build', 'run', 'test', 'seed', 'snapshot', 'clone', 'retry')
        group by all order by 2, 1
        """
    ).fetchall()
    return [
        Attempt(
            invocation_id=invocation_id,
            started_at=started_at.replace(tzinfo=UTC),
            group=(project, place),
            retry=retry,
            verdict=verdict,
            results=dict(zip(names or (), outcomes or (), strict=True)),
        )
        for invocation_id, started_at, project, place, retry, verdict, names, outcomes in rows
    ]


def link(runs: Iterable[Attempt]) -> list[list[Attempt]]:
    """Chains of attempts, in order of their first."""
    chains: list[list[Attempt]] = []
    latest: dict[tuple[str, str], list[list[Attempt]]] = {}
    for run in runs:
        known = latest.setdefault(run.group, [])
        found = _retried(run, known) if run.retry else None
        if found is not None:
            found.append(run)
            known.remove(found)
            known.append(found)
            continue
        chain = [run]
        chains.append(chain)
        known.append(chain)
    return chains


def _retried(run: Attempt, known: Sequence[list[Attempt]]) -> list[Attempt] | None:
    for chain in reversed(known):
        before = chain[-1].results
        if all(before.get(node) in _UNSUCCESSFUL for node in run.results):
            return chain
    return None


def _chain(parts: Sequence[Attempt]) -> Chain:
    first = parts[0]
    return Chain(
        attempts=tuple(part.invocation_id for part in parts),
        started_at=first.started_at,
        first_ok=first.verdict == "ok" and not first.retry,
        final_ok=parts[-1].verdict == "ok",
        known_start=not first.retry,
    )


def _masked(
    connection: DuckDBPyConnection, chains: Iterable[Sequence[Attempt]]
) -> tuple[MaskedNode, ...]:
    counted: dict[str, list[int]] = {}
    for parts in chains:
        first: dict[str, str] = {}
        final: dict[str, str] = {}
        for part in parts:
            for node, outcome in part.results.items():
                if outcome != "skipped":
                    first.setdefault(node, outcome)
                final[node] = outcome
        for node, outcome in first.items():
            if outcome not in _GOOD:
                counts = counted.setdefault(node, [0, 0])
                counts[0] += 1
                counts[1] += final[node] in _GOOD
    saved = {node: counts for node, counts in counted.items() if counts[1]}
    runs = connection.execute(
        "select unique_id, count(distinct invocation_id) from results "
        "where not coalesce(retries, false) and list_contains(?::varchar[], unique_id) group by 1",
        [sorted(saved)],
    ).fetchall()
    took_part = dict(runs)
    nodes = [
        MaskedNode(
            unique_id=node,
            runs=took_part.get(node, 0),
            failed_first=failed,
            recovered=recovered,
        )
        for node, (failed, recovered) in saved.items()
    ]
    return tuple(sorted(nodes, key=lambda node: (-node.recovered, node.unique_id)))
