"""How rows become a number: dbt's aggregations, with the answers that MetricFlow gives.

Sources: `metricflow_semantics` and the YAML reference of dbt's semantic layer
(https://docs.getdbt.com/docs/build/measures). `count` of nothing is NULL there, since it is
a sum of ones and zeros.
"""

from __future__ import annotations

from analyticsops.errors import UnsupportedError
from analyticsops.metrics.definitions import Aggregation
from analyticsops.sql.time_functions import percentile

_PLAIN = {"sum": "sum", "min": "min", "max": "max", "average": "avg"}


def aggregate(aggregation: Aggregation, value: str, dialect: str) -> str:
    """The aggregate of a value.

    Raises:
        UnsupportedError: it gives another answer each time, or on each engine.
    """
    kind = aggregation.agg
    if kind in _PLAIN:
        return f"{_PLAIN[kind]}({value})"
    if kind == "count_distinct":
        return f"count(distinct {value})"
    if kind == "count":
        if aggregation.expr.strip() in ("1", "*"):
            return "sum(1)"
        return f"sum(case when {value} is not null then 1 else 0 end)"
    if kind == "sum_boolean":
        return f"sum(case when {value} then 1 else 0 end)"
    if kind == "median":
        return percentile(value, 0.5, discrete=False, dialect=dialect)
    if kind == "percentile":
        return _percentile(aggregation, value, dialect)
    raise UnsupportedError(f"aggregation {kind!r} is none that dbt has")


def _percentile(aggregation: Aggregation, value: str, dialect: str) -> str:
    params = dict(text.split(": ", 1) for text in aggregation.params if ": " in text)
    if params.get("use_approximate_percentile") == "True":
        raise UnsupportedError("an approximate percentile is another number on each engine")
    try:
        share = float(params.get("percentile", ""))
    except ValueError as fault:
        raise UnsupportedError("a percentile without `percentile`") from fault
    discrete = params.get("use_discrete_percentile") == "True"
    return percentile(value, share, discrete=discrete, dialect=dialect)
