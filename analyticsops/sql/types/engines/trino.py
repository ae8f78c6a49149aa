"""Trino, Presto and Athena, by Trino's documentation. Lengths of texts that functions
return are left out."""

from __future__ import annotations

from sqlglot import exp

from analyticsops.sql.types import decimals
from analyticsops.sql.types.annotator import annotated
from analyticsops.sql.types.arithmetic import OPERATORS, arithmetic, concatenation, moments
from analyticsops.sql.types.engine import Constants, Engine, Rule, Typer
from analyticsops.sql.types.families import family_of
from analyticsops.sql.types.lists import LISTS
from analyticsops.sql.types.rules import (
    always,
    argument,
    arguments,
    array,
    changed,
    of_type,
    returns,
    same,
    subject,
    table,
    widest,
)
from analyticsops.sql.types.sqltype import SqlType, array_of, decimal, map_of
from analyticsops.sql.types.syntax import SYNTAX
from analyticsops.sql.types.typed import Typed
from analyticsops.sql.types.widening import wider_nested

_INT, _BIGINT, _DOUBLE = SqlType("INT"), SqlType("BIGINT"), SqlType("DOUBLE")
_VARCHAR, _TIMESTAMP, _TIMESTAMPTZ = (SqlType(n) for n in ("VARCHAR", "TIMESTAMP", "TIMESTAMPTZ"))

_INTEGERS = ("TINYINT", "SMALLINT", "INT", "BIGINT")
_ORDER = (*_INTEGERS, "FLOAT", "DOUBLE")
_MOMENTS = ("DATE", "TIMESTAMP", "TIMESTAMPTZ")
_DIGITS = {"TINYINT": 3, "SMALLINT": 5, "INT": 10, "BIGINT": 19}

# -- numbers --------------------------------------------------------------------


def _integer(digits: str) -> SqlType:
    return _INT if int(digits) < 1 << 31 else _BIGINT


def _operated(operator: str, left: Typed, right: Typed) -> SqlType | None:
    if left.type is None or right.type is None:
        return None
    names = {left.type.name, right.type.name}
    if names & {"FLOAT", "DOUBLE"}:
        return SqlType("FLOAT" if names == {"FLOAT"} else "DOUBLE")
    if "DECIMAL" in names:
        return decimals.operated(operator, left.type, right.type, decimals.trino, _DIGITS)
    return _widen(left.type, right.type)


def _widen(left: SqlType, right: SqlType) -> SqlType | None:
    names = {left.name, right.name}
    if "DECIMAL" in names and names <= {"DECIMAL", *_INTEGERS}:
        return decimals.wider(left, right, _DIGITS)
    if "DECIMAL" in names and names & {"FLOAT", "DOUBLE"}:
        return _DOUBLE
    for order in (_ORDER, _MOMENTS):
        if left.name in order and right.name in order:
            return SqlType(max(left.name, right.name, key=order.index))
    if names <= {"VARCHAR", "CHAR"}:
        sized = left.sizes and right.sizes and len(names) == 1
        return max(left, right, key=lambda kind: kind.sizes) if sized else _VARCHAR
    return left if left == right else wider_nested(left, right, _widen)


def _bend(kind: SqlType, constant: Typed) -> SqlType | None:
    if constant.form == "string":
        return _VARCHAR if family_of(kind) == "text" else None
    return _widen(kind, constant.type) if constant.type is not None else None


def _sum_of(kind: SqlType) -> SqlType | None:
    if kind.name == "DECIMAL" and kind.sizes:
        return decimal(38, kind.sizes[1])
    if family_of(kind) in ("float", "interval"):
        return kind
    return _BIGINT if family_of(kind) == "integer" else None


def _average_of(kind: SqlType) -> SqlType | None:
    return _DOUBLE if family_of(kind) == "integer" else kind


def _rounded(node: exp.Expression, typer: Typer) -> Typed:
    """A decimal gets room for one digit more."""
    value = typer.of(subject(node)).settled
    if value.type is None or value.type.name != "DECIMAL" or not value.type.sizes:
        return value
    precision, scale = value.type.sizes
    if node.args.get("decimals") is not None:
        return Typed(decimal(min(precision + 1, 38), scale))
    return Typed(decimal(min(precision - scale + min(scale, 1), 38), 0))


def _whole_of(kind: SqlType) -> SqlType:
    if kind.name == "DECIMAL" and kind.sizes:
        precision, scale = kind.sizes
        return decimal(min(precision - scale + min(scale, 1), 38), 0)
    return kind


# -- the rest -------------------------------------------------------------------


def _elsewhere_of(kind: SqlType) -> SqlType:
    """At a time zone a moment has one."""
    return SqlType("TIMETZ") if family_of(kind) == "time" else _TIMESTAMPTZ


def _quantile(node: exp.Expression, typer: Typer) -> Typed:
    places = node.args.get("quantile") or argument(node, 1)
    return array(node, typer) if isinstance(places, exp.Array) else same(node, typer)


def _best(plain: int) -> Rule:
    """One of the values; an array of them if a number of them is asked for."""
    return lambda node, typer: (
        array(node, typer) if len(arguments(node)) > plain else same(node, typer)
    )


def _mapped(node: exp.Expression, typer: Typer) -> Typed:
    """MAP_AGG(key, value)."""
    key, value = typer.of(argument(node, 0)).settled, typer.of(argument(node, 1)).settled
    if key.type is None or value.type is None:
        return key if key.type is None else value
    return Typed(map_of(key.type, value.type))


def _counted(node: exp.Expression, typer: Typer) -> Typed:
    return changed(same(node, typer), lambda key: map_of(key, _BIGINT))


def _series(node: exp.Expression, typer: Typer) -> Typed:
    start = typer.of(node.args.get("start")).settled
    return changed(start, lambda kind: array_of(_BIGINT if kind == _INT else kind))


def _concat(node: exp.Expression, typer: Typer) -> Typed:
    values = [typer.of(part) for part in arguments(node)]
    nested = (v for v in values if v.type is not None and v.type.name in ("ARRAY", "BINARY"))
    return next(nested, Typed(_VARCHAR))


_RETURNS = {
    "BIGINT": "approxdistinct array_position arrayposition arraysize bit_count bitwise_and "
    "bitwiseand bitwiseandagg bitwiseleftshift bitwisenot bitwiseor bitwiseoragg bitwiserightshift "
    "bitwisexor checksum codepoint count countif date_diff datediff day dayofmonth dayofweek "
    "dayofweekiso dayofyear denserank extract from_base grouping hamming_distance hour "
    "json_array_length length levenshtein levenshtein_distance millisecond minute month ntile "
    "quarter rank row_number rownumber second strpos strposition timestampdiff unicode week "
    "weekofyear year year_of_week yearofweek",
    "BINARY": "encode from_hex frombase64 md5 md5digest sha sha1digest sha2 sha2digest to_utf8 "
    "unhex xxhash64",
    "BOOLEAN": "all_match any_match arraycontains arrayoverlaps bool_and bool_or contains "
    "endswith every is_finite is_infinite is_json_scalar isinf isnan logicaland logicalor "
    "none_match regexplike st_contains st_intersects st_within startswith",
    "DATE": "currentdate date from_iso8601_date fromiso8601date lastday strtodate tsordstodate",
    "DOUBLE": "acos asin atan atan2 cbrt corr cos cosh cosine_similarity covarpop covarsamp "
    "cumedist degrees exp geometric_mean infinity kurtosis ln log log10 log2 nan percentrank pi "
    "pow radians rand random regrintercept regrslope sin sinh skewness sqrt st_distance stddev "
    "stddevpop stddevsamp stdistance tan tanh timetounix to_unixtime variance variancepop "
    "width_bucket",
    "JSON": "json_array_get json_extract json_parse jsonextract parsejson",
    "TIME": "localtime",
    "TIMESTAMP": "localtimestamp strtotime",
    "TIMESTAMPTZ": "currenttimestamp from_iso8601_timestamp fromiso8601timestamp now "
    "parse_datetime parsedatetime unixtotime",
    "TIMETZ": "currenttime",
    "UUID": "uuid",
    "VARCHAR": "arraytostring chr concatws current_user currentuser dayname decode format "
    "format_datetime from_utf8 groupconcat hex host initcap json_format jsonextractscalar "
    "jsonformat listagg normalize pad regexpextract regexpreplace replace reverse soundex "
    "splitpart timetostr to_base tobase tobase64 translate typeof url_decode url_encode "
    "url_extract_host url_extract_parameter url_extract_path",
}

_FUNCTIONS: dict[str, Rule] = {
    **LISTS,
    **returns(_RETURNS),
    **table(
        {
            same: "abs anyvalue arbitrary date_add date_trunc dateadd datetrunc firstvalue lag "
            "lastvalue lead lower negative nthvalue nullif sign substring timestamptrunc trim try "
            "upper",
            widest: "greatest least mod",
            of_type(_average_of): "avg",
            of_type(_elsewhere_of): "at_timezone attimezone with_timezone",
            of_type(_sum_of): "sum",
            of_type(_whole_of): "ceil floor trunc truncate",
            _best(1): "max min",
            _best(2): "argmax argmin max_by min_by",
            _concat: "concat",
            _counted: "approx_most_frequent histogram",
            _mapped: "map_agg",
            _quantile: "approx_percentile approxquantile quantile",
            _rounded: "round",
            _series: "generateseries sequence",
            always(array_of(_VARCHAR)): "regexp_split regexpextractall regexpsplit split",
            always(map_of(_VARCHAR, _VARCHAR)): "split_to_map strtomap",
        }
    ),
}

_OPERATIONS = moments(
    """
    date + interval, interval + date, date - interval: DATE
    timestamp + interval, interval + timestamp, timestamp - interval: TIMESTAMP
    timestamptz + interval, interval + timestamptz, timestamptz - interval: TIMESTAMPTZ
    time + interval, interval + time, time - interval: same
    date - date, timestamp - timestamp, timestamptz - timestamptz: INTERVAL
    timestamp - date, date - timestamp, timestamptz - timestamp, timestamp - timestamptz: INTERVAL
    interval + interval, interval - interval, interval * number, number * interval: INTERVAL
    interval / number: INTERVAL
    """
)


def _engine(dialect: str) -> Engine:
    return Engine(
        dialect,
        syntax={
            **SYNTAX,
            **dict.fromkeys(OPERATORS, arithmetic(_operated, _OPERATIONS)),
            "dpipe": concatenation(_VARCHAR),
        },
        functions=_FUNCTIONS,
        constants=Constants(
            integer=_integer, number=decimals.constants_or(_DOUBLE), string=_VARCHAR
        ),
        widen=_widen,
        bend=_bend,
        otherwise=annotated,
        unnests_structs=True,
    )


TRINO, PRESTO, ATHENA = _engine("trino"), _engine("presto"), _engine("athena")
