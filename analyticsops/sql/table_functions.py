"""What the table functions of each engine return: names of columns, as far as known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlglot import exp


class Shape(NamedTuple):
    """The columns of a table function.

    Attributes:
        columns: their names, in order.
        constant: those that no argument decides.
        renamed: an alias without columns names the only column.
        counted: how many rows there are does not depend on the arguments' values.
        opened: there may be others: fields of an element, columns of a file.
        known: False for a function that may read anything.
    """

    columns: tuple[str, ...] = ()
    constant: frozenset[str] = frozenset()
    renamed: bool = False
    counted: bool = False
    opened: bool = False
    known: bool = True


UNKNOWN = Shape(opened=True, known=False)

_OPEN = Shape(opened=True)
"""Elements with fields; files and other systems, which nobody here can read."""

_FLATTEN = Shape(("SEQ", "KEY", "PATH", "INDEX", "VALUE", "THIS"), frozenset({"SEQ"}))
_SPLIT = Shape(("SEQ", "INDEX", "VALUE"), frozenset({"SEQ"}))
_PAIRS = Shape(("key", "value"))
_JSON_TREE = Shape(("key", "value", "type", "atom", "id", "parent", "fullkey", "path"))


def _one(name: str) -> Shape:
    return Shape((name,), renamed=True)


def _readers(names: str) -> dict[str, Shape]:
    return dict.fromkeys(names.split(), _OPEN)


_POSTGRES: Mapping[str, Shape] = {
    "crosstab": UNKNOWN,
    "generate_series": _one("generate_series"),
    "generate_subscripts": _one("generate_subscripts"),
    "json_array_elements": Shape(("value",)),
    "json_array_elements_text": Shape(("value",)),
    "json_each": _PAIRS,
    "json_each_text": _PAIRS,
    "json_object_keys": _one("json_object_keys"),
    "json_populate_record": _OPEN,
    "json_populate_recordset": _OPEN,
    "json_to_record": _OPEN,
    "json_to_recordset": _OPEN,
    "jsonb_array_elements": Shape(("value",)),
    "jsonb_array_elements_text": Shape(("value",)),
    "jsonb_each": _PAIRS,
    "jsonb_each_text": _PAIRS,
    "jsonb_object_keys": _one("jsonb_object_keys"),
    "jsonb_path_query": _one("jsonb_path_query"),
    "jsonb_populate_record": _OPEN,
    "jsonb_populate_recordset": _OPEN,
    "jsonb_to_record": _OPEN,
    "jsonb_to_recordset": _OPEN,
    "regexp_matches": _one("regexp_matches"),
    "regexp_split_to_table": _one("regexp_split_to_table"),
    "string_to_table": _one("string_to_table"),
    "unnest": Shape(("unnest",), renamed=True, opened=True),
}

_SPARK: Mapping[str, Shape] = {
    "explode": _OPEN,  # `col`, or `key` and `value` of a map
    "explode_outer": _OPEN,
    "inline": _OPEN,
    "inline_outer": _OPEN,
    "json_tuple": _OPEN,
    "posexplode": Shape(("pos",), opened=True),
    "posexplode_outer": Shape(("pos",), opened=True),
    "range": Shape(("id",)),
    "stack": _OPEN,
    "variant_explode": Shape(("pos", "key", "value")),
    "variant_explode_outer": Shape(("pos", "key", "value")),
    **_readers("cloud_files read_files read_kafka read_kinesis read_pubsub read_pulsar"),
}

_TRINO: Mapping[str, Shape] = {
    "generate_series": Shape(("sequential_number",)),
    "sequence": Shape(("sequential_number",)),
    "unnest": _OPEN,
}

_TSQL: Mapping[str, Shape] = {
    "containstable": Shape(("KEY", "RANK")),
    "freetexttable": Shape(("KEY", "RANK")),
    "generate_series": Shape(("value",)),
    "nodes": _OPEN,
    "openjson": Shape(("key", "value", "type")),
    "string_split": Shape(("value", "ordinal")),
    **_readers("opendatasource openrowset"),
}

_SHAPES: Mapping[str, Mapping[str, Shape]] = {
    "athena": _TRINO,
    "bigquery": {"unnest": _OPEN},
    "clickhouse": {
        "array_join": _OPEN,
        "generate_series": Shape(("generate_series",)),
        "numbers": Shape(("number",)),
        "numbers_mt": Shape(("number",)),
        "zeros": Shape(("zero",)),
        "zeros_mt": Shape(("zero",)),
        **_readers(
            "azureblobstorage deltalake file filecluster gcs hdfs hdfscluster hudi iceberg input"
            " jdbc mongodb mysql odbc postgresql redis remote remotesecure s3 s3cluster sqlite url"
            " urlcluster generaterandom null"
        ),
    },
    "databricks": _SPARK,
    "duckdb": {
        "generate_series": _one("generate_series"),
        "glob": Shape(("file",)),
        "json_each": _JSON_TREE,
        "json_tree": _JSON_TREE,
        "range": _one("range"),
        "repeat_row": _OPEN,
        "unnest": Shape(("unnest",), renamed=True, opened=True),
        **_readers(
            "delta_scan iceberg_scan mysql_scan parquet_scan postgres_scan read_blob read_csv"
            " read_csv_auto read_json read_json_auto read_json_objects read_ndjson"
            " read_ndjson_auto read_parquet read_text read_xlsx sniff_csv sqlite_scan st_read"
        ),
    },
    "fabric": _TSQL,
    "oracle": {},
    "postgres": _POSTGRES,
    "presto": _TRINO,
    "redshift": _POSTGRES,
    "snowflake": {
        "explode": _FLATTEN,
        "flatten": _FLATTEN,
        "generator": Shape(),
        "split_to_table": _SPLIT,
        "strtok_split_to_table": _SPLIT,
        **_readers("directory infer_schema"),
    },
    "spark": _SPARK,
    "trino": _TRINO,
    "tsql": _TSQL,
}


def function_name(function: exp.Expression) -> str:
    """The name of a called function in lower case, whatever node the parser made of it."""
    while isinstance(function, exp.Dot):
        function = function.expression
    if isinstance(function, exp.Anonymous):
        return str(function.this).lower()
    if isinstance(function, exp.GenerateSeries):
        return "range" if function.args.get("is_end_exclusive") else "generate_series"
    if isinstance(function, exp.OpenJSON):
        return "openjson"
    if isinstance(function, exp.Func):
        return str(function.sql_name()).lower()
    return str(function.key)


def shape_of(function: exp.Expression, dialect: str) -> Shape:
    """What a table function returns; :data:`UNKNOWN` for one that is not listed."""
    defined = _defined(function)
    if defined:
        return Shape(tuple(defined))
    name = function_name(function)
    if name == "stack":
        return Shape(tuple(f"col{n}" for n in range(_stack_width(function))), counted=True)
    if name == "json_tuple":
        width = len(list(function.iter_expressions())) - 1
        return Shape(tuple(f"c{n}" for n in range(width)), counted=True)
    return _SHAPES.get(dialect, _POSTGRES).get(name, UNKNOWN)


def _stack_width(stack: exp.Expression) -> int:
    """``stack(2, 'a', a, 'b', b)`` has two columns."""
    count, *values = stack.iter_expressions()
    if not (isinstance(count, exp.Literal) and count.is_int and int(count.name) > 0):
        return 0
    return -(-len(values) // int(count.name))


def _defined(function: exp.Expression) -> list[str]:
    """The columns that the call itself defines: OPENJSON ... WITH, JSON_TABLE, XMLTABLE."""
    if isinstance(function, exp.JSONTable):
        return _json_columns(function.args.get("schema"))
    found = (
        function.expressions
        if isinstance(function, exp.OpenJSON)
        else function.args.get("columns")
        if isinstance(function, exp.XMLTable)
        else ()
    )
    names = [definition.this for definition in found or ()]
    return [name.name for name in names if isinstance(name, exp.Identifier)]


def _json_columns(schema: exp.Expression | None) -> list[str]:
    names: list[str] = []
    for definition in schema.expressions if schema is not None else ():
        nested = definition.args.get("nested_schema")
        if nested is not None:
            names += _json_columns(nested)
        elif isinstance(definition.this, exp.Identifier):
            names.append(definition.this.name)
    return names
