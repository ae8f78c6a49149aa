"""Reading a version of a project: a target folder, or a commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from analyticsops.artifacts.catalog import Catalog
from analyticsops.config import load_config
from analyticsops.lineage.build import Progress
from analyticsops.workspace import Workspace, load_commit, load_workspace


def load(
    target: str | Path = "target",
    *,
    project_dir: str | Path | None = None,
    config: str | Path | None = None,
    base: Workspace | None = None,
    also: Sequence[str | Path] = (),
    progress: Progress | None = None,
) -> Workspace:
    """Read a dbt target folder (or a manifest file) and the project around it.

    Args:
        project_dir: root of the dbt project; by default the target's parent.
        config: settings; by default analyticsops.yml in the project.
        also: target folders or manifests of other projects whose models this one reads,
            beside those that the settings name.
        base: another version of the project, whose catalog also tells the columns of
            sources and seeds here if there is no catalog here.
        progress: told (done, total) while models are analysed.

    Raises:
        ArtifactError: there is no usable manifest.
        ConfigError: the settings are wrong.
    """
    borrowed: Catalog | None = base.catalog if base else None
    return load_workspace(
        Path(target),
        project_dir=Path(project_dir) if project_dir is not None else None,
        config_path=Path(config) if config is not None else None,
        borrow_catalog=borrowed,
        also=[Path(path) for path in also],
        progress=progress,
    )


def load_ref(
    ref: str,
    head: Workspace,
    *,
    commands: Sequence[str] = (),
    progress: Progress | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Workspace:
    """The commit at which the current git branch left ``ref``, compiled by dbt and kept.

    >>> head = ao.load("target")                                  # doctest: +SKIP
    >>> ao.diff(ao.load_ref("origin/main", head), head).failed    # doctest: +SKIP

    Args:
        ref: a branch, tag or commit. Of a branch that went on since, the common commit.
        head: the version in the working tree; dbt is called as it was called for it.
        commands: how to call dbt instead, for instance ``dbt compile --target ci``; the
            second is tried if the first fails, and so on.
        progress: told (done, total) while models are analysed.
        tell: told, in a line, what takes long.

    Raises:
        ProcessError: git or dbt is missing or fails.
        ArtifactError: what dbt wrote cannot be used.
    """
    return load_commit(ref, head, commands=commands, progress=progress, tell=tell)


def read_mentions(config: str | Path | None = None) -> Mapping[str, str]:
    """Whom a comment mentions for which owner, by the settings.

    Raises:
        ConfigError: they are wrong.
    """
    path = Path(config) if config is not None else None
    return load_config(path, Path.cwd()).review.mentions
