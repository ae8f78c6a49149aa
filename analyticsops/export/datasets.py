"""What OpenLineage calls a table: https://openlineage.io/docs/spec/naming

The namespace names the warehouse (host, account, region), which stands in the profile and
in none of dbt's artifacts: a person has to say it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from analyticsops.project.model import Node


class Naming(NamedTuple):
    """How tables of an adapter are called.

    Attributes:
        namespace: the form of the namespace.
        parts: of the relation that make the name; those that are empty are left out.
        separator: between the parts.
        prefix: before the first one.
    """

    namespace: str
    parts: tuple[str, ...] = ("database", "schema", "identifier")
    separator: str = "."
    prefix: str = ""


_TWO = ("schema", "identifier")

_NAMINGS: Mapping[str, Naming] = {
    "athena": Naming("awsathena://athena.{region_name}.amazonaws.com"),
    "bigquery": Naming("bigquery"),
    "clickhouse": Naming("clickhouse://{host}:{port}", _TWO),
    "databricks": Naming("unitycatalog://{host}"),
    "duckdb": Naming("duckdb://{path}"),
    "fabric": Naming("fabric-warehouse://{sql analytics endpoint}"),
    "glue": Naming("arn:aws:glue:{region}:{account id}", _TWO, "/", "table/"),
    "hive": Naming("hive://{host}:{port}", _TWO),
    "mysql": Naming("mysql://{host}:{port}", _TWO),
    "oracle": Naming("oracle://{host}:{port}"),
    "postgres": Naming("postgres://{host}:{port}"),
    "redshift": Naming("redshift://{cluster_identifier}.{region_name}:{port}"),
    "snowflake": Naming("snowflake://{organization name}-{account name}"),
    "spark": Naming("hive://{host}:{port}", _TWO),
    "sqlserver": Naming("mssql://{host}:{port}"),
    "synapse": Naming("sqlserver://{host}:{port}", _TWO),
    "teradata": Naming("teradata://{host}:{port}", _TWO),
    "trino": Naming("trino://{host}:{port}"),
}

_IN_MEMORY = "inmemory://"
"""Of ephemeral models: temporary datasets without a store."""


def naming_of(adapter: str) -> Naming:
    """How tables of an adapter are called; three parts and a host for unknown ones."""
    return _NAMINGS.get(adapter) or Naming(f"{adapter or 'unknown'}://{{host}}:{{port}}")


def default_namespace(adapter: str) -> str:
    """The namespace if nobody says it: complete for BigQuery, else only the scheme."""
    form = naming_of(adapter).namespace
    return form.partition("{")[0].rstrip(":/.") if "{" in form else form


def is_complete(namespace: str, adapter: str) -> bool:
    """False if the namespace is only what stands before the part that a person must say."""
    return "{" not in naming_of(adapter).namespace or namespace != default_namespace(adapter)


def dataset_name(node: Node, adapter: str, namespace: str) -> tuple[str, str]:
    """(namespace, name) of a node; a table outside of the project keeps its name."""
    if node.materialized == "ephemeral":
        return _IN_MEMORY, node.unique_id
    if node.relation is None:
        return namespace, node.unique_id
    naming = naming_of(adapter)
    parts = [str(getattr(node.relation, part) or "") for part in naming.parts]
    name = naming.separator.join(part for part in parts if part)
    return namespace, f"{naming.prefix}{name}"
