"""Values of a metric that are known to be right: a CSV file beside the project, which can be
a seed of dbt as well."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from analyticsops.errors import ConfigError
from analyticsops.metrics.checks.queries import NOTHING, SEPARATOR
from analyticsops.metrics.query.request import group_of

_HINT = "columns: what the metric is grouped by, such as metric_time__month; value; tolerance"
_MONTH = re.compile(r"\d{4}(-\d{2})?")


class Golden(NamedTuple):
    """A file of them.

    Attributes:
        by: what the metric is grouped by.
        values: (value, how far off it may be) by place, as the query names it.
    """

    by: tuple[str, ...]
    values: Mapping[str, tuple[float, float]]


def read_golden(path: Path, where: str) -> Golden:
    """Read a file of golden values.

    Args:
        where: the setting that names it.

    Raises:
        ConfigError: it is not there, or not of that form.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        what = f"the golden values {path.name} cannot be read: {error}"
        raise ConfigError(what, where=where, hint="a path relative to the project") from error
    header = [name.strip() for name in lines[0]] if lines else []
    if "value" not in header:
        raise ConfigError("no column `value`", where=f"{path}:1", hint=_HINT)
    by = [name for name in header if name not in ("value", "tolerance")]
    times = {name for name in by if group_of(name).reference.kind == "TimeDimension"}
    values: dict[str, tuple[float, float]] = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        if len(line) != len(header):
            what = f"{len(line)} cells under {len(header)} names"
            raise ConfigError(what, where=f"{path}:{number}", hint=_HINT)
        row = dict(zip(header, (cell.strip() for cell in line), strict=True))
        place = _place(row, by, times)
        if place in values:
            raise ConfigError(f"{place} stands twice", where=f"{path}:{number}", hint="keep one")
        values[place] = (
            _number(row["value"], path, number),
            _number(row.get("tolerance") or "0", path, number),
        )
    if not values:
        raise ConfigError("no golden value", where=str(path), hint=_HINT)
    return Golden(tuple(by), values)


def over_time(golden: Golden) -> tuple[tuple[str, float], ...]:
    """The values with the beginnings of the times that they are of, in order; none if they are
    grouped by anything but one time."""
    if len(golden.by) != 1 or group_of(golden.by[0]).reference.kind != "TimeDimension":
        return ()
    return tuple(sorted((place, value) for place, (value, _) in golden.values.items()))


def _place(row: Mapping[str, str], by: Sequence[str], times: set[str]) -> str:
    return SEPARATOR.join(_part(row[name], name in times) for name in by) or "all"


def _part(text: str, time: bool) -> str:
    if time and _MONTH.fullmatch(text):
        return f"{text}-01" if len(text) == 7 else f"{text}-01-01"
    return (text[:10] if time else text) or NOTHING


def _number(text: str, path: Path, line: int) -> float:
    try:
        return float(text)
    except ValueError:
        what = f"{text!r} is no number"
        raise ConfigError(what, where=f"{path}:{line}", hint=_HINT) from None
