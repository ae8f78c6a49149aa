"""DuckDB. It judges these rules itself: see ``tests/cases/types``."""

from __future__ import annotations

from sqlglot import exp

from analyticsops.sql.types.annotator import annotated
from analyticsops.sql.types.arithmetic import OPERATORS, arithmetic, concatenation, moments
from analyticsops.sql.types.engine import Constants, Engine, Rule, Typer
from analyticsops.sql.types.engines import duckdb_numbers as numbers
from analyticsops.sql.types.families import family_of
from analyticsops.sql.types.lists import LISTS
from analyticsops.sql.types.rules import (
    always,
    argument,
    arguments,
    array,
    arrayed,
    changed,
    element,
    of_type,
    returns,
    same,
    second,
    subject,
    table,
    widest,
)
from analyticsops.sql.types.sqltype import SqlType, array_of, decimal, map_of, struct_of
from analyticsops.sql.types.syntax import PERCENTILES, SYNTAX, field_of
from analyticsops.sql.types.typed import Typed
from analyticsops.sql.types.widening import NUMBERS, wider_nested

BIGINT, DOUBLE, HUGEINT = SqlType("BIGINT"), SqlType("DOUBLE"), SqlType("INT128")
VARCHAR = SqlType("VARCHAR")
_TIMESTAMP, _TIMESTAMPTZ = SqlType("TIMESTAMP"), SqlType("TIMESTAMPTZ")

# -- what takes one type with what ------------------------------------------------

_MOMENTS = ("DATE", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMPTZ")


def _widen(left: SqlType, right: SqlType) -> SqlType | None:
    families = {family_of(left), family_of(right)}
    if NUMBERS.issuperset(families):
        return numbers.wider(left, right)
    if left.name in _MOMENTS and right.name in _MOMENTS:
        return SqlType(max(left.name, right.name, key=_MOMENTS.index))
    if "JSON" in (left.name, right.name):
        return SqlType("JSON")
    if families == {"boolean", "integer"}:
        return left if family_of(left) == "integer" else right
    if "text" in families and families.isdisjoint({"array", "map", "struct"}):
        return VARCHAR
    return wider_nested(left, right, _widen)


def _bend(kind: SqlType, constant: Typed) -> SqlType | None:
    if constant.form == "string":
        return kind  # the text is cast
    found = numbers.bent(kind, int(constant.text)) if constant.form == "integer" else None
    return found or (_widen(kind, constant.type) if constant.type else None)


# -- numbers --------------------------------------------------------------------


def _sum_of(kind: SqlType) -> SqlType | None:
    if kind.name == "DECIMAL":
        return decimal(38, kind.sizes[1])
    return {"boolean": HUGEINT, "integer": HUGEINT, "float": DOUBLE}.get(family_of(kind))


def _average_of(kind: SqlType) -> SqlType:
    """Of dates it is a timestamp, of other moments one of them."""
    if family_of(kind) == "date":
        return _TIMESTAMP
    return kind if family_of(kind) in ("interval", "time", "timestamp", "timestamptz") else DOUBLE


def _between_two(kind: SqlType) -> SqlType:
    """What lies between two values: integers and dates become finer."""
    return {"integer": DOUBLE, "date": _TIMESTAMP}.get(family_of(kind), kind)


def _whole_of(kind: SqlType) -> SqlType:
    if kind.name == "DECIMAL":
        return decimal(kind.sizes[0], 0)
    return DOUBLE if family_of(kind) == "integer" else kind


def _rounded(node: exp.Expression, typer: Typer) -> Typed:
    """ROUND and TRUNC of a decimal keep only so many digits of it."""
    value = typer.of(subject(node)).settled
    if value.type is None or value.type.name != "DECIMAL":
        return value
    precision, scale = value.type.sizes
    places = typer.of(node.args.get("decimals") or argument(node, 1))
    kept = int(places.text) if places.form == "integer" else 0
    return Typed(decimal(precision, max(0, min(scale, kept))))


def _quantile(node: exp.Expression, typer: Typer) -> Typed:
    value = changed(typer.of(subject(node)), _between_two)
    return arrayed(value) if isinstance(argument(node, 1), exp.Array) else value


def _divided(node: exp.Expression, typer: Typer) -> Typed:
    """What dividing the first by the second yields."""
    one, other = argument(node, 0), argument(node, 1)
    if one is None or other is None:
        return typer.unknown("unknown function", "fmod of one argument", node)
    return typer.of(exp.Div(this=one.copy(), expression=other.copy()))


def _in_group(node: exp.Expression, typer: Typer) -> Typed:
    """``percentile_cont(0.5) within group (order by x)``."""
    function, order = node.this, node.expression
    keys = order.expressions if isinstance(order, exp.Order) else []
    if not keys or not isinstance(function, PERCENTILES):
        return typer.of(function).settled
    value = typer.of(keys[0]).settled
    if isinstance(function, exp.PercentileCont):
        value = changed(value, _between_two)
    return arrayed(value) if isinstance(function.this, exp.Array) else value


def _negative(node: exp.Expression, typer: Typer) -> Typed:
    value = SYNTAX["neg"](node, typer)
    return value._replace(type=numbers.integer(value.text)) if value.form == "integer" else value


# -- moments --------------------------------------------------------------------


def _truncated_of(kind: SqlType) -> SqlType:
    return kind if kind.name in ("TIMESTAMPTZ", "INTERVAL") else _TIMESTAMP


def _added_of(kind: SqlType) -> SqlType:
    return kind if kind.name in ("TIMESTAMPTZ", "INTERVAL", "TIME", "TIMETZ") else _TIMESTAMP


def _elsewhere_of(kind: SqlType) -> SqlType | None:
    """At a time zone."""
    if family_of(kind) == "time":
        return SqlType("TIMETZ")
    return {"TIMESTAMPTZ": _TIMESTAMP, "TIMESTAMP": _TIMESTAMPTZ, "DATE": _TIMESTAMPTZ}.get(
        kind.name
    )


def _timezone(node: exp.Expression, typer: Typer) -> Typed:
    """``timezone('UTC', moment)``; of a moment alone it is the offset."""
    moment = argument(node, 1)
    return changed(typer.of(moment), _elsewhere_of) if moment is not None else Typed(BIGINT)


def _extracted(node: exp.Expression, _typer: Typer) -> Typed:
    return _part(node.this.name)


def _date_part(node: exp.Expression, typer: Typer) -> Typed:
    part = argument(node, 0)
    if isinstance(part, exp.Array):
        fields = [(item.name, _part(item.name).type or BIGINT) for item in part.expressions]
        return Typed(struct_of(*fields))
    if not isinstance(part, exp.Literal):
        return typer.unknown("unsupported", "a part of a date that is no constant", node)
    return _part(part.name)


def _part(name: str) -> Typed:
    return Typed(DOUBLE if name.lower() in ("epoch", "julian") else BIGINT)


def _epoch_ms(node: exp.Expression, typer: Typer) -> Typed:
    """``to_timestamp(seconds)``; ``epoch_ms`` of a number or of a moment."""
    if node.args.get("scale") is None:
        return Typed(_TIMESTAMPTZ)
    value = typer.of(node.this)
    if value.type is None:
        return value
    return Typed(_TIMESTAMP if family_of(value.type) == "integer" else BIGINT)


def _series(node: exp.Expression, typer: Typer) -> Typed:
    start = typer.of(node.args.get("start"))
    if start.type is None:
        return start
    kind = BIGINT if family_of(start.type) == "integer" else _added_of(start.type)
    return Typed(array_of(kind))


# -- texts, structs, JSON ---------------------------------------------------------


def _concat(node: exp.Expression, typer: Typer) -> Typed:
    values = [typer.of(part) for part in arguments(node)]
    arrays = (value for value in values if value.type is not None and value.type.name == "ARRAY")
    return next(arrays, Typed(VARCHAR))


def _extract_groups(node: exp.Expression, _typer: Typer) -> Typed:
    """``regexp_extract(s, p, ['a', 'b'])`` is a struct of the named groups."""
    names = node.args.get("group")
    if isinstance(names, exp.Array):
        return Typed(struct_of(*((item.name, VARCHAR) for item in names.expressions)))
    return Typed(VARCHAR)


def _at_path(kind: str) -> Rule:
    """What is at a path; an array if several paths are asked for."""
    one, many = Typed(SqlType(kind)), Typed(array_of(SqlType(kind)))

    def rule(node: exp.Expression, typer: Typer) -> Typed:
        path = argument(node, 1)
        if path is None:
            return typer.of(path)
        return many if isinstance(path, exp.Array) else one

    return rule


def _field(node: exp.Expression, typer: Typer) -> Typed:
    return field_of(typer.of(node.this).settled, node.expression.name)


def _part_of(node: exp.Expression, typer: Typer) -> Typed:
    """An element of a list, a character of a text."""
    value = typer.of(subject(node)).settled
    return value if value.type == VARCHAR else element(node, typer)


def _histogram(node: exp.Expression, typer: Typer) -> Typed:
    return changed(same(node, typer), lambda key: map_of(key, SqlType("UBIGINT")))


def _best(plain: int) -> Rule:
    """One of the values; an array of them if a number of them is asked for."""
    return lambda node, typer: (
        array(node, typer) if len(arguments(node)) > plain else same(node, typer)
    )


_RETURNS = {
    "BIGINT": "approx_count_distinct approxdistinct array_length arraysize bitlength bitwisecount "
    "bytelength century count count_star currval damerau_levenshtein date_sub datediff datesub day "
    "dayofmonth dayofweek dayofweekiso dayofyear decade denserank editdist3 epoch_ns epoch_us era "
    "grouping grouping_id groupingid hamming hour instr isodow isoyear len length length_grapheme "
    "levenshtein microsecond millennium millisecond minute mismatches month nanosecond nextval "
    "ntile octet_length quarter rank rownumber second strlen strposition timezone_hour "
    "timezone_minute week weekday weekofyear weekstart year yearofweek yearofweekiso yearweek",
    "BINARY": "bytestring encode from_base64 from_hex frombase64 sha2digest unhex",
    "BIT": "bitstring bitstring_agg set_bit",
    "BOOLEAN": "array_has array_has_all array_has_any arraycontains arraycontainsall "
    "arrayoverlaps bool_and bool_or contains endswith isfinite isinf isnan json_contains "
    "json_exists json_valid jsonexists list_contains list_has list_has_all list_has_any logicaland "
    "logicalor map_contains mapcontainskey prefix regexp_full_match regexp_matches regexpfullmatch "
    "regexplike signbit starts_with startswith struct_contains suffix",
    "DATE": "currentdate date datefromparts lastday make_date strtodate today tsordstodate",
    "DOUBLE": "acos acosh asin asinh atan atan2 atanh cbrt corr cos cosh cot covar_pop covar_samp "
    "covarpop covarsamp cumedist degrees entropy epoch even exp favg fsum gamma jaccard "
    "jaro_similarity jaro_winkler_similarity jarowinklersimilarity julian kahan_sum kurtosis "
    "kurtosis_pop lgamma ln log log10 log2 percentrank pi pow product radians rand random regravgx "
    "regravgy regrintercept regrr2 regrslope regrsxx regrsxy regrsyy sem sin sinh skewness sqrt "
    "stddev stddevpop stddevsamp sumkahan tan tanh timetounix var_pop var_samp variance "
    "variancepop",
    "INT": "array_indexof array_position arrayposition ascii bit_position get_bit getbit "
    "list_indexof list_position ord unicode",
    "INT128": "count_if countif factorial",
    "INTERVAL": "age makeinterval to_centuries to_days to_decades to_hours to_microseconds "
    "to_millennia to_milliseconds to_minutes to_months to_quarters to_seconds to_weeks to_years "
    "todays",
    "JSON": "array_to_json json json_array json_deep_merge json_group_array json_group_object "
    "json_group_structure json_insert json_merge_patch json_object json_quote json_remove "
    "json_replace json_set json_structure jsonarray jsonarrayagg jsonobject jsonobjectagg "
    "parsejson row_to_json to_json",
    "TIME": "current_localtime localtime make_time timefromparts",
    "TIMESTAMP": "current_localtimestamp currentdatetime localtimestamp make_timestamp "
    "make_timestamp_ms strptime strtotime timestampfromparts try_strptime",
    "TIMESTAMPTZ": "currenttimestamp get_current_timestamp make_timestamptz now "
    "transaction_timestamp",
    "TIMETZ": "currenttime get_current_time",
    "TIMESTAMP_NS": "make_timestamp_ns",
    "TINYINT": "sign",
    "UBIGINT": "array_unique cardinality hash json_array_length list_unique txid_current",
    "UINT": "regrcount",
    "UUID": "gen_random_uuid uuid uuidv4 uuidv7",
    "VARCHAR": "alias arraytostring bar base64 bin chr concatws current_database current_query "
    "currentcatalog currentdatabase currentschema currentuser currentversion dayname decode "
    "enum_first enum_last format format_bytes formatreadabledecimalsize formatreadablesize "
    "groupconcat hex initcap json_type left left_grapheme lower ltrim md5 monthname nfc_normalize "
    "overlay pad parse_dirname parse_dirpath parse_filename printf regexp_escape regexpreplace "
    "replace reverse right right_grapheme rtrim sha sha2 splitpart strftime string_agg "
    "strip_accents substring substring_grapheme timetostr tobase64 tochar translate trim typeof "
    "upper url_decode url_encode version",
}

_FUNCTIONS: dict[str, Rule] = {
    **LISTS,
    **returns(_RETURNS),
    **table(
        {
            same: "abs any_value anyvalue arbitrary bit_and bit_or bit_xor bitwiseandagg "
            "bitwisenot bitwiseoragg bitwisexoragg first firstvalue lag last lastvalue lead mode "
            "nextafter nthvalue nullif percentiledisc quantile_disc repeat",
            second: "datebin time_bucket",
            widest: "bitwiseand bitwiseleftshift bitwiseor bitwiserightshift bitwisexor greatest "
            "least",
            of_type(_sum_of): "sum sum_no_overflow",
            of_type(_average_of): "avg mean",
            of_type(_between_two): "median",
            of_type(_whole_of): "ceil ceiling floor",
            of_type(_truncated_of): "date_trunc datetrunc timestamptrunc",
            of_type(_added_of): "date_add dateadd timestampadd",
            of_type(_elsewhere_of): "attimezone",
            always(array_of(VARCHAR)): "current_schemas json_keys jsonkeys parse_path "
            "regexp_extract_all regexp_split_to_array regexpextractall regexpsplit split str_split "
            "string_split stringtoarray struct_keys",
            _at_path("JSON"): "json_extract json_extract_path jsonextract",
            _at_path("VARCHAR"): "json_extract_path_text json_extract_string json_value "
            "jsonextractscalar",
            _best(1): "max min",
            _best(2): "arg_max arg_max_null arg_max_nulls_last arg_min arg_min_null "
            "arg_min_nulls_last argmax argmin max_by min_by",
            _concat: "concat",
            _date_part: "date_part datepart",
            _epoch_ms: "unixtotime",
            _extract_groups: "regexpextract",
            _extracted: "extract",
            _field: "structextract",
            _divided: "fmod",
            _histogram: "histogram",
            _part_of: "array_extract list_element list_extract",
            _quantile: "percentilecont quantile quantile_cont",
            _rounded: "round round_even roundbankers trunc",
            _series: "generateseries",
            _timezone: "timezone",
        }
    ),
}

_SYNTAX: dict[str, Rule] = {
    **SYNTAX,
    **dict.fromkeys(
        OPERATORS,
        arithmetic(
            numbers.operated,
            moments(
                """
                date + number, number + date, date - number: DATE
                date - date: BIGINT
                date + time, time + date: TIMESTAMP
                date + timetz, timetz + date: TIMESTAMPTZ
                date + interval, interval + date, date - interval: TIMESTAMP
                timestamp + interval, interval + timestamp, timestamp - interval: TIMESTAMP
                timestamptz + interval, interval + timestamptz, timestamptz - interval: TIMESTAMPTZ
                time + interval, interval + time, time - interval: TIME
                timetz + interval, interval + timetz, timetz - interval: TIMETZ
                date - timestamp, timestamp - date, timestamp - timestamp: INTERVAL
                date - timestamptz, timestamptz - date, timestamptz - timestamptz: INTERVAL
                timestamp - timestamptz, timestamptz - timestamp: INTERVAL
                interval + interval, interval - interval: INTERVAL
                interval * number, number * interval, interval / number: INTERVAL
                """
            ),
        ),
    ),
    "dpipe": concatenation(VARCHAR),
    "neg": _negative,
    "withingroup": _in_group,
}

DUCKDB = Engine(
    "duckdb",
    syntax=_SYNTAX,
    functions=_FUNCTIONS,
    constants=Constants(integer=numbers.integer, number=numbers.number, string=VARCHAR),
    widen=_widen,
    bend=_bend,
    otherwise=annotated,
)
