"""PostgreSQL, by its documentation: functions and operators (9), type conversion (10)."""

from __future__ import annotations

from sqlglot import exp

from analyticsops.sql.types.annotator import annotated
from analyticsops.sql.types.arithmetic import OPERATORS, arithmetic, concatenation, moments
from analyticsops.sql.types.engine import Constants, Engine, Rule, Typer
from analyticsops.sql.types.families import family_of
from analyticsops.sql.types.lists import LISTS
from analyticsops.sql.types.rules import (
    always,
    argument,
    arguments,
    arrayed,
    changed,
    of_type,
    returns,
    subject,
    table,
    widest,
)
from analyticsops.sql.types.sqltype import NULL, SqlType, array_of, struct_of
from analyticsops.sql.types.syntax import NOTHING, PERCENTILES, SYNTAX
from analyticsops.sql.types.typed import Typed
from analyticsops.sql.types.widening import wider_nested

INT, BIGINT, NUMERIC, DOUBLE = (SqlType(n) for n in ("INT", "BIGINT", "DECIMAL", "DOUBLE"))
TEXT = SqlType("TEXT")
_TIMESTAMP, _TIMESTAMPTZ = SqlType("TIMESTAMP"), SqlType("TIMESTAMPTZ")

ORDER = ("SMALLINT", "INT", "BIGINT", "DECIMAL", "FLOAT", "DOUBLE")
_MOMENTS = ("DATE", "TIMESTAMP", "TIMESTAMPTZ")
_TIMES = ("TIME", "TIMETZ")


def integer(digits: str) -> SqlType:
    """INTEGER, BIGINT or NUMERIC, the first that holds a constant."""
    value = int(digits)
    return INT if value < 1 << 31 else BIGINT if value < 1 << 63 else NUMERIC


def _number(_text: str) -> SqlType:
    return NUMERIC


def operated(operator: str, left: Typed, right: Typed) -> SqlType | None:
    """The wider of two numbers; single precision only meets itself."""
    if left.type is None or right.type is None:
        return None
    names = {left.type.name, right.type.name}
    if not names <= set(ORDER):
        return None
    if "FLOAT" in names and len(names) > 1:
        return DOUBLE
    if operator == "%" and names & {"FLOAT", "DOUBLE"}:
        return None
    return SqlType(max(names, key=ORDER.index))


def widen(left: SqlType, right: SqlType) -> SqlType | None:
    """The first type in the order of implicit conversion; texts keep the first one's."""
    if family_of(left) == family_of(right) == "text":
        return SqlType(left.name)
    for order in (ORDER, _MOMENTS, _TIMES):
        if left.name in order and right.name in order:
            return SqlType(max(left.name, right.name, key=order.index))
    return SqlType(left.name) if left.name == right.name and not left.of else _nested(left, right)


def _nested(left: SqlType, right: SqlType) -> SqlType | None:
    return wider_nested(left, right, widen)


def bend(kind: SqlType, constant: Typed) -> SqlType | None:
    """A text constant takes any type; a number has its own."""
    if constant.form == "string":
        return kind
    return widen(kind, constant.type) if constant.type is not None else None


# -- syntax -----------------------------------------------------------------------


def case(node: exp.Expression, typer: Typer) -> Typed:
    """ELSE comes first where the first type counts."""
    branches = [branch.args["true"] for branch in node.args["ifs"]]
    return typer.widest([node.args.get("default") or NOTHING, *branches])


def _in_group(node: exp.Expression, typer: Typer) -> Typed:
    """``percentile_cont(0.5) within group (order by x)``: intervals or floats."""
    function, order = node.this, node.expression
    keys = order.expressions if isinstance(order, exp.Order) else []
    if not keys or not isinstance(function, PERCENTILES):
        return typer.of(function).settled
    value = changed(typer.of(keys[0]), bare)
    if isinstance(function, exp.PercentileCont):
        value = changed(value, lambda kind: kind if kind.name == "INTERVAL" else DOUBLE)
    return arrayed(value) if isinstance(function.this, exp.Array) else value


# -- functions --------------------------------------------------------------------


def bare(kind: SqlType) -> SqlType:
    """What a function returns has no size."""
    return SqlType(kind.name, (), kind.of, kind.fields)


def _best_of(kind: SqlType) -> SqlType:
    """There is no max(varchar): it is read as text."""
    return TEXT if kind.name == "VARCHAR" else bare(kind)


def _sum_of(kind: SqlType) -> SqlType | None:
    if kind.name in ("SMALLINT", "INT"):
        return BIGINT
    found = {"BIGINT": NUMERIC, "DECIMAL": NUMERIC}.get(kind.name, bare(kind))
    return found if family_of(kind) in ("decimal", "float", "integer", "interval") else None


def averaged(kind: SqlType) -> SqlType | None:
    """NUMERIC of exact numbers, DOUBLE of others."""
    return {"decimal": NUMERIC, "integer": NUMERIC, "float": DOUBLE, "interval": kind}.get(
        family_of(kind)
    )


def analytic(kind: SqlType) -> SqlType | None:
    """Functions that exist for NUMERIC and DOUBLE: integers prefer DOUBLE."""
    return NUMERIC if kind.name == "DECIMAL" else DOUBLE if _is_number(kind) else None


def _is_number(kind: SqlType) -> bool:
    return family_of(kind) in ("decimal", "float", "integer", "text")


def _rounded(node: exp.Expression, typer: Typer) -> Typed:
    """``round(x, 2)`` exists for NUMERIC alone."""
    if node.args.get("decimals") is not None:
        return Typed(NUMERIC)
    return changed(typer.of(subject(node)), analytic)


def _power(node: exp.Expression, typer: Typer) -> Typed:
    both = [typer.of(part) for part in arguments(node)[:2]]
    doubtful = next((value for value in both if value.type is None), None)
    if doubtful is not None:
        return doubtful
    names = {value.type.name for value in both if value.type}
    return Typed(NUMERIC if "DECIMAL" in names and not names & {"FLOAT", "DOUBLE"} else DOUBLE)


def _truncated_of(kind: SqlType) -> SqlType:
    """A date is read as a timestamp with time zone."""
    return bare(kind) if kind.name in ("TIMESTAMP", "INTERVAL") else _TIMESTAMPTZ


def elsewhere_of(kind: SqlType) -> SqlType | None:
    """At a time zone."""
    if family_of(kind) == "time":
        return SqlType("TIMETZ")
    return {"TIMESTAMP": _TIMESTAMPTZ, "TIMESTAMPTZ": _TIMESTAMP, "DATE": _TIMESTAMP}.get(kind.name)


def _nullif(node: exp.Expression, typer: Typer) -> Typed:
    """The first argument as ``=`` reads it when it compares the two."""
    value, other = typer.of(subject(node)), typer.of(node.args.get("expression"))
    if value.type is None or other.type is None:
        return value.settled if value.type is None else other
    names = value.type.name, other.type.name
    families = family_of(value.type), family_of(other.type)
    if families == ("text", "text") or (families[0] == "text" and other.type == NULL):
        return _as_text(value.type, other)
    if families[1] == "float" and families[0] in ("integer", "decimal"):
        return Typed(DOUBLE)
    if families == ("integer", "decimal"):
        return Typed(NUMERIC)
    return other if names in (("TIME", "TIMETZ"), ("TIME", "INTERVAL")) else value.settled


def _as_text(kind: SqlType, other: Typed) -> Typed:
    """Texts are compared as TEXT; as CHAR, if one is and the other is no TEXT."""
    if kind.name == "CHAR":
        return Typed(TEXT if other.type == TEXT and not other.form else kind)
    against_char = other.type is not None and other.type.name == "CHAR" and kind != TEXT
    return Typed(SqlType("CHAR") if against_char else TEXT)


def _array(node: exp.Expression, typer: Typer) -> Typed:
    """An array of arrays is one of more dimensions, which the type does not tell."""
    value = SYNTAX["array"](node, typer)
    inner = value.type.element if value.type is not None else None
    return Typed(inner) if inner is not None and inner.name == "ARRAY" else value


def _gathered(node: exp.Expression, typer: Typer) -> Typed:
    """ARRAY_AGG: elements without sizes; of arrays it makes one of more dimensions."""
    value = changed(typer.of(subject(node)), bare)
    known = value.type is not None and value.type.name == "ARRAY"
    return value if known else arrayed(value)


def _text_or_bytes(node: exp.Expression, typer: Typer) -> Typed:
    """Functions of texts that exist for BYTEA too."""
    value = typer.of(subject(node)).settled
    return value if value.type is not None and value.type.name == "BINARY" else Typed(TEXT)


def _timezone(node: exp.Expression, typer: Typer) -> Typed:
    """``timezone('UTC', moment)``."""
    return changed(typer.of(argument(node, 1)), elsewhere_of)


def _negative(node: exp.Expression, typer: Typer) -> Typed:
    value = SYNTAX["neg"](node, typer)
    return value if value.form else changed(value, bare)


def _series(node: exp.Expression, typer: Typer) -> Typed:
    """Rows of it: integers, or moments, of which a date becomes one with a time zone."""
    both = typer.widest([node.args.get("start"), node.args.get("end")]).settled
    moments_of = {"DATE": _TIMESTAMPTZ}
    return changed(both, lambda kind: moments_of.get(kind.name, bare(kind)))


def _json_at(node: exp.Expression, typer: Typer) -> Typed:
    """JSON of JSON, JSONB of JSONB."""
    value = typer.of(subject(node)).settled
    known = value.type is not None and value.type.name in ("JSON", "JSONB", "SUPER")
    return value if known or value.type is None else Typed(SqlType("JSON"))


def _pairs(key: str, value: str) -> Rule:
    """Rows of keys and values."""
    return always(struct_of(("key", SqlType(key)), ("value", SqlType(value)), name="ROW"))


RETURNS = {
    "BIGINT": "approxdistinct count denserank pg_column_size rank rownumber",
    "BOOLEAN": "bool_and bool_or every isfinite jsonb_exists logicaland logicalor regexp_like "
    "starts_with startswith",
    "BINARY": "decode",
    "DATE": "currentdate date datefromparts make_date strtodate to_date",
    "DECIMAL": "day dayofmonth dayofweek dayofweekiso dayofyear extract hour minute month quarter "
    "second to_number tonumber week weekofyear year",
    "DOUBLE": "acos asin atan atan2 cbrt corr cos cot covarpop covarsamp cumedist date_part_ "
    "degrees percentrank pi radians rand random regravgx regravgy regrintercept regrr2 regrslope "
    "similarity sin tan",
    "INT": "array_length array_lower array_ndims array_position array_upper arraysize ascii "
    "bit_length bitlength bytelength cardinality char_length grouping hashtext json_array_length "
    "jsonb_array_length length levenshtein ntile octet_length strposition width_bucket widthbucket",
    "INTERVAL": "age justify_days justify_hours justify_interval justifydays justifyhours "
    "justifyinterval make_interval makeinterval",
    "JSON": "array_to_json json_agg json_build_array json_build_object json_object "
    "json_object_agg json_strip_nulls jsonarray jsonarrayagg jsonobject jsonobjectagg parsejson "
    "row_to_json to_json",
    "JSONB": "jsonb_agg jsonb_build_array jsonb_build_object jsonb_insert jsonb_object "
    "jsonb_object_agg jsonb_path_query jsonb_set jsonb_strip_nulls jsonbobjectagg to_jsonb",
    "TEXT": "array_to_string arraytostring chr concat concatws current_setting currentversion "
    "encode format hex host initcap json_array_elements_text json_object_keys json_typeof "
    "jsonb_array_elements_text jsonb_object_keys jsonb_pretty jsonb_typeof jsonbextractscalar "
    "jsonextractscalar left lower md5 normalize pad quote_ident quote_literal "
    "regexp_split_to_table regexp_substr regexpextract regexpreplace repeat replace reverse right "
    "splitpart string_to_table timetostr to_hex tochar translate typeof unaccent upper version",
    "TIME": "localtime make_time",
    "TIMESTAMP": "date_bin localtimestamp make_timestamp",
    "TIMESTAMPTZ": "clock_timestamp currenttimestamp make_timestamptz now statement_timestamp "
    "strtotime transaction_timestamp unixtotime",
    "TIMETZ": "currenttime",
    "UUID": "gen_random_uuid uuid uuid_generate_v4",
    "NAME": "current_catalog current_database current_role current_schema current_user "
    "currentcatalog currentdatabase currentrole currentschema currentuser session_user",
}

FUNCTIONS: dict[str, Rule] = {
    **LISTS,
    **returns(RETURNS),
    **table(
        {
            of_type(bare): "abs anyvalue array_agg_first bitwiseandagg bitwisenot bitwiseoragg "
            "firstvalue lag lastvalue lead nthvalue",
            of_type(_best_of): "max min",
            of_type(_sum_of): "sum",
            of_type(averaged): "avg stddev stddevpop stddevsamp variance variancepop",
            of_type(analytic): "ceil exp floor ln sign sqrt",
            of_type(_truncated_of): "date_trunc timestamptrunc",
            of_type(elsewhere_of): "attimezone",
            _gathered: "array_agg arrayagg",
            _text_or_bytes: "btrim groupconcat ltrim overlay rtrim string_agg substring trim",
            _timezone: "timezone",
            widest: "bitwiseand bitwiseleftshift bitwiseor bitwiserightshift bitwisexor greatest "
            "least",
            always(array_of(TEXT)): "regexp_matches regexp_split_to_array regexpextractall "
            "regexpsplit split string_to_array stringtoarray",
            _json_at: "json_array_elements json_extract_path jsonb_array_elements "
            "jsonb_extract_path jsonbextract jsonextract",
            _nullif: "nullif",
            _pairs("TEXT", "JSON"): "json_each",
            _pairs("TEXT", "JSONB"): "jsonb_each",
            _pairs("TEXT", "TEXT"): "json_each_text jsonb_each_text",
            _power: "log pow",
            _rounded: "round trunc",
            _series: "explodinggenerateseries generate_series generateseries",
        }
    ),
}

OPERATIONS = moments(
    """
    date + number, number + date, date - number: DATE
    date - date: INT
    date + time, time + date: TIMESTAMP
    date + timetz, timetz + date: TIMESTAMPTZ
    date + interval, interval + date, date - interval: TIMESTAMP
    timestamp + interval, interval + timestamp, timestamp - interval: TIMESTAMP
    timestamptz + interval, interval + timestamptz, timestamptz - interval: TIMESTAMPTZ
    time + interval, interval + time, time - interval: TIME
    timetz + interval, interval + timetz, timetz - interval: TIMETZ
    time - time: INTERVAL
    date - timestamp, timestamp - date, timestamp - timestamp: INTERVAL
    date - timestamptz, timestamptz - date, timestamptz - timestamptz: INTERVAL
    timestamp - timestamptz, timestamptz - timestamp: INTERVAL
    interval + interval, interval - interval: INTERVAL
    interval * number, number * interval, interval / number: INTERVAL
    """
)

POSTGRES = Engine(
    "postgres",
    syntax={
        **SYNTAX,
        **dict.fromkeys(OPERATORS, arithmetic(operated, OPERATIONS)),
        "array": _array,
        "case": case,
        "dpipe": concatenation(TEXT),
        "neg": _negative,
        "withingroup": _in_group,
    },
    functions=FUNCTIONS,
    constants=Constants(integer=integer, number=_number, string=TEXT),
    widen=widen,
    bend=bend,
    otherwise=annotated,
    sizes_mix=False,
)
