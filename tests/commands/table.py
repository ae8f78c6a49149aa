"""Each command in each of its formats, in an order in which each finds what it needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import click

from analyticsops.cli import cli
from analyticsops.export.formats import FORMATS as LINEAGE
from analyticsops.report.formats import FORMATS as REPORT


def leaves(command: click.Command = cli, path: str = "") -> dict[str, click.Command]:
    """Every command that does something, by its words."""
    if not isinstance(command, click.Group):
        return {path: command}
    found: dict[str, click.Command] = {path: command} if command.invoke_without_command else {}
    context = click.Context(command, info_name=path)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        found |= leaves(below, f"{path} {name}".strip())
    return found


LEAVES = leaves()


class Command(NamedTuple):
    """One call, made in the folder of the later version.

    Attributes:
        sink: what reads standard output, and the files if there are any: a key of the judges.
        files: what it writes, relative to the world.
    """

    words: str
    sink: str
    files: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Which command it is."""
        return next(name for name in sorted(LEAVES, reverse=True) if _begins(self.words, name))

    @property
    def made(self) -> click.Command:
        """Its options and arguments."""
        return LEAVES[self.path]

    @property
    def can_move(self) -> bool:
        """True if it can be called from another folder: everything it reads can be named."""
        return any("--project-dir" in param.opts for param in self.made.params)


def _begins(words: str, name: str) -> bool:
    return words == name or words.startswith(f"{name} ")


REF = "--base ../base/target"

_BOTH = {
    "doctor": "doctor",
    "lineage show": "lineage show fct.total",
    "lineage why": "lineage why fct_other.address",
    "lineage path": "lineage path raw.orders.id fct.id",
    "lineage impact": "lineage impact stg.email",
    "lineage unused": "lineage unused",
    "lineage coverage": "lineage coverage",
    "lineage verify": "lineage verify --synthetic --rows 5 -s fct_other",
    "lineage tags": "lineage tags --tag pii",
    "metrics list": "metrics list",
    "metrics show": "metrics show revenue",
    "metrics search": "metrics search money",
    "metrics lineage": "metrics lineage revenue",
    "metrics used-by": "metrics used-by fct.total",
    "metrics owners": "metrics owners",
    "metrics changelog": "metrics changelog revenue",
    "metrics readiness": "metrics readiness revenue",
    "metrics query": "metrics query orders --database ../db.duckdb",
    "freshness": "freshness",
    "slo status": "slo status",
    "slo explain": "slo explain raw.orders/fresh",
    "slo forecast": "slo forecast",
    "slo evaluate": "slo evaluate --fail-on never",
    "slo measure": "slo measure --database ../db.duckdb",
    "slo suggest": "slo suggest",
    "slo gate": "slo gate",
    "incidents list": "incidents list",
    "incidents show": "incidents show latest",
    "gameday": "gameday --fault node-fails:stg",
    "ingest": "ingest ../ran --job hourly --environment prod",
    "runs": "runs",
    "runs cost": "runs cost",
    "runs deployments": "runs deployments",
    "runs flapping": "runs flapping",
    "runs retries": "runs retries",
    "runs slow": "runs slow",
    "runs show": "runs show 6b0a4a4e-0000-4000-8000-00000000000a",
    "history list": "history list",
    "history compact": "history compact",
    "history verify": "history verify",
    "select": "select --changed --state ../base/target",
    "search": "search orders",
    "explain": "explain SCH201",
}
"""Path -> call, for those that are text or JSON."""

_ORDER = ("metrics lock", "ingest", "slo evaluate")


def _rows() -> Iterator[Command]:
    yield Command("init --project-dir ../base", "text", ("base/analyticsops.yml",))
    yield Command("metrics lock", "text", ("head/analyticsops/metrics.lock.yml",))
    yield Command("metrics lock --check", "text")
    for path in ("ingest", "slo evaluate", *(p for p in _BOTH if p not in _ORDER)):
        yield Command(_BOTH[path], "text")
        yield Command(f"{_BOTH[path]} --format json", "json")
    report = "out/report.json"
    yield Command(f"diff {REF} -o json=../{report}", "text", (report,))
    for name in REPORT:
        yield Command(f"check --format {name}", name)
        yield Command(f"diff {REF} --format {name}", name)
        yield Command(f"render ../{report} --format {name}", name)
    yield Command(f"diff {REF} --execute --seconds 5 --format markdown", "markdown")
    yield Command(f"diff {REF} --execute --seconds 5", "text")
    yield Command("lineage tags --check", "text")
    yield Command("slo lint", "text")
    yield Command("metrics verify orders --database ../db.duckdb", "text")
    for name in LINEAGE:
        file = f"out/lineage.{name}"
        yield Command(f"lineage export --format {name} -o ../{file}", name, (file,))
    events = "lineage export --target-path ../ran --format openlineage --events run"
    yield Command(events, "openlineage")
    yield Command("metrics sql revenue --by metric_time__month", "sql")
    for name in ("metricflow", "osi", "cube", "lookml", "snowflake", "databricks"):
        yield Command(f"metrics export --to {name} -o ../out/{name}", name, (f"out/{name}",))
    yield Command("slo report", "markdown")
    yield Command("slo report --format json", "json")
    for name in (
        *("openslo", "prometheus", "prometheus-rules", "alertmanager", "grafana"),
        "openlineage",
    ):
        sink = "openlineage-slo" if name == "openlineage" else name
        yield Command(f"slo export --to {name} -o ../out/slo-{name}", sink, (f"out/slo-{name}",))
    for format_ in ("text", "json"):
        told = f"--by Ana --note {format_} --no-send --format {format_}"
        yield Command(f"incidents acknowledge latest {told}", format_)
        quiet = f"--owner CFO --reason {format_} --until 2026-11-21 --by Ana --format {format_}"
        yield Command(f"incidents silence {quiet}", format_)
    yield Command("incidents timeline latest", "post-mortem")
    for kind in ("parquet", "csv"):
        file = f"out/history-{kind}"
        yield Command(f"history export ../{file} --format {kind}", f"{kind}-folder", (file,))
    site = "out/site"
    yield Command(f"report {REF} -o ../{site}", "site", (site,))
    yield Command(f"report {REF} --single-file ../out/one.html", "site", ("out/one.html",))
    yield Command("baseline write --to ../out/known.json", "text", ("out/known.json",))
    approval = "--reason Agreed --until 2026-12-01 --by Ana --to ../out/approvals.yml"
    yield Command(
        f"approve SCH202:stg.amount --report ../{report} {approval}", "text", ("out/approvals.yml",)
    )
    yield Command("completion bash", "completion")


COMMANDS: tuple[Command, ...] = tuple(_rows())

APART = {
    "serve": "tests/e2e/test_serve.py: a server, of the same files as `report`",
    "slo serve": "tests/slo/exports/test_serving.py: a server, of the same text as `slo export`",
    "mcp": "tests/commands/test_agents.py: a conversation",
    "run": "tests/history/test_running.py: it says what dbt says, and records as `ingest` does",
    "history pull": "tests/history/test_pull.py: it runs dbt",
    "incidents unsilence": "tests/telling/test_commands.py: it takes back what `silence` did",
}
"""Commands that are judged elsewhere."""
