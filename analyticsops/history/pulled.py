"""The history in a warehouse, as the macro ``print_history`` prints it -> records.

A line is ``analyticsops``, the table, and a JSON list of rows; a row is a list of texts in
the order of :mod:`analyticsops.history.layout`, a timestamp as microseconds since 1970.
Whatever else dbt prints is passed over. A row that is none of ours is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from analyticsops.errors import HistoryError
from analyticsops.history.chosen import weight
from analyticsops.history.layout import INVOCATIONS, NODE_RESULTS, Column
from analyticsops.history.record import Invocation, NodeResult, is_invocation_id

_Row = Sequence[str | None]
_S = TypeVar("_S", Invocation, NodeResult)
_ROWS = msgspec.json.Decoder(list[list[str | None]])
_READ: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "timestamp": int,
    "double": float,
    "bigint": int,
    "boolean": lambda text: {"true": True, "false": False}[text],
}


class PulledHeads(NamedTuple):
    """Invocations of a warehouse.

    Attributes:
        invocations: by id; where it has several rows, the one that knows most.
        foreign: rows that are no invocation.
    """

    invocations: dict[str, Invocation]
    foreign: int


def read_heads(output: str) -> PulledHeads:
    """The invocations in what dbt printed.

    Raises:
        HistoryError: a line of it is broken.
    """
    found: dict[str, Invocation] = {}
    foreign = 0
    for row in _rows(output, "invocations"):
        head = _struct(Invocation, INVOCATIONS, row)
        if head is None or not is_invocation_id(head.invocation_id) or not _in_time(head):
            foreign += 1
            continue
        other = found.get(head.invocation_id)
        if other is None or _rank(head) > _rank(other):
            found[head.invocation_id] = head
    return PulledHeads(found, foreign)


def read_results(output: str) -> dict[str, dict[str, NodeResult]]:
    """Results by invocation and node.

    Raises:
        HistoryError: a line of it is broken.
    """
    found: dict[str, dict[str, NodeResult]] = {}
    for row in _rows(output, "node_results"):
        result = _struct(NodeResult, NODE_RESULTS, row[1:])
        if row and row[0] is not None and result is not None:
            found.setdefault(row[0], {})[result.unique_id] = result
    return found


def _rank(head: Invocation) -> tuple[object, ...]:
    """A total order: the answer must not depend on the order of the rows."""
    return weight(head), msgspec.json.encode(head)


_LAST = 253_402_300_800_000_000


def _in_time(head: Invocation) -> bool:
    """False for a moment that no calendar of ours has."""
    return 0 <= head.started_at < _LAST


def _rows(output: str, table: str) -> Iterator[_Row]:
    begin = f"analyticsops {table} "
    for line in output.splitlines():
        if line.startswith(begin):
            try:
                yield from _ROWS.decode(line.removeprefix(begin))
            except (msgspec.MsgspecError, RecursionError) as error:
                raise HistoryError(
                    f"what the macro print_history printed is broken: {error}",
                    where="dbt",
                    hint="is the dbt package of the same version as this one?",
                ) from error


def _struct(kind: type[_S], columns: Sequence[Column], row: _Row) -> _S | None:
    """The row; None if it is not one of ours."""
    if len(row) != len(columns):
        return None
    try:
        told = {
            column.name: _READ[column.type](text)
            for column, text in zip(columns, row, strict=True)
            if text is not None
        }
        return msgspec.convert(told, kind)
    except (KeyError, ValueError, msgspec.ValidationError):
        return None
