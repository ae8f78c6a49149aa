"""Amazon Redshift: PostgreSQL but for what its documentation says otherwise. The lengths
of texts that functions return are left out."""

from __future__ import annotations

from sqlglot import exp

from analyticsops.sql.types import decimals
from analyticsops.sql.types.annotator import annotated
from analyticsops.sql.types.arithmetic import OPERATORS, arithmetic, concatenation, moments
from analyticsops.sql.types.engine import Constants, Engine, Rule, Typer
from analyticsops.sql.types.engines import postgres
from analyticsops.sql.types.families import family_of
from analyticsops.sql.types.rules import changed, of_type, returns, same, table
from analyticsops.sql.types.sqltype import SqlType, decimal
from analyticsops.sql.types.syntax import SYNTAX
from analyticsops.sql.types.typed import Typed

_BIGINT, _DOUBLE, _VARCHAR = SqlType("BIGINT"), SqlType("DOUBLE"), SqlType("VARCHAR")
_DIGITS = {"SMALLINT": 5, "INT": 10, "BIGINT": 19}


def _operated(operator: str, left: Typed, right: Typed) -> SqlType | None:
    if left.type is None or right.type is None:
        return None
    if "DECIMAL" in (left.type.name, right.type.name):
        if "float" in (family_of(left.type), family_of(right.type)):
            return _DOUBLE
        return decimals.operated(operator, left.type, right.type, decimals.redshift, _DIGITS)
    return postgres.operated(operator, left, right)


def _widen(left: SqlType, right: SqlType) -> SqlType | None:
    families = {family_of(left), family_of(right)}
    if "decimal" in families and families <= {"decimal", "integer"}:
        return decimals.wider(left, right, _DIGITS)
    if left.name == right.name == "VARCHAR" and left.sizes and right.sizes:
        return max(left, right, key=lambda kind: kind.sizes)
    return postgres.widen(left, right)


def _bend(kind: SqlType, constant: Typed) -> SqlType | None:
    if constant.form == "string":
        return SqlType("VARCHAR") if kind.name == "VARCHAR" else kind
    return _widen(kind, constant.type) if constant.type is not None else None


def _sum_of(kind: SqlType) -> SqlType | None:
    if kind.name == "DECIMAL":
        return decimal(38, kind.sizes[1]) if kind.sizes else kind
    return {
        "SMALLINT": _BIGINT,
        "INT": _BIGINT,
        "BIGINT": decimal(38, 0),
        "FLOAT": _DOUBLE,
        "DOUBLE": _DOUBLE,
    }.get(kind.name)


def _average_of(kind: SqlType) -> SqlType | None:
    if kind.name == "DECIMAL":
        return decimal(38, kind.sizes[1]) if kind.sizes else kind
    return {"integer": _BIGINT, "float": _DOUBLE}.get(family_of(kind))


def _added_of(kind: SqlType) -> SqlType:
    """DATEADD of a date is a timestamp."""
    return kind if kind.name in ("TIMESTAMPTZ", "TIME", "TIMETZ") else SqlType("TIMESTAMP")


def _truncated_of(kind: SqlType) -> SqlType:
    return kind if kind.name == "TIMESTAMPTZ" else SqlType("TIMESTAMP")


def _extracted(node: exp.Expression, typer: Typer) -> Typed:
    """INTEGER, but DOUBLE of a moment with time zone; of the epoch nobody says."""
    if node.this.name.lower() == "epoch":
        return typer.unknown("type not known", "extract(epoch ...)", node)
    value = typer.of(node.args.get("expression"))
    return changed(value, lambda kind: _DOUBLE if kind.name == "TIMESTAMPTZ" else SqlType("INT"))


_FUNCTIONS: dict[str, Rule] = {
    **postgres.FUNCTIONS,
    **returns(
        {
            "BIGINT": "approxdistinct count datediff denserank ntile rownumber timestampdiff "
            "tsordsdiff",
            "BOOLEAN": "can_json_parse is_valid_json is_valid_json_array",
            "DATE": "currentdate date last_day lastday to_date",
            "DOUBLE": "cumedist degrees exp ln log months_between monthsbetween percentrank pow "
            "radians sqrt stddev stddevpop stddevsamp variance variancepop",
            "INT": "charindex json_array_length jsonarraylength len length rank regexp_count "
            "regexp_instr regexpcount regexpinstr strposition",
            "SUPER": "array array_concat json_parse object parsejson",
            "TIMESTAMP": "currenttimestamp getdate sysdate",
            "TIMESTAMPTZ": "strtotime to_timestamp",
            "VARCHAR": "btrim chr concat concatws groupconcat hex initcap "
            "json_extract_array_element_text json_serialize jsonextractscalar left listagg lower "
            "lpad ltrim md5 overlay pad quote_ident regexp_substr regexpextract regexpreplace "
            "repeat replace reverse right rpad rtrim sha sha1 sha2 splitpart strtol substring "
            "timetostr tochar translate trim typeof upper",
        }
    ),
    **table(
        {
            same: "abs anyvalue firstvalue lag lastvalue lead max min mode nthvalue nullif round "
            "trunc",
            _extracted: "extract",
            of_type(_sum_of): "sum",
            of_type(_average_of): "avg",
            of_type(_added_of): "add_months addmonths dateadd timestampadd tsordsadd",
            of_type(_truncated_of): "date_trunc datetrunc timestamptrunc",
        }
    ),
}

REDSHIFT = Engine(
    "redshift",
    syntax={
        **SYNTAX,
        **dict.fromkeys(
            OPERATORS,
            arithmetic(
                _operated,
                postgres.OPERATIONS | moments("date + interval, date - interval: TIMESTAMP"),
            ),
        ),
        "case": postgres.case,
        "dpipe": concatenation(_VARCHAR),
    },
    functions=_FUNCTIONS,
    constants=Constants(
        integer=postgres.integer, number=decimals.constants_or(_DOUBLE), string=_VARCHAR
    ),
    widen=_widen,
    bend=_bend,
    otherwise=annotated,
    sizes_mix=False,
)
