"""SQL Server, Fabric and Synapse, by Microsoft's documentation (data type precedence)."""

from __future__ import annotations

from sqlglot import exp

from analyticsops.sql.types import decimals
from analyticsops.sql.types.annotator import annotated
from analyticsops.sql.types.arithmetic import OPERATORS, arithmetic, concatenation, moments
from analyticsops.sql.types.engine import Constants, Engine, Rule, Typer
from analyticsops.sql.types.families import family_of
from analyticsops.sql.types.rules import of_type, returns, same, subject, table, widest
from analyticsops.sql.types.sqltype import SqlType, decimal
from analyticsops.sql.types.syntax import SYNTAX
from analyticsops.sql.types.typed import Typed

_INT, _BIGINT, _FLOAT = SqlType("INT"), SqlType("BIGINT"), SqlType("FLOAT")
_VARCHAR, _DATETIME = SqlType("VARCHAR"), SqlType("DATETIME")

_INTEGERS = ("BIT", "UTINYINT", "SMALLINT", "INT", "BIGINT")
_DIGITS = {"BIT": 1, "UTINYINT": 3, "SMALLINT": 5, "INT": 10, "BIGINT": 19}
_PRECEDENCE = (
    *("CHAR", "VARCHAR", "NCHAR", "NVARCHAR"),
    *(*_INTEGERS, "SMALLMONEY", "MONEY", "DECIMAL", "FLOAT", "DOUBLE"),
    *("TIME", "DATE", "SMALLDATETIME", "DATETIME", "DATETIME2", "TIMESTAMPTZ"),
)
"""Lowest first: what meets something further down becomes it."""


def _integer(digits: str) -> SqlType:
    return _INT if int(digits) < 1 << 31 else decimal(len(digits), 0)


def _operated(operator: str, left: Typed, right: Typed) -> SqlType | None:
    if left.type is None or right.type is None:
        return None
    names = {left.type.name, right.type.name}
    if family_of(left.type) == family_of(right.type) == "text":
        return _longer(left.type, right.type) if operator == "+" else None
    if "DECIMAL" in names and names <= {"DECIMAL", *_INTEGERS}:
        return decimals.operated(operator, left.type, right.type, decimals.tsql, _DIGITS)
    return _widen(left.type, right.type)


def _longer(left: SqlType, right: SqlType) -> SqlType:
    """Two texts end to end."""
    name = max(left.name, right.name, key=_PRECEDENCE.index)
    lengths = (*left.sizes, *right.sizes)
    return (
        SqlType(name, (sum(lengths),)) if len(lengths) == 2 and min(lengths) > 0 else SqlType(name)
    )


def _widen(left: SqlType, right: SqlType) -> SqlType | None:
    names = {left.name, right.name}
    if "DECIMAL" in names and names <= {"DECIMAL", *_INTEGERS}:
        return decimals.wider(left, right, _DIGITS)
    if not names <= set(_PRECEDENCE):
        return left if left == right else None
    if len(names) == 1:
        return max(left, right, key=lambda kind: (min(kind.sizes, default=0) < 0, kind.sizes))
    return max(left, right, key=lambda kind: _PRECEDENCE.index(kind.name))


def _bend(kind: SqlType, constant: Typed) -> SqlType | None:
    if constant.form == "string" and family_of(kind) == "text":
        return SqlType(kind.name) if kind.sizes != (-1,) else kind
    return _widen(kind, constant.type) if constant.type is not None else None


def _sum_of(kind: SqlType) -> SqlType | None:
    if kind.name == "DECIMAL":
        return decimal(38, kind.sizes[1]) if kind.sizes else kind
    if kind.name in _INTEGERS:
        return _BIGINT if kind == _BIGINT else _INT
    return {"FLOAT": _FLOAT, "MONEY": SqlType("MONEY"), "SMALLMONEY": SqlType("MONEY")}.get(
        kind.name
    )


def _average_of(kind: SqlType) -> SqlType | None:
    if kind.name == "DECIMAL":
        return decimal(38, max(kind.sizes[1], 6)) if kind.sizes else kind
    return _sum_of(kind)


def _added(node: exp.Expression, typer: Typer) -> Typed:
    """DATEADD keeps the type; a text is read as DATETIME."""
    value = typer.of(subject(node)).settled
    text = value.type is not None and family_of(value.type) in ("text", "integer")
    return Typed(_DATETIME) if text else value


def _joined(node: exp.Expression, typer: Typer) -> Typed:
    """CONCAT of anything national is national."""
    values = [typer.of(part) for part in node.expressions]
    national = any(v.type is not None and v.type.name in ("NVARCHAR", "NCHAR") for v in values)
    return Typed(SqlType("NVARCHAR")) if national else Typed(_VARCHAR)


def _counted(node: exp.Expression, _typer: Typer) -> Typed:
    """COUNT, or COUNT_BIG."""
    return Typed(_BIGINT if node.args.get("big_int") else _INT)


_FUNCTIONS: dict[str, Rule] = {
    **returns(
        {
            "BIGINT": "approxdistinct count_big countbig datediff_big denserank ntile rank "
            "rownumber",
            "DATE": "datefromparts eomonth lastday",
            "DATETIME": "currenttimestamp getdate getutcdate",
            "DATETIME2": "datetime2fromparts sysdatetime sysutcdatetime",
            "FLOAT": "acos asin atan atan2 cos cot cumedist exp ln log log10 percentilecont "
            "percentrank pi radians rand sin sqrt stddev stddevpop stddevsamp tan variance "
            "variancepop",
            "INT": "ascii charindex checksum datalength datediff datepart day dayofmonth "
            "dayofweek dayofyear extract grouping isnumeric len length month patindex quarter sign "
            "strposition unicode week year",
            "NVARCHAR": "datename dayname format json_query json_value jsonextract "
            "jsonextractscalar monthname numbertostr quotename timetostr",
            "TIMESTAMPTZ": "sysdatetimeoffset todatetimeoffset",
            "UUID": "newid newsequentialid uuid",
            "VARCHAR": "chr space str",
        }
    ),
    **table(
        {
            same: "abs anyvalue ceil firstvalue floor groupconcat lag lastvalue lead left lower "
            "ltrim max min nullif percentiledisc repeat replace replicate reverse right round "
            "rtrim stringagg stuff substring trim trunc upper",
            widest: "bitwiseand bitwiseor bitwisexor greatest least",
            of_type(_average_of): "avg",
            of_type(_sum_of): "sum",
            _counted: "count",
            _added: "dateadd datetrunc timestampadd timestamptrunc",
            _joined: "concat concatws",
        }
    ),
}

_OPERATIONS = moments(
    """
    timestamp + number, timestamp - number: same
    """
)


def _engine(dialect: str) -> Engine:
    return Engine(
        dialect,
        syntax={
            **SYNTAX,
            **dict.fromkeys(OPERATORS, arithmetic(_operated, _OPERATIONS, texts=True)),
            "dpipe": concatenation(_VARCHAR),
        },
        functions=_FUNCTIONS,
        constants=Constants(
            integer=_integer, number=decimals.constants_or(_FLOAT), string=_VARCHAR
        ),
        widen=_widen,
        bend=_bend,
        otherwise=annotated,
    )


TSQL, FABRIC = _engine("tsql"), _engine("fabric")
