"""``analyticsops/metrics.yml``: metrics as SQL, for teams without a semantic layer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from analyticsops.decoding import check_keys, convert
from analyticsops.errors import ConfigError
from analyticsops.findings import Location
from analyticsops.metrics.definitions import Definition
from analyticsops.metrics.settings import MetricSettings, read_settings
from analyticsops.yaml_files import load_yaml

FILE = Path("analyticsops") / "metrics.yml"


class SqlMetric(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A metric as an aggregate over one model.

    Attributes:
        name: unique in the project, lower case with underscores.
        model: name of the model, seed or snapshot, `source.table` for a source.
        expr: an SQL aggregate over its columns: `sum(amount) - sum(refunded)`.
        filter: an SQL condition on its rows.
        time: the column by which it is shown over time.
        label: what people see.
        description: what it counts, and what not.
        group: a dbt group, whose owner answers for the metric.
        meta: what else there is to say, as under `config.meta.analyticsops` in dbt.
    """

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$")]
    model: Annotated[str, msgspec.Meta(min_length=1)]
    expr: Annotated[str, msgspec.Meta(min_length=1)]
    filter: str | tuple[str, ...] = ()
    time: str = ""
    label: str = ""
    description: str = ""
    group: str = ""
    meta: MetricSettings = MetricSettings()


class SqlMetricsFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Metrics as SQL.

    Attributes:
        version: of this format; always 1.
        metrics: one entry each.
    """

    version: Literal[1]
    metrics: tuple[SqlMetric, ...] = ()


class SqlDefinition(NamedTuple):
    """A metric of the file: its definition, settings, group, and its place."""

    definition: Definition
    settings: MetricSettings
    group: str
    location: Location


def read_sql_metrics(root: Path | None, project: str) -> tuple[SqlDefinition, ...]:
    """The SQL metrics of a project; none if there is no file.

    Args:
        root: of the dbt project.
        project: its name.

    Raises:
        ConfigError: the file is wrong; says where and what was expected.
    """
    path = root / FILE if root is not None else None
    if path is None or not path.is_file():
        return ()
    data, lines = load_yaml(path)
    check_keys(data, SqlMetricsFile, (), lines)
    entries = data.get("metrics")
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        check_keys(entry, SqlMetric, ("metrics", number), lines)
        _check_meta(entry, _Inside(lines, ("metrics", number, "meta")))
    file = convert(data, SqlMetricsFile, (), lines)
    names: dict[str, int] = {}
    found = []
    for number, metric in enumerate(file.metrics):
        line = lines.number(("metrics", number))
        if metric.name in names:
            what = f"the metric {metric.name!r} is also in line {names[metric.name]}"
            raise ConfigError(what, where=lines.at(("metrics", number, "name")), hint="keep one")
        names[metric.name] = line
        found.append(_definition(metric, project, Location(FILE.as_posix(), line)))
    return tuple(found)


class _Inside:
    """Lines from a place within a file on."""

    def __init__(self, lines: Any, steps: tuple[str | int, ...]) -> None:
        self._lines = lines
        self._steps = steps

    def at(self, steps: Any = ()) -> str:
        """``file:line`` of a value inside."""
        return str(self._lines.at((*self._steps, *steps)))


def _check_meta(entry: Mapping[str, Any], place: _Inside) -> None:
    if entry.get("meta") is not None:
        read_settings(entry["meta"], place)


def _definition(metric: SqlMetric, project: str, location: Location) -> SqlDefinition:
    filters = (metric.filter,) if isinstance(metric.filter, str) else metric.filter
    definition = Definition(
        name=metric.name,
        node=f"sql_metric.{project}.{metric.name}",
        package=project,
        type="sql",
        spec="sql",
        label=metric.label,
        description=" ".join(metric.description.split()),
        path=location.path,
        filters=tuple(" ".join(text.split()) for text in filters if text.strip()),
        expr=" ".join(metric.expr.split()),
        model=metric.model,
        time=metric.time,
    )
    return SqlDefinition(definition, metric.meta, metric.group, location)


def schema() -> dict[str, Any]:
    """The JSON Schema of the file, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "analyticsops/metrics.yml, version 1",
        **msgspec.json.schema(SqlMetricsFile),
    }
