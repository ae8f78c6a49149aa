"""One target folder: the artifacts in it, and whether they belong together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from analyticsops.artifacts.catalog import Catalog, read_catalog
from analyticsops.artifacts.freshness import Freshness, read_freshness
from analyticsops.artifacts.manifest import Manifest, read_manifest
from analyticsops.artifacts.run_results import BUILD_COMMANDS, RunResults, read_run_results


class Artifacts(msgspec.Struct, frozen=True, kw_only=True):
    """What dbt left in a target folder.

    Attributes:
        folder: the target folder.
        manifest: always there.
        catalog: None if ``dbt docs generate`` was not run.
        run_results: None if there are none, or if they come from a command that
            runs nothing (``compile``, ``docs generate``).
        freshness: None if freshness was not measured.
        args: how dbt was called when it compiled the manifest; empty if not known.
        files: those that say what the project is: the manifest, the catalog if there is one.
        notes: what a reader must know about how these belong together.
    """

    folder: Path
    manifest: Manifest
    catalog: Catalog | None = None
    run_results: RunResults | None = None
    freshness: Freshness | None = None
    args: Mapping[str, Any] = {}
    files: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()


def manifest_path(path: Path) -> Path:
    """The manifest that ``path`` means: a folder that holds one, or the file itself."""
    return path if path.suffix == ".json" else path / "manifest.json"


def read_target(path: Path) -> Artifacts:
    """Read a target folder, or a manifest file with its neighbours.

    Raises:
        ArtifactError: no usable manifest, or a broken file beside it.
    """
    file = manifest_path(path)
    folder = file.parent
    manifest = read_manifest(file)
    catalog = folder / "catalog.json"
    run_results = folder / "run_results.json"
    sources = [folder / name for name in ("freshness.json", "sources.json")]
    freshness = next((found for found in sources if found.exists()), None)
    results = read_run_results(run_results) if run_results.exists() else None
    return Artifacts(
        folder=folder,
        manifest=manifest,
        catalog=read_catalog(catalog) if catalog.exists() else None,
        run_results=results if results and results.command in BUILD_COMMANDS else None,
        freshness=read_freshness(freshness) if freshness else None,
        args=_args(manifest, results),
        files=(file, catalog) if catalog.exists() else (file,),
        notes=tuple(_pairing_notes(manifest, results)),
    )


def _args(manifest: Manifest, results: RunResults | None) -> Mapping[str, Any]:
    """How dbt was called when it compiled the manifest: ``dbt compile`` runs nothing, but
    it compiles with vars and for a target like any other command."""
    if results is None:
        return {}
    same = manifest.metadata.invocation_id == results.metadata.invocation_id
    return results.args if same or results.command in BUILD_COMMANDS else {}


def _pairing_notes(manifest: Manifest, results: RunResults | None) -> list[str]:
    """Say so when the run results are not those of this manifest's invocation."""
    if results is None:
        return []
    command = results.command or "unknown command"
    if results.command not in BUILD_COMMANDS:
        return [
            f"run_results.json was written by `dbt {command}`, which runs nothing: it is not used"
        ]
    ours, theirs = manifest.metadata.invocation_id, results.metadata.invocation_id
    if ours and theirs and ours != theirs:
        return [
            f"run_results.json (`dbt {command}`, {results.metadata.generated_at}, invocation "
            f"{theirs}) and manifest.json ({manifest.metadata.generated_at}, invocation {ours}) "
            "come from different dbt invocations"
        ]
    return []
