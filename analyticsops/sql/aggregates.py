"""Which calls aggregate rows, those included that the parser does not know as such."""

from __future__ import annotations

from sqlglot import exp

_NAMES = frozenset(
    {
        *("any_value", "anyvalue", "approx_most_frequent", "approx_percentile_cont"),
        *("approx_set", "approximate_percentile_disc", "arbitrary", "bitstring_agg"),
        *("checksum", "checksum_agg", "convex_hull_agg", "count_min_sketch", "count_star"),
        *("entropy", "every", "favg", "fsum", "geomean", "geometric_mean", "histogram"),
        *("histogram_agg", "histogram_exact", "histogram_numeric", "histogram_values"),
        *("hll_accumulate", "hll_combine", "hll_estimate", "hll_sketch_agg", "hll_union_agg"),
        *("json_agg", "json_group_array", "json_group_object", "jsonb_agg", "kahan_sum"),
        *("kurtosis_pop", "learn_classifier", "mad", "map_agg", "map_union", "mean", "medianexact"),
        *("merge", "minhash_combine", "multimap_agg", "numeric_histogram", "product"),
        *("qdigest_agg", "range_agg", "reduce_agg", "reservoir_quantile", "schema_of_json_agg"),
        *("sem", "set_union", "singlevalueornull", "some", "st_collect", "st_union"),
        *("st_union_agg", "std", "stdevp", "sum_no_overflow", "sumkahan", "tdigest_agg"),
        *("try_avg", "try_sum", "var", "varp", "vector_sum", "wavg", "weighted_avg", "xmlagg"),
    }
)

_ORDER = frozenset(
    {
        *("any_value", "anyvalue", "arbitrary", "json_agg", "json_group_array"),
        *("json_group_object", "jsonb_agg", "map_agg", "multimap_agg", "reduce_agg"),
        *("singlevalueornull", "vector_sum", "xmlagg"),
    }
)
"""Those whose answer may follow the order of the rows."""

_SCHEMAS = frozenset({"hll_count", "kll_quantiles"})
"""Of BigQuery's sketches: ``hll_count.merge(x)``."""

_SCALAR = frozenset({"extract", "extract_point_int64"})


_NOT_THERE = {"tsql": frozenset({"checksum"}), "fabric": frozenset({"checksum"})}
"""Where a function of that name is something else."""


def is_aggregate(node: exp.Expression, dialect: str) -> bool:
    """True for a call that makes one value of many rows, as a window or by itself."""
    if isinstance(node, exp.AggFunc):
        return True
    if isinstance(node, exp.Anonymous):
        name = str(node.this).lower()
        return name in _NAMES and name not in _NOT_THERE.get(dialect, ())
    if isinstance(node, exp.Dot):
        schema, call = node.this, node.expression
        known = isinstance(schema, exp.Identifier) and schema.name.lower() in _SCHEMAS
        return known and isinstance(call, exp.Anonymous) and str(call.this).lower() not in _SCALAR
    # Spark's any(x), which is no `= ANY (...)`.
    return isinstance(node, exp.Any) and not isinstance(node.parent, exp.Binary)


def follows_order(node: exp.Expression) -> bool:
    """True for an unknown aggregate whose answer may follow the order of the rows."""
    return isinstance(node, exp.Anonymous) and str(node.this).lower() in _ORDER
