"""Which commands are measured, with which arguments; and which are not, and why."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from bench.scale.project import NOW

FINDING = "{finding}"
"""Stands for the first finding of what a command before it wrote."""

SILENCE = "{silence}"
"""Stands for the silence that a command before it made."""

AT = ("--at", NOW.isoformat())


class Place(NamedTuple):
    """Where a generated project is, and names in it that commands ask for.

    Attributes:
        folder: what ``bench.scale.project`` made.
        out: where commands write.
        column: one in the first layer, from which much derives.
        mart: one in the last layer.
        metric: any.
        run: any invocation.
        objective: any.
    """

    folder: Path
    out: Path
    column: str
    mart: str
    metric: str
    run: str
    objective: str

    @property
    def findings(self) -> Path:
        """What the first command writes and others read."""
        return self.out / "findings.json"


class Measurable(NamedTuple):
    """A command as somebody gives it.

    Attributes:
        name: as `analyticsops --help` lists it.
        arguments: with those of the name.
        where: ``base`` or ``head``, the folder in which it is given.
        note: what tells it from others of its name.
    """

    name: str
    arguments: tuple[str, ...]
    where: str = "base"
    note: str = ""


UNMEASURED = {
    "completion": "prints a fixed text",
    "explain": "does not look at a project",
    "init": "does not look at a project",
    "history compact": "measured by `make bench-history`: these runs are of an open month",
    "history pull": "waits for a warehouse",
    "lineage verify": "runs until a limit that is given",
    "mcp": "a server: answers as the commands do",
    "metrics query": "waits for a warehouse",
    "metrics verify": "waits for a warehouse",
    "run": "waits for dbt, then ingests",
    "serve": "a server of what `report` writes",
    "slo measure": "waits for a warehouse",
    "slo serve": "a server of what `slo export` writes",
}


def commands(place: Place) -> tuple[Measurable, ...]:
    """All that are measured, in the order in which they are run: what a cache keeps is made by
    the first, and some read what others wrote."""
    history = ("--history", str(place.folder / "history"))
    slo = (*history, "--environment", "prod", *AT)
    incidents = (*history, "--incidents", str(place.out / "incidents"))
    out = str(place.out)
    base = str(place.folder / "base" / "target")

    def plain(name: str, *more: str, note: str = "", where: str = "base") -> Measurable:
        return Measurable(name, (*name.split(), *more), where, note)

    return (
        plain("check", "-o", f"json={place.findings}", note="nothing kept"),
        plain("check", "-o", f"sarif={out}/check.sarif", note="lineage kept"),
        plain("doctor"),
        plain("diff", "--state", base, where="head", note="nothing kept of the head"),
        plain("diff", "--state", base, "-o", f"json={place.findings}", where="head", note="kept"),
        plain("render", str(place.findings), "--format", "markdown"),
        plain("approve", FINDING, "--report", str(place.findings), "--reason", "agreed", "--until",
              "2027-01-31", "--by", "you", "--to", f"{out}/approvals.yml"),
        plain("baseline write", "--to", f"{out}/baseline.json"),
        plain("select", "-s", "+tag:nightly,fct*+"),
        plain("select", "--changed", "--state", base, where="head", note="--changed"),
        plain("search", "shipping"),
        plain("lineage show", place.column),
        plain("lineage why", place.mart),
        plain("lineage path", place.column, place.mart),
        plain("lineage impact", place.column),
        plain("lineage unused"),
        plain("lineage tags", "--check"),
        plain("lineage coverage"),
        plain("lineage export", "--format", "json", "-o", f"{out}/graph.json", note="json"),
        plain("lineage export", "--format", "parquet", "-o", f"{out}/graph.parquet",
              note="parquet"),
        plain("lineage export", "--format", "openlineage", "-o", f"{out}/graph.ndjson",
              note="openlineage"),
        plain("metrics list"),
        plain("metrics show", place.metric),
        plain("metrics search", "sum"),
        plain("metrics lineage", place.metric),
        plain("metrics used-by", place.column),
        plain("metrics owners"),
        plain("metrics lock", note="nothing kept"),
        plain("metrics changelog", place.metric),
        plain("metrics readiness"),
        plain("metrics sql", place.metric),
        plain("metrics export", "--to", "osi", "-o", f"{out}/osi"),
        plain("freshness"),
        plain("slo status", *slo),
        plain("slo explain", place.objective, *slo),
        plain("slo forecast", *slo),
        plain("slo report", *slo, "-o", f"{out}/slo.md"),
        # Of the present: what is asked about the past is not remembered.
        plain("slo evaluate", *history, "--incidents", str(place.out / "incidents")),
        plain("slo export", "--to", "prometheus", "-o", f"{out}/slo.prom", *slo),
        plain("slo lint", *history),
        plain("slo suggest", *slo),
        plain("slo gate", *slo),
        plain("gameday", "--random", "2", "--hours", "2"),
        plain("incidents list", *incidents),
        plain("incidents show", "latest", *incidents),
        plain("incidents timeline", "latest", *incidents),
        plain("incidents acknowledge", "latest", "--by", "you", "--no-send", *incidents),
        plain("incidents silence", "latest", "--reason", "agreed", "--until", "1h", "--by", "you",
              *incidents),
        plain("incidents unsilence", SILENCE, "--by", "you", *incidents),
        plain("ingest", "target", "--history", f"{out}/ingested", "--environment", "prod"),
        plain("runs show", place.run, *history),
        plain("runs cost", *history),
        plain("runs deployments", *history),
        plain("runs flapping", *history),
        plain("runs retries", *history),
        plain("runs slow", *history),
        plain("history list", *history),
        plain("history verify", *history),
        plain("history export", f"{out}/exported", *history),
        plain("report", *slo, "-o", f"{out}/site", note="steps not kept"),
        plain("report", *slo, "-o", f"{out}/site2", note="kept"),
    )  # fmt: skip
