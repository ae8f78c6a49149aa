"""What is there, how old it is, and what is missing: facts for ``doctor``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from analyticsops import __version__
from analyticsops.artifacts.times import instant
from analyticsops.project.model import Project
from analyticsops.project.stale import stale_nodes
from analyticsops.slo.durations import spoken
from analyticsops.workspace import Workspace

_RETURNED = re.compile(r"""return\(\s*["']([^"']+)["']""")


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the doctor's report.

    Attributes:
        state: ``ok``, ``missing`` or ``warning``.
        what: the thing looked at.
        found: what was found.
        advice: what to do; empty if all is well.
    """

    state: str
    what: str
    found: str
    advice: str = ""


def examine(workspace: Workspace, now: datetime) -> tuple[Fact, ...]:
    """Everything worth knowing before trusting the other commands."""
    return tuple(
        fact
        for part in (_project, _artifacts, _code, _files, _packages, _settings)
        for fact in part(workspace, now)
    )


def _age(generated_at: str, now: datetime) -> str:
    moment = instant(generated_at)
    if moment is None:
        return "of unknown age"
    age = now - moment
    return f"{spoken(age)} old" if age >= timedelta(0) else "from the future"


def _project(workspace: Workspace, now: datetime) -> Iterator[Fact]:
    del now
    project = workspace.project
    models = len(project.of_kind("model"))
    yield Fact(
        state="ok",
        what="project",
        found=f"{project.name}: {models} models, dbt {project.dbt_version} on "
        f"{project.adapter or 'an unknown adapter'}, SQL dialect {workspace.dialect or 'unknown'}",
    )
    if workspace.project_dir is None:
        yield Fact(
            state="warning",
            what="project folder",
            found="not found: no line numbers, no check for stale files",
            advice="name it with --project-dir",
        )


def _artifacts(workspace: Workspace, now: datetime) -> Iterator[Fact]:
    project = workspace.project
    yield Fact(state="ok", what="manifest.json", found=f"{_age(project.generated_at, now)}")
    catalog = workspace.catalog
    if catalog is None:
        yield Fact(
            state="missing",
            what="catalog.json",
            found="columns of sources are known only from YAML",
            advice="dbt docs generate --no-compile",
        )
    else:
        age = _age(catalog.metadata.generated_at, now)
        yield Fact(state="ok", what="catalog.json", found=f"{len(catalog.nodes)} tables, {age}")
    results = workspace.run_results
    if results is None:
        yield Fact(
            state="missing",
            what="run_results.json",
            found="no run is known",
            advice="dbt build",
        )
    else:
        age = _age(results.metadata.generated_at, now)
        yield Fact(
            state="ok",
            what="run_results.json",
            found=f"dbt {results.command}, {len(results.results)} results, {age}",
        )
    for note in workspace.run_notes:
        yield Fact(state="warning", what="run_results.json", found=note)
    measured = workspace.freshness
    if measured is None:
        yield Fact(
            state="missing",
            what="sources.json",
            found="freshness was not measured",
            advice="dbt source freshness",
        )
    else:
        age = _age(measured.metadata.generated_at, now)
        found = f"{len(measured.results)} sources, {age}"
        yield Fact(state="ok", what="sources.json", found=found)


def _code(workspace: Workspace, now: datetime) -> Iterator[Fact]:
    del now
    models = [n for n in workspace.project.of_kind("model") if n.language == "sql"]
    without = [node for node in models if node.compiled_code is None]
    if not without:
        yield Fact(state="ok", what="compiled SQL", found=f"of all {len(models)} SQL models")
        return
    yield Fact(
        state="warning",
        what="compiled SQL",
        found=f"the manifest lacks it for {len(without)} of {len(models)} models; taken from "
        "target/compiled where it is newer than the model, else rendered without dbt",
        advice="dbt compile (`dbt parse` and `dbt source freshness` write none)",
    )


def _files(workspace: Workspace, now: datetime) -> Iterator[Fact]:
    del now
    if workspace.project_dir is None:
        return
    stale = stale_nodes(workspace.project, workspace.project_dir)
    if not stale:
        yield Fact(state="ok", what="files", found="as they were when dbt wrote the manifest")
        return
    names = ", ".join(workspace.project.nodes[entry.node].label for entry in stale[:3])
    more = f" and {len(stale) - 3} more" if len(stale) > 3 else ""
    yield Fact(
        state="warning",
        what="files",
        found=f"changed since dbt wrote the manifest: {names}{more}",
        advice="dbt compile",
    )


def package_version(project: Project) -> str | None:
    """Version of the installed dbt package, None if it is not installed."""
    for macro in project.macros.values():
        if macro.package == "analyticsops" and macro.name == "analyticsops_version":
            found = _RETURNED.search(macro.sql)
            return found.group(1) if found else None
    return None


def _packages(workspace: Workspace, now: datetime) -> Iterator[Fact]:
    del now
    yield Fact(state="ok", what="command line", found=f"analyticsops {__version__}")
    found = package_version(workspace.project)
    if found is None:
        yield Fact(
            state="missing",
            what="dbt package",
            found="analyticsops is not installed in this project (only its macros need it)",
            advice="analyticsops init shows the packages.yml entry",
        )
    elif found.split(".")[:2] != __version__.split(".")[:2]:
        yield Fact(
            state="warning",
            what="dbt package",
            found=f"analyticsops {found} does not match the command line",
            advice=f"install version {__version__} of both",
        )
    else:
        yield Fact(state="ok", what="dbt package", found=f"analyticsops {found}")


def _settings(workspace: Workspace, now: datetime) -> Iterator[Fact]:
    del now
    path: Path | None = workspace.config.path
    if path is None:
        yield Fact(
            state="missing",
            what="analyticsops.yml",
            found="defaults are used",
            advice="analyticsops init",
        )
    else:
        yield Fact(state="ok", what="analyticsops.yml", found=path.name)
