"""Families of types: what a reader of a column must know, and what a small change of a
query does not touch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from analyticsops.sql.types.spelling import read_type
from analyticsops.sql.types.sqltype import SqlType

_MEMBERS = {
    "array": "ARRAY LIST NESTED VECTOR",
    "binary": "BINARY BIT FIXEDSTRING IMAGE LONGBLOB MEDIUMBLOB ROWVERSION TINYBLOB VARBINARY",
    "boolean": "BOOLEAN",
    "date": "DATE DATE32",
    "decimal": "BIGDECIMAL BIGNUM DECIMAL DECIMAL32 DECIMAL64 DECIMAL128 DECIMAL256 MONEY "
    "SMALLMONEY UDECIMAL",
    "float": "DECFLOAT DOUBLE FLOAT UDOUBLE",
    "geography": "GEOGRAPHY GEOGRAPHYPOINT GEOMETRY LINESTRING MULTIPOLYGON POINT POLYGON",
    "integer": "BIGINT INT INT128 INT256 MEDIUMINT OID SMALLINT TINYINT UBIGINT UINT UINT128 "
    "UINT256 UMEDIUMINT USMALLINT UTINYINT YEAR",
    "interval": "INTERVAL",
    "json": "HSTORE JSON JSONB OBJECT SUPER VARIANT XML",
    "map": "MAP",
    "struct": "STRUCT ROW",
    "text": "CHAR ENUM ENUM8 ENUM16 LONGTEXT MEDIUMTEXT NAME NCHAR NVARCHAR TEXT TINYTEXT VARCHAR",
    "time": "TIME TIMETZ TIME_NS",
    "timestamp": "DATETIME DATETIME2 DATETIME64 SMALLDATETIME TIMESTAMP TIMESTAMP_MS "
    "TIMESTAMP_NS TIMESTAMP_S",
    "timestamptz": "TIMESTAMPLTZ TIMESTAMPTZ",
    "uuid": "UUID",
}

_FAMILY_OF = {name: family for family, names in _MEMBERS.items() for name in names.split()}

FAMILIES = tuple(sorted(_MEMBERS))
"""All families, by name."""


def family_of(kind: SqlType) -> str:
    """The family of a type; empty if it belongs to none, as NULL does."""
    return _FAMILY_OF.get(kind.name, "")


def type_family(text: str, dialect: str) -> str:
    """The family of a type as a dialect writes it; empty if it is not known.

    Where the engine keeps integers as decimals without scale (Snowflake), all numbers
    but floats are ``decimal``.
    """
    kind = read_type(text, dialect)
    return family_of(kind) if kind is not None else ""


_known_family = lru_cache(maxsize=4096)(type_family)


def families_of(columns: Iterable[tuple[str, str]], dialect: str) -> Mapping[str, str]:
    """Name -> family of columns whose names and types are given."""
    return {name: _known_family(kind, dialect) for name, kind in columns}
