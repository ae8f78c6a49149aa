"""What is known of adapters without asking them.

The facts stand in dbt's adapters; those that differ between their versions, and
those of adapters that we do not know, are unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec


class AdapterFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an adapter.

    Attributes:
        parents: adapters whose macros it inherits, nearest first.
        quote: what ``adapter.quote`` puts around an identifier; empty if not known.
        labels: how ``Column.translate_type`` renames types; None if not known.
        fold: what ``Column.translate_type`` does to the result.
        text: how ``Column.string_type(n)`` is written; empty if not known.
        numeric: True if ``Column.numeric_type`` writes ``type(precision,scale)``.
        quoted: which parts of a relation it quotes if the project says nothing.
    """

    parents: tuple[str, ...] = ()
    quote: str = ""
    labels: Mapping[str, str] | None = None
    fold: Callable[[str], str] = str
    text: str = ""
    numeric: bool = False
    quoted: bool = True


_TEXT = {"STRING": "TEXT"}
_VARYING = "character varying({})"
_POSTGRES = AdapterFacts(quote='"', labels=_TEXT, text=_VARYING, numeric=True)


def _child_of(parent: str) -> AdapterFacts:
    return msgspec.structs.replace(_POSTGRES, parents=(parent,))


ADAPTERS: Mapping[str, AdapterFacts] = {
    "athena": AdapterFacts(quote='"', labels={"STRING": "VARCHAR", "TEXT": "VARCHAR"}),
    "bigquery": AdapterFacts(
        quote="`", labels={"TEXT": "STRING", "FLOAT": "FLOAT64", "INTEGER": "INT64"}
    ),
    "clickhouse": AdapterFacts(
        labels={"STRING": "String", "TIMESTAMP": "DateTime", "FLOAT": "Float32", "INTEGER": "Int32"}
    ),
    "databricks": AdapterFacts(
        parents=("spark",), quote="`", labels={"LONG": "BIGINT"}, fold=str.lower
    ),
    "duckdb": _POSTGRES,
    "fabric": AdapterFacts(),
    "greenplum": _child_of("postgres"),
    "materialize": _child_of("postgres"),
    "postgres": _POSTGRES,
    "redshift": _child_of("postgres"),
    "risingwave": _child_of("postgres"),
    "snowflake": AdapterFacts(quote='"', labels=_TEXT, text=_VARYING, numeric=True, quoted=False),
    "spark": AdapterFacts(quote="`", labels={}),
    "sqlserver": AdapterFacts(parents=("fabric",)),
    "synapse": AdapterFacts(parents=("fabric",)),
    "trino": AdapterFacts(
        quote='"', labels={"STRING": "VARCHAR", "FLOAT": "DOUBLE"}, text="varchar({})", numeric=True
    ),
}
"""By adapter type. ``quote`` and ``labels`` were read in the adapters' sources."""


def facts_of(adapter: str) -> AdapterFacts:
    """What is known of an adapter, which may be nothing."""
    return ADAPTERS.get(adapter, AdapterFacts())
