"""``analyticsops/changes/<metric>/<version>.yml``: why a metric means another thing from a
version on, and how its readers get there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from analyticsops.decoding import check_keys, convert
from analyticsops.errors import ConfigError
from analyticsops.yaml_files import load_yaml

FOLDER = Path("analyticsops") / "changes"

Text = Annotated[str, msgspec.Meta(min_length=1)]


class MigrationPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How readers get from the old meaning to the new one.

    Attributes:
        steps: what is to be done, in order.
        consumers: whom it concerns: dashboards, teams.
        backfill: what becomes of values that were computed before: `none` if nothing does.
    """

    steps: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
    backfill: Text
    consumers: tuple[Text, ...] = ()


class ChangeRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One new version of a metric.

    Attributes:
        kind: fix, redefine, rename or deprecate.
        why: the reason, for whoever asks in a year.
        release_note: what readers are told.
        approved_by: who decided.
        rollback: how to go back to the version before.
        migration: how readers get there; a new major version needs it.
        from_fingerprint: of the meaning before.
        to_fingerprint: of the meaning from this version on.
    """

    kind: Literal["fix", "redefine", "rename", "deprecate"]
    why: Text
    release_note: Text
    approved_by: Text
    rollback: str = ""
    migration: MigrationPlan | None = None
    from_fingerprint: str = ""
    to_fingerprint: str = ""


def read_change_records(root: Path | None) -> Mapping[tuple[str, str], ChangeRecord]:
    """All records of a project, by (metric, version).

    Raises:
        ConfigError: a file is no such record.
    """
    folder = root / FOLDER if root is not None else None
    if folder is None or not folder.is_dir():
        return {}
    found: dict[tuple[str, str], ChangeRecord] = {}
    for path in sorted(folder.glob("*/*.y*ml")):
        found[path.parent.name, path.stem] = _read(path)
    return found


def record_path(metric: str, version: str) -> str:
    """Where the record of a version belongs, relative to the project."""
    return (FOLDER / metric / f"{version}.yml").as_posix()


def _read(path: Path) -> ChangeRecord:
    data, lines = load_yaml(path)
    if data is None:
        raise ConfigError("the file is empty", where=str(path), hint="a record has `kind`, `why`")
    check_keys(data, ChangeRecord, (), lines)
    if data.get("migration") is not None:
        check_keys(data["migration"], MigrationPlan, ("migration",), lines)
    return convert(data, ChangeRecord, (), lines)


def schema() -> dict[str, Any]:
    """The JSON Schema of a record, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "analyticsops/changes/<metric>/<version>.yml",
        **msgspec.json.schema(ChangeRecord),
    }
