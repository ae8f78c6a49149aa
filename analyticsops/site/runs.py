"""What ran: the results of nodes and their tests over time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from analyticsops.site.model.runs import NodeRuns
from analyticsops.slo.observed import Build, Check, Measurement, Observed, Run, Seen
from analyticsops.slo.spans import Instant

MOST = {"build": 400, "freshness": 400, "test": 100, "schema": 100}
"""Results that are kept, by kind, the latest ones: a screen has no more pixels for them."""


class _Result(NamedTuple):
    at: Instant
    outcome: str
    run: str
    seconds: float | None = None
    rows: int | None = None
    message: str = ""
    data: Instant | None = None
    definition: str = ""


def node_runs(observed: Observed) -> Mapping[str, tuple[NodeRuns, ...]]:
    """The runs of each node and of its tests, by ``unique_id``."""
    found: dict[str, list[NodeRuns]] = {}
    for node, builds in observed.builds.items():
        found.setdefault(node, []).append(_runs("", "build", map(_built, builds), observed))
    for node, seen in observed.seen.items():
        found.setdefault(node, []).append(_runs("", "freshness", map(_seen, seen), observed))
    for node, checks in observed.checks.items():
        for results in _by_test(checks).values():
            told = _runs(results[0].name, "test", map(_checked, results), observed)
            found.setdefault(node, []).append(told)
    return {node: tuple(runs) for node, runs in sorted(found.items())}


def schema_runs(
    observed: Observed, objectives: Mapping[str, str]
) -> Iterator[tuple[str, NodeRuns]]:
    """What `slo measure` saw of the columns of nodes.

    Args:
        objectives: full names of objectives about schema stability -> node.
    """
    for objective, node in objectives.items():
        measured = observed.measurements.get(objective, ())
        if measured:
            yield node, _runs(objective, "schema", _schemas(measured), observed)


def _schemas(measured: Sequence[Measurement]) -> Iterator[_Result]:
    before = ""
    for one in measured:
        if one.failed:
            yield _Result(one.at, "unknown", "", message="the catalog did not know it")
            continue
        changed = bool(before) and before != one.digest
        yield _Result(one.at, "changed" if changed else "good", "", rows=one.total)
        before = one.digest


def _built(build: Build) -> _Result:
    return _Result(
        build.started if build.started is not None else build.at,
        build.outcome,
        build.run,
        seconds=None if build.outcome in ("skipped", "none") else build.seconds,
        rows=build.rows,
        message=build.message,
        definition=build.checksum,
    )


def _seen(seen: Seen) -> _Result:
    outcome = "good" if seen.newest is not None else "bad"
    return _Result(seen.at, outcome, seen.run, data=seen.newest)


def _checked(check: Check) -> _Result:
    bad = check.failures if check.outcome in ("bad", "warned") else None
    return _Result(check.at, check.outcome, check.run, rows=bad)


def _by_test(checks: Iterable[Check]) -> Mapping[str, list[Check]]:
    found: dict[str, list[Check]] = {}
    for check in checks:
        found.setdefault(check.test, []).append(check)
    return dict(sorted(found.items()))


def _runs(name: str, kind: str, results: Iterable[_Result], observed: Observed) -> NodeRuns:
    kept = list(results)[-MOST[kind] :]
    words: dict[str, int] = {}

    def word(text: str) -> int:
        return words.setdefault(text, len(words))

    runs = [observed.run_of.get(one.run, _NO_RUN) for one in kept]
    return NodeRuns(
        name=name,
        kind=kind,
        at=tuple(one.at // 1_000_000 for one in kept),
        seconds=tuple(None if one.seconds is None else round(one.seconds, 3) for one in kept),
        rows=tuple(one.rows for one in kept),
        outcomes=tuple(word(one.outcome) for one in kept),
        jobs=tuple(word(run.job) for run in runs),
        commits=tuple(word(run.git_sha[:12]) for run in runs),
        definitions=tuple(_changes(kept)),
        messages={place: one.message for place, one in enumerate(kept) if one.message},
        data=tuple(None if one.data is None else one.data // 1_000_000 for one in kept),
        words=tuple(words),
    )


_NO_RUN = Run("", 0, None, "", "", "", False, None, "", False)


def _changes(results: Sequence[_Result]) -> Iterator[int]:
    """Where the file of the node is another one than in the run before that knew it."""
    before = ""
    for place, one in enumerate(results):
        if one.definition and before and one.definition != before:
            yield place
        before = one.definition or before


def seconds(instant: Instant) -> float:
    """Of microseconds; whole where nothing is lost by it."""
    whole, rest = divmod(instant, 1_000_000)
    return whole if not rest else instant / 1e6
