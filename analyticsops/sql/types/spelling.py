"""How each dialect writes its types, and which of its names are one type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

import msgspec
from sqlglot import exp

from analyticsops.sql.fragments import parse_type
from analyticsops.sql.types.sqltype import MAX, NULL, SqlType


class Spelling(msgspec.Struct, frozen=True, kw_only=True):
    """How a dialect writes types.

    Attributes:
        same: names that sqlglot tells apart and the engine does not.
        sizes: what a type without sizes means; also fills up DECIMAL(10).
        unsized: types whose sizes the engine ignores, or keeps out of the type.
        words: what the engine calls a type, where that is not sqlglot's name.
        brackets: around what a type is made of.
        array: how an array is written around its element.
        struct: what a struct is called.
        colon: a field and its type stand on both sides of a colon.
        null: the type of a table's column that holds nothing but NULL.
        unsaid: types whose sizes catalogs leave out although they have some.
    """

    same: Mapping[str, str] = {}
    sizes: Mapping[str, tuple[int, ...]] = {}
    unsized: frozenset[str] = frozenset()
    words: Mapping[str, str] = {}
    brackets: tuple[str, str] = ("<", ">")
    array: str = "ARRAY<{}>"
    struct: str = "STRUCT"
    colon: bool = False
    null: str = "NULL"
    unsaid: frozenset[str] = frozenset()


_EVERYWHERE = {
    "BIGSERIAL": "BIGINT",
    "BPCHAR": "CHAR",
    "DATETIME": "TIMESTAMP",
    "LIST": "ARRAY",
    "MEDIUMINT": "INT",
    "NCHAR": "CHAR",
    "NVARCHAR": "VARCHAR",
    "SERIAL": "INT",
    "SMALLSERIAL": "SMALLINT",
    "TIMESTAMPNTZ": "TIMESTAMP",
    "VARBINARY": "BINARY",
}
_ONE_TEXT = {"CHAR": "VARCHAR", "TEXT": "VARCHAR"}
_NO_SMALL = {"INT": "BIGINT", "SMALLINT": "BIGINT", "TINYINT": "BIGINT", "FLOAT": "DOUBLE"}
_TEXTS = frozenset({"CHAR", "TEXT", "VARCHAR"})
_TIMES = frozenset({"TIME", "TIMESTAMP", "TIMESTAMPLTZ", "TIMESTAMPTZ", "TIMETZ"})

_PLAIN = Spelling(same=_ONE_TEXT)

_SPARK = Spelling(
    same={
        **_ONE_TEXT,
        "TIMESTAMP": "TIMESTAMPTZ",
        "TIMESTAMPLTZ": "TIMESTAMPTZ",
        "TIMESTAMPNTZ": "TIMESTAMP",
    },
    sizes={"DECIMAL": (10, 0)},
    unsized=_TEXTS,
    words={"VARCHAR": "STRING", "TIMESTAMP": "TIMESTAMP_NTZ", "TIMESTAMPTZ": "TIMESTAMP"},
    colon=True,
    null="VOID",
)
_TRINO = Spelling(
    same={"TEXT": "VARCHAR"},
    sizes={"DECIMAL": (38, 0), "CHAR": (1,)},
    unsized=_TIMES,
    words={
        "BINARY": "VARBINARY",
        "FLOAT": "REAL",
        "INT": "INTEGER",
        "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE",
        "TIMETZ": "TIME WITH TIME ZONE",
    },
    brackets=("(", ")"),
    array="ARRAY({})",
    struct="ROW",
    null="UNKNOWN",
)

_OF_DIALECT = {
    "athena": _TRINO,
    "bigquery": Spelling(
        same={**_ONE_TEXT, **_NO_SMALL},
        unsized=_TEXTS | {"BIGDECIMAL", "BINARY", "DECIMAL"},
        words={
            "BIGDECIMAL": "BIGNUMERIC",
            "BIGINT": "INT64",
            "BINARY": "BYTES",
            "BOOLEAN": "BOOL",
            "DECIMAL": "NUMERIC",
            "DOUBLE": "FLOAT64",
            "TIMESTAMP": "DATETIME",
            "TIMESTAMPTZ": "TIMESTAMP",
            "VARCHAR": "STRING",
        },
        null="INT64",
    ),
    "clickhouse": Spelling(
        same={**_ONE_TEXT, "DATE32": "DATE", "DATETIME": "DATETIME"},
        words={
            "BIGINT": "Int64",
            "BOOLEAN": "Bool",
            "DATE": "Date",
            "DATETIME": "DateTime",
            "DATETIME64": "DateTime64",
            "DECIMAL": "Decimal",
            "DOUBLE": "Float64",
            "FLOAT": "Float32",
            "INT": "Int32",
            "INT128": "Int128",
            "INT256": "Int256",
            "MAP": "Map",
            "SMALLINT": "Int16",
            "TINYINT": "Int8",
            "UBIGINT": "UInt64",
            "UINT": "UInt32",
            "UINT128": "UInt128",
            "USMALLINT": "UInt16",
            "UTINYINT": "UInt8",
            "VARCHAR": "String",
        },
        brackets=("(", ")"),
        array="Array({})",
        struct="Tuple",
        null="Nullable(Nothing)",
    ),
    "databricks": _SPARK,
    "duckdb": Spelling(
        same={**_ONE_TEXT, "TIMESTAMPLTZ": "TIMESTAMPTZ"},
        sizes={"DECIMAL": (18, 3)},
        unsized=_TEXTS | _TIMES,
        words={
            "BINARY": "BLOB",
            "INT": "INTEGER",
            "INT128": "HUGEINT",
            "NULL": '"NULL"',
            "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE",
            "TIMETZ": "TIME WITH TIME ZONE",
            "UINT": "UINTEGER",
            "UINT128": "UHUGEINT",
        },
        brackets=("(", ")"),
        array="{}[]",
        null='"NULL"',
    ),
    "hive": _SPARK,
    "postgres": Spelling(
        words={
            "BINARY": "BYTEA",
            "DECIMAL": "NUMERIC",
            "DOUBLE": "DOUBLE PRECISION",
            "FLOAT": "REAL",
            "INT": "INTEGER",
            "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE",
            "TIMETZ": "TIME WITH TIME ZONE",
        },
        array="{}[]",
        null="TEXT",
    ),
    "presto": _TRINO,
    "redshift": Spelling(
        same={"TEXT": "VARCHAR"},
        sizes={"DECIMAL": (18, 0), "CHAR": (1,)},
        words={
            "BINARY": "VARBYTE",
            "DECIMAL": "NUMERIC",
            "DOUBLE": "DOUBLE PRECISION",
            "FLOAT": "REAL",
            "INT": "INTEGER",
            "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE",
            "TIMETZ": "TIME WITH TIME ZONE",
        },
        array="{}[]",
        null="VARCHAR",
    ),
    "snowflake": Spelling(
        same={
            **_ONE_TEXT,
            **dict.fromkeys(("BIGINT", "INT", "SMALLINT", "TINYINT"), "DECIMAL"),
            "FLOAT": "DOUBLE",
        },
        sizes={"DECIMAL": (38, 0)},
        unsized=_TEXTS | _TIMES | {"BINARY"},
        words={
            "DECIMAL": "NUMBER",
            "DOUBLE": "FLOAT",
            "TIMESTAMP": "TIMESTAMP_NTZ",
            "TIMESTAMPLTZ": "TIMESTAMP_LTZ",
            "TIMESTAMPTZ": "TIMESTAMP_TZ",
        },
        brackets=("(", ")"),
        array="ARRAY({})",
        null="VARCHAR",
        unsaid=frozenset({"DECIMAL"}),
    ),
    "spark": _SPARK,
    "trino": _TRINO,
    "tsql": Spelling(
        same={"DATETIME": "DATETIME", "NVARCHAR": "NVARCHAR", "NCHAR": "NCHAR"},
        words={
            "BINARY": "VARBINARY",
            "TIMESTAMPTZ": "DATETIMEOFFSET",
            "UTINYINT": "TINYINT",
            "UUID": "UNIQUEIDENTIFIER",
        },
        null="INT",
    ),
}


def spelling_of(dialect: str) -> Spelling:
    """How a dialect writes types; the usual way if it is not listed."""
    return _OF_DIALECT.get(dialect, _PLAIN)


# -- reading --------------------------------------------------------------------


_NAME = re.compile(r"[A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)*")


@lru_cache(maxsize=8192)
def read_type(text: str, dialect: str) -> SqlType | None:
    """The type that a text of a catalog or of YAML means, None if it is not understood.

    A name that sqlglot does not know is a type of the user's, known by its name alone.
    """
    if text.strip('" ').upper() == "NULL":
        return NULL
    tree = parse_type(text, dialect)
    kind = from_tree(tree, dialect) if tree is not None else None
    if kind is None:
        return SqlType(text.lower()) if _NAME.fullmatch(text) else None
    spelling = spelling_of(dialect)
    if kind.name in spelling.unsaid and text.upper() == spelling.words.get(kind.name):
        return SqlType(kind.name)
    return kind


def from_tree(tree: exp.Expression, dialect: str) -> SqlType | None:
    """The type that a parsed type means, None if sqlglot does not know it either."""
    kind = tree.this
    if isinstance(kind, exp.Interval):
        return SqlType("INTERVAL")
    name = getattr(kind, "value", None)
    if name == "USERDEFINED" and tree.args.get("kind"):
        return SqlType(str(tree.args["kind"]).lower())
    if not isinstance(name, str) or name in ("UNKNOWN", "USERDEFINED", "USER-DEFINED"):
        return None
    spelling = spelling_of(dialect)
    if name in ("LOWCARDINALITY", "NULLABLE") and tree.expressions:
        return from_tree(tree.expressions[0], dialect)
    of, fields = _parts(tree, dialect)
    if None in of:
        return None
    sizes = tuple(_sizes([*tree.expressions, *(tree.args.get("values") or ())]))
    return _kept(spelling, name, sizes, tuple(kind for kind in of if kind), tuple(fields))


def _parts(tree: exp.Expression, dialect: str) -> tuple[list[SqlType | None], list[str]]:
    of: list[SqlType | None] = []
    fields: list[str] = []
    for part in tree.expressions:
        if isinstance(part, exp.DataType):
            of.append(from_tree(part, dialect))
            fields.append("")
        elif isinstance(part, exp.ColumnDef) and part.args.get("kind") is not None:
            named = isinstance(part.this, exp.Identifier)
            of.append(from_tree(part.args["kind"], dialect) if named else None)
            fields.append(part.name)
    return of, fields if tree.this == exp.DataType.Type.STRUCT else []


def _sizes(parts: list[exp.Expression]) -> Iterator[int]:
    for part in parts:
        if isinstance(part, (exp.DataTypeParam, exp.Literal)):
            text = part.name
            if text.isdigit():
                yield int(text)
            elif text.upper() == "MAX":
                yield MAX


def _kept(
    spelling: Spelling,
    name: str,
    sizes: tuple[int, ...],
    of: tuple[SqlType, ...],
    fields: tuple[str, ...],
) -> SqlType:
    """The form in which the engine keeps a type."""
    if name in spelling.same:
        name = spelling.same[name]
    else:
        plain = _EVERYWHERE.get(name, name)
        name = spelling.same.get(plain, plain)
    usual = spelling.sizes.get(name, ())
    if name in spelling.unsized:
        sizes = ()
    elif not sizes:
        sizes = usual
    if name == "DECIMAL" and len(sizes) == 1:
        sizes = (*sizes, 0)
    return SqlType(name, sizes, of, fields)


# -- writing --------------------------------------------------------------------


def type_text(kind: SqlType, dialect: str) -> str:
    """The type as the engine itself writes it."""
    spelling = spelling_of(dialect)
    if kind.name == "ARRAY":
        if not kind.of:
            return "ARRAY"
        text = spelling.array.format(type_text(kind.of[0], dialect))
        return f"{text[:-1]}{kind.sizes[0]}]" if kind.sizes and text.endswith("[]") else text
    if kind.name in ("STRUCT", "ROW"):
        return _struct_text(kind, dialect, spelling)
    word = spelling.words.get(kind.name, kind.name)
    opened, closed = spelling.brackets
    if kind.of:
        return f"{word}{opened}{', '.join(type_text(part, dialect) for part in kind.of)}{closed}"
    sizes = ",".join("MAX" if size == MAX else str(size) for size in kind.sizes)
    return f"{word}({sizes})" if sizes else word


def _struct_text(kind: SqlType, dialect: str, spelling: Spelling) -> str:
    between = ": " if spelling.colon else " "
    parts = [
        f"{_identifier(field, dialect)}{between}{type_text(part, dialect)}".strip()
        for field, part in zip(kind.fields, kind.of, strict=True)
    ]
    opened, closed = spelling.brackets
    return f"{spelling.struct}{opened}{', '.join(parts)}{closed}" if parts else spelling.struct


def _identifier(name: str, dialect: str) -> str:
    if not name or (name.isidentifier() and name.isascii()):
        return name
    return str(exp.to_identifier(name, quoted=True).sql(dialect=dialect))
