"""What rendering needs beside the manifest: the vars and the dispatch order that
stand in dbt_project.yml, which the manifest does not hold.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from analyticsops.errors import ConfigError
from analyticsops.project.model import EMPTY

PROJECT_FILE = "dbt_project.yml"
SIZE_LIMIT = 1_000_000
"""Bytes of a dbt_project.yml."""

EPOCH = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
"""The instant at which templates run unless told otherwise: the same for both sides
of a comparison."""


class RenderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the templates see of the world.

    Attributes:
        vars: see :func:`project_vars`.
        env: environment variables by name; nothing is read from the process.
        target: what is known of dbt's ``target``: ``name``, ``schema``, ``database``...
            The type is known from the manifest, schema and database often are.
        dispatch: see :func:`project_dispatch`; None if nobody knows.
        incremental: whether the tables of incremental models exist, so that
            ``is_incremental()`` is true for them.
        now: the instant that clocks show.
        invocation_id: what templates see as the id of dbt's run.
    """

    vars: Mapping[str, Any] = EMPTY
    env: Mapping[str, str] = EMPTY
    target: Mapping[str, Any] = EMPTY
    dispatch: Mapping[str, tuple[str, ...]] | None = None
    incremental: bool = False
    now: datetime.datetime = EPOCH
    invocation_id: str = "00000000-0000-0000-0000-000000000000"


def project_vars(project_dir: Path, overrides: Mapping[str, Any] = EMPTY) -> Mapping[str, Any]:
    """The vars of a project and its installed packages, by dbt's precedence.

    ``overrides`` (dbt's ``--vars``) win over the project's ``vars`` for a package, these
    over its global ones, and these over what the package itself sets. Texts stay as
    written: dbt renders them when they are used.

    Args:
        project_dir: folder of dbt_project.yml.
        overrides: ``args.vars`` of run_results.json holds those of the last run.

    Returns:
        the global vars by name and, under each package's name, all vars of that package.

    Raises:
        ConfigError: dbt_project.yml is missing or broken.
    """
    file = _read(project_dir / PROJECT_FILE)
    root = _mapping(file.get("vars"))
    name = str(file.get("name") or "")
    own = {package: _own_vars(folder) for package, folder in _packages(project_dir, file).items()}
    scopes = {key for key, value in root.items() if isinstance(value, dict)} | own.keys() | {name}
    result: dict[str, Any] = {**root, **overrides}
    for scope in scopes:
        inner = _mapping(root.get(scope))
        result[scope] = {**own.get(scope, {}), **root, **inner, **overrides}
    return result


def project_dispatch(project_dir: Path) -> Mapping[str, tuple[str, ...]]:
    """``dispatch`` of dbt_project.yml: which packages to search, by macro namespace.

    Raises:
        ConfigError: dbt_project.yml is missing or broken.
    """
    entries = _read(project_dir / PROJECT_FILE).get("dispatch") or []
    if not isinstance(entries, list):
        return {}
    return {
        str(entry.get("macro_namespace")): tuple(str(p) for p in entry.get("search_order") or [])
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("search_order") or [], list)
    }


def _own_vars(folder: Path) -> dict[str, Any]:
    """What a package sets for itself, flat."""
    file = _read(folder / PROJECT_FILE)
    found = _mapping(file.get("vars"))
    return {**found, **_mapping(found.get(str(file.get("name") or "")))}


def _packages(project_dir: Path, file: Mapping[str, Any]) -> dict[str, Path]:
    """Installed packages by their dbt name."""
    install = file.get("packages-install-path")
    folder = project_dir / (install if isinstance(install, str) else "dbt_packages")
    found: dict[str, Path] = {}
    for package in sorted(folder.glob(f"*/{PROJECT_FILE}")):
        name = _read(package).get("name")
        if isinstance(name, str):
            found[name] = package.parent
    return found


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise ConfigError(f"larger than {SIZE_LIMIT:,} bytes", where=str(path))
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise ConfigError(
            f"cannot read: {fault.strerror}",
            where=str(path),
            hint="name the dbt project's folder with --project-dir",
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        line = getattr(getattr(fault, "problem_mark", None), "line", None)
        where = f"{path}:{line + 1}" if line is not None else str(path)
        what = getattr(fault, "problem", None) or type(fault).__name__
        raise ConfigError(f"not valid YAML: {what}", where=where) from None
    return _mapping(loaded)
