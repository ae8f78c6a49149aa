"""One target folder, read and analysed on demand: where every command starts."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from analyticsops.artifacts.catalog import Catalog
from analyticsops.artifacts.freshness import Freshness
from analyticsops.artifacts.run_results import RunResults
from analyticsops.artifacts.target import manifest_path, read_target
from analyticsops.config import Config, load_config
from analyticsops.lineage.build import Progress, build_graph
from analyticsops.lineage.code import Code, compiled
from analyticsops.lineage.graph import ColumnGraph
from analyticsops.project.build import build_project
from analyticsops.project.confined import read_inside
from analyticsops.project.lines import Locator
from analyticsops.project.model import Node, Project
from analyticsops.project.render import Renderer, RenderSettings, project_dispatch, project_vars
from analyticsops.sql.adapters import dialect_of
from analyticsops.sql.facts import Problem


class Workspace(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A dbt project as its artifacts describe it.

    Attributes:
        project: the project model.
        folder: the target folder.
        project_dir: root of the dbt project; None if it is not at hand.
        config: the team's settings.
        run_results: of the last run, if it ran anything.
        freshness: as last measured.
        catalog: as last generated.
        notes: what a reader must know about these artifacts.
        run_notes: what a reader must know about the run results beside them.
        progress: told how far the analysis is.
    """

    project: Project
    folder: Path
    project_dir: Path | None
    config: Config
    run_results: RunResults | None = None
    freshness: Freshness | None = None
    catalog: Catalog | None = None
    notes: tuple[str, ...] = ()
    run_notes: tuple[str, ...] = ()
    progress: Progress | None = None

    @property
    def dialect(self) -> str:
        """sqlglot's name of the SQL dialect."""
        return self.config.dialect or dialect_of(self.project.adapter)

    @cached_property
    def code(self) -> Callable[[Node], Code]:
        """Where the SQL of a node comes from; each node is asked for once."""
        used = self.run_results.args.get("vars") if self.run_results else None
        given = used if isinstance(used, dict) else {}
        return _CodeFinder(self.project, self.folder, self.project_dir, given)

    @cached_property
    def graph(self) -> ColumnGraph:
        """The column graph, built when first asked for."""
        return build_graph(
            self.project,
            code=self.code,
            dialect=self.dialect,
            progress=self.progress,
            cache=self.cache,
        )

    @property
    def cache(self) -> Path | None:
        """The file in which facts of queries are kept, None if that is turned off.

        ``ANALYTICSOPS_CACHE`` names another folder than the target folder, or is ``off``.
        """
        chosen = os.environ.get("ANALYTICSOPS_CACHE", "")
        if chosen.lower() in ("off", "0", "false", "no"):
            return None
        folder = Path(chosen) if chosen else self.folder
        return folder / "analyticsops-lineage.sqlite" if folder.is_dir() else None

    @cached_property
    def locator(self) -> Locator:
        """Finds nodes and columns in the project's files."""
        return Locator(self.project_dir, root=self.project.name)


def load_workspace(
    target: Path,
    *,
    project_dir: Path | None = None,
    config_path: Path | None = None,
    borrow_catalog: Catalog | None = None,
    progress: Progress | None = None,
) -> Workspace:
    """Read a target folder or a manifest file.

    Args:
        project_dir: root of the dbt project; None to take the target's parent if it
            holds a dbt_project.yml.
        config_path: settings; None for analyticsops.yml in the project.
        borrow_catalog: another version's catalog, used for sources and seeds only and
            only if there is none here: those are the same tables in the warehouse.

    Raises:
        ArtifactError: no manifest, or a broken file.
        ConfigError: the settings are wrong.
    """
    artifacts = read_target(target)
    root = project_dir or project_of(target)
    return Workspace(
        project=build_project(artifacts.manifest, artifacts.catalog or _borrowed(borrow_catalog)),
        folder=artifacts.folder,
        project_dir=root,
        config=_config(config_path, root),
        run_results=artifacts.run_results,
        freshness=artifacts.freshness,
        catalog=artifacts.catalog,
        notes=_notes(root),
        run_notes=artifacts.notes,
        progress=progress,
    )


def project_of(target: Path) -> Path | None:
    """Root of the dbt project that a target folder or manifest lies in, if it does."""
    parent = manifest_path(target).resolve().parent.parent
    return parent if (parent / "dbt_project.yml").is_file() else None


def _config(path: Path | None, root: Path | None) -> Config:
    if path is None and root is None:
        return Config()
    from analyticsops.catalogue import RULES

    return load_config(path, root or Path.cwd(), known_rules=RULES)


def _borrowed(catalog: Catalog | None) -> Catalog | None:
    if catalog is None:
        return None
    seeds = {key: table for key, table in catalog.nodes.items() if key.startswith("seed.")}
    return Catalog(metadata=catalog.metadata, nodes=seeds, sources=catalog.sources)


def _notes(root: Path | None) -> tuple[str, ...]:
    if root is not None:
        return ()
    return (
        "no dbt_project.yml beside the target folder: line numbers are not known and stale files "
        "cannot be told (name the project with --project-dir)",
    )


_LARGEST_SQL = 64 * 1024 * 1024
"""Bytes of one compiled file; nobody's model is as long."""


class _CodeFinder:
    """A node's SQL: from the manifest, else from target/compiled, else rendered here."""

    def __init__(
        self, project: Project, folder: Path, root: Path | None, given: Mapping[str, Any]
    ) -> None:
        self._given = given  # the last run's --vars
        self._project = project
        self._folder = folder
        self._root = root
        self._found: dict[str, Code] = {}

    def __call__(self, node: Node) -> Code:
        found = self._found.get(node.unique_id)
        if found is None:
            found = self._found[node.unique_id] = self._find(node)
        return found

    def _find(self, node: Node) -> Code:
        code = compiled(node)
        if code.sql is not None or node.language != "sql" or not node.raw_code.strip():
            return code
        text = self._from_disk(node)
        return Code(text) if text is not None else self._rendered(node)

    def _from_disk(self, node: Node) -> str | None:
        """``dbt source freshness`` rewrites the manifest without SQL, but leaves the files
        that dbt compiled; one that is older than its model is not used."""
        origin = self._origin(node)
        if origin is None or not node.path.endswith(".sql"):
            return None
        path = f"{node.package}/{node.path}"
        try:
            written = (self._folder / "compiled" / path).stat().st_mtime
            if written < origin.stat().st_mtime:
                return None
        except (OSError, ValueError):
            return None
        found = read_inside(self._folder / "compiled", path, limit=_LARGEST_SQL)
        try:
            return None if found.fault else found.data.decode("utf-8")
        except UnicodeDecodeError:
            return None

    def _origin(self, node: Node) -> Path | None:
        """The model's own file, wherever dbt keeps its package."""
        if self._root is None:
            return None
        own = node.package == self._project.name
        return (self._root if own else self._root / "dbt_packages" / node.package) / node.path

    def _rendered(self, node: Node) -> Code:
        rendered = self._renderer.render(node)
        problems = tuple(Problem("rendered without dbt", text) for text in rendered.problems)
        if rendered.sql is None:
            missing = Problem("not compiled", "run dbt compile or dbt build")
            return Code(None, problems or (missing,))
        return Code(rendered.sql, problems)

    @cached_property
    def _renderer(self) -> Renderer:
        root = self._root
        variables = project_vars(root, self._given) if root else self._given
        dispatch = project_dispatch(root) if root else None
        settings = RenderSettings(vars=variables, env=_visible_environment(), dispatch=dispatch)
        return Renderer(self._project, settings)


_SECRET = ("KEY", "PASS", "PRIVATE", "SECRET", "TOKEN")


def _visible_environment() -> dict[str, str]:
    """What templates may read with ``env_var``: variables named DBT_*, but nothing that
    sounds secret, because rendered SQL is shown in reports and comments."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith("DBT_") and not any(word in name.upper() for word in _SECRET)
    }
