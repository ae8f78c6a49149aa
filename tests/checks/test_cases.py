"""What is found in one version: cases in ``tests/cases/checks``, beside what is said of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from analyticsops import api
from analyticsops.config import Config
from analyticsops.findings import Finding
from analyticsops.lineage_settings import LineageSettings
from analyticsops.metrics_settings import MetricsSettings
from analyticsops.workspace import Workspace
from tests.changes.case_files import changed
from tests.project_maker import project, workspace, write
from tests.said import Said

FOLDER = Path(__file__).parent.parent / "cases" / "checks"
NOW = datetime(2026, 11, 27, tzinfo=UTC)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A project, and which rules are looked at."""

    name: str
    about: tuple[str, ...]
    made: dict[str, Any]
    config: dict[str, Any] = {}
    files: dict[str, str | None] | None = None
    freshness: dict[str, float] = {}
    head: dict[str, Any] | None = None


def _read(path: Path) -> Iterator[Case]:
    shared: dict[str, Any] = {}
    for entry in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        if "case" not in entry:
            shared = entry
            continue
        made = changed(shared, {key: part for key, part in entry.items() if key != "case"})
        about, config, files, freshness, head = (
            made.pop(key, None) for key in ("about", "config", "files", "freshness", "head")
        )
        yield Case(
            name=entry["case"],
            about=tuple(about),
            made=made,
            config=config or {},
            files=files,
            freshness=freshness or {},
            head=changed(made, head) if head is not None else None,
        )


CASES = {path: list(_read(path)) for path in sorted(FOLDER.glob("*.yml"))}
SAID = {
    path: Said(path.with_suffix(".said.txt"), [case.name for case in cases])
    for path, cases in CASES.items()
}


@pytest.mark.parametrize(
    ("path", "case"),
    [
        pytest.param(path, case, id=f"{path.stem}: {case.name}")
        for path, cases in CASES.items()
        for case in cases
    ],
)
def test_case(path: Path, case: Case, tmp_path: Path) -> None:
    root = tmp_path if case.files is not None or case.head is not None else None
    if case.files is not None and case.head is None:
        write(project(**case.made), tmp_path)
    for name, text in (case.files or {}).items():
        (tmp_path / name).unlink(missing_ok=True)
        if text is not None:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
    made = _open(case, case.made, root)
    if case.head is None:
        found = [*api.check(made, now=NOW).findings]
    else:
        found = _compared(made, _open(case, case.head, root))
    SAID[path].holds(case.name, [f for f in found if f.rule.startswith(case.about)])


def _open(case: Case, made: dict[str, Any], root: Path | None) -> Workspace:
    config = Config(
        lineage=msgspec.convert(case.config.get("lineage", {}), LineageSettings),
        metrics=msgspec.convert(case.config.get("metrics", {}), MetricsSettings),
        path=Path("analyticsops.yml") if case.config else None,
    )
    measured = [_measured(*entry) for entry in case.freshness.items()] or None
    return workspace(project(**made), config=config, project_dir=root, freshness=measured)


def _measured(source: str, hours: float) -> dict[str, Any]:
    return {
        "unique_id": source,
        "status": "pass",
        "max_loaded_at": (NOW - timedelta(hours=hours)).isoformat(),
        "snapshotted_at": NOW.isoformat(),
        "max_loaded_at_time_ago_in_s": hours * 3600,
    }


def _compared(base: Workspace, head: Workspace) -> list[Finding]:
    """What is said of metrics by a lock that was written before, then by a comparison."""
    lock = api.lock_metrics(base)
    lock.path.parent.mkdir(parents=True, exist_ok=True)
    lock.path.write_text(lock.text, encoding="utf-8")
    return [*api.check_lock(head, now=NOW).findings, *api.diff(base, head, now=NOW).findings]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_no_case_is_left_over(path: Path) -> None:
    assert list(SAID[path].kept()) == SAID[path].names
