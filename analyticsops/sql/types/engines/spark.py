"""Spark SQL and Databricks, by Spark's documentation (data types, ANSI compliance)."""

from __future__ import annotations

from sqlglot import exp

from analyticsops.sql.types import decimals
from analyticsops.sql.types.annotator import annotated
from analyticsops.sql.types.arithmetic import OPERATORS, arithmetic, called, concatenation, moments
from analyticsops.sql.types.engine import Constants, Engine, Rule, Typer
from analyticsops.sql.types.families import family_of
from analyticsops.sql.types.lists import LISTS
from analyticsops.sql.types.rules import (
    always,
    argument,
    arguments,
    changed,
    element_of,
    of_type,
    returns,
    same,
    subject,
    table,
    widest,
)
from analyticsops.sql.types.spelling import read_type
from analyticsops.sql.types.sqltype import SqlType, array_of, decimal, map_of, struct_of
from analyticsops.sql.types.syntax import SYNTAX, struct_from
from analyticsops.sql.types.typed import Typed
from analyticsops.sql.types.widening import wider_nested

_INT, _BIGINT, _DOUBLE = SqlType("INT"), SqlType("BIGINT"), SqlType("DOUBLE")
_STRING, _DATE, _TIMESTAMP = SqlType("VARCHAR"), SqlType("DATE"), SqlType("TIMESTAMPTZ")

_INTEGERS = ("TINYINT", "SMALLINT", "INT", "BIGINT")
_ORDER = (*_INTEGERS, "FLOAT", "DOUBLE")
_MOMENTS = ("DATE", "TIMESTAMP", "TIMESTAMPTZ")
_DIGITS = {"TINYINT": 3, "SMALLINT": 5, "INT": 10, "BIGINT": 20}

# -- numbers --------------------------------------------------------------------


def _integer(digits: str) -> SqlType:
    value = int(digits)
    return _INT if value < 1 << 31 else _BIGINT if value < 1 << 63 else decimal(len(digits), 0)


def _operated(operator: str, left: Typed, right: Typed) -> SqlType | None:
    if left.type is None or right.type is None:
        return None
    one, other = _exact(left, right), _exact(right, left)
    names = {one.name, other.name}
    if operator == "//":
        return _BIGINT
    if "VARCHAR" in names:
        return _DOUBLE
    if "DECIMAL" in names:
        if names & {"FLOAT", "DOUBLE"}:
            return _DOUBLE
        return decimals.operated(operator, one, other, decimals.spark, _DIGITS)
    return _DOUBLE if operator == "/" else _widen(one, other)


def _exact(value: Typed, other: Typed) -> SqlType:
    """An integer constant that meets a decimal has as many digits as are written."""
    assert value.type is not None
    if value.form == "integer" and other.type is not None and other.type.name == "DECIMAL":
        return decimal(len(value.text.lstrip("-")), 0)
    return value.type


def _widen(left: SqlType, right: SqlType) -> SqlType | None:
    names = {left.name, right.name}
    if "DECIMAL" in names and names <= {"DECIMAL", *_INTEGERS}:
        return decimals.wider(left, right, _DIGITS)
    if "DECIMAL" in names and names & {"FLOAT", "DOUBLE"}:
        return _DOUBLE
    for order in (_ORDER, _MOMENTS):
        if left.name in order and right.name in order:
            return SqlType(max(left.name, right.name, key=order.index))
    if "VARCHAR" in names and not left.of and not right.of:
        return _STRING
    return left if left == right else wider_nested(left, right, _widen)


def _bend(kind: SqlType, constant: Typed) -> SqlType | None:
    return _widen(kind, _exact(constant, Typed(kind))) if constant.type is not None else None


def _sum_of(kind: SqlType) -> SqlType | None:
    if kind.name == "DECIMAL" and kind.sizes:
        return decimal(min(kind.sizes[0] + 10, 38), kind.sizes[1])
    return {"integer": _BIGINT, "float": _DOUBLE, "text": _DOUBLE}.get(family_of(kind))


def _average_of(kind: SqlType) -> SqlType | None:
    if kind.name == "DECIMAL" and kind.sizes:
        precision, scale = kind.sizes
        return decimal(min(precision + 4, 38), min(scale + 4, 38))
    return {"integer": _DOUBLE, "float": _DOUBLE, "text": _DOUBLE}.get(family_of(kind))


def _whole_of(kind: SqlType) -> SqlType | None:
    if kind.name == "DECIMAL" and kind.sizes:
        return decimal(kind.sizes[0] - kind.sizes[1] + 1, 0)
    return {"integer": _BIGINT, "float": _BIGINT, "text": _BIGINT}.get(family_of(kind))


def _rounded(node: exp.Expression, typer: Typer) -> Typed:
    value = typer.of(subject(node)).settled
    places = typer.of(node.args.get("decimals") or argument(node, 1))
    if value.type is None or value.type.name != "DECIMAL" or not value.type.sizes:
        return Typed(_DOUBLE) if value.type == _STRING else value
    precision, scale = value.type.sizes
    kept = int(places.text) if places.form == "integer" else 0
    return Typed(decimal(min(precision - scale + max(kept, 0) + 1, 38), min(kept, scale)))


# -- the rest -------------------------------------------------------------------


def _concat(node: exp.Expression, typer: Typer) -> Typed:
    values = [typer.of(part) for part in arguments(node)]
    nested = (v for v in values if v.type is not None and v.type.name in ("ARRAY", "BINARY"))
    return next(nested, Typed(_STRING))


def _named_struct(node: exp.Expression, typer: Typer) -> Typed:
    """NAMED_STRUCT('a', x, 'b', y), where sqlglot has no class for it."""
    parts = node.expressions
    names = (part.name for part in parts[::2])
    return struct_from(zip(names, (typer.of(part).settled for part in parts[1::2]), strict=True))


def _from_json(node: exp.Expression, typer: Typer) -> Typed:
    """FROM_JSON(text, 'a INT, b STRING')."""
    schema = node.args.get("expression") or argument(node, 1)
    if not isinstance(schema, exp.Literal):
        return typer.unknown("unsupported", "a schema that is no constant", node)
    text = schema.name
    kind = read_type(text, "spark") if "<" in text.partition(" ")[0] else None
    kind = kind or read_type(f"struct<{text}>", "spark")
    return Typed(kind) if kind is not None else typer.unknown("type not understood", text, node)


def _many_if(node: exp.Expression, typer: Typer, kind: SqlType | None) -> Typed:
    places = node.args.get("quantile") or argument(node, 1)
    if kind is None:
        return typer.unknown("unknown function", node.key, node)
    return Typed(array_of(kind) if isinstance(places, exp.Array) else kind)


def _percentile(node: exp.Expression, typer: Typer) -> Typed:
    return _many_if(node, typer, _DOUBLE)


def _percentile_approx(node: exp.Expression, typer: Typer) -> Typed:
    value = typer.of(subject(node)).settled
    return value if value.type is None else _many_if(node, typer, value.type)


def _added(node: exp.Expression, typer: Typer) -> Typed:
    """DATEADD(unit, n, moment) is a timestamp."""
    value = typer.of(subject(node))
    return changed(value, lambda kind: kind if kind.name == "TIMESTAMP" else _TIMESTAMP)


def _extracted(node: exp.Expression, _typer: Typer) -> Typed:
    return Typed(decimal(8, 6) if node.this.name.upper().startswith("SEC") else _INT)


def _exploded(node: exp.Expression, typer: Typer) -> Typed:
    """Elements of an array; of a map, rows of a key and a value."""
    value = typer.of(subject(node)).settled
    kind = value.type
    if kind is not None and kind.name == "MAP" and len(kind.of) == 2:
        return Typed(struct_of(("key", kind.of[0]), ("value", kind.of[1]), name="ROW"))
    return element_of(value)


def _posexploded(node: exp.Expression, typer: Typer) -> Typed:
    """The same behind its position."""
    value = _exploded(node, typer)
    kind = value.type
    if kind is None:
        return value
    parts = list(zip(kind.fields, kind.of, strict=True)) if kind.name == "ROW" else [("col", kind)]
    return Typed(struct_of(("pos", _INT), *parts, name="ROW"))


def _inlined(node: exp.Expression, typer: Typer) -> Typed:
    """The fields of the structs in an array, as columns."""
    value = element_of(typer.of(subject(node)).settled)
    kind = value.type
    if kind is None or kind.name != "STRUCT":
        return value if kind is None else typer.unknown("no array of structs", kind.name, node)
    return Typed(struct_of(*zip(kind.fields, kind.of, strict=True), name="ROW"))


def _map_of_entries(node: exp.Expression, typer: Typer) -> Typed:
    value = typer.of(subject(node)).settled
    entry = value.type.element if value.type is not None else None
    if entry is None or len(entry.of) != 2:
        return value if value.type is None else typer.unknown("unsupported", node.key, node)
    return Typed(map_of(entry.of[0], entry.of[1]))


_RETURNS = {
    "BIGINT": "approx_count_distinct approxdistinct count count_if countif crc32 factorial intdiv "
    "monotonically_increasing_id regrcount strtounix timestampdiff timestrtounix timetounix "
    "unix_micros unix_millis unix_seconds unix_timestamp unixmicros unixmillis unixseconds "
    "xxhash64",
    "BINARY": "base64decode encode frombase64 to_binary tobinary unbase64 unhex",
    "BOOLEAN": "any array_contains arraycontains arrayoverlaps arrays_overlap bool_and bool_or "
    "contains endswith every exists isinf isnan isnotnull isnull logicaland logicalor "
    "map_contains_key mapcontainskey regexplike rlike some startswith",
    "DATE": "addmonths currentdate date date_from_unix_date datefromparts datefromunixdate "
    "lastday make_date next_day nextday strtodate to_date tsordsadd tsordstodate",
    "DOUBLE": "acos acosh asin asinh atan atan2 atanh cbrt corr cos cosh cot covarpop covarsamp "
    "cumedist degrees exp expm1 kurtosis ln log log10 log1p log2 months_between monthsbetween "
    "nanvl percentilecont percentrank pi pow radians rand randn rint sign sin sinh skewness sqrt "
    "stddev stddevpop stddevsamp tan tanh variance variancepop",
    "INT": "array_position arrayposition arraysize ascii bit_length bitlength bitwisecount "
    "bytelength cardinality date_diff datediff day dayofmonth dayofweek dayofweekiso dayofyear "
    "denserank find_in_set getbit hash hour instr json_array_length length levenshtein locate "
    "minute month ntile octet_length quarter rank regexp_count regexpcount regexpinstr row_number "
    "rownumber second size strposition week weekday weekofyear year",
    "INTERVAL": "make_interval makeinterval",
    "TIMESTAMPTZ": "currenttimestamp from_utc_timestamp make_timestamp now strtotime "
    "timestamp_micros timestamp_millis timestamp_seconds timestampfromparts timestampltzfromparts "
    "timestamptrunc timestrtotime to_timestamp to_utc_timestamp try_to_timestamp tsordstotimestamp "
    "unixtotime",
    "TIMESTAMP": "localtimestamp make_timestamp_ntz to_timestamp_ntz",
    "VARCHAR": "arraytostring base64 chr concatws currentcatalog currentdatabase currentschema "
    "currentuser dayname decode elt format format_number format_string from_unixtime groupconcat "
    "hex initcap input_file_name jsonextractscalar jsonformat left lower ltrim md5 monthname "
    "numbertostr overlay pad parse_url regexp_substr regexpextract regexpreplace regexpsubstr "
    "repeat replace right rtrim schema_of_json sha sha2 soundex space split_part splitpart string "
    "substring substringindex timetostr to_json tobase64 tochar translate trim tsordstodatestr "
    "typeof unixtostr unixtotimestr upper url_decode url_encode uuid",
    "VARIANT": "parsejson try_parse_json",
}

_FUNCTIONS: dict[str, Rule] = {
    **LISTS,
    **returns(_RETURNS),
    **table(
        {
            same: "abs anyvalue argmax argmin bitwiseandagg bitwisenot bitwiseoragg first "
            "first_value firstvalue lag last lastvalue lead max min mode negative nthvalue nullif "
            "percentiledisc reverse try",
            widest: "bitwiseand bitwiseleftshift bitwiseor bitwiserightshift bitwisexor greatest "
            "least",
            of_type(_average_of): "avg mean try_avg",
            of_type(_sum_of): "sum try_sum",
            of_type(_whole_of): "ceil floor",
            _added: "dateadd datesub timestampadd timestampsub",
            _concat: "concat",
            called("/", _operated): "safedivide",
            called("+", _operated): "safeadd",
            called("-", _operated): "safesubtract",
            called("*", _operated): "safemultiply",
            _extracted: "date_part extract",
            _named_struct: "named_struct",
            _from_json: "from_json fromjson",
            _exploded: "_explodeouter explode explodeouter",
            _posexploded: "posexplode posexplodeouter",
            _inlined: "inline",
            _map_of_entries: "mapfromentries",
            _percentile: "median percentile quantile",
            _percentile_approx: "approxquantile percentile_approx",
            _rounded: "bround round",
            always(_DATE): "datetrunc trunc",
            always(array_of(_STRING)): "jsonkeys regexpextractall regexpsplit split",
            always(map_of(_STRING, _STRING)): "strtomap",
        }
    ),
}

_OPERATIONS = moments(
    """
    date + number, number + date, date - number: DATE
    date + interval, interval + date, date - interval: DATE
    date + clock, clock + date, date - clock: TIMESTAMPTZ
    timestamp + interval, interval + timestamp, timestamp - interval: TIMESTAMP
    timestamptz + interval, interval + timestamptz, timestamptz - interval: TIMESTAMPTZ
    date - date, timestamp - timestamp, timestamptz - timestamptz: INTERVAL
    interval + interval, interval - interval, interval * number, interval / number: INTERVAL
    """
)


def _engine(dialect: str) -> Engine:
    return Engine(
        dialect,
        syntax={
            **SYNTAX,
            **dict.fromkeys(OPERATORS, arithmetic(_operated, _OPERATIONS, texts=True)),
            "dpipe": concatenation(_STRING),
        },
        functions=_FUNCTIONS,
        constants=Constants(
            integer=_integer, number=decimals.constants_or(_DOUBLE), string=_STRING
        ),
        widen=_widen,
        bend=_bend,
        otherwise=annotated,
    )


SPARK, DATABRICKS = _engine("spark"), _engine("databricks")
