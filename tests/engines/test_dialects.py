"""The SQL of the macros for warehouses that cannot run here, and what needs no warehouse.

``python -m tests.engines.test_dialects`` writes the golden files anew; read the difference.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlglot

from tests import hostile
from tests.engines.macros import Package

GOLDEN = Path(__file__).parent / "golden"
DIALECTS = [
    *("bigquery", "databricks", "duckdb", "postgres"),
    *("redshift", "snowflake", "spark", "trino"),
]


def statements(adapter: str) -> list[str]:
    """Every kind of statement that the macros make."""
    package = Package(adapter)
    kinds = [
        ["unique_id", "text"],
        ["started_at", "timestamp"],
        ["execution_time", "double"],
        ["failures", "bigint"],
        ["retries", "boolean"],
    ]
    table = "analyticsops.node_results"
    texts = [
        package.call("history_text", name, kind) for name, kind in [*kinds, ["sample", "text"]]
    ]
    row = ["a'b", "2026-11-21 00:14:11.123456", "0.5", "7", "true"]
    return [
        package.call("history_create", table, [*kinds, ["sample", "boolean"]]),
        *package.call("history_add_columns", table, [["sample", "boolean"], ["door", "text"]]),
        *package.call("history_inserts", "t", table, kinds, [row], "select 1 from x where y = 'z'"),
        f"select {', '.join(texts)} from {table} where started_at >= "
        + package.call("history_instant", "'2026-11-01 00:00:00'"),
    ]


def golden(adapter: str) -> str:
    """As it stands in a file."""
    return "".join(f"{statement};\n\n" for statement in statements(adapter))


@pytest.mark.parametrize("adapter", DIALECTS)
def test_sql_is_that_of_the_golden_file_and_of_the_dialect(adapter: str) -> None:
    assert golden(adapter) == (GOLDEN / f"{adapter}.sql").read_text()
    for statement in statements(adapter):
        parsed = sqlglot.parse_one(statement, dialect=adapter)
        assert not isinstance(parsed, sqlglot.exp.Command), statement


@pytest.mark.parametrize("adapter", DIALECTS)
def test_nothing_hostile_can_stand_in_a_literal(adapter: str) -> None:
    rows = [[text, text] for text in hostile.TEXTS]
    columns = [["unique_id", "text"], ["message", "text"]]
    made = Package(adapter).call("history_inserts", "t", "t", columns, rows, "select 1")
    for statement in made:
        literals = sqlglot.parse_one(statement, dialect=adapter).find_all(sqlglot.exp.Literal)
        largest = max((literal.name for literal in literals), key=len)
        given = json.loads(bytes.fromhex(largest))
        assert given[0] == ["'", "'"]
        digits = statement.count(largest)
        assert digits == 1


@pytest.mark.parametrize("adapter", DIALECTS)
def test_chunks_keep_every_row_and_their_size(adapter: str) -> None:
    package = Package(adapter)
    largest = package.call("history_chunk")
    rows = [[f"model.shop.m{number}", "é" * (number % 300)] for number in range(3_000)]
    chunks = package.call("history_chunks", rows, largest)
    assert [row for chunk in chunks for row in json.loads(chunk)] == rows
    assert max(2 * len(chunk) for chunk in chunks) <= largest
    # Filled as far as a row of the largest size lets them.
    assert all(2 * len(chunk) > largest - 2 * 2_000 for chunk in chunks[:-1])


def test_a_row_larger_than_a_literal_is_a_chunk_of_its_own() -> None:
    chunks = Package("redshift").call("history_chunks", [["a"], ["x" * 90_000], ["b"]], 60_000)
    assert [json.loads(chunk) for chunk in chunks] == [[["a"]], [["x" * 90_000]], [["b"]]]


def test_an_adapter_that_nobody_taught_records_nothing() -> None:
    said: list[str] = []
    package = Package(
        "sqlserver", {"analyticsops_targets": ["prod"]}, log=lambda words, info: said.append(words)
    )
    assert package.call("history_is_on") is False
    assert said == ["analyticsops: this run is not recorded: unknown adapter sqlserver"]


@pytest.mark.parametrize(
    ("targets", "on"),
    [
        (None, False),
        ([], False),
        ("", False),
        (["ci"], False),
        ("production", False),
        ("prod", True),
        (["ci", "prod"], True),
    ],
)
def test_only_named_targets_are_recorded(targets: object, on: bool) -> None:
    assert Package("duckdb", {"analyticsops_targets": targets}).call("history_is_on") is on


def test_numbers_are_those_of_ingest() -> None:
    from analyticsops.history.reading import _number

    package = Package("duckdb")
    values = [0, 7, -1, "12", "-1", "x", "", True, None, 1.5, 2**63 - 1, 2**63, [1]]
    for value in values:
        expected = _number({"slot_ms": value}, ("slot_ms",))
        found = package.call("history_number", {"slot_ms": value}, ["slot_ms"])
        assert found == (None if expected is None else str(expected)), value


def _row(response: dict[str, object] | None) -> list[str | None]:
    """What is recorded of a node without what a manifest has, and with a response."""
    node = SimpleNamespace(
        unique_id="model.s.a", resource_type="model", config=SimpleNamespace(), checksum=None
    )
    result = SimpleNamespace(
        node=node, status="success", timing=[], execution_time=0.0, failures=None,
        adapter_response=response, message=None, batch_results=None,
    )  # fmt: skip
    (row,) = Package("duckdb").call("history_result_rows", [result])
    return list(row)


def test_a_node_without_what_a_manifest_has() -> None:
    assert _row(None) == ["model.s.a", "success", None, None, "0.0", *[None] * 13]


@pytest.mark.parametrize(
    "response",
    [
        {"_message": "OK"},
        {"rows_affected": 0},
        {"rows_affected": -1},
        {"rows_affected": "12"},
        {"rows_affected": None, "rows_inserted": 3},
        {"rows_affected": 2**63},
        {"rows_affected": True},
        {"bytes_billed": 1, "bytes_processed": 2, "slot_ms": 3, "job_id": "j"},
        {"bytes_billed": None, "bytes_processed": 2, "query_id": ""},
        {"data_scanned_in_bytes": 5, "query_id": "q" * 200},
    ],
)
def test_costs_are_those_of_ingest(response: dict[str, object]) -> None:
    from analyticsops.history.reading import _costs

    expected = [None if cost is None else str(cost) for cost in _costs(response).values()]
    assert _row(response)[9:13] == expected


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name in DIALECTS:
        (GOLDEN / f"{name}.sql").write_text(golden(name))
