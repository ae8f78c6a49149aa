"""What a metric is defined as, whichever spec it was written in.

dbt 1.6 to 1.11 let a metric aggregate a measure of a semantic model; dbt 1.12 and 2 let a
simple metric aggregate a column itself. A team without a semantic layer writes SQL. All
become one :class:`Definition`; ``depends_on`` is never looked at, since it lacks what only
filters use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from analyticsops.lineage.ends import filter_texts
from analyticsops.project.model import EMPTY, Node

TYPES = ("simple", "ratio", "derived", "cumulative", "conversion", "sql")

_COUNT = re.compile(r"[0-9]{1,9}")


class Fill(msgspec.Struct, frozen=True, gc=False):
    """What a number is where there is none.

    Attributes:
        value: instead of NULL; None to leave it.
        all_days: True if periods without any row have one.
    """

    value: int | float | None = None
    all_days: bool = False


NO_FILL = Fill()


class Input(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A measure or metric that a metric is computed from.

    Attributes:
        role: ``measure``, ``metric``, ``numerator``, ``denominator``, ``base`` or
            ``conversion``.
        called: by its alias, else its name.
        filters: templates that all must hold.
        shift: in which other period it is taken, in words; empty for the same.
        filling: what replaces NULL, and whether days without a row count, in words.
        offset: so many units earlier; (0, "") for not.
        to_grain: taken at the start of this grain; empty for not.
        fill: what replaces NULL and missing days.
    """

    role: str
    name: str
    alias: str = ""
    filters: tuple[str, ...] = ()
    shift: str = ""
    filling: str = ""
    offset: tuple[int, str] = (0, "")
    to_grain: str = ""
    fill: Fill = NO_FILL

    @property
    def called(self) -> str:
        """How the expression of its metric names it."""
        return self.alias or self.name


class Aggregation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Rows of a model put into one number.

    Attributes:
        semantic_model: by name.
        agg: ``sum``, ``count_distinct``, ...
        expr: over columns of the model.
        params: what else decides, as ``key: value`` texts: a percentile, for instance.
        time: the time dimension by which it is shown; empty for that of the model.
        non_additive: the dimension along which it must not be summed, as dbt wrote it.
    """

    semantic_model: str
    agg: str
    expr: str
    params: tuple[str, ...] = ()
    time: str = ""
    non_additive: Mapping[str, Any] = EMPTY


class Definition(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A metric as its YAML defines it, in words of its own.

    Attributes:
        node: ``unique_id``; that of a SQL metric is made up.
        spec: ``measures`` (to dbt 1.11), ``metrics`` (from 1.12 on) or ``sql``.
        filters: templates that all must hold.
        inputs: measures or metrics.
        aggregation: what a simple metric of the newer spec does itself.
        expr: of a derived metric, or the SQL of a SQL metric.
        window: for instance ``7 days``, as is that of a conversion; ``length`` is the same as
            a number of units.
        filling: as of an input, in words; ``fill`` as data.
        model: name of the model that a SQL metric is over, with ``time`` a column of it.
    """

    name: str
    node: str
    package: str
    type: str
    spec: str
    label: str = ""
    description: str = ""
    path: str = ""
    filters: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = ()
    aggregation: Aggregation | None = None
    expr: str = ""
    window: str = ""
    grain_to_date: str = ""
    period_agg: str = ""
    entity: str = ""
    calculation: str = ""
    constants: tuple[tuple[str, str], ...] = ()
    grain: str = ""
    filling: str = ""
    fill: Fill = NO_FILL
    length: tuple[int, str] = (0, "")
    model: str = ""
    time: str = ""


def define(node: Node) -> Definition:
    """The definition of a metric in the manifest."""
    info = node.metric
    params = info.type_params if info is not None else EMPTY
    cumulative = _mapping(params.get("cumulative_type_params"))
    conversion = _mapping(params.get("conversion_type_params"))
    own = _mapping(params.get("metric_aggregation_params"))
    aggregation = aggregation_of(own, str(params.get("expr") or "")) if own else None
    kind = info.type if info is not None else ""
    newer = aggregation is not None or any(
        key in source and source[key]
        for source, key in ((cumulative, "metric"), (conversion, "base_metric"))
    )
    return Definition(
        name=node.name,
        node=node.unique_id,
        package=node.package,
        type=kind,
        spec="metrics" if newer else "measures",
        label=info.label if info is not None else "",
        description=" ".join(node.description.split()),
        path=node.path,
        filters=_texts(info.filter if info is not None else None),
        inputs=tuple(_inputs(kind, params, cumulative, conversion)),
        aggregation=aggregation,
        expr=_text(params.get("expr")) if kind == "derived" else "",
        window=window(cumulative.get("window") or params.get("window") or conversion.get("window")),
        grain_to_date=_text(cumulative.get("grain_to_date") or params.get("grain_to_date")),
        # dbt writes MetricFlow's default down since 1.9: an upgrade of dbt changes no metric.
        period_agg=(_text(cumulative.get("period_agg")) or "first") if kind == "cumulative" else "",
        entity=_text(conversion.get("entity")),
        calculation=_text(conversion.get("calculation")) if kind == "conversion" else "",
        constants=tuple(_constants(conversion.get("constant_properties"))),
        grain=info.time_granularity if info is not None else "",
        filling=_filling(params),
        fill=_fill(params),
        length=_offset(
            cumulative.get("window") or params.get("window") or conversion.get("window")
        ),
    )


def aggregation_of(params: Mapping[str, Any], expr: str = "", model: str = "") -> Aggregation:
    """The aggregation of a measure (``model`` is its semantic model), or of a metric.

    Args:
        expr: where the parameters name none.
    """
    name = _text(params.get("name"))
    details = _mapping(params.get("agg_params"))
    return Aggregation(
        semantic_model=model or _text(params.get("semantic_model")),
        agg=_text(params.get("agg")).lower(),
        expr=_text(params.get("expr")) or expr or name,
        params=tuple(
            f"{key}: {value}"
            for key, value in sorted(details.items())
            if value is not None and value is not False
        ),
        time=_text(params.get("agg_time_dimension")),
        non_additive=_mapping(params.get("non_additive_dimension")),
    )


def window(value: Any) -> str:
    """``28 days``, ``1 month``, from what dbt writes in either spec."""
    if not isinstance(value, dict):
        return _text(value)
    unit = str(value.get("granularity") or "").rstrip("s")
    return f"{value.get('count')} {unit}{'' if value.get('count') == 1 else 's'}"


def _inputs(
    kind: str,
    params: Mapping[str, Any],
    cumulative: Mapping[str, Any],
    conversion: Mapping[str, Any],
) -> Iterator[Input]:
    if kind == "ratio":
        for role in ("numerator", "denominator"):
            yield from _as_inputs(role, params.get(role))
    elif kind == "derived":
        yield from _as_inputs("metric", params.get("metrics"))
    elif kind == "conversion":
        for role in ("base", "conversion"):
            yield from _as_inputs("measure " + role, conversion.get(f"{role}_measure"))
            yield from _as_inputs("metric " + role, conversion.get(f"{role}_metric"))
    elif kind == "cumulative" and cumulative.get("metric"):
        yield from _as_inputs("metric", cumulative["metric"])
    elif not _mapping(params.get("metric_aggregation_params")):
        yield from _as_inputs("measure", params.get("measure"))


def _as_inputs(role: str, value: Any) -> Iterator[Input]:
    for part in value if isinstance(value, list) else [value]:
        entry = {"name": part} if isinstance(part, str) else _mapping(part)
        if entry.get("name"):
            yield Input(
                role=role,
                name=str(entry["name"]),
                alias=_text(entry.get("alias")),
                filters=_texts(entry.get("filter")),
                shift=_shift(entry),
                filling=_filling(entry),
                offset=_offset(entry.get("offset_window")),
                to_grain=_text(entry.get("offset_to_grain")).lower(),
                fill=_fill(entry),
            )


def _shift(entry: Mapping[str, Any]) -> str:
    if entry.get("offset_to_grain"):
        return f"at the start of the {entry['offset_to_grain']}"
    return f"{window(entry['offset_window'])} earlier" if entry.get("offset_window") else ""


def _filling(entry: Mapping[str, Any]) -> str:
    """Zero is something: ``fill_nulls_with: 0``."""
    found = [f"NULL as {entry['fill_nulls_with']}"] if _is_set(entry, "fill_nulls_with") else []
    found += ["all days"] if entry.get("join_to_timespine") else []
    return ", ".join(found)


def _fill(entry: Mapping[str, Any]) -> Fill:
    value = entry.get("fill_nulls_with")
    return Fill(
        value if isinstance(value, int | float) else None, bool(entry.get("join_to_timespine"))
    )


def _offset(value: Any) -> tuple[int, str]:
    """``1 month`` or {count, granularity}; a custom grain keeps its name."""
    entry = _mapping(value)
    words = _text(value).split()
    if entry:
        count = entry.get("count")
        known = count if isinstance(count, int) else 0
        return known, _text(entry.get("granularity")).lower()
    counted = len(words) == 2 and _COUNT.fullmatch(words[0])
    return (int(words[0]), words[1].lower()) if counted else (0, "")


def _is_set(entry: Mapping[str, Any], key: str) -> bool:
    return entry.get(key) is not None


def _constants(value: Any) -> Iterator[tuple[str, str]]:
    for part in value if isinstance(value, list) else ():
        entry = _mapping(part)
        yield _text(entry.get("base_property")), _text(entry.get("conversion_property"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else EMPTY


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for part in filter_texts(value) if (text := " ".join(part.split())))


def _text(value: Any) -> str:
    return "" if value is None else " ".join(str(value).split())
