"""Any other engine: what nearly all of them agree on, the rest from sqlglot."""

from __future__ import annotations

from analyticsops.sql.types.annotator import annotated
from analyticsops.sql.types.arithmetic import OPERATORS, arithmetic, concatenation, moments
from analyticsops.sql.types.engine import Constants, Engine, Rule
from analyticsops.sql.types.families import family_of
from analyticsops.sql.types.lists import LISTS
from analyticsops.sql.types.rules import returns, same, table, widest
from analyticsops.sql.types.sqltype import SqlType
from analyticsops.sql.types.syntax import SYNTAX
from analyticsops.sql.types.typed import Typed
from analyticsops.sql.types.widening import NUMBERS, wider_nested

_INT, _BIGINT, _DOUBLE, _VARCHAR = (SqlType(n) for n in ("INT", "BIGINT", "DOUBLE", "VARCHAR"))

_ORDER = ("TINYINT", "SMALLINT", "INT", "BIGINT", "DECIMAL", "FLOAT", "DOUBLE")
_MOMENTS = ("DATE", "TIMESTAMP", "TIMESTAMPTZ")


def _integer(digits: str) -> SqlType:
    return _INT if len(digits.lstrip("-")) < 10 else _BIGINT


def _number(text: str) -> SqlType:
    return _DOUBLE if "e" in text.lower() else SqlType("DECIMAL")


def _operated(operator: str, left: Typed, right: Typed) -> SqlType | None:
    """Integers stay integers but for ``/``, floats win; decimals are not looked into."""
    if left.type is None or right.type is None:
        return None
    names = {left.type.name, right.type.name}
    if names & {"DOUBLE", "FLOAT"}:
        return _DOUBLE
    if "DECIMAL" in names:
        return SqlType("DECIMAL")
    return None if operator == "/" else _widen(left.type, right.type)


def _widen(left: SqlType, right: SqlType) -> SqlType | None:
    families = {family_of(left), family_of(right)}
    for order in (_ORDER, _MOMENTS):
        if left.name in order and right.name in order:
            if left.name == right.name:
                return SqlType(left.name)
            return max(left, right, key=lambda kind: order.index(kind.name))
    if families == {"text"}:
        return _VARCHAR
    return wider_nested(left, right, _widen)


def _bend(kind: SqlType, constant: Typed) -> SqlType | None:
    if constant.form == "string" or (constant.form and family_of(kind) in NUMBERS):
        return kind
    return _widen(kind, constant.type) if constant.type else None


FUNCTIONS: dict[str, Rule] = {
    **LISTS,
    **returns(
        {
            "BIGINT": "approxdistinct count countif denserank rank rownumber",
            "DOUBLE": "cumedist exp ln percentrank sqrt stddev stddevpop stddevsamp variance",
            "VARCHAR": "concat concatws groupconcat lower ltrim md5 replace rtrim splitpart "
            "substring trim upper",
        }
    ),
    **table(
        {same: "anyvalue firstvalue lag lastvalue lead max min nullif", widest: "greatest least"}
    ),
}

_OPERATIONS = moments(
    """
    timestamp + interval, interval + timestamp, timestamp - interval: TIMESTAMP
    timestamptz + interval, interval + timestamptz, timestamptz - interval: TIMESTAMPTZ
    """
)


def standard(dialect: str) -> Engine:
    """An engine for a dialect that has no module of its own."""
    return Engine(
        dialect,
        syntax={
            **SYNTAX,
            **dict.fromkeys(OPERATORS, arithmetic(_operated, _OPERATIONS)),
            "dpipe": concatenation(_VARCHAR),
        },
        functions=FUNCTIONS,
        constants=Constants(integer=_integer, number=_number, string=_VARCHAR),
        widen=_widen,
        bend=_bend,
        otherwise=annotated,
    )
