"""The resource types of dbt, and the families that selection tells apart."""

from __future__ import annotations

APART = frozenset(
    {
        "exposure",
        "function",
        "metric",
        "saved_query",
        "semantic_model",
        "source",
        "unit_test",
    }
)
"""Kinds that a manifest keeps outside ``nodes``; many methods look only inside."""

DEFAULT_KINDS = APART | {"model", "seed", "snapshot", "test"}
"""What ``dbt ls`` lists unless told otherwise."""

ALL_KINDS = DEFAULT_KINDS | {"analysis"}
"""What ``dbt ls`` can list at all; hooks, for instance, it cannot."""

KINDS = ALL_KINDS | {
    "doc",
    "fixture",
    "group",
    "macro",
    "operation",
    "rpc",
    "sql_operation",
}
"""Every resource type that dbt knows; some never occur among the nodes."""

TESTS = frozenset({"test", "unit_test"})
"""Kinds that follow from the nodes they read."""
