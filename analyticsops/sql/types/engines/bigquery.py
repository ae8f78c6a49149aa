"""BigQuery, by its documentation (GoogleSQL: operators, functions, conversion rules)."""

from __future__ import annotations

from sqlglot import exp

from analyticsops.sql.types.annotator import annotated
from analyticsops.sql.types.arithmetic import OPERATORS, arithmetic, called, concatenation, moments
from analyticsops.sql.types.engine import Constants, Engine, Rule, Typer
from analyticsops.sql.types.families import family_of
from analyticsops.sql.types.lists import LISTS
from analyticsops.sql.types.rules import (
    always,
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
from analyticsops.sql.types.sqltype import SqlType, array_of
from analyticsops.sql.types.syntax import SYNTAX
from analyticsops.sql.types.typed import Typed
from analyticsops.sql.types.widening import NUMBERS, wider_nested

_INT64, _NUMERIC, _FLOAT64 = SqlType("BIGINT"), SqlType("DECIMAL"), SqlType("DOUBLE")
_STRING, _DATE, _TIMESTAMP = SqlType("VARCHAR"), SqlType("DATE"), SqlType("TIMESTAMPTZ")
_DATETIME = SqlType("TIMESTAMP")

_ORDER = ("BIGINT", "DECIMAL", "BIGDECIMAL", "DOUBLE")
_MOMENTS = ("DATE", "TIMESTAMP", "TIMESTAMPTZ")

# -- numbers --------------------------------------------------------------------


def _integer(_digits: str) -> SqlType:
    return _INT64


def _number(_text: str) -> SqlType:
    return _FLOAT64


def _operated(operator: str, left: Typed, right: Typed) -> SqlType | None:
    if left.type is None or right.type is None:
        return None
    if left.type.name not in _ORDER or right.type.name not in _ORDER:
        return None
    bent = _bend_number(left, right)
    return _FLOAT64 if operator == "/" and bent == _INT64 else bent


def _bend_number(left: Typed, right: Typed) -> SqlType:
    """A constant with a point is read as NUMERIC if it meets one."""
    kinds = [value.type for value in (left, right) if value.type is not None]
    plain = [v.type for v in (left, right) if v.type is not None and v.form != "decimal"]
    if len(plain) == 1 and plain[0].name in ("DECIMAL", "BIGDECIMAL"):
        return plain[0]
    return max(kinds, key=lambda kind: _ORDER.index(kind.name))


def _widen(left: SqlType, right: SqlType) -> SqlType | None:
    for order in (_ORDER, _MOMENTS):
        if left.name in order and right.name in order:
            return max(left, right, key=lambda kind: order.index(kind.name))
    return left if left == right else wider_nested(left, right, _widen)


def _bend(kind: SqlType, constant: Typed) -> SqlType | None:
    """A text constant is cast to a moment; a number to any number that holds it."""
    if constant.form == "string":
        moment = family_of(kind) in ("date", "time", "timestamp", "timestamptz", "text")
        return kind if moment or family_of(kind) == "binary" else None
    if constant.form == "decimal" and kind.name in ("DECIMAL", "BIGDECIMAL"):
        return kind
    return _widen(kind, constant.type) if constant.type is not None else None


def _floated(kind: SqlType) -> SqlType | None:
    """Functions that exist for FLOAT64 and the decimals."""
    if family_of(kind) not in NUMBERS:
        return None
    return _FLOAT64 if kind == _INT64 else kind


def _summed(kind: SqlType) -> SqlType | None:
    return kind if family_of(kind) in NUMBERS or kind.name == "INTERVAL" else None


def _power(node: exp.Expression, typer: Typer) -> Typed:
    return changed(typer.widest(arguments(node)[:2]), _floated)


# -- moments --------------------------------------------------------------------


def _moment_of(literal: SqlType) -> Rule:
    """The type of the moment; a text constant is read as one of these."""

    def rule(node: exp.Expression, typer: Typer) -> Typed:
        value = typer.of(subject(node))
        return Typed(literal) if value.form == "string" or value.type == _STRING else value

    return rule


def _extracted(node: exp.Expression, _typer: Typer) -> Typed:
    part = node.this.name.upper()
    return Typed({"DATE": _DATE, "TIME": SqlType("TIME")}.get(part, _INT64))


# -- texts, JSON, arrays ------------------------------------------------------------


def _text_or_bytes(node: exp.Expression, typer: Typer) -> Typed:
    """Functions of texts, most of which exist for BYTES too."""
    value = typer.of(subject(node)).settled
    return value if value.type is not None and value.type.name == "BINARY" else Typed(_STRING)


def _generated(node: exp.Expression, typer: Typer) -> Typed:
    ends = [node.args.get("start"), node.args.get("end"), node.args.get("step")]
    value = typer.widest([end for end in ends if end is not None]).settled
    return Typed(array_of(value.type)) if value.type is not None else value


_RETURNS = {
    "BIGINT": "approx_count_distinct approxdistinct arraysize ascii bit_count bitwiseandagg "
    "bitwisecount bitwiseoragg bitwisexoragg byte_length bytelength char_length count countif "
    "date_diff datediff datetimediff denserank farmfingerprint grouping instr int64 laxint64 "
    "length levenshtein ntile rangebucket rank regexpinstr rownumber strposition timediff "
    "timestampdiff timestrtounix unicode unix_date unix_micros unix_millis unix_seconds unixdate "
    "unixmicros unixmillis unixseconds",
    "BINARY": "codepointstobytes from_hex frombase32 frombase64 md5digest sha sha1digest sha2 "
    "sha2digest unhex",
    "BOOLEAN": "contains_substr containssubstr endswith isinf isnan jsonbool laxbool logicaland "
    "logicalor regexplike st_contains st_dwithin st_intersects st_within startswith",
    "DATE": "currentdate date datefromparts datefromunixdate parse_date strtodate tsordstodate",
    "DOUBLE": "acos acosh approxquantile asin asinh atan atan2 atanh cbrt corr cos cosh "
    "cosinedistance cot covarpop covarsamp cumedist euclideandistance float64 ieee_divide "
    "laxfloat64 percentrank pi rand sin sinh st_area st_distance st_length st_x st_y stddev "
    "stddevpop stddevsamp stdistance tan tanh todouble variance variancepop",
    "DECIMAL": "parsenumeric",
    "BIGDECIMAL": "parsebignumeric",
    "GEOGRAPHY": "st_buffer st_centroid st_geogfromgeojson st_geogfromtext st_geogpoint "
    "st_makeline st_union stpoint",
    "INTERVAL": "justifydays justifyhours justifyinterval makeinterval",
    "JSON": "json_array json_object jsonarray jsonobject jsonremove jsonset parsejson to_json",
    "TIME": "currenttime parsetime time timeadd timefromparts timesub timetrunc tsordstotime",
    "TIMESTAMP": "currentdatetime datetime datetimeadd datetimesub parsedatetime "
    "timestampfromparts tsordstodatetime",
    "TIMESTAMPTZ": "currenttimestamp parse_timestamp strtotime timestamp timestampadd "
    "timestampsub timestrtotime tsordstotimestamp unixtotime",
    "VARCHAR": "arraytostring chr codepointstostring collate format groupconcat hex host initcap "
    "jsonextractscalar jsontype laxstring lowerhex md5 normalize regdomain "
    "safeconvertbytestostring session_user soundex splitpart st_asgeojson st_astext st_geohash "
    "string timetostr tobase32 tobase64 typeof uuid",
}

_FUNCTIONS: dict[str, Rule] = {
    **LISTS,
    **returns(_RETURNS),
    **table(
        {
            same: "abs anyvalue argmax argmin arrayconcatagg bitwisenot firstvalue jsonextract "
            "lag lastvalue lead max min mode netfunc nthvalue nullif percentiledisc safefunc "
            "safenegate sign",
            widest: "bitwiseand bitwiseleftshift bitwiseor bitwiserightshift bitwisexor greatest "
            "least",
            of_type(_floated): "avg ceil exp floor ln log median percentilecont round sqrt trunc",
            of_type(_summed): "sum",
            called("+", _operated): "safeadd",
            called("-", _operated): "safesubtract",
            called("*", _operated): "safemultiply",
            called("/", _operated): "safedivide",
            _extracted: "extract",
            _generated: "generateseries",
            array: "approxquantiles jsonextractarray",
            _moment_of(_DATE): "dateadd datesub datetrunc lastday",
            _moment_of(_DATETIME): "datetimetrunc",
            _moment_of(_TIMESTAMP): "timestamptrunc",
            _power: "pow",
            _text_or_bytes: "concat left lower pad regexpextract regexpreplace repeat replace "
            "reverse right substring translate trim upper",
            always(array_of(_STRING)): "jsonkeysatdepth jsonvaluearray regexpextractall split",
            always(array_of(_DATE)): "generatedatearray",
            always(array_of(_INT64)): "tocodepoints",
            always(array_of(_TIMESTAMP)): "generatetimestamparray",
        }
    ),
}

_OPERATIONS = moments(
    """
    date + number, number + date, date - number: DATE
    date - date: INTERVAL
    date + interval, interval + date, date - interval: TIMESTAMP
    timestamp + interval, interval + timestamp, timestamp - interval: TIMESTAMP
    timestamptz + interval, interval + timestamptz, timestamptz - interval: TIMESTAMPTZ
    timestamp - timestamp, timestamptz - timestamptz, time - time: INTERVAL
    interval + interval, interval - interval, interval * number, interval / number: INTERVAL
    """
)

BIGQUERY = Engine(
    "bigquery",
    syntax={
        **SYNTAX,
        **dict.fromkeys(OPERATORS, arithmetic(_operated, _OPERATIONS)),
        "dpipe": concatenation(_STRING),
    },
    functions=_FUNCTIONS,
    constants=Constants(integer=_integer, number=_number, string=_STRING),
    widen=_widen,
    bend=_bend,
    otherwise=annotated,
)
