"""Snowflake, by its documentation. All exact numbers are NUMBER(p, s); where it is not
said which, the sizes are left out."""

from __future__ import annotations

from sqlglot import exp

from analyticsops.sql.types import decimals
from analyticsops.sql.types.annotator import annotated
from analyticsops.sql.types.arithmetic import OPERATORS, arithmetic, concatenation, moments
from analyticsops.sql.types.decimals import UNSIZED
from analyticsops.sql.types.engine import Constants, Engine, Rule, Typer
from analyticsops.sql.types.families import family_of
from analyticsops.sql.types.rules import (
    always,
    arguments,
    changed,
    of_type,
    returns,
    same,
    table,
    widest as widest_of,
)
from analyticsops.sql.types.sqltype import SqlType, decimal, struct_of
from analyticsops.sql.types.syntax import PERCENTILES, SYNTAX
from analyticsops.sql.types.typed import Typed

_DOUBLE, _VARCHAR, _DATE = SqlType("DOUBLE"), SqlType("VARCHAR"), SqlType("DATE")
_TIMESTAMP, _VARIANT = SqlType("TIMESTAMP"), SqlType("VARIANT")
_MOMENTS = ("DATE", "TIMESTAMP", "TIMESTAMPLTZ", "TIMESTAMPTZ")
_SEMI_STRUCTURED = frozenset({"ARRAY", "MAP", "OBJECT", "STRUCT", "VARIANT"})
_OF_DAYS = frozenset({"YEAR", "QUARTER", "MONTH", "WEEK", "DAY"})
_NO_DIGITS: dict[str, int] = {}

# -- numbers --------------------------------------------------------------------


def _integer(digits: str) -> SqlType:
    return decimal(min(len(digits.lstrip("-")), 38), 0)


def _operated(operator: str, left: Typed, right: Typed) -> SqlType | None:
    if left.type is None or right.type is None:
        return None
    if "DOUBLE" in (left.type.name, right.type.name):
        return _DOUBLE
    if "text" in (family_of(left.type), family_of(right.type)):
        return UNSIZED  # the text is cast
    return decimals.operated(operator, left.type, right.type, decimals.snowflake, _NO_DIGITS)


def _widen(left: SqlType, right: SqlType) -> SqlType | None:
    names = {left.name, right.name}
    families = {family_of(left), family_of(right)}
    if "VARIANT" in names and len(names) > 1:
        return _with_variant(left if right == _VARIANT else right)
    if families <= {"decimal", "float"}:
        floats = "float" in families
        return _DOUBLE if floats else decimals.wider(left, right, _NO_DIGITS)
    if names <= set(_MOMENTS):
        return SqlType(max(names, key=_MOMENTS.index))
    if families == {"decimal", "text"}:
        return UNSIZED  # the text is cast
    if families == {"float", "text"}:
        return _DOUBLE
    return SqlType(left.name) if left.name == right.name else None


def _with_variant(other: SqlType) -> SqlType | None:
    """As catalogs of real projects show it; no page of the documentation says."""
    if other.name in ("ARRAY", "VARCHAR"):
        return other
    return _VARIANT if family_of(other) == "decimal" else None


def _bend(kind: SqlType, constant: Typed) -> SqlType | None:
    """A text constant is cast to what it meets."""
    if constant.form == "string" and family_of(kind) != "decimal":
        return kind
    return _widen(kind, constant.type) if constant.type is not None else None


# -- functions --------------------------------------------------------------------


def _of_number(scale: str) -> Rule:
    """What becomes of an exact number; floats stay, texts are read as floats."""

    def change(kind: SqlType) -> SqlType | None:
        if family_of(kind) in ("float", "text", "json"):
            return _DOUBLE
        if family_of(kind) != "decimal":
            return None
        if scale == "kept" and kind.sizes:
            return decimal(38, kind.sizes[1])
        return UNSIZED

    return of_type(change)


def _added(node: exp.Expression, typer: Typer) -> Typed:
    """DATEADD: a date stays one if what is added is of days."""
    unit = node.text("unit").upper()

    def change(kind: SqlType) -> SqlType | None:
        if kind == _DATE:
            return _DATE if unit in _OF_DAYS else _TIMESTAMP
        return _TIMESTAMP if kind == _VARCHAR else kind

    return changed(typer.of(node.this), change)


_moved = of_type(lambda kind: _TIMESTAMP if kind == _VARCHAR else kind)


def _to_number(node: exp.Expression, _typer: Typer) -> Typed:
    """TO_NUMBER(text, format, precision, scale), the last three as wanted."""
    given = [part for part in arguments(node)[1:] if isinstance(part, exp.Literal)]
    sizes = [int(part.name) for part in given if part.is_int]
    return Typed(decimal(*(sizes + [38, 0][len(sizes) :])) if len(sizes) < 3 else UNSIZED)


def _now(node: exp.Expression, _typer: Typer) -> Typed:
    """SYSDATE() has no time zone, CURRENT_TIMESTAMP() has the session's."""
    return Typed(_TIMESTAMP if node.args.get("sysdate") else SqlType("TIMESTAMPLTZ"))


def _converted(node: exp.Expression, _typer: Typer) -> Typed:
    """CONVERT_TIMEZONE: with the source's zone the result has none."""
    return Typed(_TIMESTAMP if node.args.get("source_tz") else SqlType("TIMESTAMPTZ"))


def _decoded(node: exp.Expression, typer: Typer) -> Typed:
    """DECODE(x, when, then, when, then, else)."""
    parts = node.expressions[1:]
    default = [parts[-1]] if len(parts) % 2 else []
    return typer.widest([*parts[1::2], *default])


def _in_group(node: exp.Expression, typer: Typer) -> Typed:
    """``percentile_cont(0.5) within group (order by x)``; LISTAGG and its like."""
    function, order = node.this, node.expression
    keys = order.expressions if isinstance(order, exp.Order) else []
    if not keys or not isinstance(function, PERCENTILES):
        return typer.of(function).settled
    value = typer.of(keys[0]).settled
    if isinstance(function, exp.PercentileCont):
        return changed(value, lambda kind: _DOUBLE if kind == _DOUBLE else UNSIZED)
    return value


def _nvl2(node: exp.Expression, typer: Typer) -> Typed:
    return typer.widest([node.args.get("true"), node.args.get("false")])


def _bracket(node: exp.Expression, typer: Typer) -> Typed:
    """An element of semi-structured data is VARIANT."""
    value = typer.of(node.this).settled
    if value.type is not None and value.type.name in _SEMI_STRUCTURED and not value.type.of:
        return Typed(_VARIANT)
    return SYNTAX["bracket"](node, typer)


def _array(_node: exp.Expression, _typer: Typer) -> Typed:
    return Typed(SqlType("ARRAY"))


def _object(_node: exp.Expression, _typer: Typer) -> Typed:
    return Typed(SqlType("OBJECT"))


_FLATTENED = always(
    struct_of(
        ("SEQ", UNSIZED),
        ("KEY", _VARCHAR),
        ("PATH", _VARCHAR),
        ("INDEX", UNSIZED),
        ("VALUE", _VARIANT),
        ("THIS", _VARIANT),
        name="ROW",
    )
)
_SPLIT = always(struct_of(("SEQ", UNSIZED), ("INDEX", UNSIZED), ("VALUE", _VARCHAR), name="ROW"))

_RETURNS = {
    "ARRAY": "array_agg array_cat array_compact array_construct array_construct_compact "
    "array_distinct array_except array_generate_range array_insert array_intersection array_slice "
    "array_sort array_union_agg array_unique_agg arrayagg arrayappend arraycompact arrayconcat "
    "arrayconstructcompact arraydistinct arrayexcept arrayinsert arrayintersect arrayprepend "
    "arrayremove arrayslice arraysort arrayunionagg arrayuniqueagg jsonkeys mapkeys object_keys "
    "regexp_substr_all regexpextractall split stringtoarray strtok_to_array strtoktoarray to_array "
    "toarray",
    "BINARY": "base64_decode_binary hex_decode_binary md5_binary sha1_binary sha2_binary "
    "to_binary tobinary unhex",
    "BOOLEAN": "array_contains arraycontains arrayoverlaps arrays_overlap as_boolean booland "
    "booland_agg boolnot boolor boolor_agg boolxor_agg contains endswith equalnull is_array "
    "is_boolean is_date is_decimal is_double is_integer is_null_value is_object is_varchar "
    "isnullvalue logicaland logicalor regexp_like regexplike st_contains st_intersects st_within "
    "startswith to_boolean toboolean try_to_boolean xor",
    "DATE": "as_date currentdate date datefromparts lastday next_day nextday previous_day "
    "previousday strtodate to_date try_to_date tsordstodate",
    "DECIMAL": "approx_count_distinct approxdistinct array_position array_size arrayposition "
    "arraysize as_integer ascii bitand bitor bitwiseand bitwisecount bitwiseleftshift bitwisenot "
    "bitwiseor bitwiserightshift bitwisexor bitxor bytelength charindex conditional_change_event "
    "conditional_true_event countif datediff day dayofmonth dayofweek dayofweekiso dayofyear "
    "denserank editdistance extract factorial getbit grouping groupingid hash hash_agg hashagg hll "
    "hour jarowinklersimilarity len length levenshtein minute month ntile octet_length quarter "
    "rank regexp_count regexp_instr regexpcount regexpinstr row_number rownumber second seq1 seq2 "
    "seq4 seq8 sign strposition timediff timestampdiff unicode week weekiso weekofyear "
    "width_bucket widthbucket year yearofweek yearofweekiso",
    "DOUBLE": "acos acosh approx_percentile approxquantile as_double asin asinh atan atan2 atanh "
    "cbrt corr cos cosh cot covarpop covarsamp cumedist degrees exp haversine ln log "
    "months_between monthsbetween normal percentrank pi pow radians sin sinh skew skewness sqrt "
    "st_distance stddev stddevpop stddevsamp stdistance tan tanh to_double todouble try_to_double",
    "GEOGRAPHY": "st_geogfromtext st_geographyfromwkt st_makepoint stpoint to_geography "
    "try_to_geography",
    "OBJECT": "as_object object_agg object_construct object_construct_keep_null object_delete "
    "object_insert object_pick objectagg objectinsert parse_ip parse_url parseip parseurl starmap "
    "to_object xmlget",
    "TIME": "currenttime localtime time time_from_parts timefromparts to_time try_to_time "
    "tsordstotime",
    "TIMESTAMP": "as_timestamp_ntz strtotime sysdate timestamp_ntz_from_parts timestampfromparts "
    "to_timestamp to_timestamp_ntz try_to_timestamp try_to_timestamp_ntz unixtotime",
    "TIMESTAMPLTZ": "localtimestamp timestampltzfromparts to_timestamp_ltz try_to_timestamp_ltz",
    "TIMESTAMPTZ": "timestamptzfromparts to_timestamp_tz try_to_timestamp_tz",
    "VARCHAR": "array_to_string arraytostring as_char as_varchar base64_decode_string "
    "base64_encode base64decodestring base64encode btrim check_json checkjson chr collate concat "
    "concatws current_account current_database current_role current_schema current_user "
    "current_warehouse currentaccount currentcatalog currentdatabase currentrole currentschema "
    "currentuser currentversion currentwarehouse dayname get_ddl groupconcat hex hex_decode_string "
    "hex_encode hexdecodestring initcap insert jsonformat left listagg lower lpad ltrim md5 "
    "md5_hex monthname overlay pad randstr regexp_replace regexp_substr regexpextract "
    "regexpreplace regexpsubstr repeat replace reverse right rpad rtrim sha sha1_hex sha2 sha2_hex "
    "soundex space split_part splitpart st_asgeojson st_astext strtok stuff substring "
    "system$typeof timetostr to_json to_varchar tochar translate trim try_base64_decode_string "
    "typeof upper uuid uuid_string",
    "VARIANT": "array_max array_min arrayfirst arraylast arraymax arraymin get get_path "
    "getextract jsonextract jsonextractscalar object_get parse_json parsejson strip_null_value "
    "stripnullvalue to_variant tovariant try_parse_json",
}

_FUNCTIONS: dict[str, Rule] = {
    **returns(_RETURNS),
    **table(
        {
            same: "abs add_months addmonths any_value anyvalue argmax argmin firstvalue lag "
            "lastvalue lead max max_by min min_by mode nthvalue nullif nullifzero percentiledisc "
            "time_slice timeslice zeroifnull",
            widest_of: "greatest greatest_ignore_nulls least least_ignore_nulls",
            always(decimal(18, 0)): "count",
            _FLATTENED: "_explodeouter explode explodeouter flatten",
            _SPLIT: "split_to_table splittotable strtoksplittotable",
            _of_number("kept"): "sum",
            _of_number("open"): "avg ceil div0 div0null floor median mod ratio_to_report round "
            "trunc truncate var_pop var_samp variance variancepop variancesamp",
            _moved: "date_trunc datetrunc timestamptrunc",
            _added: "dateadd timeadd timestampadd",
            _converted: "converttimezone",
            _decoded: "decodecase",
            _now: "currenttimestamp",
            _nvl2: "nvl2",
            _to_number: "to_decimal to_number to_numeric tonumber try_to_decimal try_to_number "
            "try_to_numeric",
        }
    ),
}

_OPERATIONS = moments(
    """
    date + number, number + date, date - number: DATE
    date - date: DECIMAL
    date + interval, date - interval, interval + date: DATE
    date + clock, date - clock, clock + date: TIMESTAMP
    time + interval, time - interval: TIME
    timestamp + interval, timestamp - interval, interval + timestamp: same
    timestamptz + interval, timestamptz - interval, interval + timestamptz: same
    """
)

SNOWFLAKE = Engine(
    "snowflake",
    syntax={
        **SYNTAX,
        **dict.fromkeys(OPERATORS, arithmetic(_operated, _OPERATIONS, texts=True)),
        "array": _array,
        "bracket": _bracket,
        "dpipe": concatenation(_VARCHAR),
        "struct": _object,
        "tablefromrows": lambda node, typer: typer.of(node.this),
        "withingroup": _in_group,
    },
    functions=_FUNCTIONS,
    constants=Constants(integer=_integer, number=decimals.constants_or(_DOUBLE), string=_VARCHAR),
    widen=_widen,
    bend=_bend,
    otherwise=annotated,
)
