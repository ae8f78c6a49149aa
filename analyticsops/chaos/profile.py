"""The profile of a DuckDB project, and the same one turned to a copy of its database."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from analyticsops.errors import ConfigError, UsageError
from analyticsops.yaml_files import load_yaml

FILE = "profiles.yml"


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """How dbt reaches the database of a project.

    Attributes:
        name: of the profile.
        target: of its output.
        output: the output as it is written; its Jinja is left to dbt.
        database: the DuckDB file.
        place: where the profile stands, for errors.
    """

    name: str
    target: str
    output: Mapping[str, Any]
    database: Path
    place: str


def read_profile(
    project_dir: Path, args: Mapping[str, Any], database: Path | None = None
) -> Profile:
    """The profile that dbt would use.

    Args:
        database: its DuckDB file, if it is another one than the profile says.
        args: how dbt was called when it built the project, as it wrote them to
            run_results.json: a profile and target named there count.

    Raises:
        ConfigError: there is no such profile, or it cannot be read.
        UsageError: its database is not one file that can be copied.
    """
    file = _file(project_dir, args)
    profiles, _ = load_yaml(file, aliases=True)
    settings, _ = load_yaml(project_dir / "dbt_project.yml", aliases=True)
    name = _text(args.get("profile") or _rendered(_entry(settings, "profile"), file))
    found = _entry(profiles, name)
    if not isinstance(found, dict):
        raise ConfigError(f"there is no profile {name!r}", where=str(file))
    target = _text(args.get("target") or _rendered(found.get("target") or "default", file))
    output = _entry(found.get("outputs"), target)
    if not isinstance(output, dict):
        raise ConfigError(f"profile {name!r} has no target {target!r}", where=str(file))
    return Profile(
        name=name,
        target=target,
        output=output,
        database=_database(output, project_dir, file, database),
        place=str(file),
    )


def redirected(profile: Profile, database: Path) -> bytes:
    """A profiles.yml with this one output, turned to another file.

    The name of a DuckDB database is that of its file, so a file of the same name keeps the names
    of all relations.
    """
    output = {**profile.output, "path": str(database)}
    content = {profile.name: {"target": profile.target, "outputs": {profile.target: output}}}
    return msgspec.json.encode(content)  # which is YAML, too


def _file(project_dir: Path, args: Mapping[str, Any]) -> Path:
    """Where dbt looks, in its order."""
    named = os.environ.get("DBT_PROFILES_DIR") or ""
    told = args.get("profiles_dir")
    folders = [Path(named)] if named else []
    folders += [project_dir, Path.home() / ".dbt"]
    if isinstance(told, str) and told:
        folders.append(Path(told))
    for folder in folders:
        if (folder / FILE).is_file():
            return folder / FILE
    raise ConfigError(
        "there is no profiles.yml",
        where=str(project_dir),
        hint="name its folder in DBT_PROFILES_DIR",
    )


def _database(output: Mapping[str, Any], project_dir: Path, file: Path, named: Path | None) -> Path:
    if output.get("type") != "duckdb":
        raise UsageError(
            f"faults are put into a copy of a DuckDB file, and this target is "
            f"{output.get('type') or 'nothing'}",
            where=str(file),
            hint="leave out --execute to play on paper",
        )
    for key, what in _ELSEWHERE.items():
        if output.get(key):
            raise UsageError(
                f"the target {what}, which would not be copied", where=f"{file}: {key}"
            )
    if named is not None:
        return named
    path = _text(_rendered(output.get("path") or "", file))
    if not path or path.startswith(":memory:") or "://" in path or path.startswith(_CLOUD):
        raise UsageError(
            f"the database is no file that could be copied: {path or 'in memory'}", where=str(file)
        )
    found = project_dir / Path(path).expanduser()
    if not found.is_file():
        raise UsageError("there is no such database", where=str(found), hint="run `dbt build`")
    return found


_ELSEWHERE = {
    "attach": "attaches other databases",
    "is_ducklake": "is a DuckLake",
    "remote": "is on a server",
}
_CLOUD = ("md:", "motherduck:", "ducklake:")


def _entry(mapping: Any, key: str) -> Any:
    return mapping.get(key) if isinstance(mapping, dict) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _rendered(value: Any, file: Path) -> str:
    """As dbt renders it there: environment variables, and nothing else."""
    jinja = SandboxedEnvironment(undefined=StrictUndefined)
    try:
        return jinja.from_string(str(value or "")).render(env_var=_env_var)
    except TemplateError as error:
        raise ConfigError(f"{value!r} cannot be rendered: {error}", where=str(file)) from error


def _env_var(name: str, default: str | None = None) -> str:
    found = os.environ.get(name, default)
    if found is None:
        raise TemplateError(f"{name} is not set")
    return str(found)
