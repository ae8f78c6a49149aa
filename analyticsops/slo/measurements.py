"""What no artifact says of an objective: the questions to the data, and what their answers mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from analyticsops.artifacts.times import instant
from analyticsops.errors import UsageError
from analyticsops.history.record import NodeResult
from analyticsops.project.model import Node
from analyticsops.slo.objective import Slo
from analyticsops.slo.observed import PREFIX
from analyticsops.slo.spans import Instant, instant_of
from analyticsops.slo.spec.indicators import CustomSql, NullRate

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BACKTICKS = frozenset({"bigquery", "clickhouse", "databricks", "hive", "mysql", "spark"})

Render = Callable[[str], str]
"""SQL with ref() and source() -> SQL; raises UsageError where that cannot be done."""


class Answer(NamedTuple):
    """What was measured.

    Attributes:
        good: of ``total``.
        at: of what time; None for the moment of the measurement.
        digest: of what was seen, for what is compared with the measurement before.
        error: why there is no answer; empty if there is one.
    """

    good: int = 0
    total: int = 0
    at: Instant | None = None
    digest: str = ""
    error: str = ""


def question(slo: Slo, node: Node | None, render: Render, dialect: str) -> str:
    """The query that an objective asks.

    Raises:
        UsageError: it cannot be asked.
    """
    indicator = slo.indicator
    if isinstance(indicator, NullRate):
        if node is None or not node.relation_name:
            raise UsageError("it is about nothing that is a table", where=slo.full_name)
        column = _name(indicator.column, dialect)
        return (
            f"select count(*) - count({column}) as bad, count(*) as total\n"
            f"from {node.relation_name}"
        )
    assert isinstance(indicator, CustomSql), "the others ask no data"
    columns = [(indicator.at, "at_time")] if indicator.at else []
    if indicator.value:
        columns.append((indicator.value, "value"))
    else:
        columns += [(indicator.good, "good"), (indicator.total, "total")]
    chosen = ", ".join(f"{_name(column, dialect)} as {name}" for column, name in columns)
    return f"select {chosen} from (\n{render(indicator.query).strip().rstrip(';')}\n) as asked"


def _name(column: str, dialect: str) -> str:
    if _PLAIN.fullmatch(column):
        return column
    quote = "`" if dialect in _BACKTICKS else '"'
    return quote + column.replace(quote, quote * 2) + quote


def answers(slo: Slo, rows: Iterable[Mapping[str, Any]]) -> Iterator[Answer]:
    """What the rows of an answer mean.

    Raises:
        ValueError: they are not what was asked for.
    """
    indicator = slo.indicator
    count = 0
    for row in rows:
        count += 1
        if isinstance(indicator, NullRate):
            bad, total = _whole(row["bad"]), _whole(row["total"])
            yield Answer(total - bad, total)
            continue
        assert isinstance(indicator, CustomSql), "the others ask no data"
        at = _moment(row["at_time"]) if indicator.at else None
        if indicator.value:
            if row["value"] is None:
                yield Answer(at=at, error="the value is null")
                continue
            value = float(row["value"])
            low, high = indicator.at_least, indicator.at_most
            good = (low is None or value >= low) and (high is None or value <= high)
            yield Answer(int(good), 1, at)
        else:
            good_, total = _whole(row["good"]), _whole(row["total"])
            if not 0 <= good_ <= total:
                raise ValueError(f"{good_} good of {total}")
            yield Answer(good_, total, at)
        if count > 1 and not indicator.at:
            raise ValueError("several rows, and no `at` that tells their times apart")
    if not count:
        yield Answer(error="the query has no row")


def _whole(value: Any) -> int:
    if value is None:
        return 0
    number = float(value)
    if number != int(number):
        raise ValueError(f"{value!r} is no count")
    return int(number)


def _moment(value: Any) -> Instant:
    found = value
    if isinstance(value, str):
        found = instant(value)
    elif isinstance(value, date) and not isinstance(value, datetime):
        found = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(found, datetime):
        raise ValueError(f"{value!r} is no time")
    return instant_of(found if found.tzinfo is not None else found.replace(tzinfo=UTC))


def schema_answer(node: Node) -> Answer:
    """The columns of a node and their types, as the catalog has them."""
    known = [column for column in node.columns.values() if column.type_from == "catalog"]
    if not known:
        return Answer(error="the catalog does not know it: run `dbt docs generate`")
    text = "\x1f".join(sorted(f"{column.name} {column.type}" for column in known))
    return Answer(len(known), len(known), digest=blake2b(text.encode(), digest_size=8).hexdigest())


def result_of(slo: Slo, project: str, answer: Answer, now: Instant) -> NodeResult:
    """An answer as a row of the history."""
    at = f"@{answer.at}" if answer.at is not None else ""
    bad = answer.total - answer.good
    status = "error" if answer.error else "fail" if bad else "pass"
    return NodeResult(
        unique_id=f"{PREFIX}{project}.{slo.full_name}{at}",
        status=status,
        completed_at=now,
        measured_at=now if answer.at is None else answer.at,
        failures=None if answer.error else bad,
        rows_affected=None if answer.error else answer.total,
        checksum=answer.digest or None,
        message=answer.error or None,
    )
