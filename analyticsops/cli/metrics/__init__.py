"""metrics: what they are, mean and amount to, one file a kind of question."""

from __future__ import annotations

from typing import ClassVar

import click

from analyticsops.cli.groups import Commands, LazyGroup

_COMMANDS = {
    "list": ("looking", "List the metrics with type, tier, owner and formula."),
    "show": ("looking", "Show everything about one metric: NAME, label or synonym."),
    "search": ("looking", "Find metrics by words in names, labels, synonyms, columns."),
    "lineage": ("tracing", "Show what a metric is made of, down to source columns."),
    "used-by": ("tracing", "Say who uses a metric, or a column through metrics."),
    "owners": ("governing", "Show who answers for which metrics."),
    "changelog": ("governing", "Show how meanings changed, and why."),
    "readiness": ("governing", "Say what each metric lacks for its tier."),
    "lock": ("locking", "Write down what each metric means, or check it."),
    "sql": ("asking", "Print the query that computes metrics."),
    "query": ("asking", "Compute metrics on a DuckDB file, or through dbt."),
    "export": ("exporting", "Write definitions for another tool, and what it does not hold."),
    "verify": ("verifying", "Check numbers: golden values, bounds, sums, columns, versions."),
}


class _Metrics(LazyGroup):
    commands_by_name: ClassVar[Commands] = {
        name: (f"analyticsops.cli.metrics.{module}", text)
        for name, (module, text) in _COMMANDS.items()
    }


@click.group(cls=_Metrics)
def metrics() -> None:
    """What metrics are, come from and mean, and their numbers."""
