"""One target folder, read and analysed on demand: where every command starts."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from analyticsops.artifacts.catalog import Catalog
from analyticsops.artifacts.freshness import Freshness
from analyticsops.artifacts.run_results import RunResults
from analyticsops.artifacts.target import manifest_path, read_target
from analyticsops.code_finder import CodeFinder
from analyticsops.collecting import uncollected
from analyticsops.config import Config, load_config
from analyticsops.errors import UsageError
from analyticsops.findings import Rule
from analyticsops.lineage.build import Progress, build_graph
from analyticsops.lineage.graph import ColumnGraph
from analyticsops.lineage.types import ProjectTypes, infer_project_types
from analyticsops.project.build import build_project
from analyticsops.project.lines import Locator
from analyticsops.project.mesh import join_projects
from analyticsops.project.model import Project
from analyticsops.sql.adapters import dialect_of

if TYPE_CHECKING:
    from analyticsops.metrics.registry import Registry


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
        args: how dbt was called when it compiled the project.
        notes: what a reader must know about these artifacts.
        run_notes: what a reader must know about the run results beside them.
        commit: hash of the commit that was compiled for it; empty if a target folder was
            named.
        progress: told how far the analysis is.
    """

    project: Project
    folder: Path
    project_dir: Path | None
    config: Config
    run_results: RunResults | None = None
    freshness: Freshness | None = None
    catalog: Catalog | None = None
    args: Mapping[str, Any] = {}
    files: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    run_notes: tuple[str, ...] = ()
    commit: str = ""
    progress: Progress | None = None

    @property
    def dialect(self) -> str:
        """sqlglot's name of the SQL dialect."""
        return self.config.dialect or dialect_of(self.project.adapter)

    @cached_property
    def code(self) -> CodeFinder:
        """Where the SQL of a node comes from; each node is asked for once."""
        return CodeFinder(self.project, self.folder, self.project_dir, self.args)

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

    @cached_property
    def types(self) -> ProjectTypes:
        """The types of all columns, inferred when first asked for."""
        return infer_project_types(
            self.project, self.graph, self.code, self.dialect, cache=self.cache
        )

    @cached_property
    def registry(self) -> Registry:
        """The metrics, read when first asked for; raises ConfigError if one is wrong."""
        from analyticsops.metrics.queries import read_queries
        from analyticsops.metrics.registry import build_registry

        return build_registry(
            self.project,
            self.graph,
            self.code,
            self.dialect,
            root=self.project_dir,
            locator=self.locator,
            cache=self.cache,
            queries=read_queries(self.project_dir, self.config.metrics.queries),
        )

    @property
    def cache(self) -> Path | None:
        """The file in which facts of queries are kept, None if that is turned off.

        ``ANALYTICSOPS_CACHE`` names another folder than the target folder, made if it is not
        there, or is ``off``.
        """
        return cache_of(self.folder)

    @cached_property
    def locator(self) -> Locator:
        """Finds nodes and columns in the project's files."""
        return Locator(self.project_dir, root=self.project.name)


def cache_of(folder: Path) -> Path | None:
    """Where facts about a target folder are kept, see :attr:`Workspace.cache`."""
    chosen = os.environ.get("ANALYTICSOPS_CACHE", "")
    if chosen.lower() in ("off", "0", "false", "no"):
        return None
    kept = Path(chosen) if chosen else folder
    if chosen:
        with contextlib.suppress(OSError):
            kept.mkdir(parents=True, exist_ok=True)
    return kept / "analyticsops-lineage.sqlite" if kept.is_dir() else None


def load_workspace(
    target: Path,
    *,
    project_dir: Path | None = None,
    config_path: Path | None = None,
    borrow_catalog: Catalog | None = None,
    also: Sequence[Path] = (),
    progress: Progress | None = None,
) -> Workspace:
    """Read a target folder or a manifest file.

    Args:
        project_dir: root of the dbt project; None to take the target's parent if it
            holds a dbt_project.yml.
        config_path: settings; None for analyticsops.yml in the project.
        also: target folders or manifests of other projects whose models this one reads.
        borrow_catalog: another version's catalog, used for sources and seeds only and
            only if there is none here: those are the same tables in the warehouse.

    Raises:
        ArtifactError: no manifest, or a broken file.
        ConfigError: the settings are wrong.
    """
    artifacts = read_target(target)
    root = project_dir or project_of(target)
    config = _config(config_path, root)
    with uncollected():
        project = build_project(artifacts.manifest, artifacts.catalog or _borrowed(borrow_catalog))
    return Workspace(
        project=join_projects(project, [_other(path) for path in (*also, *config.projects)]),
        folder=artifacts.folder,
        project_dir=root,
        config=config,
        run_results=artifacts.run_results,
        args=artifacts.args,
        files=artifacts.files,
        freshness=artifacts.freshness,
        catalog=artifacts.catalog,
        notes=_notes(root),
        run_notes=artifacts.notes,
        progress=progress,
    )


def load_commit(
    ref: str,
    head: Workspace,
    *,
    commands: Sequence[str] = (),
    progress: Progress | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Workspace:
    """The commit at which the current branch left ``ref``, compiled by dbt.

    Args:
        head: the version in the working tree; it decides how dbt is called, and its
            settings and its catalog's sources hold for both.
        commands: how to call dbt, one after the other until one works; by default those of
            the settings.
        tell: told, in a line, what takes long.

    Raises:
        AnalyticsOpsError: git or dbt is missing or fails, or what dbt wrote cannot be read.
    """
    from analyticsops.commits.compiling import compile_commit

    if head.project_dir is None:
        raise UsageError(
            "the folder of the dbt project is not known",
            where=f"commit {ref}",
            hint="name it with --project-dir",
        )
    made = compile_commit(
        ref,
        head.project_dir,
        cache=head.cache.parent if head.cache else _passing_folder(),
        commands=commands or head.config.review.base_commands,
        like=head.args,
        tell=tell,
    )
    loaded = load_workspace(
        made.target,
        project_dir=made.project_dir,
        config_path=head.config.path,
        borrow_catalog=head.catalog,
        progress=progress,
    )
    notes = [f"base: {failure}; used `{made.command}`" for failure in made.failed]
    return msgspec.structs.replace(loaded, commit=made.commit, notes=(*loaded.notes, *notes))


def _passing_folder() -> Path:
    """For whoever has turned the cache off: a folder that is gone when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="analyticsops-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _other(target: Path) -> Project:
    artifacts = read_target(target)
    return build_project(artifacts.manifest, artifacts.catalog)


def project_of(target: Path) -> Path | None:
    """Root of the dbt project that a target folder or manifest lies in, if it does."""
    parent = manifest_path(target).resolve().parent.parent
    return parent if (parent / "dbt_project.yml").is_file() else None


def _config(path: Path | None, root: Path | None) -> Config:
    if path is None and root is None:
        return Config()
    return load_config(path, root or Path.cwd(), known_rules=_all_rules)


def _all_rules() -> Collection[Rule]:
    from analyticsops.catalogue import RULES  # of all parts of the package

    return RULES


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
