"""What the history says about nodes: which flap, which are slow, what they cost."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from analyticsops.history.query import fetched

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class FlappingNode(msgspec.Struct, frozen=True):
    """A node that goes from good to bad and back.

    Attributes:
        kind: build, test, ...
        runs: in which it gave an answer.
        failures: of them.
        changes: from good to bad or back, from one run to the next.
        last: ``good`` or ``bad``.
        last_change: start of the run that brought the last change.
    """

    unique_id: str
    kind: str
    environment: str
    runs: int
    failures: int
    changes: int
    last: str
    last_change: datetime


class SlowNode(msgspec.Struct, frozen=True):
    """How long a node takes, in seconds.

    Attributes:
        runs: in which it ran and did not fail.
        total: of all of them.
        share: of the time of all nodes, 0 to 1.
        p50: half of its runs took no longer.
        p95: 95 of 100 took no longer.
        change: of the median, from the first to the second half of its runs; 0.5 is half
            as long again. None with fewer than six runs.
    """

    unique_id: str
    kind: str
    runs: int
    total: float
    share: float
    p50: float
    p95: float
    longest: float
    change: float | None


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """What a unit costs, in any one currency; zero if it is not charged."""

    hour: float = 0.0
    terabyte: float = 0.0
    slot_hour: float = 0.0


class Cost(msgspec.Struct, frozen=True):
    """What something used.

    Attributes:
        name: of the node, job, environment or day.
        runs: invocations.
        seconds: of all of its nodes.
        bytes: processed or billed; None if no adapter said.
        slot_ms: None if no adapter said.
        rows: affected; None if no adapter said.
        price: by :class:`Prices`; None if there are none.
    """

    name: str
    runs: int
    seconds: float
    bytes: int | None
    slot_ms: int | None
    rows: int | None
    price: float | None


def flapping(connection: DuckDBPyConnection, *, at_least: int = 3) -> tuple[FlappingNode, ...]:
    """Nodes with so many changes, the most first. Runs with ``--empty`` or ``--sample`` say
    nothing about them."""
    rows = connection.execute(
        """
        with told as (
          -- A moment and what was then, in one number: to sort numbers takes a third of the
          -- time of a window over rows.
          select unique_id, kind, coalesce(environment, '') as environment,
            2 * epoch_us(run_at) + (outcome in ('bad', 'partial'))::bigint as moment
          from results
          where kind in ('build', 'test', 'unit test', 'freshness')
            and outcome in ('good', 'warned', 'bad', 'partial') and not is_empty and not is_sample
        ), ordered as (
          select unique_id, any_value(kind) as kind, environment,
            list_sort(list(moment)) as moments
          from told group by unique_id, environment
        ), compared as (
          select *, [
            pair[1] for pair in list_zip(moments[2:], moments[:-2])
            if (pair[1] & 1) <> (pair[2] & 1)
          ] as changes
          from ordered
        )
        select unique_id, kind, environment, len(moments),
          list_sum([moment & 1 for moment in moments])::bigint, len(changes),
          case moments[-1] & 1 when 1 then 'bad' else 'good' end, make_timestamp(changes[-1] // 2)
        from compared where len(changes) >= greatest(?, 1)
        order by 6 desc, 1, 3
        """,
        [at_least],
    )
    return fetched(rows, FlappingNode)


def slow(connection: DuckDBPyConnection) -> tuple[SlowNode, ...]:
    """All nodes that took time, the longest in total first."""
    rows = connection.execute(
        """
        with ran as (
          select unique_id, kind, execution_time as seconds,
            ntile(2) over (partition by unique_id order by run_at) as half
          from results
          where kind in ('build', 'test', 'unit test', 'hook') and execution_time > 0
            and outcome in ('good', 'warned', 'bad', 'partial') and not is_empty and not is_sample
        ), summed as (
          select unique_id, any_value(kind) as kind, count(*) as runs, sum(seconds) as total,
            quantile_cont(seconds, 0.5) as p50, quantile_cont(seconds, 0.95) as p95,
            max(seconds) as longest,
            case when count(*) >= 6 then
              quantile_cont(seconds, 0.5) filter (half = 2)
                / nullif(quantile_cont(seconds, 0.5) filter (half = 1), 0) - 1
            end as change
          from ran group by unique_id
        )
        select unique_id, kind, runs, total, total / sum(total) over (), p50, p95, longest, change
        from summed order by total desc, unique_id
        """
    )
    return fetched(rows, SlowNode)


GROUPS = {
    "node": "unique_id",
    "job": "coalesce(job, '(no job)')",
    "environment": "coalesce(environment, '(unknown)')",
    "day": "strftime(run_at, '%Y-%m-%d')",
}
"""What costs can be summed by -> its SQL."""


def cost(
    connection: DuckDBPyConnection, *, by: str = "node", prices: Prices | None = None
) -> tuple[Cost, ...]:
    """What was used, the dearest first.

    Args:
        by: a key of :data:`GROUPS`.
    """
    book = prices or Prices()
    rows = connection.execute(
        f"""
        with used as (
          select {GROUPS[by]} as name, invocation_id, execution_time, bytes_processed, slot_ms,
            rows_affected
          from results join (select invocation_id, job from invocations) using (invocation_id)
        )
        select name, count(distinct invocation_id), coalesce(sum(execution_time), 0),
          sum(bytes_processed)::bigint, sum(slot_ms)::bigint, sum(rows_affected)::bigint,
          coalesce(sum(execution_time), 0) / 3600 * ? + coalesce(sum(bytes_processed), 0) / 1e12
            * ? + coalesce(sum(slot_ms), 0) / 3.6e6 * ? as price
        from used group by name
        order by price desc, 3 desc, name
        """,
        [book.hour, book.terabyte, book.slot_hour],
    )
    found = fetched(rows, Cost)
    if prices is not None and prices != Prices():
        return found
    return tuple(msgspec.structs.replace(one, price=None) for one in found)
