"""Reads ``tests/cases/changes/<rule>/*.yml``; README.md there says how they are written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import yaml

from analyticsops import api
from analyticsops.findings import Affected, Finding
from tests.project_maker import Made, project, workspace

NOW = datetime(2026, 11, 27, tzinfo=UTC)
FOLDER = Path(__file__).parent.parent / "cases" / "changes"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One pair of versions, and what must be found."""

    name: str
    rule: str
    base: dict[str, Any]
    head: dict[str, Any]
    expect: tuple[str, ...]
    verdicts: dict[str, str] | None
    wanted: str = ""
    strictness: str = ""
    perspective: str = ""


def read_cases() -> Iterator[Case]:
    """Every case of every rule, in the order of the files."""
    for path in sorted(FOLDER.glob("*/*.yml")):
        shared: dict[str, Any] = {}
        for entry in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            if "case" not in entry:
                shared = entry
                continue
            base = changed(shared, entry.get("base") or {})
            yield Case(
                name=f"{path.parent.name}/{path.stem}: {entry['case']}",
                rule=path.parent.name,
                base=base,
                head=changed(base, entry.get("head") or {}),
                expect=tuple(entry.get("expect") or ()),
                verdicts=entry.get("verdicts"),
                wanted=entry.get("wanted", ""),
                strictness=entry.get("strictness", ""),
                perspective=entry.get("perspective", ""),
            )


def changed(before: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """``change`` laid over ``before``: a null takes an entry away, ``-x`` in a list x."""
    after = dict(before)
    for key, value in change.items():
        old = before.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            unknown = [name for name, entry in value.items() if entry is None and name not in old]
            assert not unknown, f"an unquoted comma? {unknown}"
            merged = {name: _laid_over(old.get(name), entry) for name, entry in value.items()}
            after[key] = _without_nulls({**old, **merged})
        elif isinstance(value, list):
            gone = [item[1:] for item in value if isinstance(item, str) and item.startswith("-")]
            new = [item for item in value if not (isinstance(item, str) and item.startswith("-"))]
            names = [item["name"] for item in new if isinstance(item, dict)]
            kept = [item for item in old or () if not _is_gone(item, gone, names)]
            after[key] = kept + new
        else:
            after[key] = value
    return after


def _laid_over(old: Any, entry: Any) -> Any:
    """An entry of both sides: the head says what it has other than the base."""
    both = isinstance(old, dict) and isinstance(entry, dict)
    return _without_nulls({**old, **entry}) if both else entry


def _without_nulls(entries: dict[str, Any]) -> dict[str, Any]:
    return {name: entry for name, entry in entries.items() if entry is not None}


def _is_gone(item: Any, gone: list[str], replaced: list[str]) -> bool:
    return item["name"] in (*gone, *replaced) if isinstance(item, dict) else item in gone


def versions(case: Case) -> tuple[Made, Made]:
    """Both sides as manifests."""
    return project(**case.base), project(**case.head)


def found(case: Case) -> list[Finding]:
    """What ``diff`` says about the pair."""
    base, head = versions(case)
    report = api.diff(
        workspace(base),
        workspace(head),
        strictness=case.strictness,
        perspective=case.perspective,
        now=NOW,
    )
    return list(report.findings)


def line(finding: Finding) -> str:
    """``error column-removed stg.amount -> model fct.amount breaks``."""
    doubt = "" if finding.proven else "~"
    hits = "; ".join(_hit(hit) for hit in finding.affected)
    head = f"{finding.severity.value} {finding.name} {finding.subject}{doubt}"
    return f"{head} -> {hits}" if hits else head


def _hit(hit: Affected) -> str:
    columns = f".{'+'.join(hit.columns)}" if hit.columns else ""
    owner = f" ({hit.owner})" if hit.owner else ""
    return f"{hit.kind} {hit.name}{columns} {hit.via}{owner}"


def agree(expected: str, line: str) -> bool:
    """An expectation that ends in ``-> ...`` leaves open whom it hits."""
    return line.startswith(expected[:-4]) if expected.endswith("-> ...") else line == expected
