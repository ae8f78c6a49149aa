"""The two tables of the history: every column that is ever stored, and nothing else.

This is the allowlist. What is not a column here never leaves memory: no environment
values, no SQL, no arguments of a command, no failing values. The same layout is the
table of the dbt macros, so that a history in a warehouse and one in a folder are one.
"""

from __future__ import annotations

from typing import NamedTuple

VERSION = 1
"""Of the layout and of the files. Columns are added, never removed or given another
meaning; a reader of version 1 stays for ever."""


class Column(NamedTuple):
    """One column.

    Attributes:
        name: in files, tables and JSON.
        type: ``text``, ``timestamp`` (UTC), ``double``, ``bigint`` or ``boolean``.
        meaning: one line; units where there are any. Null means "not known" everywhere.
    """

    name: str
    type: str
    meaning: str


INVOCATIONS: tuple[Column, ...] = (
    Column("invocation_id", "text", "dbt's id of the invocation"),
    Column("started_at", "timestamp", "when it started"),
    Column("ended_at", "timestamp", "when it wrote its results, or was seen to end"),
    Column("state", "text", "finished, failed, interrupted, crashed, started or unknown"),
    Column("command", "text", "dbt's command: build, run, test, seed, freshness, ..."),
    Column("retries", "boolean", "true if it was called as `dbt retry`"),
    Column("success", "boolean", "as dbt said at its end"),
    Column("exit_code", "bigint", "of dbt; negative for a signal"),
    Column("elapsed", "double", "seconds, as dbt measured them"),
    Column("project", "text", "name of the dbt project"),
    Column("environment", "text", "as named when it was recorded"),
    Column("target", "text", "dbt's target, where dbt wrote it down"),
    Column("location", "text", "database.schema in which most of its nodes lie"),
    Column("job", "text", "name of the job, as named when it was recorded"),
    Column("git_sha", "text", "commit of the project"),
    Column("adapter", "text", "duckdb, postgres, snowflake, ..."),
    Column("dbt_version", "text", "for instance 1.11.16"),
    Column("selected", "boolean", "true if a part of the project was selected"),
    Column("full_refresh", "boolean", "true with --full-refresh"),
    Column("empty", "boolean", "true with --empty: nothing was loaded"),
    Column("sample", "boolean", "true with --sample: a part of the data was loaded"),
    Column("defer", "boolean", "true with --defer: parents of another environment were read"),
    Column("event_time_start", "text", "begin of a backfill, as written"),
    Column("event_time_end", "text", "end of a backfill, as written"),
    Column("manifest", "text", "own, other or none: where facts about its nodes come from"),
    Column("results", "bigint", "how many node results belong to it"),
    Column("door", "text", "hook: dbt's hook wrote it; null: read from dbt's files"),
)

NODE_RESULTS: tuple[Column, ...] = (
    Column("unique_id", "text", "dbt's id of the node"),
    Column("status", "text", "as dbt wrote it, in lower case; unmeasured for a source left out"),
    Column("started_at", "timestamp", "when dbt began with it"),
    Column("completed_at", "timestamp", "when dbt was done with it"),
    Column("execution_time", "double", "seconds"),
    Column("failures", "bigint", "of a test: failing rows, or what fail_calc says"),
    Column("materialized", "text", "table, view, incremental, ...; of a test: test or unit"),
    Column("checksum", "text", "first 16 digits of the checksum of its file"),
    Column("tested", "text", "of a test: unique_id of the node that it is about"),
    Column("rows_affected", "bigint", "as the adapter said"),
    Column("bytes_processed", "bigint", "as the adapter said, or billed"),
    Column("slot_ms", "bigint", "BigQuery's slot milliseconds"),
    Column("query_id", "text", "the warehouse's id of the query or job"),
    Column("batches_ok", "bigint", "of a microbatch model: batches that were loaded"),
    Column("batches_failed", "bigint", "of a microbatch model: batches that were not"),
    Column("max_loaded_at", "timestamp", "of a source: its newest data"),
    Column("measured_at", "timestamp", "of a source: when that was asked, database's clock"),
    Column("message", "text", "of what is not good: first line, values masked"),
)

SQL_TYPES = {
    "text": "varchar",
    "timestamp": "timestamp",
    "double": "double",
    "bigint": "bigint",
    "boolean": "boolean",
}
"""In DuckDB."""

FILE_TYPES = {**SQL_TYPES, "timestamp": "bigint"}
"""In files, where an instant is a whole number of microseconds since 1970, UTC."""
